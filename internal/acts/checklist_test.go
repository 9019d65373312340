package acts_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// TestChecklist: a visit is shown what the focus and the plan ask for, marked as new or dropped, the kind of its
// premises, the six aspects, and what binds those who inspect (R045, R097, R098, R099, R102, R118).
func TestChecklist(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		d := directive(t, w)
		focus := func(of ledger.ID, after time.Duration, checks map[string]string) ledger.ID {
			f := acts.PublicationForm{
				Of: of, Body: plan.DraftedV1{Kind_: plan.Focus, Day: w.Time.Format(time.DateOnly)},
				Words: acts.Words{Title: "督查重点", Items: map[string]string{}},
			}
			for _, point := range slices.Sorted(maps.Keys(checks)) {
				f.Body.Items = append(f.Body.Items, plan.Item{
					Code: point, Aspect: "frontline", Check: checks[point], Source: &plan.Source{Kind: "directive", Ref: string(d) + "#C01"},
				})
				f.Words.Items[point] = "查 " + checks[point]
			}
			return publish(t, w, f, acts.IssueForm{Effective: w.Time.Add(after)})
		}
		one := focus("", time.Minute, map[string]string{"F1": "S07-1", "F2": "S07-4"})
		focus(one, 2*time.Minute, map[string]string{"F3": "S07-2", "F4": "S07-4"}) // S07-4 stays, under another point
		lists := func() (c acts.OwnCatalogue) {
			w.Read(func(tx *storage.Tx) (err error) {
				c, err = w.Acts.OwnCatalogue(tx, actstest.Tenant)
				return err
			})
			return c
		}()
		retired := map[string][]acts.Listed{"items": slices.Clone(lists.Lists["items"]), "risks": slices.Clone(lists.Lists["risks"])}
		gone := slices.IndexFunc(retired["items"], func(l acts.Listed) bool { return l.Code == "S07-6" })
		retired["items"][gone].Retired, retired["risks"][0].Retired = true, true
		if _, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), lists.Version, retired); err != nil {
			t.Fatal(err)
		}
		w.Time = w.Time.Add(3 * time.Minute)
		id := w.Visit()
		if err := w.Acts.AnswerItems(ctx, w.As(w.Inspector), id, []visit.Answer{{Item: "S07-3", Result: "ok"}}); err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *storage.Tx) error {
			v, _, err := visit.Load(tx, actstest.Tenant, id)
			if err != nil {
				return err
			}
			c, err := w.Acts.Checklist(tx, w.Inspector, v)
			aspects := map[string]int{}
			for _, l := range c.Lines {
				aspects[l.Item.Aspect]++
				got := []bool{l.New, l.Dropped, len(l.Points) == 1, l.Result == "ok"}
				want := map[string][]bool{"S07-1": {false, true, false, false}, "S07-2": {true, false, true, false}, "S07-3": {false, false, false, true}, "S07-4": {false, false, true, false}}[l.Item.Code]
				if want == nil {
					want = make([]bool, 4)
				}
				if !slices.Equal(got, want) {
					t.Errorf("R118 %s: new, dropped, asked for, answered %v, want %v", l.Item.Code, got, want)
				}
			}
			if len(aspects) != 7 || aspects[""] != 5 {
				t.Errorf("R097 items by aspect: %v", aspects)
			}
			for aspect, n := range aspects {
				if n < 5 {
					t.Errorf("R097 %d items of %s", n, aspect)
				}
			}
			v.StartedAt = w.Time.Add(-90 * time.Second) // when the first focus was in force
			first, err2 := w.Acts.Checklist(tx, w.Inspector, v)
			if len(first.Focus) != 2 || slices.ContainsFunc(first.Lines, func(l acts.CheckLine) bool { return l.New || l.Dropped }) {
				t.Errorf("R118 the first focus, %d points, has something new or dropped: %v", len(first.Focus), err2)
			}
			if len(c.Focus) != 2 || c.Focus[0].Text != "查 S07-2" || len(c.Dropped) != 2 || len(c.Risks) != len(lists.Lists["risks"])-1 || len(c.Risks) == 0 {
				t.Errorf("R045 focus %v, dropped %v, %d risks", c.Focus, c.Dropped, len(c.Risks))
			}
			return err
		})
	})
}

// TestCites: a finding cites discipline rules and clauses of directives that were in force and whose words stand
// here; what it cites can be put right before it is confirmed (R041, R042).
func TestCites(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		d := directive(t, w)
		form := acts.PublicationForm{Body: plan.DraftedV1{Kind_: plan.Rules}, Words: acts.Words{Title: "纪律要求", Items: map[string]string{"X01": "不服从统一指挥", "X02": "不担当不作为"}}}
		for _, code := range []string{"X01", "X02", "X03", "X04", "X05", "X06", "X07", "X08", "X09", "X10"} {
			form.Body.Items = append(form.Body.Items, plan.Item{Code: code})
		}
		rules := string(publish(t, w, form, acts.IssueForm{}))
		known := string(publish(t, w, acts.PublicationForm{
			Body:  plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Items: []plan.Item{{Code: "duty"}, {Code: "duty-1", Parent: "duty", Check: "S07-1"}}},
			Words: acts.Words{Title: "预案", Objectives: []string{"目标"}, Items: map[string]string{"duty": "值守"}},
		}, acts.IssueForm{}))
		form.Of = ledger.ID(rules)
		draft, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), form)
		if err != nil {
			t.Fatal(err)
		}
		v := w.Visit()
		found := w.Time.Add(time.Minute)
		w.Time = w.Time.Add(10 * time.Minute)
		if err := w.Acts.RepealClause(ctx, w.As(w.Duty), d, "C02", time.Time{}); err != nil {
			t.Fatal(err)
		}
		raiseAt := func(at time.Time, cites ...string) (ledger.ID, error) {
			return w.Acts.RaiseFinding(ctx, w.As(w.Inspector), v, acts.FindingForm{
				What: actstest.What(), Fact: actstest.Fact, NoPhoto: "现场不便拍照", Cites: cites, Occurred: acts.When{At: at},
			})
		}
		raise := func(cites ...string) (ledger.ID, error) { return raiseAt(time.Time{}, cites...) }
		if _, err := raiseAt(found, string(d)+"#C02"); err != nil {
			t.Errorf("R041 found while the clause was in force: %v", err)
		}
		for name, x := range map[string]struct {
			cites       []string
			code, field string
		}{
			"no such publication":  {[]string{"nothing-01#X01"}, "unknown-code", "cites[0]"},
			"no such item":         {[]string{rules + "#X11"}, "unknown-code", "cites[0]"},
			"a point of a plan":    {[]string{known + "#duty"}, "unknown-code", "cites[0]"},
			"a draft":              {[]string{string(draft) + "#X01"}, "unknown-code", "cites[0]"},
			"twice":                {[]string{rules + "#X01", rules + "#X01"}, "plan.item-twice", "cites[1]"},
			"a clause repealed":    {[]string{string(d) + "#C02"}, "finding.cite-not-in-force", "cites[0]"},
			"words not known here": {[]string{rules + "#X07"}, "finding.cite-unpublished", "cites[0]"},
		} {
			if _, err := raise(x.cites...); code(err) != x.code || field(err) != x.field {
				t.Errorf("R041 %s: %v, want %s at %s", name, err, x.code, x.field)
			}
		}
		id, err := raise(rules+"#X01", string(d)+"#C01")
		if err != nil {
			t.Fatal(err)
		}
		cited := func() (refs []string) {
			w.Read(func(tx *storage.Tx) error {
				f, _, err := visit.LoadFinding(tx, actstest.Tenant, id)
				if err != nil {
					return err
				}
				points, err := w.Acts.Cited(tx, actstest.Tenant, f.Cites)
				for _, p := range points {
					refs = append(refs, p.Item.Code+" "+p.Text)
				}
				return err
			})
			return refs
		}
		if got := cited(); !slices.Equal(got, []string{"X01 不服从统一指挥", "C01 第一条"}) {
			t.Errorf("R041 cites %v", got)
		}
		amend := func(seen int, cites ...string) error {
			return w.Acts.AmendFinding(ctx, w.As(w.Inspector), id, seen, acts.FindingForm{What: actstest.What(), Fact: actstest.Fact, Cites: cites})
		}
		if err := amend(2, rules+"#X07"); code(err) != "finding.cite-unpublished" {
			t.Errorf("R042 put right to what is not published: %v", err)
		}
		if err := amend(2, rules+"#X02"); err != nil {
			t.Fatal(err)
		}
		if got := cited(); !slices.Equal(got, []string{"X02 不担当不作为"}) {
			t.Errorf("R042 cites %v after it was put right", got)
		}
		if err := amend(4); err != nil {
			t.Fatal(err)
		}
		if got := cited(); len(got) != 0 {
			t.Errorf("R042 cites %v after it cites nothing", got)
		}
		sameAfterRebuild(t, w)
	})
}
