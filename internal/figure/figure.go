// Package figure owns counting: signed contributions at points of two times, their sums as of (T, K),
// and the roll-ups that keep a sum's cost from growing with the ledger. It refuses to know what is
// counted: desks post points, a published figure's definition selects them.
//
// A sum as of (T, K) takes the points that had happened by T as far as was known by position K. Blocks
// of positions never change once they are full, so each full block keeps, per series and group, its
// points in order of time with their running sum: a sum is one look-up in each of the few blocks that
// cover [0, K), and an exact scan of the incomplete rest. Times are exact in every block, so no edge in
// time has to be scanned, however many points one hour holds. See docs/figures.md.
package figure

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Group is one value on one axis; the zero Group is the total.
type Group struct{ Axis, Value string }

// Point is a contribution of N to a series at a time, for the groups it counts in.
type Point struct {
	Series string
	At     time.Time // effective time, UTC
	N      int64
	Groups Groups
	// Subject is what is counted, if it is not the subject of the entry (a person of a team).
	Subject ledger.ID
}

// Groups is the canonical text of a set of groups, a line each, framed by line breaks so that a group
// can be found in it; compare it with ==.
type Groups string

// total stands for the zero Group in the text of Groups.
const total = "="

// NotGiven is the value under which points count that have none on an axis.
const NotGiven = "-"

// In gives the groups of a point that counts in the total and in each of gs; empty values count as
// NotGiven.
func In(gs ...Group) Groups { return Only(append(gs, Group{})...) }

// Only gives the groups of a point that counts in gs and nowhere else.
func Only(gs ...Group) Groups {
	lines := make([]string, 0, len(gs))
	for _, g := range gs {
		switch {
		case g.Axis == "":
			lines = append(lines, total)
		case g.Value == "":
			lines = append(lines, g.Axis+"="+NotGiven)
		default:
			lines = append(lines, g.Axis+"="+g.Value)
		}
	}
	slices.Sort(lines)
	return Groups("\n" + strings.Join(slices.Compact(lines), "\n") + "\n")
}

// Each runs fn for every group.
func (g Groups) Each(fn func(Group)) {
	for line := range strings.SplitSeq(strings.Trim(string(g), "\n"), "\n") {
		axis, value, _ := strings.Cut(line, "=")
		fn(Group{axis, value})
	}
}

// Diff gives the points that turn what was posted into what is now known. It is the one way by which
// counts are taken back (docs/figures.md).
func Diff(before, after []Point) []Point {
	type key struct {
		series  string
		at      int64
		groups  Groups
		subject ledger.ID
	}
	net := map[key]int64{}
	var order []key
	add := func(ps []Point, sign int64) {
		for _, p := range ps {
			k := key{p.Series, p.At.UnixMicro(), p.Groups, p.Subject}
			if _, ok := net[k]; !ok {
				order = append(order, k)
			}
			net[k] += sign * p.N
		}
	}
	add(before, -1)
	add(after, 1)
	var out []Point
	for _, k := range order {
		if n := net[k]; n != 0 {
			out = append(out, Point{Series: k.series, At: time.UnixMicro(k.at).UTC(), N: n, Groups: k.groups, Subject: k.subject})
		}
	}
	return out
}

// Post writes the points that entry pos contributes for a subject; one entry posts once.
func Post(tx *storage.Tx, tenant string, pos int64, subject ledger.ID, points []Point) error {
	for i, p := range points {
		cell := cellOf(p.Groups)
		if _, err := tx.Exec(`INSERT INTO figure_cell (tenant, cell, dims) VALUES ($1, $2, $3) ON CONFLICT (tenant, cell) DO NOTHING`,
			tenant, cell, string(p.Groups)); err != nil {
			return err
		}
		of := subject
		if p.Subject != "" {
			of = p.Subject
		}
		if _, err := tx.Exec(`INSERT INTO figure_point (tenant, pos, seq, series, at, n, cell, subject) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			tenant, pos, i, p.Series, p.At.UnixMicro(), p.N, cell, string(of)); err != nil {
			return err
		}
	}
	return nil
}

// cellOf names a set of groups by a hash, so that it is the same in every rebuild.
func cellOf(g Groups) int64 {
	h := sha256.Sum256([]byte(g))
	return int64(binary.BigEndian.Uint64(h[:8]) >> 1)
}
