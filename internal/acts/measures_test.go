package acts_test

import (
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// TestMeasures: a measure shows the share of sites that complied, of five sites or more; the newest answer counts, and
// neither what was not applicable nor an annulled visit nor an exercise does; of drawn sites only if so asked (R072).
func TestMeasures(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		sites := addSites(t, w, 6)
		d := directive(t, w)
		edition := publish(t, w, acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Items: []plan.Item{
				{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1", Clause: string(d) + "#C01"}, {Code: "duty-2", Parent: "duty", Check: "S07-2"},
			}},
			Words: acts.Words{Title: "预案", Objectives: []string{"目标"}},
		}, acts.IssueForm{})
		w.Pass(time.Minute)
		look := func(team ledger.ID, by acts.Caller, site ledger.ID, answers ...visit.Answer) ledger.ID {
			t.Helper()
			w.Pass(time.Minute)
			id, err := w.Acts.StartVisit(ctx, by, acts.NewVisit{Site: site, Team: team, Inspectors: []ledger.ID{by.Person}, Methods: []string{"inspection"}, Alone: "抽查"})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Acts.AnswerItems(ctx, by, id, answers); err != nil {
				t.Fatal(err)
			}
			if err := w.Acts.EndVisit(ctx, by, id, 0, acts.When{}); err != nil {
				t.Fatal(err)
			}
			return id
		}
		say := func(one, two string) (out []visit.Answer) {
			for item, result := range map[string]string{"S07-1": one, "S07-2": two} {
				if result != "" {
					out = append(out, visit.Answer{Item: item, Result: result})
				}
			}
			return out
		}
		measures := func(id ledger.ID, q acts.MeasureQuery) map[string]acts.Measure {
			t.Helper()
			out := map[string]acts.Measure{}
			w.Read(func(tx *storage.Tx) error {
				_, list, _, err := w.Acts.Measures(tx, w.Auditor, id, q, w.Time)
				for _, m := range list {
					out[m.Code] = m
				}
				return err
			})
			return out
		}
		by := w.As(w.Inspector)
		look(w.Team.ID, by, sites[0], say("ok", "ok")...)
		look(w.Team.ID, by, sites[1], say("ok", "problem")...)
		look(w.Team.ID, by, sites[2], say("ok", "")...)
		look(w.Team.ID, by, sites[3], say("problem", "ok")...)
		look(w.Team.ID, by, sites[4], say("not_applicable", "not_applicable")...)
		gone := look(w.Team.ID, by, sites[5], say("ok", "ok")...)
		if err := w.Acts.AnnulVisit(ctx, w.As(w.Duty), gone, 0, "误登记。"); err != nil {
			t.Fatal(err)
		}
		drill, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), declared("drill", "response", "", true), acts.When{})
		if err != nil {
			t.Fatal(err)
		}
		team, site, leader := second(t, w, drill)
		look(team, leader, site, say("ok", "ok")...)
		duty := measures(edition, acts.MeasureQuery{})["duty"]
		if duty.All != (acts.Complied{Sites: 4, OK: 2}) {
			t.Errorf("R072 the key point: %+v", duty)
		}
		if _, told := duty.All.Percent(); told {
			t.Error("R072 a share of four sites is told")
		}
		look(w.Team.ID, by, sites[3], say("ok", "")...) // put right since
		look(w.Team.ID, by, sites[5], say("ok", "ok")...)
		got := measures(edition, acts.MeasureQuery{})
		for code, want := range map[string]acts.Complied{"duty": {Sites: 5, OK: 4}, "duty-1": {Sites: 5, OK: 5}, "duty-2": {Sites: 4, OK: 3}} {
			if m := got[code]; m.All != want || m.Streets[actstest.Street] != want {
				t.Errorf("R072 %s: %+v, want %+v", code, m, want)
			}
		}
		if p, told := got["duty"].All.Percent(); !told || p != 80 {
			t.Errorf("R072 four of five: %d %v", p, told)
		}
		of := measures(d, acts.MeasureQuery{})
		if m := of["C01"]; m.All != (acts.Complied{Sites: 5, OK: 5}) || len(m.Items) != 1 {
			t.Errorf("R072 the clause: %+v", m)
		}
		if m := of["C02"]; m.All.Sites != 0 || len(m.Items) != 0 {
			t.Errorf("R072 a clause without items: %+v", m)
		}
		// drawn sites only: the plan takes all, one is taken out and one put back by hand
		day := w.Time.In(actstest.Zone).Format(time.DateOnly)
		if m := measures(edition, acts.MeasureQuery{Sampled: true})["duty"]; m.All.Sites != 0 {
			t.Errorf("R072 without a plan: %+v", m)
		}
		id, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, day, 60)
		if err != nil {
			t.Fatal(err)
		}
		if m := measures(edition, acts.MeasureQuery{Sampled: true})["duty"]; m.All.Sites != 0 {
			t.Errorf("R072 of a plan that nobody accepted: %+v", m)
		}
		if err := w.Acts.AcceptSampling(ctx, w.As(w.Leader), id, 0); err != nil {
			t.Fatal(err)
		}
		if m := measures(edition, acts.MeasureQuery{Sampled: true})["duty"]; m.All != (acts.Complied{Sites: 5, OK: 4}) {
			t.Errorf("R072 of drawn sites: %+v", m)
		}
		// what was seen after the edition was replaced is of the next one
		publish(t, w, acts.PublicationForm{
			Of:    edition,
			Body:  plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Formal, Items: []plan.Item{{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1"}}},
			Words: acts.Words{Title: "预案", Objectives: []string{"目标"}},
		}, acts.IssueForm{})
		look(w.Team.ID, by, sites[0], say("problem", "problem")...)
		if m := measures(edition, acts.MeasureQuery{})["duty"]; m.All != (acts.Complied{Sites: 5, OK: 4}) {
			t.Errorf("R072 after it was replaced: %+v", m)
		}
		w.Read(func(tx *storage.Tx) error {
			if _, list, _, err := w.Acts.Measures(tx, w.Liaison, edition, acts.MeasureQuery{}, w.Time); err != nil || list[0].All.Sites != 0 {
				t.Errorf("R072 outside the jurisdiction: %+v %v", list, err)
			}
			if _, _, _, err := w.Acts.Measures(tx, w.Auditor, "nothing", acts.MeasureQuery{}, w.Time); err == nil {
				t.Error("measures of nothing")
			}
			return nil
		})
	})
}
