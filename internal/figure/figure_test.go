package figure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type posted struct {
	Points []Point `json:"points"`
}

func (posted) Kind() (string, int) { return "test.posted", 1 }

func open(t testing.TB, db *storage.DB) *ledger.Ledger {
	t.Helper()
	l, err := ledger.New(context.Background(), db, ledger.Options{
		Types: ledger.NewTypes([]ledger.Codec{ledger.Current[posted]()}), Sealed: Roll,
		Appliers: []ledger.Apply{func(tx *storage.Tx, e ledger.Entry) error {
			return Post(tx, e.Tenant, e.Pos, e.Subject, e.Body.(posted).Points)
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// TestSumsEqualPlainCounting compares sums and splits with adding up every point, for random points,
// instants and knowledge, while blocks of every level come to be (1H-01, 1H-09, R134).
func TestSumsEqualPlainCounting(t *testing.T) {
	defer func(bits []int) { blockBits = bits }(blockBits)
	blockBits = []int{2, 3, 5, 6} // small blocks, so that few entries fill all levels
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		l := open(t, db)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			tenant := fmt.Sprintf("t%d", n)
			all := fill(rt, l, tenant)
			if rapid.Bool().Draw(rt, "compact") {
				if err := Compact(context.Background(), l, tenant); err != nil {
					rt.Fatal(err)
				}
			}
			for range 10 {
				a := AsOf{T: instant(rt), Known: rapid.Int64Range(0, int64(len(all))).Draw(rt, "known")}
				g := rapid.SampledFrom([]Group{{}, {"street", "S1"}, {"street", "S2"}, {"street", "-"}, {"theme", "a"}}).Draw(rt, "group")
				compare(rt, db, tenant, all, a, g)
			}
		})
	})
}

func instant(rt *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 40).Draw(rt, "at")).UTC()
}

// fill appends entries with random points.
func fill(rt *rapid.T, l *ledger.Ledger, tenant string) [][]Point {
	var all [][]Point
	for range rapid.IntRange(0, 90).Draw(rt, "entries") {
		var ps []Point
		for range rapid.IntRange(0, 3).Draw(rt, "points") {
			groups := []Group{{"street", rapid.SampledFrom([]string{"S1", "S2", ""}).Draw(rt, "street")}}
			if rapid.Bool().Draw(rt, "themed") {
				groups = append(groups, Group{"theme", "a"}, Group{"theme", "b"})
			}
			p := Point{Series: rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "series"), At: instant(rt), N: rapid.Int64Range(-2, 2).Draw(rt, "n"), Groups: In(groups...)}
			if rapid.Bool().Draw(rt, "distinct") {
				p.Groups = Only(groups...)
			}
			ps = append(ps, p)
		}
		all = append(all, ps)
		if err := l.Do(context.Background(), tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
			return tx.Append(ledger.Draft{Subject: "thing-subject", Body: posted{ps}})
		}); err != nil {
			rt.Fatal(err)
		}
	}
	return all
}

func compare(rt *rapid.T, db *storage.DB, tenant string, all [][]Point, a AsOf, g Group) {
	plain, split := map[string]int64{"x": 0, "y": 0}, map[string]map[string]int64{}
	for pos, ps := range all {
		for _, p := range ps {
			if int64(pos) >= a.Known || p.At.After(a.T) {
				continue
			}
			p.Groups.Each(func(in Group) {
				if in == g {
					plain[p.Series] += p.N
				}
				if in.Axis == "street" {
					if split[in.Value] == nil {
						split[in.Value] = map[string]int64{}
					}
					split[in.Value][p.Series] += p.N
				}
			})
		}
	}
	if err := db.Read(context.Background(), func(tx *storage.Tx) error {
		sums, err := Sums(tx, tenant, a, []string{"x", "y"}, g)
		if err != nil {
			return err
		}
		for s, n := range plain {
			if sums[s] != n {
				rt.Fatalf("sum of %s as of %v for %v = %d, plain counting says %d", s, a, g, sums[s], n)
			}
		}
		by, err := Split(tx, tenant, a, []string{"x", "y"}, "street")
		if err != nil {
			return err
		}
		if d := cmp.Diff(drop(split), drop(by)); d != "" {
			rt.Fatalf("split as of %v:\n%s", a, d)
		}
		return nil
	}); err != nil {
		rt.Fatal(err)
	}
}

// drop leaves out zeros, which a split may or may not name.
func drop(m map[string]map[string]int64) map[string]map[string]int64 {
	out := map[string]map[string]int64{}
	for v, s := range m {
		s = maps.Clone(s)
		maps.DeleteFunc(s, func(_ string, n int64) bool { return n == 0 })
		if len(s) > 0 {
			out[v] = s
		}
	}
	return out
}

// TestDiffTurnsOneIntoTheOther: what was posted plus the difference is what is now known.
func TestDiffTurnsOneIntoTheOther(t *testing.T) {
	point := rapid.Custom(func(rt *rapid.T) Point {
		return Point{Series: rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "s"), At: instant(rt), N: rapid.Int64Range(-3, 3).Draw(rt, "n"), Groups: In()}
	})
	rapid.Check(t, func(rt *rapid.T) {
		before, after := rapid.SliceOf(point).Draw(rt, "before"), rapid.SliceOf(point).Draw(rt, "after")
		net := func(lists ...[]Point) map[string]int64 {
			m := map[string]int64{}
			for _, l := range lists {
				for _, p := range l {
					m[fmt.Sprint(p.Series, p.At.UnixMicro())] += p.N
				}
			}
			maps.DeleteFunc(m, func(_ string, n int64) bool { return n == 0 })
			return m
		}
		if d := cmp.Diff(net(after), net(before, Diff(before, after))); d != "" {
			rt.Fatal(d)
		}
	})
}

// TestEveryDefinitionSpeaksBothLanguages (R135: label which).
func TestEveryDefinitionSpeaksBothLanguages(t *testing.T) {
	for _, d := range Definitions {
		for _, s := range []string{d.Zh, d.En, d.UnitZh, d.UnitEn, d.TextZh, d.TextEn, d.Subject} {
			if s == "" {
				t.Errorf("%s lacks a word", d.Name)
			}
		}
		if d.Version < 1 || len(d.Terms) == 0 {
			t.Errorf("%s has no version or counts nothing", d.Name)
		}
		if len(d.Axes) == 0 || slices.ContainsFunc(d.Axes, func(a string) bool { return !slices.Contains(Axes, a) }) {
			t.Errorf("%s stands on the axes %v", d.Name, d.Axes)
		}
	}
}

// R152: 310-odd.
func TestRounded(t *testing.T) {
	for _, c := range []struct {
		n, at int64
		over  bool
	}{{0, 0, false}, {7, 7, false}, {10, 10, false}, {310, 310, false}, {313, 310, true}, {319, 310, true}} {
		if at, over := Rounded(c.n); at != c.at || over != c.over {
			t.Errorf("%d is said as %d, %v", c.n, at, over)
		}
	}
}
