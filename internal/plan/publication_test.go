package plan

import (
	"fmt"
	"testing"
	"time"

	"duzhan/internal/ledger"

	"pgregory.net/rapid"
)

var start = time.Date(2022, 11, 20, 2, 0, 0, 0, time.UTC)

func words() []ledger.Part { return []ledger.Part{{Name: "words", Hash: "sha256:x"}} }

func entry(d ledger.Draft, by ledger.ID, at time.Time) ledger.Entry {
	return ledger.Entry{Subject: d.Subject, OccurredAt: at, RecordedAt: at, Who: ledger.Who{Person: by}, Parts: d.Parts, Body: d.Body}
}

// written is a draft of a kind.
func written(t testing.TB, d DraftedV1, newest Publication) Publication {
	t.Helper()
	id := ledger.ID(fmt.Sprintf("%s-%d", d.Kind_, newest.Version+1))
	drafts, r := Write{Act: ledger.Act{Person: "author", Parts: words()}, ID: id, Body: d, Newest: newest}.Decide(Publication{}, start)
	if r != nil {
		t.Fatal(r)
	}
	return Publication{}.After(entry(drafts[0], "author", start))
}

func code(r *ledger.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Code
}

func planItems() []Item {
	return []Item{
		{Code: "duty"},
		{Code: "transport"},
		{Code: "duty-1", Parent: "duty", Check: "S01-1", Clause: "K01-1"},
		{Code: "transport-1", Parent: "transport", Check: "S08-1"},
	}
}

// TestIssue: what each kind must have before it comes into force (R017, R031, R040, R066, R119).
func TestIssue(t *testing.T) {
	ten := func(n int) (items []Item) {
		for i := range n {
			items = append(items, Item{Code: fmt.Sprintf("X%02d", i+1)})
		}
		return items
	}
	source := &Source{Kind: "directive", Ref: "directive-1#C01"}
	edition := DraftedV1{Kind_: Edition, Edition: Trial, Objectives: 1, Items: planItems()}
	aimless, pointless := edition, edition
	aimless.Objectives = 0
	pointless.Items = planItems()[:3]
	known := func(string, time.Time) bool { return true }
	for name, x := range map[string]struct {
		d     DraftedV1
		issue Issue
		want  string
	}{
		"R029 a plan":                         {edition, Issue{Act: ledger.Act{Person: "principal"}, Clauses: known}, ""},
		"R066 a plan without objective":       {aimless, Issue{Act: ledger.Act{Person: "principal"}, Clauses: known}, "required"},
		"R029 a plan without approver":        {edition, Issue{Clauses: known}, "required"},
		"R031 a key point without item":       {pointless, Issue{Act: ledger.Act{Person: "principal"}, Clauses: known}, "plan.point-without-item"},
		"a clause that was repealed":          {edition, Issue{Act: ledger.Act{Person: "principal"}, Clauses: func(string, time.Time) bool { return false }}, "plan.clause-not-in-force"},
		"R040 ten rules":                      {DraftedV1{Kind_: Rules, Items: ten(10)}, Issue{}, ""},
		"R040 nine rules":                     {DraftedV1{Kind_: Rules, Items: ten(9)}, Issue{}, "plan.rules-ten"},
		"R040 eleven rules":                   {DraftedV1{Kind_: Rules, Items: ten(11)}, Issue{}, "plan.rules-ten"},
		"R119 a focus with its source":        {DraftedV1{Kind_: Focus, Day: "2022-11-23", Items: []Item{{Code: "F1", Source: source}}}, Issue{}, ""},
		"R119 a focus without source":         {DraftedV1{Kind_: Focus, Day: "2022-11-23", Items: []Item{{Code: "F1"}}}, Issue{}, "plan.focus-without-source"},
		"R119 a source of no kind":            {DraftedV1{Kind_: Focus, Day: "2022-11-23", Items: []Item{{Code: "F1", Source: &Source{Kind: "rumour", Ref: "x"}}}}, Issue{}, "plan.focus-without-source"},
		"R118 two focuses at the same minute": {DraftedV1{Kind_: Focus, Day: "2022-11-23", Items: []Item{{Code: "F1", Source: source}}}, Issue{Same: []Publication{{Version: 1, EffectiveAt: ptr(start.Add(time.Hour + 20*time.Second))}}}, "plan.focus-same-minute"},
		"R017 a directive":                    {DraftedV1{Kind_: Directive, Level: "centre", Items: ten(20)}, Issue{Number: "1号"}, ""},
		"R017 a directive without number":     {DraftedV1{Kind_: Directive, Level: "centre", Items: ten(20)}, Issue{}, "required"},
		"in force from yesterday":             {DraftedV1{Kind_: Rules, Items: ten(10)}, Issue{Effective: start.Add(-24 * time.Hour)}, "plan.effective-past"},
	} {
		t.Run(name, func(t *testing.T) {
			p := written(t, x.d, Publication{})
			if x.issue.Effective.IsZero() {
				x.issue.Effective = start.Add(time.Hour)
			}
			drafts, r := x.issue.Decide(p, start)
			if code(r) != x.want {
				t.Fatalf("got %v, want %q", r, x.want)
			}
			if r == nil {
				if p = p.After(entry(drafts[0], x.issue.Person, start)); p.State != Issued || !p.InForce(start.Add(time.Hour)) || p.InForce(start) {
					t.Errorf("issued: %+v", p)
				}
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// TestVersions: a version in force ends where the next begins, and says what it said for ever; one draft at a
// time (R029, R118).
func TestVersions(t *testing.T) {
	d := DraftedV1{Kind_: Edition, Edition: Trial, Objectives: 1, Items: planItems()}
	issue := func(p, before Publication, at time.Time) (Publication, Publication) {
		t.Helper()
		drafts, r := Issue{Act: ledger.Act{Person: "principal"}, Effective: at, Before: before}.Decide(p, start)
		if r != nil {
			t.Fatal(r)
		}
		p = p.After(entry(drafts[0], "principal", start))
		if len(drafts) > 1 {
			before = before.After(entry(drafts[1], "principal", start))
		}
		return p, before
	}
	v1, _ := issue(written(t, d, Publication{}), Publication{}, start.Add(time.Hour))
	d.Edition, d.Items = Formal, append(planItems()[:2:2], Item{Code: "duty-2", Parent: "duty", Check: "S01-2"}, Item{Code: "transport-1", Parent: "transport", Check: "S08-1"})
	draft := written(t, d, v1)
	if _, r := (Write{Act: ledger.Act{Parts: words()}, ID: "another", Body: d, Newest: draft}).Decide(Publication{}, start); code(r) != "plan.draft-pending" {
		t.Errorf("a second draft: %v", r)
	}
	if _, r := (Issue{Act: ledger.Act{Person: "principal"}, Effective: start.Add(time.Hour), Before: v1}).Decide(draft, start); code(r) != "plan.effective-not-later" {
		t.Errorf("in force from the same time: %v", r)
	}
	at := start.Add(3 * time.Hour)
	v2, v1 := issue(draft, v1, at)
	if v2.Version != 2 || v2.Series != v1.Series || v1.State != Superseded {
		t.Errorf("versions %+v, %+v", v1, v2)
	}
	for _, probe := range []time.Time{start, start.Add(time.Hour), at.Add(-time.Microsecond), at, at.Add(time.Hour)} {
		if v1.InForce(probe) && v2.InForce(probe) {
			t.Errorf("both in force at %s", probe)
		}
	}
	if !v1.InForce(at.Add(-time.Microsecond)) || !v2.InForce(at) {
		t.Error("a gap between the versions")
	}
	if _, kept := v1.Item("duty-1"); !kept {
		t.Error("R029 the first version lost what it said")
	}
	added, dropped := v2.Changes(v1)
	if len(added) != 1 || added[0].Code != "duty-2" || len(dropped) != 1 || dropped[0].Code != "duty-1" {
		t.Errorf("R118 added %v, dropped %v", added, dropped)
	}
}

// TestRepealedClause: a clause ends once, from its own time (R021).
func TestRepealedClause(t *testing.T) {
	p := written(t, DraftedV1{Kind_: Directive, Level: "centre", Items: []Item{{Code: "C01"}, {Code: "C02"}}}, Publication{})
	drafts, _ := Issue{Effective: start, Number: "1号"}.Decide(p, start)
	p = p.After(entry(drafts[0], "duty", start))
	end := start.Add(24 * time.Hour)
	drafts, r := RepealClause{Code: "C01", From: end}.Decide(p, start)
	if r != nil {
		t.Fatal(r)
	}
	p = p.After(entry(drafts[0], "duty", start))
	if !p.ClauseInForce("C01", end.Add(-time.Microsecond)) || p.ClauseInForce("C01", end) || !p.ClauseInForce("C02", end) || p.ClauseInForce("C03", end) {
		t.Errorf("repealed: %+v", p.Repealed)
	}
	if _, r := (RepealClause{Code: "C01", From: end}).Decide(p, start); code(r) != "plan.clause-not-in-force" {
		t.Errorf("repealed again: %v", r)
	}
	if _, r := (RepealClause{Code: "C02"}).Decide(p, start); code(r) != "required" || r.Field != "from" {
		t.Errorf("repealed from no time: %v", r)
	}
	for name, other := range map[string]Publication{
		"a draft": written(t, DraftedV1{Kind_: Directive, Level: "centre", Items: []Item{{Code: "C01"}}}, Publication{}), "no directive": {Kind: Notice, State: Issued},
	} {
		if _, r := (RepealClause{Code: "C01", From: end}).Decide(other, start); code(r) != "plan.not-a-draft" {
			t.Errorf("a clause of %s is repealed: %v", name, r)
		}
	}
}

// TestPlanKinds: a plan's mode is one of three, its type one of three, and whether it is political supervision stays with it
// (R036, R075, R077).
func TestPlanKinds(t *testing.T) {
	for name, x := range map[string]struct {
		mode, kind, want string
	}{
		"R077 follow-up":     {"follow_up", "", ""},
		"R077 precise":       {"precise", "", ""},
		"R077 whole process": {"whole_process", "", ""},
		"R077 a fourth":      {"thorough", "", "unknown-code"},
		"R075 preventive":    {"", "preventive", ""},
		"R075 another":       {"", "offensive", "unknown-code"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Write{Act: ledger.Act{Parts: words()}, ID: "plan-1", Body: DraftedV1{Kind_: Edition, Edition: Trial, Mode: x.mode, Type: x.kind, Political: true, Items: planItems()}}
			drafts, r := c.Decide(Publication{}, start)
			if code(r) != x.want {
				t.Fatalf("got %v, want %q", r, x.want)
			}
			if r != nil {
				return
			}
			if p := (Publication{}).After(entry(drafts[0], "a", start)); p.Mode != x.mode || p.Type != x.kind || !p.Political {
				t.Errorf("it became %+v", p)
			}
		})
	}
	if len(Modes) != 3 {
		t.Errorf("R077 %d modes", len(Modes))
	}
}

// TestReceipts: recipients read and do a notice, staff acknowledge rules, each once; a new version of rules is
// acknowledged anew (R030, R040, R046).
func TestReceipts(t *testing.T) {
	issued := Publication{ID: "notice-1", Kind: Notice, State: Issued, Recipients: []ledger.ID{"unit-1"}}
	rules := Publication{ID: "rules-1", Kind: Rules, State: Issued}
	for name, x := range map[string]struct {
		p    Publication
		c    Receive
		want string
	}{
		"R030 read":                     {issued, Receive{Act: ledger.Act{Unit: "unit-1"}, Kind: Read}, ""},
		"R030 done":                     {issued, Receive{Act: ledger.Act{Unit: "unit-1"}, Kind: Done}, ""},
		"R073 a directive is read":      {Publication{Kind: Directive, State: Issued}, Receive{Act: ledger.Act{Person: "p1"}, Kind: Read}, ""},
		"R073 and no more is asked":     {Publication{Kind: Directive, State: Issued}, Receive{Act: ledger.Act{Person: "p1"}, Kind: Done}, "unknown-code"},
		"by somebody else":              {issued, Receive{Act: ledger.Act{Unit: "unit-2"}, Kind: Read}, "plan.not-a-recipient"},
		"twice":                         {issued, Receive{Act: ledger.Act{Unit: "unit-1"}, Kind: Read, Had: true}, "plan.receipted-already"},
		"acknowledging a notice":        {issued, Receive{Act: ledger.Act{Unit: "unit-1"}, Kind: Acknowledged}, "unknown-code"},
		"R040 rules":                    {rules, Receive{Act: ledger.Act{Person: "p1"}, Kind: Acknowledged}, ""},
		"R046 rules that were replaced": {Publication{Kind: Rules, State: Superseded}, Receive{Kind: Acknowledged}, "plan.not-in-force"},
		"a draft":                       {Publication{Kind: Rules, State: Draft}, Receive{Kind: Acknowledged}, "plan.not-in-force"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, r := x.c.Decide(x.p, start); code(r) != x.want {
				t.Errorf("got %v, want %q", r, x.want)
			}
		})
	}
}

// TestOneInForce: whatever is drafted and issued at whatever times, at no instant are two versions of a series
// in force, and what was issued never changes.
func TestOneInForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var versions []Publication
		now := start
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "minutes")) * time.Minute)
			newest := Publication{}
			if len(versions) > 0 {
				newest = versions[len(versions)-1]
			}
			d := DraftedV1{Kind_: Edition, Edition: Formal, Objectives: 1, Items: planItems()}
			drafts, r := Write{Act: ledger.Act{Parts: words()}, ID: ledger.ID(fmt.Sprintf("plan-%d", newest.Version+1)), Body: d, Newest: newest}.Decide(Publication{}, now)
			if r == nil {
				versions = append(versions, Publication{}.After(entry(drafts[0], "a", now)))
			}
			last := len(versions) - 1
			before := Publication{}
			if last > 0 {
				before = versions[last-1]
			}
			effective := now.Add(time.Duration(rapid.IntRange(-60, 600).Draw(rt, "effective")) * time.Minute)
			drafts, r = Issue{Act: ledger.Act{Person: "b"}, Effective: effective, Before: before}.Decide(versions[last], now)
			if r != nil {
				continue
			}
			versions[last] = versions[last].After(entry(drafts[0], "b", now))
			if len(drafts) > 1 {
				versions[last-1] = before.After(entry(drafts[1], "b", now))
			}
			for probe := start; probe.Before(now.Add(12 * time.Hour)); probe = probe.Add(17 * time.Minute) {
				n := 0
				for _, v := range versions {
					if v.InForce(probe) {
						n++
					}
				}
				if n > 1 {
					rt.Fatalf("%d versions in force at %s", n, probe)
				}
			}
		}
	})
}
