package matter

import (
	"slices"
	"strings"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
)

// Kinds of contribution; the series of a kind is kind@origin. They never change their meaning.
const (
	KindAssigned  = "assigned"
	KindRectified = "rectified"
	KindVerified  = "verified"
	KindClosed    = "closed"
	KindOverdue   = "overdue"
	KindWasLate   = "was_late"
	KindWithdrawn = "withdrawn"
	KindMerged    = "merged"
	KindNotGiven  = "not_given_" // and owner, due or verifier
)

// Series names a kind of an origin.
func Series(kind string, o Origin) string { return kind + "@" + string(o) }

// event is a change of one kind's count at a time.
type event struct {
	kind string
	at   time.Time
	n    int64
}

// Points is the one function from a matter's history to what it contributes. An entry posts the
// difference to what was posted before; no rule says how to take a count back.
func (m Matter) Points() []figure.Point {
	if m.State == "" {
		return nil
	}
	events := m.events()
	for _, a := range m.Absences {
		events = absent(events, a)
	}
	for _, a := range m.Absences {
		events = append(events, event{a.Kind, a.From, 1})
		if a.Until != nil {
			events = append(events, event{a.Kind, *a.Until, -1})
		}
	}
	return m.tenured(events)
}

// events counts as if the matter had always counted and always had one responsible unit.
func (m Matter) events() []event {
	out := []event{{KindAssigned, m.AssignedAt, 1}}
	for _, fact := range m.NotGiven {
		out = append(out, event{KindNotGiven + fact, m.AssignedAt, 1})
	}
	wasLate := false
	for i, e := range m.Episodes {
		from, until, late := e.overdue()
		if late {
			out = append(out, event{KindOverdue, from, 1})
			if until != nil {
				out = append(out, event{KindOverdue, *until, -1})
			}
			if !wasLate {
				out = append(out, event{KindWasLate, from, 1})
			}
			wasLate = true
		}
		for _, r := range []struct {
			kind string
			at   *time.Time
		}{{KindRectified, e.Claim}, {KindVerified, e.Verified}, {KindClosed, e.Closed}} {
			if r.at == nil {
				continue
			}
			out = append(out, event{r.kind, *r.at, 1})
			if i+1 < len(m.Episodes) { // reopened
				out = append(out, event{r.kind, m.Episodes[i+1].Start, -1})
			}
		}
	}
	return out
}

// absent ends every count at the absence's beginning and takes it up again, as it would then stand, at
// its end.
func absent(events []event, a Absence) []event {
	var out, later []event
	net := map[string]int64{}
	for _, e := range events {
		switch {
		case e.at.Before(a.From):
			out = append(out, e)
			net[e.kind] += e.n
		case a.Until == nil:
		case e.at.Before(*a.Until):
			later = append(later, event{e.kind, *a.Until, e.n})
		default:
			later = append(later, e)
		}
	}
	for _, kind := range sorted(net) {
		if n := net[kind]; n != 0 {
			out = append(out, event{kind, a.From, -n})
			if a.Until != nil {
				out = append(out, event{kind, *a.Until, n})
			}
		}
	}
	return append(out, later...)
}

// tenured gives every event the unit that had to act then, and moves what stands when the unit changes.
func (m Matter) tenured(events []event) []figure.Point {
	tenures := m.Tenures
	if len(tenures) == 0 {
		tenures = []Tenure{{}}
	}
	var out []figure.Point
	post := func(e event, unit ledger.ID) {
		out = append(out, figure.Point{Series: Series(e.kind, m.Origin), At: e.at, N: e.n, Groups: m.groups(unit)})
	}
	net := map[string]int64{}
	for i, t := range tenures {
		if i > 0 {
			for _, kind := range sorted(net) {
				if n := net[kind]; n != 0 {
					post(event{kind, t.From, -n}, tenures[i-1].Unit)
					post(event{kind, t.From, n}, t.Unit)
				}
			}
		}
		for _, e := range events {
			if (i == 0 || !e.at.Before(t.From)) && (i+1 == len(tenures) || e.at.Before(tenures[i+1].From)) {
				post(e, t.Unit)
				net[e.kind] += e.n
			}
		}
	}
	return out
}

func (m Matter) groups(unit ledger.ID) figure.Groups {
	f := m.Facets
	g := []figure.Group{
		{Axis: "street", Value: f.Street},
		{Axis: "addressee", Value: string(unit)},
		{Axis: "team", Value: f.Team},
		{Axis: "channel", Value: string(f.Channel)},
		{Axis: "area", Value: f.Area},
		{Axis: "responsibility", Value: f.Responsibility},
		{Axis: "day", Value: f.Day},
	}
	if len(f.Themes) == 0 {
		g = append(g, figure.Group{Axis: "theme"})
	}
	for _, t := range f.Themes {
		g = append(g, figure.Group{Axis: "theme", Value: t})
	}
	return figure.In(g...)
}

func sorted(net map[string]int64) []string {
	kinds := make([]string, 0, len(net))
	for k := range net {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}

// atSite is what an entry of a matter says of the site it was found at: that something is open there, is late, or did
// not hold when it was verified.
func atSite(e ledger.Entry, before, after Matter, points []figure.Point) []registry.SiteEvent {
	if after.Site == "" {
		return nil
	}
	var out []registry.SiteEvent
	add := func(kind string, at time.Time, n int64) {
		i := slices.IndexFunc(out, func(x registry.SiteEvent) bool { return x.Kind == kind && x.At.Equal(at) })
		if i < 0 {
			out = append(out, registry.SiteEvent{Site: after.Site, Kind: kind, At: at})
			i = len(out) - 1
		}
		out[i].N += n
	}
	for _, p := range points {
		switch kind, _, _ := strings.Cut(p.Series, "@"); kind {
		case KindAssigned:
			add(registry.SiteOpen, p.At, p.N)
		case KindRectified:
			add(registry.SiteOpen, p.At, -p.N)
		case KindOverdue:
			add(registry.SiteLate, p.At, p.N)
		}
	}
	if _, failed := e.Body.(VerificationFailedV1); failed {
		add(registry.SiteFailed, e.Effective(before.Effective), 1)
	}
	return out
}
