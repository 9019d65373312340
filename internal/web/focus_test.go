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
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// TestFocusProposals: the office is told what yesterday's figures propose, with the source as it goes into a draft; who
// drafts nothing is told nothing (R118, R119).
func TestFocusProposals(t *testing.T) {
	w, base := serve(t)
	visit := w.Visit()
	for range 3 {
		if _, err := w.Acts.HandOverFinding(context.Background(), w.As(w.Leader), w.Finding(visit), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"}); err != nil {
			t.Fatal(err)
		}
	}
	path := "/api/v1/focus-proposals?day=" + w.Time.In(actstest.Zone).AddDate(0, 0, 1).Format(time.DateOnly)
	duty := signIn(t, base, "duty")
	status, b := duty.do(http.MethodGet, path, "", nil)
	var out struct {
		Before string
		Items  []struct {
			Kind string
			N    int64
			List string
			Item struct {
				Check  string
				Source struct{ Kind, Ref string }
			}
		}
	}
	if err := json.Unmarshal(b, &out); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, b, err)
	}
	if len(out.Items) != 1 || out.Items[0].Kind != "problem" || out.Items[0].N != 3 || out.Items[0].Item.Source.Ref != out.Items[0].List || out.Items[0].Item.Check != "S07-1" {
		t.Errorf("%s", b)
	}
	if status, b := duty.do(http.MethodGet, "/api/v1/focus-proposals?day=soon", "", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("no day: %d %s", status, b)
	}
	for _, login := range []string{"leader", "secretary", "auditor"} {
		if status, b := signIn(t, base, login).do(http.MethodGet, path, "", nil); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", login, status, b)
		}
	}
}

// TestFocusNow: every team has the same focus, with what is new in it and what was dropped, and the next one when it is
// issued ahead; a team that has none is told so (R009, R118).
func TestFocusNow(t *testing.T) {
	w, base := serve(t)
	ctx := context.Background()
	c := signIn(t, base, "inspector")
	ask := func(of string) (f struct{ Now, Next *focusPage }) {
		t.Helper()
		status, b := c.do(http.MethodGet, "/api/v1/focus"+of, "", nil)
		if err := json.Unmarshal(b, &f); status != http.StatusOK || err != nil {
			t.Fatalf("%d %s", status, b)
		}
		return f
	}
	if f := ask(""); f.Now != nil || f.Next != nil {
		t.Errorf("there is a focus before any was issued: %+v", f)
	}
	issue := func(of ledger.ID, day string, at time.Time, words map[string]string) ledger.ID {
		t.Helper()
		form := acts.PublicationForm{Of: of, Body: plan.DraftedV1{Kind_: plan.Focus, Day: day}, Words: acts.Words{Title: day + "重点", Items: words}}
		for code := range words {
			form.Body.Items = append(form.Body.Items, plan.Item{Code: code, Source: &plan.Source{Kind: "figures", Ref: "/matters?day=" + day}})
		}
		id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), form)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), id, acts.IssueForm{Effective: at}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	first := issue("", "2022-11-25", w.Time, map[string]string{"F1": "超市入口", "F2": "采样秩序"})
	second := issue(first, "2022-11-26", w.Time.Add(10*time.Hour), map[string]string{"F2": "采样秩序", "F3": "消防通道"})
	if f := ask("?team=" + string(w.Team.ID)); f.Now == nil || f.Now.ID != string(first) || f.Now.Version != 1 || f.Next == nil || f.Next.ID != string(second) {
		t.Errorf("before the second is in force: %+v", f)
	}
	w.Pass(10 * time.Hour)
	f := ask("?team=" + string(w.Team.ID))
	if f.Next != nil || f.Now == nil || f.Now.ID != string(second) || f.Now.Version != 2 {
		t.Fatalf("when the second is in force: %+v", f)
	}
	if d := f.Now.Dropped; len(d) != 1 || d[0].Code != "F1" || d[0].Text != "超市入口" {
		t.Errorf("R118 dropped: %+v", d)
	}
	for _, i := range f.Now.Items {
		if i.New != (i.Code == "F3") {
			t.Errorf("R118 %s is new: %v", i.Code, i.New)
		}
	}
	if other := ask(""); other.Now == nil || other.Now.ID != f.Now.ID || other.Now.Version != f.Now.Version {
		t.Errorf("R009 the office has another focus than the team: %+v", other)
	}
	flood, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), registry.IncidentDeclaredV2{
		IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: "flood", Zh: "防汛", En: "Flood", Phase: "alert"},
	}, acts.When{})
	if err != nil {
		t.Fatal(err)
	}
	leads := w.Person("team_leader", "leader2", "乙示九", w.StreetOrg, []string{actstest.Street}, nil)
	checks := w.Person("inspector", "inspector2", "乙示十", w.StreetOrg, []string{actstest.Street}, nil)
	afloat, err := w.Acts.FormTeam(ctx, acts.Caller{Actor: w.Duty, Incident: flood}, acts.NewTeam{
		No: 1, Zh: "防汛一组", En: "Flood team 1", Org: w.StreetOrg,
		Members:  []visit.Member{{Person: leads.Person, Role: visit.Leader, From: w.Time}, {Person: checks.Person, Role: visit.Plain, From: w.Time}},
		Postings: []visit.Posting{{Street: "500112013", From: w.Time}}, Why: "低洼",
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := ask("?team=" + string(afloat)); f.Now != nil {
		t.Errorf("a team of another incident has this one's focus: %+v", f)
	}
	if status, b := c.do(http.MethodGet, "/api/v1/focus?team=nobody", "", nil); status != http.StatusNotFound {
		t.Errorf("of no team: %d %s", status, b)
	}
}

// focusPage is what is read of a focus.
type focusPage struct {
	ID      string
	Version int
	Items   []focusItem `json:"item_list"`
	Dropped []focusItem
}

type focusItem struct {
	Code, Text string
	New        bool
}
