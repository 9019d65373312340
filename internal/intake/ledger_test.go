package intake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The worked example of docs/import.md, and what the document says comes of it.
func TestLedgerExample(t *testing.T) {
	recs, bad := readAll(t, filepath.Join("..", "..", "docs", "examples", "ledger-zh.csv"), example(t, "ledger-zh.yaml"))
	checkLedger(t, recs, bad)
}

func checkLedger(t *testing.T, recs []*Record, bad []*Refusal) {
	t.Helper()
	if len(recs) != 6 || len(bad) != 2 {
		t.Fatalf("%d taken, %d refused: %+v", len(recs), len(bad), bad)
	}
	for i, want := range []Refusal{
		{Line: 10, Column: "离开时间", Field: "visit.ended", Rule: "intake.row.end-before-start"},
		{Line: 11, Column: "街道", Field: "site.region", Value: "兴隆社区", Rule: "intake.row.value-unknown"},
	} {
		b := bad[i]
		if b.Line != want.Line || b.Column != want.Column || b.Field != want.Field || b.Rule != want.Rule || (want.Value != "" && b.Value != want.Value) {
			t.Errorf("refused %+v, want %+v", *b, want)
		}
	}
	visits, findings, notGiven, keys := map[string]bool{}, 0, map[string]int{}, map[string]bool{}
	for _, rec := range recs {
		visits[rec.Fields.Text("visit.key")] = true
		keys[rec.RowKey] = true
		for _, it := range rec.Items {
			findings++
			for _, m := range it.Missing {
				notGiven[m]++
			}
		}
	}
	if len(visits) != 5 || findings != 5 || len(keys) != 6 {
		t.Errorf("%d visits, %d findings, %d keys", len(visits), findings, len(keys))
	}
	if d := cmp.Diff(map[string]int{"owner": 1, "due": 2, "verifier": 3, "fixed_on_spot": 1}, notGiven); d != "" {
		t.Error(d)
	}
	first, none, day, fire := recs[0], recs[2], recs[4], recs[5]
	if due := first.Items[0].Fields["due"].Time; due.UTC().Format(time.RFC3339) != "2022-11-20T16:00:00Z" {
		t.Errorf("24:00 is %s", due)
	}
	if first.Items[0].Fields.Text("code") != "P-CROWD" || recs[1].Items[0].Fields.Text("text") != `拣货区2名员工未戴手套,称"马上换"` {
		t.Errorf("%+v %+v", first.Items, recs[1].Items)
	}
	if len(none.Items) != 0 {
		t.Errorf("无 is no finding: %+v", none.Items)
	}
	if at := day.Fields["visit.at"]; at.Precision != ToDay || day.Fields.Text("site.key") != "仙桃街道 | 仙桃东门采样点" || day.Fields.Text("site.region") != "500112023" {
		t.Errorf("full-width date, blank inside a name: %+v", day.Fields)
	}
	if fire.Items[0].Fields.Text("severity") != "urgent" || !fire.Items[0].Fields["fixed_on_spot"].Bool {
		t.Errorf("%+v", fire.Items)
	}
}

// The five-minute example of docs/import.md is what it says: one premises, two findings, then none.
func TestDocumentsFirstExample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "import.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```\nNo,")
	rows, after, _ := strings.Cut(after, "```")
	_, after, _ = strings.Cut(after, "```yaml\n")
	mapping, _, _ := strings.Cut(after, "```")
	recs, bad := readAll(t, file(t, "inspections.csv", "No,"+rows), parse(t, mapping))
	if len(bad) != 0 || len(recs) != 2 {
		t.Fatalf("%v %+v", recs, bad)
	}
	for _, rec := range recs {
		if k := rec.Fields.Text("site.key"); k != "corner shop | 1 high rd" {
			t.Errorf("site.key %q", k)
		}
	}
	if items := recs[0].Items; len(items) != 2 || items[0].Fields["fixed_on_spot"].Bool || !items[1].Fields["fixed_on_spot"].Bool || len(recs[1].Items) != 0 {
		t.Errorf("%+v", items)
	}
}
