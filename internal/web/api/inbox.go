package api

import (
	"slices"
	"time"

	"duzhan/internal/due"
	"duzhan/internal/matter"
	"duzhan/internal/message"
)

// sortInbox puts first what hurts most: late, then soonest due, then what has no deadline.
func sortInbox(rows []MatterRow) {
	slices.SortStableFunc(rows, func(a, b MatterRow) int {
		switch {
		case a.Due == nil && b.Due == nil:
			return a.AssignedAt.Compare(b.AssignedAt)
		case a.Due == nil:
			return 1
		case b.Due == nil:
			return -1
		}
		return a.Due.Compare(*b.Due)
	})
}

func nextDue(rows []MatterRow, now time.Time) *time.Time {
	for _, r := range rows {
		if r.Due != nil && r.Due.After(now) {
			return r.Due
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
