package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/web/api"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestLedgerComesBack: an exported ledger read again, as XLSX or CSV, in either language, however an office saved it, has the
// same canonical rows and the same hash; a cell that somebody changed is named, a row of nobody's too (R061).
func TestLedgerComesBack(t *testing.T) {
	w, base := exported(t)
	c := signIn(t, base, "duty")
	compare := func(c *client, file []byte) (int, api.LedgerCompared, string) {
		t.Helper()
		body, kind := formWith(t, file)
		status, b := c.do(http.MethodPost, "/api/v1/ledger-files", kind, body)
		var out api.LedgerCompared
		_ = json.Unmarshal(b, &out)
		return status, out, string(b)
	}
	export := func(path string) []byte {
		t.Helper()
		status, b := c.do(http.MethodGet, path, "", nil)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, b)
		}
		return b
	}
	w.Pass(72 * time.Hour)
	c = signIn(t, base, "duty") // a session does not last so long
	zh, en := export("/api/v1/matters.xlsx?lang=zh"), export("/api/v1/matters.xlsx?lang=en")
	text := export("/api/v1/matters.csv?lang=zh")
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		t.Fatal(err)
	}
	hash := ""
	w.Pass(72 * time.Hour) // what is late goes on being later: no fact of the row
	c = signIn(t, base, "duty")
	for name, file := range map[string][]byte{"XLSX": zh, "CSV": text, "CSV in GB18030": gb, "CSV with CRLF": bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))} {
		status, got, said := compare(c, file)
		if status != http.StatusOK || got.Rows != 3 || got.Same != 3 || got.Hash != got.HashHere || len(got.Hash) != 64 {
			t.Errorf("%s: %d %s", name, status, said)
		}
		if hash != "" && got.Hash != hash {
			t.Errorf("R061 %s has another hash: %s, not %s", name, got.Hash, hash)
		}
		hash = got.Hash
	}
	if status, got, said := compare(c, en); status != http.StatusOK || got.Same != 3 || got.Hash != got.HashHere {
		t.Errorf("in English: %d %s", status, said)
	}

	x, err := excelize.OpenReader(bytes.NewReader(zh))
	if err != nil {
		t.Fatal(err)
	}
	sheet := x.GetSheetName(0)
	number, _ := x.GetCellValue(sheet, "B4")
	due, _ := x.GetCellValue(sheet, "X4")
	for cell, value := range map[string]string{"X4": "2022-12-31 00:00", "B5": "测督交〔2022〕999号", "U5": "测督交〔2022〕999号"} {
		if err := x.SetCellStr(sheet, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	again := len(lines) + 1
	if err := x.SetSheetRow(sheet, fmt.Sprintf("A%d", again), &lines[3]); err != nil {
		t.Fatal(err)
	}
	var changed bytes.Buffer
	if err := x.Write(&changed); err != nil {
		t.Fatal(err)
	}
	_, got, said := compare(c, changed.Bytes())
	if got.Rows != 4 || got.Same != 1 || got.Differing != 1 || len(got.Unknown) != 1 || got.Unknown[0] != (api.LedgerLine{Line: 5, Number: "测督交〔2022〕999号"}) ||
		len(got.Twice) != 1 || got.Twice[0].Line != again || got.Hash == got.HashHere {
		t.Errorf("changed: %s", said)
	}
	want := api.LedgerDifference{LedgerLine: api.LedgerLine{Line: 4, Number: number}, Column: "整改时限", Theirs: "2022-12-31 00:00", Ours: due}
	if len(got.Differences) != 1 || got.Differences[0] != want {
		t.Errorf("the changed cell: %+v, want %+v", got.Differences, want)
	}

	// what happened since the export differs too
	var assigned struct {
		Items []struct {
			ID ledger.ID `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal(export("/api/v1/matters?state=assigned"), &assigned); err != nil || len(assigned.Items) != 1 {
		t.Fatalf("%v: %+v", err, assigned)
	}
	before := export("/api/v1/matters.xlsx?lang=zh")
	if err := w.Acts.Receive(t.Context(), w.As(w.Secretary), assigned.Items[0].ID, acts.Doing{}, "丙示二", nil); err != nil {
		t.Fatal(err)
	}
	if _, got, said := compare(c, before); got.Differing != 1 || len(got.Differences) != 2 {
		t.Errorf("received since: %s", said)
	}

	for name, x := range map[string]struct {
		file []byte
		want string
	}{
		"another table": {[]byte("a,b\n1,2\n"), "ledger-file.columns"},
		"no table":      {[]byte("PK\x03\x04 nothing"), "ledger-file.unreadable"},
		"a column less": {bytes.Replace(text, []byte("整改时限,"), nil, 1), "ledger-file.columns"},
		"empty":         {nil, "ledger-file.columns"},
	} {
		if status, _, said := compare(c, x.file); status != http.StatusUnprocessableEntity || !strings.Contains(said, x.want) || !strings.Contains(said, "body.file") {
			t.Errorf("%s: %d %s", name, status, said)
		}
	}
	if status, _, _ := compare(signIn(t, base, "inspector"), zh); status != http.StatusForbidden {
		t.Errorf("an inspector compares: %d", status)
	}
}
