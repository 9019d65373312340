package visit

import (
	"testing"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"

	"pgregory.net/rapid"
)

var start = time.Date(2022, 11, 20, 2, 0, 0, 0, time.UTC)

func parts(names ...string) []ledger.Part {
	var ps []ledger.Part
	for _, n := range names {
		ps = append(ps, ledger.Part{Name: n, Hash: "sha256:x"})
	}
	return ps
}

func what() What {
	return What{Problem: "P-CROWD", Severity: "major", Responsibility: "unit", Clause: "K1", Themes: []string{"still"}}
}

// entry makes the entry of one draft, recorded at a time.
func entry(d ledger.Draft, at time.Time) ledger.Entry {
	e := ledger.Entry{Subject: d.Subject, OccurredAt: d.OccurredAt, RecordedAt: at, Parts: d.Parts, Body: d.Body}
	if e.OccurredAt.IsZero() {
		e.OccurredAt = at
	}
	return e
}

// TestHandOverClock: a finding's clock runs until it is handed over or rejected, a draft's from when it
// becomes a finding (R012).
func TestHandOverClock(t *testing.T) {
	clock := func(from time.Time) *matter.Clock {
		return &matter.Clock{Kind: matter.ClockHandOver, Start: from, Due: from.Add(30 * time.Minute)}
	}
	v := Visit{ID: "visit-001", State: Started, Inspectors: []ledger.ID{"p1"}, StartedAt: start}
	decide := func(f Finding, at time.Time, drafts []ledger.Draft, r *ledger.Refusal) Finding {
		t.Helper()
		if r != nil {
			t.Fatal(r)
		}
		return f.After(entry(drafts[0], at))
	}
	act := ledger.Act{Person: "p1", Parts: parts("text", "no-photo", "reason")}
	raise := func(draft bool) Finding {
		drafts, r := Raise{Act: act, ID: "finding-1", Visit: v, What: what(), AsDraft: draft, Clock: clock(start)}.Decide(Finding{}, start)
		return decide(Finding{}, start, drafts, r)
	}
	if f := raise(false); f.Clock == nil || f.Clock.Satisfied != nil || !f.Clock.Due.Equal(start.Add(30*time.Minute)) {
		t.Fatalf("raised: %+v", f.Clock)
	}
	later := start.Add(40 * time.Minute)
	f := raise(false)
	drafts, r := Reject{Act: act}.Decide(f, later)
	f = decide(f, later, drafts, r)
	if f.Clock.Satisfied == nil {
		t.Error("a rejected finding still waits for its hand-over")
	}
	drafts, r = Amend{Act: act, What: what(), Clock: clock(later)}.Decide(f, later)
	if f = decide(f, later, drafts, r); f.Clock.Satisfied != nil || !f.Clock.Start.Equal(later) {
		t.Errorf("raised again: %+v", f.Clock)
	}
	drafts, r = Amend{Act: act, What: what(), Clock: clock(later.Add(time.Hour))}.Decide(f, later)
	if f = decide(f, later, drafts, r); !f.Clock.Start.Equal(later) {
		t.Error("amending a finding that waits bought time")
	}
	drafts, r = Confirm{Act: act, Text: Text{Fact: "入口18时起无人值守，6人直接进入"}}.Decide(f, later)
	f = decide(f, later, drafts, r)
	at := later.Add(10 * time.Minute)
	drafts, r = HandOver{Act: act, Matter: "matter-01"}.Decide(f, at)
	if f = decide(f, at, drafts, r); f.Clock.Satisfied == nil || !f.Clock.Satisfied.Equal(at) {
		t.Errorf("handed over: %+v", f.Clock)
	}
	d := raise(true)
	if d.Clock != nil {
		t.Error("a draft has a clock")
	}
	drafts, r = Amend{Act: act, What: what(), Clock: clock(later)}.Decide(d, later)
	if d = decide(d, later, drafts, r); d.Clock == nil {
		t.Error("a draft that became a finding has no clock")
	}
}

// TestOldVersions: entries written before there was a clock are read as the newest version.
func TestOldVersions(t *testing.T) {
	types := ledger.NewTypes(Types)
	for name, b := range map[string]string{
		"visit.finding-raised":  `{"duzhan":1,"tenant":"500112","pos":7,"type":"visit.finding-raised","version":1,"subject":"finding-1","occurred":1,"recorded":2,"body":{"visit":"visit-001","site":"site-0001","street":"500112012","what":{"problem":"P-CROWD","severity":"major"}}}`,
		"visit.finding-amended": `{"duzhan":1,"tenant":"500112","pos":8,"type":"visit.finding-amended","version":1,"subject":"finding-1","occurred":1,"recorded":3,"body":{"what":{"problem":"P-CROWD","severity":"major"}}}`,
	} {
		e, err := types.Decode([]byte(b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f := (Finding{}).After(e); f.What.Problem != "P-CROWD" || f.Clock != nil {
			t.Errorf("%s read as %+v", name, f)
		}
	}
}

// TestWhoMayVisit: whoever starts a visit, at whatever time, was then a member of a team posted there, is
// not recused and is nowhere else (1H-04).
func TestWhoMayVisit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := func(name string) time.Time {
			return start.Add(time.Duration(rapid.IntRange(-6, 6).Draw(t, name)) * time.Hour)
		}
		people := []ledger.ID{"p1", "p2", "p3"}
		team := Team{ID: "team-0001"}
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(people), 0, 3).Draw(t, "members") {
			team.Members = append(team.Members, Member{Person: p, From: hours("joined"), To: hours("left")})
		}
		for _, s := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 2).Draw(t, "postings") {
			team.Postings = append(team.Postings, Posting{Street: s, From: hours("posted"), To: hours("until")})
		}
		c := Start{
			Act: ledger.Act{At: hours("at")}, ID: "visit-001", Street: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "street"), Team: team,
			Inspectors: rapid.SliceOfN(rapid.SampledFrom(people), 0, 3).Draw(t, "inspectors"), Methods: []string{"inspection"},
		}
		if rapid.Bool().Draw(t, "recused") {
			c.Recused = c.Inspectors
		}
		drafts, refusal := c.Decide(Visit{}, start)
		if (refusal == nil) == (len(drafts) == 0) {
			t.Fatal("entries and refusal must exclude each other")
		}
		if refusal != nil {
			return
		}
		v := Visit{}.After(entry(drafts[0], start))
		if len(v.Inspectors) == 0 || len(c.Recused) > 0 || !team.PostedTo(v.Street, c.At) {
			t.Fatalf("visit started by %v of %+v", v.Inspectors, team)
		}
		for _, p := range v.Inspectors {
			if !team.Has(p, c.At) {
				t.Fatalf("%s was no member at %s", p, c.At)
			}
		}
	})
}
