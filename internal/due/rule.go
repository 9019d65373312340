package due

import (
	"strconv"
	"time"
)

// Kind of a rule.
type Kind string

// The kinds of rules and the parameters they use.
const (
	OnSpot    Kind = "on_spot"      // 当场: due at once
	Clock     Kind = "clock"        // natural minutes, 7×24: Minutes
	Instant   Kind = "instant"      // a named instant of the day, At; Lead minutes before it at the latest, else next day
	SameDay   Kind = "same_day"     // 事不过夜 (R070): found by Until, that day At; later, next day Next
	NextDayAt Kind = "next_day_at"  // the next natural day At
	WorkMins  Kind = "work_minutes" // minutes of working hours: Minutes
	WorkDays  Kind = "work_days"    // closing time of the Days-th working day after the day it starts
)

// Rule (时限规则) computes a deadline. Times of day are minutes after local midnight, 1440 the next one.
type Rule struct {
	Code    string
	ZH, EN  string
	Kind    Kind
	Minutes int // clock, work_minutes
	Days    int // work_days
	At      int // instant, same_day, next_day_at
	Until   int // same_day
	Next    int // same_day
	Lead    int // instant
	Source  string
}

// Reason is one step of a deadline's arithmetic; the sentence for Code stands in the message files.
type Reason struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

// Codes of reasons, with their arguments.
const (
	WhyOnSpot      = "due.why.on-spot"           // at once
	WhyClock       = "due.why.clock"             // minutes
	WhyInstant     = "due.why.instant"           // at, date
	WhyInstantPast = "due.why.instant-next-day"  // at, lead: too near or past, so the next day
	WhySameDay     = "due.why.same-day"          // until, at
	WhyNextDay     = "due.why.same-day-missed"   // until, next
	WhyNextDayAt   = "due.why.next-day-at"       // at
	WhyWorked      = "due.why.worked"            // date, from, to, minutes
	WhyWorkDay     = "due.why.work-day"          // date, n
	WhyCloses      = "due.why.closes"            // date, at
	WhyMakeUp      = "due.why.make-up-day"       // date, name
	WhyHoliday     = "due.why.holiday"           // date, name
	WhyRest        = "due.why.rest-day"          // date
	WhyUnknownYear = "due.why.year-not-known"    // year: weekday rule
	WhyEdge        = "due.why.edge-of-the-day"   // at: the closing instant still belongs to the day
	WhyNotWorked   = "due.why.starts-at-opening" // date, at
)

// maxDays bounds the search for working days: ten years are longer than any deadline.
const maxDays = 3660

// Due computes the deadline of a rule for a start, and the arithmetic behind it. The deadline is never
// before the start and never falls when the start rises. Working-time rules on a calendar without any
// working day give the start itself; ParsePack refuses such a calendar.
func (r Rule) Due(start time.Time, cal Calendar) (time.Time, []Reason) {
	switch r.Kind {
	case Clock:
		return start.Add(time.Duration(r.Minutes) * time.Minute), []Reason{why(WhyClock, "minutes", strconv.Itoa(r.Minutes))}
	case Instant:
		return r.instant(start, cal)
	case SameDay:
		return r.sameDay(start, cal)
	case NextDayAt:
		return cal.at(cal.midnight(start, 1), r.At), []Reason{why(WhyNextDayAt, "at", hhmm(r.At))}
	case WorkMins:
		return r.workMinutes(start, cal)
	case WorkDays:
		return r.workDays(start, cal)
	default:
		return start, []Reason{why(WhyOnSpot)}
	}
}

func (r Rule) instant(start time.Time, cal Calendar) (time.Time, []Reason) {
	lead := time.Duration(r.Lead) * time.Minute
	for n := 0; ; n++ {
		midnight := cal.midnight(start, n)
		at := cal.at(midnight, r.At)
		if at.Sub(start) < lead || at.Before(start) {
			continue
		}
		reasons := []Reason{why(WhyInstant, "at", hhmm(r.At), "date", midnight.Format(day))}
		if n > 0 {
			reasons = append([]Reason{why(WhyInstantPast, "at", hhmm(r.At), "lead", strconv.Itoa(r.Lead))}, reasons...)
		}
		return at, reasons
	}
}

func (r Rule) sameDay(start time.Time, cal Calendar) (time.Time, []Reason) {
	today := cal.midnight(start, 0)
	if !start.After(cal.at(today, r.Until)) {
		return cal.at(today, r.At), []Reason{why(WhySameDay, "until", hhmm(r.Until), "at", hhmm(r.At))}
	}
	return cal.at(cal.midnight(start, 1), r.Next), []Reason{why(WhyNextDay, "until", hhmm(r.Until), "next", hhmm(r.Next))}
}

func (r Rule) workMinutes(start time.Time, cal Calendar) (time.Time, []Reason) {
	left := time.Duration(r.Minutes) * time.Minute
	var t trail
	for n := range maxDays {
		midnight := cal.midnight(start, n)
		t.day(cal, midnight)
		for _, s := range cal.hours(midnight) {
			opens, closes := cal.at(midnight, s.From), cal.at(midnight, s.To)
			if start.After(closes) {
				continue
			}
			from := later(start, opens)
			if from.Equal(closes) && left > 0 {
				continue // an edge carries no minute
			}
			if n == 0 && from.Equal(start) && start.Equal(closes) {
				t.add(WhyEdge, "at", hhmm(s.To))
				return start, t.reasons
			}
			if from.After(start) && len(t.reasons) == t.days {
				t.add(WhyNotWorked, "date", midnight.Format(day), "at", hhmm(s.From))
			}
			take := min(left, closes.Sub(from))
			left -= take
			to := from.Add(take)
			t.add(WhyWorked, "date", midnight.Format(day), "from", from.In(cal.zone).Format("15:04"),
				"to", to.In(cal.zone).Format("15:04"), "minutes", strconv.Itoa(int(take/time.Minute)))
			if left == 0 {
				return to, t.reasons
			}
		}
	}
	return start, t.reasons
}

func (r Rule) workDays(start time.Time, cal Calendar) (time.Time, []Reason) {
	var t trail
	counted := 0
	for n := 1; n < maxDays; n++ {
		midnight := cal.midnight(start, n)
		t.day(cal, midnight)
		hours := cal.hours(midnight)
		if len(hours) == 0 {
			continue
		}
		counted++
		t.add(WhyWorkDay, "date", midnight.Format(day), "n", strconv.Itoa(counted))
		if counted >= r.Days {
			closes := hours[len(hours)-1].To
			t.add(WhyCloses, "date", midnight.Format(day), "at", hhmm(closes))
			return cal.at(midnight, closes), t.reasons
		}
	}
	return start, t.reasons
}

// trail collects the arithmetic of a working-time rule.
type trail struct {
	reasons []Reason
	days    int // reasons that only describe days
	unknown map[int]bool
}

func (t *trail) add(code string, args ...string) { t.reasons = append(t.reasons, why(code, args...)) }

// day notes what is special about a day, and once per year that its holidays are not known.
func (t *trail) day(cal Calendar, midnight time.Time) {
	if y := midnight.Year(); !cal.Known(y) && !t.unknown[y] {
		if t.unknown == nil {
			t.unknown = map[int]bool{}
		}
		t.unknown[y] = true
		t.note(WhyUnknownYear, "year", strconv.Itoa(y))
	}
	d := midnight.Format(day)
	switch cal.kind(midnight) {
	case "makeup":
		t.note(WhyMakeUp, "date", d, "name", cal.workdays[d])
	case "holiday":
		t.note(WhyHoliday, "date", d, "name", cal.holidays[d])
	case "rest":
		t.note(WhyRest, "date", d)
	}
}

func (t *trail) note(code string, args ...string) {
	t.add(code, args...)
	t.days++
}

// YearUnknown tells whether a deadline was computed over a year whose holidays are not known.
func YearUnknown(reasons []Reason) bool {
	for _, r := range reasons {
		if r.Code == WhyUnknownYear {
			return true
		}
	}
	return false
}

func why(code string, args ...string) Reason {
	r := Reason{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if r.Args == nil {
			r.Args = map[string]string{}
		}
		r.Args[args[i]] = args[i+1]
	}
	return r
}
