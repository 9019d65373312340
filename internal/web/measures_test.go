package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/visit"
)

// TestMeasures: a share stands only where five sites were looked at, else null; what asks for nothing has no measures (R072).
func TestMeasures(t *testing.T) {
	w, base := serve(t)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), acts.PublicationForm{
		Body:  plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Items: []plan.Item{{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1"}}},
		Words: acts.Words{Title: "预案", Objectives: []string{"目标"}, Items: map[string]string{"duty": "履职尽责"}},
	})
	must(err)
	must(w.Acts.IssuePublication(ctx, w.As(w.Duty), id, acts.IssueForm{}))
	auditor := signIn(t, base, "auditor")
	type cell struct {
		Sites, OK int
		Percent   *int
	}
	read := func() (out struct {
		Streets []struct{ Code string }
		Items   []struct {
			Code    string
			Text    *string
			All     cell
			Streets map[string]cell
		}
	},
	) {
		t.Helper()
		status, b := auditor.do(http.MethodGet, "/api/v1/publications/"+string(id)+"/measures", "", nil)
		if err := json.Unmarshal(b, &out); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s", status, b)
		}
		return out
	}
	for n := 1; n <= 5; n++ {
		w.Pass(time.Minute)
		site, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "测试点位", Type: "S07", Region: actstest.Community})
		must(err)
		v, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), acts.NewVisit{Site: site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "抽查"})
		must(err)
		must(w.Acts.AnswerItems(ctx, w.As(w.Inspector), v, []visit.Answer{{Item: "S07-1", Result: map[bool]string{true: "ok", false: "problem"}[n > 1]}}))
		must(w.Acts.EndVisit(ctx, w.As(w.Inspector), v, 0, acts.When{}))
		w.Pass(time.Minute)
		got := read().Items[0]
		if got.All.Sites != n || got.All.OK != n-1 || (got.All.Percent != nil) != (n == 5) {
			t.Errorf("R072 of %d sites: %+v", n, got)
		}
	}
	got := read()
	if p := got.Items[0].Streets[actstest.Street].Percent; p == nil || *p != 80 || len(got.Streets) != 1 || got.Items[0].Text == nil || *got.Items[0].Text != "履职尽责" {
		t.Errorf("R072: %+v", got)
	}
	if status, _ := auditor.do(http.MethodGet, "/api/v1/publications/none/measures", "", nil); status != http.StatusNotFound {
		t.Errorf("measures of nothing: %d", status)
	}
}
