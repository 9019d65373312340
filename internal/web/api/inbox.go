package api

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/due"
	"duzhan/internal/matter"
	"duzhan/internal/message"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// Inbox is what waits for somebody.
type Inbox struct {
	Items   []InboxItem `json:"items"`
	NextDue *time.Time  `json:"next_due"`
}

// InboxItem is a thing that waits for the asker, with the one act that comes next and its own clock.
type InboxItem struct {
	Kind     string      `json:"kind" enum:"matter,finding"`
	Act      string      `json:"act"`
	Street   Region      `json:"street"`
	Severity string      `json:"severity"`
	Clock    *ClockView  `json:"clock"`
	Matter   *MatterRow  `json:"matter"`
	Finding  *FindingRow `json:"finding"`
}

// InboxFilter is what the inbox may be filtered by.
type InboxFilter struct {
	Act      string `query:"act"`
	Street   string `query:"street"`
	Severity string `query:"severity"`
}

// inboxPage bounds how many things of one kind of act are listed: what is behind them comes when they are done.
const inboxPage = 100

// inboxOf says for what acts a matter waits for somebody.
var inboxOf = []struct{ act, pending string }{
	{"receive", "receive"},
	{"claim", "claim"},
	{"reply", "reply"},
	{"verify", "verify"},
	{"strike_off", "strike_off"},
	{"reassign", "decide_objection"},
	{"decide_extension", "decide_extension"},
	{"look_back", "look_back"},
}

// findingsOf says in which state a finding waits for which act.
var findingsOf = []struct{ act, state string }{
	{"confirm", visit.Raised},
	{"hand_over", visit.Confirmed},
	{"amend", visit.Rejected},
}

func (s *API) inbox(h huma.API) {
	get(h, "/inbox", "inbox", "What waits for me, most urgent first", func(ctx context.Context, actor access.Actor, in *InboxFilter) (*Inbox, error) {
		out := &Inbox{Items: []InboxItem{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			if err := v.mattersWaiting(out, *in); err != nil {
				return err
			}
			if err := v.findingsWaiting(out, *in); err != nil {
				return err
			}
			sortInbox(out.Items)
			out.NextDue = nextDue(out.Items, v.now)
			return nil
		})
	})
}

func (v *viewer) mattersWaiting(out *Inbox, in InboxFilter) error {
	streets, units := v.actor.Jurisdiction()
	for _, kind := range inboxOf {
		if v.actor.Can(kind.act) != nil || in.Act != "" && in.Act != kind.act {
			continue
		}
		page, err := matter.List(v.tx, v.actor.Tenant, matter.Filter{
			Pending: kind.pending, Streets: streets, Units: units, Street: in.Street, Severity: in.Severity, Sort: "due", Limit: inboxPage,
		})
		if err != nil {
			return err
		}
		for _, m := range page.Matters {
			if v.actor.May(kind.act, access.Place{Street: m.Facets.Street, Unit: m.Responsible()}) != nil || ownWork(v.actor, m, kind.act) {
				continue
			}
			row, err := v.matterRow(m)
			if err != nil {
				return err
			}
			item := InboxItem{Kind: "matter", Act: kind.act, Street: row.Street, Severity: row.Severity, Matter: &row}
			if c := m.Waiting(); c != nil {
				view := v.clockView(*c, false)
				item.Clock = &view
			}
			out.Items = append(out.Items, item)
		}
	}
	return nil
}

func (v *viewer) findingsWaiting(out *Inbox, in InboxFilter) error {
	streets, _ := v.actor.Jurisdiction()
	for _, kind := range findingsOf {
		if v.actor.Can("finding."+kind.act) != nil || in.Act != "" && in.Act != kind.act {
			continue
		}
		page, err := visit.Findings(v.tx, v.actor.Tenant, visit.Filter{State: kind.state, Streets: streets, Street: in.Street, Limit: inboxPage})
		if err != nil {
			return err
		}
		for _, f := range page.Items {
			if in.Severity != "" && f.What.Severity != in.Severity || kind.act == "amend" && f.RaisedBy != v.actor.Person {
				continue
			}
			row, err := v.findingRow(f)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, InboxItem{
				Kind: "finding", Act: kind.act, Street: row.Street, Severity: row.Severity, Clock: row.Clock, Finding: &row,
			})
		}
	}
	return nil
}

// sortInbox puts first what hurts most: late, then soonest due, then what has no deadline, oldest first.
func sortInbox(items []InboxItem) {
	since := func(i InboxItem) time.Time {
		if i.Matter != nil {
			return i.Matter.AssignedAt
		}
		return i.Finding.RaisedAt
	}
	slices.SortStableFunc(items, func(a, b InboxItem) int {
		switch {
		case a.Clock == nil && b.Clock == nil:
			return since(a).Compare(since(b))
		case a.Clock == nil:
			return 1
		case b.Clock == nil:
			return -1
		}
		return a.Clock.Due.Compare(b.Clock.Due)
	})
}

func nextDue(items []InboxItem, now time.Time) *time.Time {
	for _, i := range items {
		if i.Clock != nil && i.Clock.Due.After(now) {
			return &i.Clock.Due
		}
	}
	return nil
}

// lightOf is a clock's own light; one that was satisfied is closed, or late for ever.
func (v *viewer) lightOf(c matter.Clock, closed bool) string {
	if c.Satisfied != nil && c.Satisfied.After(c.Due) {
		return string(due.Late)
	}
	return string(v.lights.Light(v.now, due.Standing{Start: c.Start, Due: c.Due, Closed: closed}))
}

func say(v *viewer, key string) string {
	return message.Say(langOf(v.tx.Context()), key, nil)
}
