package acts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// TestFocusProposals: yesterday's figures propose points for today's focus, each with its numbers and the list behind, its
// source filled in; what a focus took up is marked (R118, R119).
func TestFocusProposals(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		propose := func(day string) (out map[string]acts.FocusProposal) {
			out = map[string]acts.FocusProposal{}
			w.Read(func(tx *storage.Tx) error {
				_, list, err := w.Acts.FocusProposals(tx, w.Duty, day, w.Time, actstest.Zone)
				for _, p := range list {
					if _, twice := out[p.Kind+p.Code]; twice {
						t.Errorf("%s %s twice", p.Kind, p.Code)
					}
					if p.Item.Source == nil || p.Item.Source.Ref == "" || p.List == "" {
						t.Errorf("R119 without a source or a list: %+v", p)
					}
					out[p.Kind+p.Code] = p
				}
				return err
			})
			return out
		}
		today := w.Time.In(actstest.Zone).Format(time.DateOnly)
		tomorrow := w.Time.In(actstest.Zone).AddDate(0, 0, 1).Format(time.DateOnly)
		if got := propose(tomorrow); len(got) != 0 {
			t.Errorf("nothing happened and yet: %+v", got)
		}
		d := directive(t, w)
		visitID := w.Visit()
		var matters []ledger.ID
		for n := 1; n <= 3; n++ {
			id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), w.Finding(visitID), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
			if err != nil {
				t.Fatal(err)
			}
			matters = append(matters, id)
			if _, ok := propose(tomorrow)["problemP-MARKET"]; ok != (n == 3) {
				t.Errorf("R118 after %d findings proposed: %v", n, ok)
			}
		}
		if err := w.Acts.Receive(ctx, w.As(w.Secretary), matters[0], acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), matters[0], acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Verify(ctx, w.As(w.Leader), matters[0], acts.Doing{Text: "仍无人值守。"}, false, acts.Evidence{Photos: []ledger.ID{w.Upload(w.Leader)}}); err != nil {
			t.Fatal(err)
		}
		w.Pass(20 * time.Hour) // past the deadlines, into tomorrow
		got := propose(tomorrow)
		problem := got["problemP-MARKET"]
		if problem.N != 3 || problem.Streets != 1 || problem.Item.Check != "S07-1" || problem.Item.Clause != "K07-1" || problem.Item.Area != "A1" ||
			problem.List != "/matters?day="+today+"&origin=finding&problem_type=P-MARKET" || problem.Item.Source.Kind != "figures" {
			t.Errorf("R118 a type found often: %+v", problem)
		}
		if failed := got["failedP-MARKET"]; failed.N != 1 || len(failed.Matters) != 1 || failed.Matters[0] != matters[0] || failed.Item.Check != "S07-1" {
			t.Errorf("R118 a verification that failed: %+v", failed)
		}
		if late := got["lateunit"]; late.N != 3 || !strings.Contains(late.List, "light=overdue") {
			t.Errorf("R118 late by responsibility: %+v", late)
		}
		clause := got["clause"+string(d)+"#C01"]
		if clause.Of != 2 || clause.Item.Clause != string(d)+"#C01" || clause.Item.Source.Kind != plan.Directive {
			t.Errorf("R118 a clause nobody checks: %+v", clause)
		}
		item, second := problem.Item, got["lateunit"].Item
		item.Code, second.Code = "F1", "F2"
		id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Focus, Day: tomorrow, Items: []plan.Item{item, second}}, Words: acts.Words{Title: "重点", Items: map[string]string{"F1": "保供超市", "F2": "超期"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), id, acts.IssueForm{}); err != nil {
			t.Fatal(err)
		}
		got = propose(tomorrow)
		if !got["problemP-MARKET"].Taken || !got["lateunit"].Taken || got["failedP-MARKET"].Taken {
			t.Errorf("R118 taken up: %+v", got)
		}
		if later := propose(w.Time.In(actstest.Zone).AddDate(0, 0, 2).Format(time.DateOnly)); later["problemP-MARKET"].N != 0 || later["lateunit"].N != 3 || later["lateunit"].Taken {
			t.Errorf("another day's figures: %+v", later)
		}
		if err := w.Acts.RepealClause(ctx, w.As(w.Duty), d, "C01", w.Time.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.Pass(2 * time.Hour)
		got = propose(tomorrow)
		if _, ok := got["clause"+string(d)+"#C01"]; ok || got["clause"+string(d)+"#C02"].Of != 1 {
			t.Errorf("R119 a clause that was repealed: %+v", got)
		}
		w.Read(func(tx *storage.Tx) error {
			if _, _, err := w.Acts.FocusProposals(tx, w.Leader, tomorrow, w.Time, actstest.Zone); code(err) != "access.role" {
				t.Errorf("a team leader: %v", err)
			}
			if _, _, err := w.Acts.FocusProposals(tx, w.Duty, "明日", w.Time, actstest.Zone); field(err) != "day" {
				t.Errorf("no day: %v", err)
			}
			return nil
		})
		end(t, w)
	})
}

// TestFocusSpread: a type that was found in three streets is proposed although it was found in each but once (R118).
func TestFocusSpread(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		tomorrow := w.Time.In(actstest.Zone).AddDate(0, 0, 1).Format(time.DateOnly)
		for n, street := range []string{"500112002", "500112004", "500112011"} {
			w.Pass(time.Minute)
			err := w.Acts.L.Do(ctx, actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
				tx.Incident = w.Incident
				return tx.Append(ledger.Draft{Subject: ledger.NewID(), Body: matter.AssignedV1{Opening: matter.Opening{
					Origin: matter.OriginFinding, Unit: w.StreetOrg, Number: fmt.Sprint(n + 1), Series: "t", Year: 2022, Serial: int64(n + 1),
					Facets: matter.Facets{Street: street, Channel: matter.FaceToFace, Problem: "P-SITE", Severity: "moderate", Day: "2022-11-20"},
				}}})
			})
			if err != nil {
				t.Fatal(err)
			}
			w.Read(func(tx *storage.Tx) error {
				_, list, err := w.Acts.FocusProposals(tx, w.Duty, tomorrow, w.Time, actstest.Zone)
				wide := len(list) > 0 && list[0].Kind == acts.ProposeSpread && list[0].Streets == 3 && list[0].Item.Area == "A2"
				if wide != (n == 2) || n < 2 && len(list) > 0 {
					t.Errorf("after %d streets: %+v", n+1, list)
				}
				return err
			})
		}
	})
}
