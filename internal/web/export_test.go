package web_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"

	"github.com/xuri/excelize/v2"
)

var update = flag.Bool("update", false, "write the golden files")

// exported is a world with a matter that went the whole way and came back, one that was withdrawn, and one that
// is new and whose words begin as a formula does.
func exported(t *testing.T) (*actstest.World, string) {
	t.Helper()
	ctx := context.Background()
	w, base := serve(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	visit := w.Visit()
	handOver := func(fact string) ledger.ID {
		t.Helper()
		w.Pass(time.Minute)
		f, err := w.Acts.RaiseFinding(ctx, w.As(w.Inspector), visit, acts.FindingForm{
			What: actstest.What(), Fact: fact, Place: "@入口", Photos: []ledger.ID{w.Upload(w.Inspector)},
		})
		must(err)
		must(w.Acts.ConfirmFinding(ctx, w.As(w.Leader), f, 0))
		id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), f, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
		must(err)
		return id
	}
	whole := handOver(actstest.Fact)
	w.Pass(10 * time.Minute)
	must(w.Acts.Receive(ctx, w.As(w.Secretary), whole, acts.Doing{}, "丙示二", nil))
	claim := func(text string) {
		t.Helper()
		must(w.Acts.Claim(ctx, w.As(w.Secretary), whole, acts.Doing{Text: text}, []ledger.ID{w.Upload(w.Secretary), w.Upload(w.Secretary)}))
	}
	w.Pass(time.Hour)
	claim("已派人值守。")
	w.Pass(time.Hour)
	must(w.Acts.Verify(ctx, w.As(w.Leader), whole, acts.Doing{Text: "仍无人。"}, false, acts.Evidence{NoPhoto: "夜间拍不清"}))
	w.Pass(20 * time.Hour) // past the deadline
	claim("已排班到人，24小时值守。")
	w.Pass(time.Hour)
	must(w.Acts.Verify(ctx, w.As(w.Leader), whole, acts.Doing{Text: "已到位。"}, true, acts.Evidence{NoPhoto: "夜间拍不清"}))
	must(w.Acts.StrikeOff(ctx, w.As(w.Duty), whole, acts.Doing{}))
	w.Pass(time.Hour)
	must(w.Acts.LookBack(ctx, w.As(w.Leader), whole, acts.Doing{Text: "正常。"}, "ok"))
	withdrawn := handOver("收银通道18时排队22人无间隔。")
	must(w.Acts.Withdraw(ctx, w.As(w.Duty), withdrawn, acts.Doing{Text: "事实不成立。"}))
	handOver("=1+1，收银通道18时排队22人无间隔。")
	return w, base
}

// TestExport: the filtered list is the ledger that offices keep (practice.md 2.5.01), with its columns in their
// order, in the asker's words; a cell that begins with = + - @ stays text (R061).
func TestExport(t *testing.T) {
	_, base := exported(t)
	c := signIn(t, base, "duty")
	for name, x := range map[string]struct{ accept, query string }{
		"matters.zh.csv": {"zh-CN", ""}, "matters.en.csv": {"en", ""}, "matters.en.csv by address": {"zh-CN", "?lang=en"},
	} {
		c.lang = x.accept
		status, got := c.do(http.MethodGet, "/api/v1/matters.csv"+x.query, "", nil)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, got)
		}
		path := "testdata/" + strings.Fields(name)[0]
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s (%v):\n%s\nwant\n%s", name, err, got, want)
		}
	}
	if status, b := c.do(http.MethodGet, "/api/v1/matters.csv?state=withdrawn", "", nil); status != 200 || strings.Count(string(b), "渝督交") != 2 {
		t.Errorf("by filter: %d %s", status, b)
	}
	if status, _ := signIn(t, base, "inspector").do(http.MethodGet, "/api/v1/matters.csv", "", nil); status != http.StatusForbidden {
		t.Errorf("an inspector exports: %d", status)
	}
}

// TestExportSheet: the same as XLSX, as offices use it: columns in sight, a filter, A3 across, text only
// (practice.md 2.5.07).
func TestExportSheet(t *testing.T) {
	_, base := exported(t)
	c := signIn(t, base, "duty")
	c.lang = "zh-CN"
	_, b := c.do(http.MethodGet, "/api/v1/matters.xlsx", "", nil)
	x, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	const sheet = "督导问题台账"
	rows, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	_, b = c.do(http.MethodGet, "/api/v1/matters.csv", "", nil)
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	want, err := r.ReadAll()
	if err != nil || len(want) != 6 || len(want[2]) != 36 {
		t.Fatalf("%v %v", want, err)
	}
	for i := range want {
		for k := range want[i] {
			got := ""
			if k < len(rows[i]) {
				got = rows[i][k]
			}
			expected := strings.TrimPrefix(want[i][k], "'")
			if at, err := time.Parse("2006-01-02T15:04Z07:00", expected); err == nil {
				expected = at.Format("2006-01-02 15:04")
			}
			if got != expected {
				t.Errorf("row %d, column %d: %q, in CSV %q", i+1, k+1, got, want[i][k])
			}
		}
	}
	if f, err := x.GetCellFormula(sheet, "N6"); err != nil || f != "" || !strings.HasPrefix(rows[5][13], "=1+1") {
		t.Errorf("a formula %q in %v (%v)", f, rows[5], err)
	}
	panes, err := x.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("panes %+v (%v)", panes, err)
	}
	layout, err := x.GetPageLayout(sheet)
	if err != nil || layout.Size == nil || *layout.Size != 8 || layout.Orientation == nil || *layout.Orientation != "landscape" {
		t.Errorf("layout %+v (%v)", layout, err)
	}
	names := map[string]string{}
	for _, n := range x.GetDefinedName() {
		names[n.Name] = n.RefersTo
	}
	if !strings.Contains(names["_xlnm._FilterDatabase"], "$A$3:$AJ$") || !strings.Contains(names["_xlnm.Print_Titles"], "$3:$3") {
		t.Errorf("filter and titles: %v", names)
	}
	if last := rows[len(rows)-1]; !strings.Contains(last[0], "审核") {
		t.Errorf("the last line: %v", last)
	}
}
