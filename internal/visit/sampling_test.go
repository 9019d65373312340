package visit

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/registry"

	"pgregory.net/rapid"
)

var states = rapid.Custom(func(t *rapid.T) []registry.SiteState {
	n := rapid.IntRange(1, 80).Draw(t, "n")
	out := make([]registry.SiteState, n)
	for i := range out {
		out[i] = registry.SiteState{
			ID: ledger.ID(fmt.Sprintf("site-%03d", i)), Street: "500112012", Type: rapid.SampledFrom([]string{"S01", "S02", "S07", ""}).Draw(t, "type"),
			Visits: rapid.Int64Range(0, 3).Draw(t, "visits"), Last: sampledAt.Add(-time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hours")) * time.Hour),
			Open: rapid.Int64Range(0, 9).Draw(t, "open"), Late: rapid.Int64Range(0, 9).Draw(t, "late"), Failed: rapid.Int64Range(0, 9).Draw(t, "failed"),
		}
	}
	return out
})

var sampledAt = time.Date(2022, 11, 23, 13, 0, 0, 0, time.UTC)

// TestDrawIsReproducible: the same seed and the same sites give the same draw in whatever order the sites come; no
// site twice, never more than there are, and every weight is positive, so that no site is left out for ever (R076).
func TestDrawIsReproducible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := states.Draw(t, "states")
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		n := rapid.IntRange(1, MaxSample).Draw(t, "size")
		w := Weights{Types: map[string]int64{"S02": 6, "S07": 4}, Focus: map[string]bool{"S07": true}, FocusBefore: map[string]bool{"S02": true}}
		frame := FrameOf(list, w, sampledAt)
		for _, p := range frame {
			if p.Weight < 1 {
				t.Fatalf("%s has the weight %d", p.Site, p.Weight)
			}
		}
		drawn := DrawSites(seed, frame, n)
		if len(drawn) != min(n, len(list)) {
			t.Fatalf("%d of %d sites, asked for %d", len(drawn), len(list), n)
		}
		seen := map[ledger.ID]bool{}
		for _, p := range drawn {
			if seen[p.Site] || !slices.Contains(frame, p) {
				t.Fatalf("%+v twice or from nowhere", p)
			}
			seen[p.Site] = true
		}
		shuffled := slices.Clone(list)
		rand.New(rand.NewPCG(1, uint64(n))).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again := FrameOf(shuffled, w, sampledAt)
		if FrameDigest(again) != FrameDigest(frame) || !slices.Equal(DrawSites(seed, again, n), drawn) {
			t.Fatal("drawn again it differs")
		}
		// one site weighed otherwise is another frame
		i := rapid.IntRange(0, len(frame)-1).Draw(t, "i")
		other := slices.Clone(frame)
		other[i].Weight++
		if FrameDigest(other) == FrameDigest(frame) {
			t.Fatal("a changed weight does not show")
		}
	})
}

// TestKnownDraw keeps what a seed draws: an old draw must be made again by every later version.
func TestKnownDraw(t *testing.T) {
	frame := []Pick{{Site: "a", Weight: 1}, {Site: "b", Weight: 5}, {Site: "c", Weight: 25}, {Site: "d", Weight: 125}}
	got := ""
	for _, p := range DrawSites(make([]byte, 32), frame, 4) {
		got += string(p.Site)
	}
	if got != "dbca" {
		t.Errorf("drew %s", got)
	}
	if d := FrameDigest(frame); d != "bb270886b5269802b84fbf01a29041f2dcf0ef085625f9d93cdd809c640c5aee" {
		t.Errorf("digest %s", d)
	}
}

// TestWeights: each reason to look raises a site's weight, and nothing else does (R076).
func TestWeights(t *testing.T) {
	base := registry.SiteState{ID: "a", Type: "S07", Visits: 1, Last: sampledAt.Add(-5 * 24 * time.Hour)}
	w := Weights{Types: map[string]int64{"S07": 2}}
	weigh := func(s registry.SiteState, w Weights) int64 {
		return FrameOf([]registry.SiteState{s}, w, sampledAt)[0].Weight
	}
	plain := weigh(base, w)
	if plain != 2*3*4*2 {
		t.Errorf("plain: %d", plain)
	}
	with := func(change func(*registry.SiteState)) registry.SiteState {
		s := base
		change(&s)
		return s
	}
	for name, got := range map[string]int64{
		"never visited":     weigh(with(func(s *registry.SiteState) { s.Visits, s.Last = 0, time.Time{} }), w),
		"long ago":          weigh(with(func(s *registry.SiteState) { s.Last = sampledAt.Add(-15 * 24 * time.Hour) }), w),
		"open":              weigh(with(func(s *registry.SiteState) { s.Open = 1 }), w),
		"late":              weigh(with(func(s *registry.SiteState) { s.Late = 1 }), w),
		"failed":            weigh(with(func(s *registry.SiteState) { s.Failed = 1 }), w),
		"yesterday's focus": weigh(base, Weights{Types: w.Types, FocusBefore: map[string]bool{"S07": true}}),
		"today's focus":     weigh(base, Weights{Types: w.Types, Focus: map[string]bool{"S07": true}}),
		"a heavier type":    weigh(base, Weights{Types: map[string]int64{"S07": 3}}),
	} {
		if got <= plain {
			t.Errorf("%s: %d is not more than %d", name, got, plain)
		}
	}
	if got := weigh(with(func(s *registry.SiteState) { s.Last = sampledAt.Add(-time.Hour) }), w); got >= plain {
		t.Errorf("visited an hour ago: %d", got)
	}
	for _, c := range []struct {
		open, late, failed int64
		want               int64
	}{{1, 0, 0, 6}, {9, 0, 0, 10}, {0, 1, 0, 6}, {0, 9, 0, 10}, {0, 0, 1, 8}, {0, 0, 9, 12}, {9, 9, 9, 24}} { // docs/sampling.md
		if got := weigh(with(func(s *registry.SiteState) { s.Open, s.Late, s.Failed = c.open, c.late, c.failed }), w); got != 2*3*c.want*2 {
			t.Errorf("trouble %+v weighs %d", c, got)
		}
	}
	if got := weigh(with(func(s *registry.SiteState) { s.Type = "S99" }), w); got != plain/2 {
		t.Errorf("a type without weight: %d", got)
	}
}

// TestDrawFavoursWeight: over many seeds a site of nine times the weight comes first about nine times as often.
func TestDrawFavoursWeight(t *testing.T) {
	frame := []Pick{{Site: "heavy", Weight: 9}, {Site: "light", Weight: 1}}
	first := 0
	const seeds = 4000
	for i := range seeds {
		seed := make([]byte, 32)
		seed[0], seed[1] = byte(i), byte(i>>8)
		if DrawSites(seed, frame, 1)[0].Site == "heavy" {
			first++
		}
	}
	if first < seeds*87/100 || first > seeds*93/100 {
		t.Errorf("%d of %d", first, seeds)
	}
}

// TestTenThousandSites: a draw of the most sites from 10,000 (R076).
func TestTenThousandSites(t *testing.T) {
	list := make([]registry.SiteState, 10_000)
	for i := range list {
		list[i] = registry.SiteState{ID: ledger.ID(fmt.Sprintf("site-%05d", i)), Type: "S07", Visits: int64(i % 2), Last: sampledAt.Add(-time.Duration(i) * time.Minute)}
	}
	frame := FrameOf(list, Weights{}, sampledAt)
	drawn := DrawSites(make([]byte, 32), frame, MaxSample)
	if len(drawn) != MaxSample {
		t.Errorf("%d sites", len(drawn))
	}
	if never := len(slices.DeleteFunc(slices.Clone(drawn), func(p Pick) bool { return p.Days >= 0 })); never < MaxSample/2 {
		t.Errorf("only %d of %d were never visited, though half are and weigh more", never, MaxSample)
	}
}

func sampleTeam() Team {
	from := sampledAt.Add(-48 * time.Hour)
	return Team{ID: "team", Members: []Member{{Person: "leader", Role: Leader, From: from}, {Person: "other", Role: Plain, From: from}}}
}

// TestSamplingRefusals: every refusal of a draw, a change and an acceptance.
func TestSamplingRefusals(t *testing.T) {
	frame := []Pick{{Site: "a", Weight: 1, Days: -1}, {Site: "b", Weight: 2, Days: -1}}
	draw := func(change func(*DrawSampling)) DrawSampling {
		c := DrawSampling{
			Act: ledger.Act{Person: "leader"}, ID: "s", Team: sampleTeam(), Day: "2022-11-24", Today: "2022-11-23", No: 1, Frame: frame,
			Lot: Lot{Seed: hex.EncodeToString(make([]byte, 32)), At: sampledAt, Known: 9, Streets: []string{"500112012"}, N: 1},
		}
		if change != nil {
			change(&c)
		}
		return c
	}
	for name, c := range map[string]struct {
		change func(*DrawSampling)
		was    Sampling
		rule   string
	}{
		"twice":          {was: Sampling{State: SamplingDrawn}, rule: "sampling.exists"},
		"a stranger":     {change: func(c *DrawSampling) { c.Person = "nobody" }, rule: "visit.not-a-member"},
		"yesterday":      {change: func(c *DrawSampling) { c.Day = "2022-11-22" }, rule: "sampling.day-past"},
		"none":           {change: func(c *DrawSampling) { c.Lot.N = 0 }, rule: "sampling.size"},
		"too many":       {change: func(c *DrawSampling) { c.Lot.N = MaxSample + 1 }, rule: "sampling.size"},
		"posted nowhere": {change: func(c *DrawSampling) { c.Lot.Streets = nil }, rule: "sampling.not-posted"},
		"no sites":       {change: func(c *DrawSampling) { c.Frame = nil }, rule: "sampling.no-sites"},
		"no seed":        {change: func(c *DrawSampling) { c.Lot.Seed = "00" }, rule: "input.format"},
	} {
		if _, r := draw(c.change).Decide(c.was, sampledAt); r == nil || r.Code != c.rule {
			t.Errorf("draw, %s: %v", name, r)
		}
	}
	drafts, r := draw(nil).Decide(Sampling{}, sampledAt)
	if r != nil || len(drafts) != 1 {
		t.Fatal(r)
	}
	s := Sampling{}.After(ledger.Entry{Subject: "s", Body: drafts[0].Body})
	if planned := s.Planned(); len(planned) != 1 || s.Lot.Sites != 2 || s.Lot.Method != MethodWeighted {
		t.Fatalf("%+v", s)
	}
	in, out := ledger.ID("a"), s.Planned()[0]
	if out == in {
		in = "b"
	}
	reason := []ledger.Part{{Name: "reason"}}
	change := func(f func(*ChangeSampling)) ChangeSampling {
		c := ChangeSampling{Act: ledger.Act{Person: "other", Parts: reason}, Team: sampleTeam(), Today: "2022-11-23", Site: registry.Site{ID: in}, InArea: true}
		if f != nil {
			f(&c)
		}
		return c
	}
	for name, c := range map[string]struct {
		f    func(*ChangeSampling)
		rule string
	}{
		"stale":      {func(c *ChangeSampling) { c.Seen = 7 }, "stale"},
		"a stranger": {func(c *ChangeSampling) { c.Person = "nobody" }, "visit.not-a-member"},
		"over":       {func(c *ChangeSampling) { c.Today = "2022-11-25" }, "sampling.day-past"},
		"replaced":   {func(c *ChangeSampling) { c.Newer = true }, "sampling.replaced"},
		"in it":      {func(c *ChangeSampling) { c.Site.ID = out }, "sampling.planned"},
		"not in it":  {func(c *ChangeSampling) { c.Out = true }, "sampling.not-planned"},
		"elsewhere":  {func(c *ChangeSampling) { c.InArea = false }, "sampling.elsewhere"},
		"no reason":  {func(c *ChangeSampling) { c.Parts = nil }, "required"},
	} {
		if _, r := change(c.f).Decide(s, sampledAt); r == nil || r.Code != c.rule {
			t.Errorf("change, %s: %v", name, r)
		}
	}
	for _, out := range []struct {
		site ledger.ID
		out  bool
	}{{in, false}, {out, true}} {
		drafts, r := change(func(c *ChangeSampling) { c.Site.ID, c.Out = out.site, out.out }).Decide(s, sampledAt)
		if r != nil {
			t.Fatal(r)
		}
		s = s.After(ledger.Entry{Subject: "s", Body: drafts[0].Body, Parts: reason})
	}
	if planned := s.Planned(); !slices.Equal(planned, []ledger.ID{in}) {
		t.Errorf("planned %v", planned)
	}
	accept := func(f func(*AcceptSampling)) AcceptSampling {
		c := AcceptSampling{Act: ledger.Act{Person: "leader"}, Team: sampleTeam(), Today: "2022-11-23"}
		if f != nil {
			f(&c)
		}
		return c
	}
	empty := s.After(ledger.Entry{Body: SamplingChangedV1{Site: in, Out: true}})
	for name, c := range map[string]struct {
		f    func(*AcceptSampling)
		s    Sampling
		rule string
	}{
		"not the leader": {func(c *AcceptSampling) { c.Person = "other" }, s, "sampling.not-the-leader"},
		"nothing left":   {nil, empty, "sampling.no-sites"},
		"stale":          {func(c *AcceptSampling) { c.Seen = 1 }, s, "stale"},
		"over":           {func(c *AcceptSampling) { c.Today = "2022-11-25" }, s, "sampling.day-past"},
		"replaced":       {func(c *AcceptSampling) { c.Newer = true }, s, "sampling.replaced"},
	} {
		if _, r := accept(c.f).Decide(c.s, sampledAt); r == nil || r.Code != c.rule {
			t.Errorf("accept, %s: %v", name, r)
		}
	}
	drafts, r = accept(nil).Decide(s, sampledAt)
	if r != nil {
		t.Fatal(r)
	}
	s = s.After(ledger.Entry{Subject: "s", Body: drafts[0].Body})
	if _, r := accept(nil).Decide(s, sampledAt); r == nil || r.Code != "sampling.accepted" {
		t.Errorf("twice: %v", r)
	}
	newer := s
	newer.No = 2
	if got, _ := SamplingInForce([]Sampling{newer, s, {No: 3, State: SamplingDrawn}}); got.No != 2 {
		t.Errorf("in force: %d", got.No)
	}
}

// TestRoute: every stop once, those without coordinates last and together by community, and turning a stretch around
// never leaves the way longer than going to the nearest each time (R076).
func TestRoute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 25).Draw(t, "n")
		var stops []Stop
		for i := range n {
			s := Stop{Site: ledger.ID(fmt.Sprint(i)), Community: rapid.SampledFrom([]string{"c2", "c1"}).Draw(t, "community")}
			if rapid.IntRange(0, 4).Draw(t, "placed") > 0 {
				lon, lat := rapid.Float64Range(106.4, 106.7).Draw(t, "lon"), rapid.Float64Range(29.6, 29.8).Draw(t, "lat")
				s.Lon, s.Lat = &lon, &lat
			}
			stops = append(stops, s)
		}
		var start *Stop
		if rapid.Bool().Draw(t, "start") {
			lon, lat := 106.55, 29.7
			start = &Stop{Lon: &lon, Lat: &lat}
		}
		legs := Route(start, stops)
		if len(legs) != n {
			t.Fatalf("%d legs for %d stops", len(legs), n)
		}
		seen, bare := map[ledger.ID]bool{}, false
		var placed []Stop
		for i, l := range legs {
			if seen[l.Site] {
				t.Fatalf("%s twice", l.Site)
			}
			seen[l.Site] = true
			if bare && (l.placed() || l.Community < legs[i-1].Community) {
				t.Fatal("what has no coordinates is not last or not together")
			}
			if bare = !l.placed(); !bare {
				placed = append(placed, l.Stop)
			}
			if has := l.placed() && (i > 0 || start != nil); has != (l.Metres != nil) {
				t.Fatalf("leg %d: distance %v", i, l.Metres)
			}
		}
		length := func(way []Stop) (m float64) {
			if start != nil {
				way = append([]Stop{*start}, way...)
			}
			for i := 1; i < len(way); i++ {
				m += metres(way[i-1], way[i])
			}
			return m
		}
		var given []Stop
		for _, s := range stops {
			if s.placed() {
				given = append(given, s)
			}
		}
		if got, greedy := length(placed), length(nearest(start, given)); got > greedy+1e-6 {
			t.Fatalf("%.1f m is longer than %.1f m", got, greedy)
		}
	})
	lon := func(x float64) *float64 { return &x }
	if m := metres(Stop{Lon: lon(106.5), Lat: lon(29.7)}, Stop{Lon: lon(106.5), Lat: lon(29.71)}); m < 1111 || m > 1113 {
		t.Errorf("a hundredth of a degree of latitude is %.0f m", m)
	}
	// a crossing is undone
	square := []Stop{{Site: "a", Lon: lon(0), Lat: lon(0)}, {Site: "c", Lon: lon(0.01), Lat: lon(0.01)}, {Site: "b", Lon: lon(0.01), Lat: lon(0)}, {Site: "d", Lon: lon(0), Lat: lon(0.0099)}}
	got := ""
	for _, s := range shorten(nil, slices.Clone(square)) {
		got += string(s.Site)
	}
	if got != "adcb" {
		t.Errorf("2-opt gives %s", got)
	}
}
