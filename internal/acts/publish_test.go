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

// publish drafts and issues.
func publish(t *testing.T, w *actstest.World, f acts.PublicationForm, i acts.IssueForm) ledger.ID {
	t.Helper()
	id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), f)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), id, i); err != nil {
		t.Fatal(err)
	}
	return id
}

func publication(w *actstest.World, id ledger.ID) (p plan.Publication) {
	w.Read(func(tx *storage.Tx) (err error) {
		p, _, err = plan.PublicationByID(tx, actstest.Tenant, id)
		return err
	})
	return p
}

func directive(t *testing.T, w *actstest.World) ledger.ID {
	t.Helper()
	return publish(t, w, acts.PublicationForm{
		Body:  plan.DraftedV1{Kind_: plan.Directive, Level: "centre", Items: []plan.Item{{Code: "C01"}, {Code: "C02"}}},
		Words: acts.Words{Title: "优化防控工作的措施", Items: map[string]string{"C01": "第一条", "C02": "第二条"}},
	}, acts.IssueForm{Number: "测发〔2022〕1号", Effective: w.Time.Add(-9 * 24 * time.Hour)})
}

// TestClauseToFinding: directive, plan and focus hang together by clauses; a plan or a focus that names a
// clause which was repealed does not come into force (R017, R021, R029, R031, R119).
func TestClauseToFinding(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		d := directive(t, w)
		edition := acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Items: []plan.Item{
				{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1", Clause: string(d) + "#C01"},
			}},
			Words: acts.Words{Title: "监督工作预案（试行）", Objectives: []string{"社会面保持良好态势"}},
		}
		first := publish(t, w, edition, acts.IssueForm{})
		if p := publication(w, first); p.Number != "渝督案〔2022〕1号" || p.State != plan.Issued || p.IssuedBy != w.Duty.Person {
			t.Errorf("the plan: %+v", p)
		}
		if err := w.Acts.RepealClause(ctx, w.As(w.Duty), d, "C01", w.Time.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.Pass(2 * time.Hour)
		edition.Of, edition.Body.Edition = first, plan.Formal
		next, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), edition)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), next, acts.IssueForm{}); code(err) != "plan.clause-not-in-force" {
			t.Errorf("a plan on a clause that was repealed: %v", err)
		}
		focus := func(clause string) acts.PublicationForm {
			return acts.PublicationForm{
				Body: plan.DraftedV1{Kind_: plan.Focus, Day: "2022-11-21", Items: []plan.Item{
					{Code: "F1", Aspect: "frontline", Check: "S07-1", Clause: clause, Source: &plan.Source{Kind: "directive", Ref: clause}},
				}},
				Words: acts.Words{Title: "11月21日督查重点", Items: map[string]string{"F1": "查保供超市入口值守"}},
			}
		}
		bad, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), focus("K99-9"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), bad, acts.IssueForm{}); code(err) != "plan.clause-not-in-force" {
			t.Errorf("a focus on a clause that is none: %v", err)
		}
		one := publish(t, w, focus(string(d)+"#C02"), acts.IssueForm{Effective: w.Time.Add(time.Hour)})
		two, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), focus("K07-1"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), two, acts.IssueForm{Effective: w.Time.Add(time.Hour)}); code(err) != "plan.focus-same-minute" {
			t.Errorf("R118 two focuses in one minute: %v", err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), two, acts.IssueForm{Effective: w.Time.Add(2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		for at, want := range map[time.Duration]ledger.ID{30 * time.Minute: "", time.Hour: one, 119 * time.Minute: one, 2 * time.Hour: two} {
			w.Read(func(tx *storage.Tx) error {
				p, _, err := plan.InForce(tx, actstest.Tenant, plan.Focus, w.Incident, w.Time.Add(at))
				if p.ID != want {
					t.Errorf("R118 in force after %s: %q, want %q", at, p.ID, want)
				}
				return err
			})
		}
		sameAfterRebuild(t, w)
	})
}

// TestWhoSeesWhat: a draft is seen by who writes, a notice by its recipients; receipts come from them, once
// (R030, R142, R145).
func TestWhoSeesWhat(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		notice := acts.PublicationForm{
			Body:  plan.DraftedV1{Kind_: plan.Notice, Recipients: []ledger.ID{w.StreetOrg}},
			Words: acts.Words{Title: "关于做好夜间值守的通知", Text: "请于今晚落实。"},
		}
		id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), notice)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.ReceiptPublication(ctx, w.As(w.Secretary), id, plan.Read); code(err) != "not-found" {
			t.Errorf("a draft is shown: %v", err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Secretary), id, acts.IssueForm{}); code(err) != "access.role" {
			t.Errorf("the street issues: %v", err)
		}
		if err := w.Acts.IssuePublication(ctx, w.As(w.Duty), id, acts.IssueForm{}); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name string
			do   func() error
			want string
		}{
			{"read", func() error { return w.Acts.ReceiptPublication(ctx, w.As(w.Secretary), id, plan.Read) }, ""},
			{"read again", func() error { return w.Acts.ReceiptPublication(ctx, w.As(w.Secretary), id, plan.Read) }, "plan.receipted-already"},
			{"done", func() error { return w.Acts.ReceiptPublication(ctx, w.As(w.Secretary), id, plan.Done) }, ""},
			{"not addressed", func() error { return w.Acts.ReceiptPublication(ctx, w.As(w.Liaison), id, plan.Read) }, "not-found"},
		} {
			if err := x.do(); code(err) != x.want {
				t.Errorf("R030 %s: %v, want %q", x.name, err, x.want)
			}
		}
		notice.Body.Recipients = []ledger.ID{"nobody-01"}
		if _, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), notice); code(err) != "unit.unknown" {
			t.Errorf("a recipient that is nobody: %v", err)
		}
		sameAfterRebuild(t, w)
	})
}

// TestCoverage: a clause counts as checked from the first visit that looked at an item which serves it; one that
// nobody looked at is blank (R021, R032).
func TestCoverage(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		d := directive(t, w)
		publish(t, w, acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Items: []plan.Item{
				{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1", Clause: string(d) + "#C01"}, {Code: "duty-2", Parent: "duty", Check: "S07-2", Clause: string(d) + "#C02"},
			}},
			Words: acts.Words{Title: "预案", Objectives: []string{"目标"}},
		}, acts.IssueForm{})
		v := w.Visit()
		answer := func(a ...visit.Answer) error { return w.Acts.AnswerItems(ctx, w.As(w.Inspector), v, a) }
		for name, x := range map[string]struct {
			err  error
			want string
		}{
			"an item that is none":  {answer(visit.Answer{Item: "S99-9", Result: "ok"}), "unknown-code"},
			"a result that is none": {answer(visit.Answer{Item: "S07-1", Result: "fine"}), "unknown-code"},
			"an item twice":         {answer(visit.Answer{Item: "S07-1", Result: "ok"}, visit.Answer{Item: "S07-1", Result: "problem"}), "plan.item-twice"},
			"nothing":               {answer(), "required"},
			"by who is not there":   {w.Acts.AnswerItems(ctx, w.As(w.Leader), v, []visit.Answer{{Item: "S07-1", Result: "ok"}}), "finding.not-inspector"},
			"looked at":             {answer(visit.Answer{Item: "S07-1", Result: "problem"}, visit.Answer{Item: "S07-2", Result: "not_applicable"}), ""},
		} {
			if code(x.err) != x.want {
				t.Errorf("%s: %v, want %q", name, x.err, x.want)
			}
		}
		w.Read(func(tx *storage.Tx) error {
			list, err := w.Acts.Coverage(tx, w.Duty, d)
			if err != nil {
				return err
			}
			if len(list) != 2 || list[0].Times != 1 || list[0].Problems != 1 || list[0].Visit != v || list[0].Delay.Truncate(time.Second) != 9*24*time.Hour {
				t.Errorf("R032 the clause that was checked: %+v", list)
			}
			if list[1].Times != 0 || !list[1].First.IsZero() {
				t.Errorf("a clause that nobody looked at: %+v", list[1])
			}
			return nil
		})
		sameAfterRebuild(t, w)
	})
}
