package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts/actstest"
)

// hidden is what differs from run to run in an answer: ids and hashes.
var hidden = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "sha256:…"},
	{regexp.MustCompile(`"(id|ref)": "[^"]{16,}"`), `"$1": "…"`},
}

// TestOrdersOverHTTP: an order by the API, from the table of areas to the reply. What the department's page gets is the
// golden file (R107, R113, R114, R116, R122).
func TestOrdersOverHTTP(t *testing.T) {
	w, base := serve(t)
	w.Person("commission_principal", "principal", "甲示三", w.Commission, nil, nil)
	duty, principal, dept := signIn(t, base, "duty"), signIn(t, base, "principal"), signIn(t, base, "liaison")
	secretary := signIn(t, base, "secretary")
	ok := func(c *client, path, body string) map[string]any {
		t.Helper()
		w.Pass(time.Minute)
		status, b := c.post(path, body)
		var out map[string]any
		_ = json.Unmarshal(b, &out)
		if status/100 != 2 {
			t.Fatalf("%s: %d %s", path, status, b)
		}
		return out
	}
	no := func(c *client, path, body string, status int, code, location string) {
		t.Helper()
		got, b := c.post(path, body)
		var p struct {
			Code   string
			Errors []struct{ Location, Message string }
		}
		_ = json.Unmarshal(b, &p)
		if got != status || p.Code != code || location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != location || p.Errors[0].Message == "" || strings.HasPrefix(p.Errors[0].Message, "refusal.")) {
			t.Errorf("%s %s: %d %s, want %d %s at %s", path, body, got, b, status, code, location)
		}
	}
	no(dept, "/competences", `{"area":"A1","org":"`+string(w.Department)+`","valid_from":"2022-01-01"}`, 403, "access.role", "")
	no(duty, "/competences", `{"area":"A1","org":"`+string(w.Department)+`","valid_from":"2022-01-01","valid_to":"2021-01-01"}`, 422, "registry.period", "body.valid_to")
	ok(duty, "/competences", `{"area":"A1","org":"`+string(w.Department)+`","valid_from":"2022-01-01"}`)
	due := w.Time.Add(48 * time.Hour).Format(time.RFC3339)
	draft := fmt.Sprintf(`{"area":"A1","unit":"%s","problem_type":"P-MARKET","urgency":"moderate","due":"%s","self_check":true,"requirement":"举一反三。","basis":"督导组交办问题","scope":"全区保供超市","contact":"值班室"}`, w.Department, due)
	no(duty, "/orders", strings.Replace(draft, `"A1"`, `"A3"`, 1), 422, "order.not-competent", "body.unit")
	no(duty, "/orders", strings.Replace(draft, due, w.Time.Add(-time.Hour).Format(time.RFC3339), 1), 422, "matter.until-not-later", "body.due")
	no(duty, "/orders", strings.Replace(draft, `,"due":"`+due+`"`, "", 1), 422, "required", "body.due")
	no(dept, "/orders", draft, 403, "access.role", "")
	id := ok(duty, "/orders", draft)["id"].(string)
	if status := dept.get("/orders/"+id, nil); status != http.StatusNotFound {
		t.Errorf("a draft is shown to its department: %d", status)
	}
	no(duty, "/orders/"+id+"/issue", `{}`, 403, "access.role", "")
	ok(principal, "/orders/"+id+"/issue", `{"version":1}`)
	if status := secretary.get("/orders/"+id, nil); status != http.StatusNotFound {
		t.Errorf("another unit's order is shown: %d", status)
	}
	no(dept, "/orders/"+id+"/split", `{"lead":"`+string(w.Department)+`"}`, 409, "order.not-in-progress", "")
	ok(dept, "/matters/"+id+"/receive", `{}`)
	ok(dept, "/orders/"+id+"/split", fmt.Sprintf(`{"lead":"%s","assist":["%s"]}`, w.Department, w.StreetOrg))
	if status := secretary.get("/orders/"+id, nil); status != http.StatusOK { // it assists now
		t.Errorf("an assisting unit does not see it: %d", status)
	}
	rows := readSites(t, dept, "点位名称,社区代码,地址\n示例超市一,"+actstest.Community+",示例路1号\n示例超市二,"+actstest.Community+",\n")
	listed := ok(dept, "/orders/"+id+"/sites", `{"rows":`+rows[:len(rows)-1]+`,{"name":"无代码店","region":"兴隆社区"}]}`)
	if refused := listed["refused"].([]any); len(refused) != 1 || refused[0].(map[string]any)["line"] != 3.0 {
		t.Errorf("lines refused: %v", refused)
	}
	var page struct {
		Sites []struct{ Site struct{ ID string } }
	}
	dept.get("/orders/"+id, &page)
	site := func(n int) string { return page.Sites[n].Site.ID }
	ok(secretary, "/orders/"+id+"/checks", fmt.Sprintf(`{"site":"%s","result":"ok"}`, site(0)))
	no(dept, "/orders/"+id+"/checks", fmt.Sprintf(`{"site":"%s","result":"found"}`, site(1)), 422, "required", "body.fact")
	ok(dept, "/orders/"+id+"/checks", fmt.Sprintf(`{"site":"%s","result":"found","fact":"入口无人值守。"}`, site(1)))
	no(dept, "/orders/"+id+"/report", `{"checked":2,"found":3,"fixed":0}`, 422, "order.found-over-checked", "body.found")
	ok(dept, "/orders/"+id+"/report", `{"checked":2,"found":1,"fixed":0,"text":"其余明日。"}`)
	no(dept, "/matters/"+id+"/reply", `{"text":""}`, 422, "required", "body.text")
	ok(dept, "/matters/"+id+"/reply", `{"text":"已落实。","reference":"示部门〔2022〕5号"}`)

	status, b := dept.do(http.MethodGet, "/api/v1/orders/"+id, "", nil)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, b, "", "  "); status != http.StatusOK || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	got := pretty.String()
	for _, h := range hidden {
		got = h.what.ReplaceAllString(got, h.with)
	}
	golden := filepath.Join("testdata", "order.json")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("the department's page is not %s (write it with -update): %v\n%s", golden, err, got)
	}
}

// readSites sends a file of sites and gives its rows as JSON.
func readSites(t *testing.T, c *client, text string) string {
	t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "sites.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(text))
	_ = m.Close()
	status, b := c.do(http.MethodPost, "/api/v1/orders/sites-file", m.FormDataContentType(), &form)
	var out struct{ Rows, Refused json.RawMessage }
	if err := json.Unmarshal(b, &out); status != http.StatusOK || err != nil || string(out.Refused) != "[]" {
		t.Fatalf("sites-file: %d %s", status, b)
	}
	return string(out.Rows)
}

// TestOverdueOrderOnTheBoard: an order that its department lets pass its deadline stands on the leader's board (R115).
func TestOverdueOrderOnTheBoard(t *testing.T) {
	w, base := serve(t)
	w.Person("commission_principal", "principal", "甲示三", w.Commission, nil, nil)
	w.Person("district_leader", "top", "甲示四", w.Commission, nil, nil)
	duty, principal, top := signIn(t, base, "duty"), signIn(t, base, "principal"), signIn(t, base, "top")
	due := w.Time.Add(2 * time.Hour)
	_, b := duty.post("/orders", fmt.Sprintf(`{"unit":"%s","urgency":"moderate","due":"%s","requirement":"限时整改。"}`, w.Department, due.Format(time.RFC3339)))
	var made struct{ ID string }
	if err := json.Unmarshal(b, &made); err != nil || made.ID == "" {
		t.Fatalf("drafted: %s", b)
	}
	if status, b := principal.post("/orders/"+made.ID+"/issue", `{}`); status != http.StatusOK {
		t.Fatalf("issued: %d %s", status, b)
	}
	overdue := func() (numbers []string) {
		var board struct {
			Overdue []struct{ Number, Origin, Fact string }
		}
		top.get("/board", &board)
		for _, x := range board.Overdue {
			numbers = append(numbers, x.Number+" "+x.Origin+" "+x.Fact)
		}
		return numbers
	}
	if got := overdue(); len(got) != 0 {
		t.Errorf("before it is due: %v", got)
	}
	w.Time = due.Add(time.Minute)
	if got := overdue(); len(got) != 1 || got[0] != "渝督单〔2022〕1号 order 限时整改。" {
		t.Errorf("after: %v", got)
	}
}
