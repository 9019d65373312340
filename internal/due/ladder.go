package due

import (
	"slices"
	"time"
)

// Step (阶梯) of a ladder: when, measured from the deadline, who is told.
type Step struct {
	Code    string
	Percent int           // of the allotted time; 0 if Offset is meant
	Offset  time.Duration // negative: before the deadline
	To      []string      // audience codes
}

// Ladder (催办阶梯) is the steps in the order of their weight, the last the highest.
type Ladder []Step

// Firing is a step at its instant.
type Firing struct {
	Step     string
	At       time.Time
	Audience []string
}

// Firings places the ladder's steps on a deadline, in the order in which they fall; steps at one instant
// keep the ladder's order. A step before the deadline that would fall on or before the start is left out:
// there was nothing to remind of.
func (l Ladder) Firings(start, due time.Time) []Firing {
	var out []Firing
	for _, s := range l {
		offset := s.Offset
		if s.Percent != 0 {
			offset = share(due.Sub(start), s.Percent)
		}
		at := due.Add(offset)
		if (s.Percent < 0 || offset < 0) && !at.After(start) {
			continue
		}
		out = append(out, Firing{Step: s.Code, At: at, Audience: s.To})
	}
	slices.SortStableFunc(out, func(a, b Firing) int { return a.At.Compare(b.At) })
	return out
}

// Highest says what to do at a time with steps that have fallen due and were not fired or skipped before.
// After a stop several may wait: the highest notifies, the lower ones are recorded as skipped. A step
// below one that has fired notifies nobody. Call it once per deadline and record the outcome: each step
// then fires at most once, whatever restarts come between.
func Highest(firings []Firing, done map[string]bool, now time.Time) (fire *Firing, skipped []Firing) {
	for i, f := range firings {
		if f.At.After(now) {
			break
		}
		if done[f.Step] {
			if fire != nil {
				skipped = append(skipped, *fire)
				fire = nil
			}
			continue
		}
		if fire != nil {
			skipped = append(skipped, *fire)
		}
		fire = &firings[i]
	}
	return fire, skipped
}

// Next is the instant of the next step after a time; zero if there is none.
func Next(firings []Firing, now time.Time) time.Time {
	for _, f := range firings {
		if f.At.After(now) {
			return f.At
		}
	}
	return time.Time{}
}

// Window (静默时段) holds back reminders at night. From may be later than Until: the window then spans
// midnight. Equal ends: no window.
type Window struct {
	From, Until int      // minutes after local midnight
	AtOnce      []string // audiences that are always told at once: who is on duty
	Always      []string // severities that are never held back
}

// Deliver says when a reminder of an instant reaches an audience: at once, or at the window's end.
func (w Window) Deliver(at time.Time, audience, severity string, zone *time.Location) time.Time {
	if slices.Contains(w.AtOnce, audience) || slices.Contains(w.Always, severity) || w.From == w.Until {
		return at
	}
	l := at.In(zone)
	minute := l.Hour()*60 + l.Minute()
	ends := func(days int) time.Time {
		return time.Date(l.Year(), l.Month(), l.Day()+days, w.Until/60, w.Until%60, 0, 0, zone)
	}
	switch {
	case w.From < w.Until && minute >= w.From && minute < w.Until:
		return ends(0)
	case w.From > w.Until && minute < w.Until:
		return ends(0)
	case w.From > w.Until && minute >= w.From:
		return ends(1)
	default:
		return at
	}
}
