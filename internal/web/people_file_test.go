package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"testing"
)

// TestPeopleFile: a file of people is read into what it would change, and written only when it is applied; the counts
// add up, refused rows say where and why in the reader's language.
func TestPeopleFile(t *testing.T) {
	_, base := serve(t)
	send := func(c *client, path, text string) (int, []byte) {
		t.Helper()
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		part, err := m.CreateFormFile("file", "people.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(text))
		_ = m.Close()
		return c.do(http.MethodPost, "/api/v1"+path, m.FormDataContentType(), &form)
	}
	duty, leader := signIn(t, base, "duty"), signIn(t, base, "leader")
	text := "\ufeff姓名,单位,角色,账号\n甲示导,测试部门,dept_liaison,jiadao\n乙示导,没有,dept_liaison,\n"
	type answer struct {
		Read, New, Changed, Same, Refused int
		Rows                              []struct{ State, Column, Rule, Message string }
		Accounts                          []struct{ Login, Password string }
	}
	read := func(path string) (a answer) {
		t.Helper()
		status, b := send(duty, path, text)
		if err := json.Unmarshal(b, &a); status != http.StatusOK || err != nil || a.Read != a.New+a.Changed+a.Same+a.Refused {
			t.Fatalf("%s: %d %s", path, status, b)
		}
		return a
	}
	if a := read("/people/file"); a.Read != 2 || a.New != 1 || a.Refused != 1 || a.Rows[1].Rule != "unit.unknown" || a.Rows[1].Message == "" || len(a.Accounts) != 0 {
		t.Errorf("preview: %+v", a)
	}
	if a := read("/people/file/apply"); a.New != 1 || len(a.Accounts) != 1 || a.Accounts[0].Login != "jiadao" {
		t.Errorf("applied: %+v", a)
	}
	if a := read("/people/file/apply"); a.Same != 1 || a.New != 0 || len(a.Accounts) != 0 {
		t.Errorf("applied again: %+v", a)
	}
	if status, b := send(duty, "/people/file", "姓名\n甲\n"); status != http.StatusUnprocessableEntity || !bytes.Contains(b, []byte("intake.file.column-missing")) {
		t.Errorf("no unit column: %d %s", status, b)
	}
	if status, b := send(leader, "/people/file/apply", text); status != http.StatusForbidden {
		t.Errorf("who may not register: %d %s", status, b)
	}
}
