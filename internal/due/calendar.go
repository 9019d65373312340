// Package due (时限) owns deadlines: calendars, rules, lights, ladders and the rule packs that carry
// them as data. Everything in it is pure: it refuses to know what the time is now, who is reminded by
// what means (notify) and what a deadline is for (the desks).
package due

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Span (时段) is a stretch of a day in minutes after midnight, local; To may be 1440.
type Span struct{ From, To int }

// Week holds the working hours of each weekday, index time.Sunday to time.Saturday; none: a day of rest.
type Week [7][]Span

// Calendar (工作日历) says when people work: hours per weekday, statutory holidays, make-up days.
// Its zero value has no zone and no hours; use NewCalendar.
type Calendar struct {
	zone     *time.Location
	week     Week
	makeup   []Span // hours of a make-up day
	holidays map[string]string
	workdays map[string]string
	years    map[int]bool
}

// Holidays (节假日) are statutory days off and make-up working days by date YYYY-MM-DD, with their name.
type Holidays struct {
	Off  map[string]string
	Work map[string]string // make-up days (调休); they win over Off
}

const day = "2006-01-02"

// ParseHolidays reads the calendar format of data/holidays: {"holidays": {"2022-10-01": "National
// Day,国庆节,3"}, "workdays": {…}, "inLieuDays": {…}}. A date that is none is refused.
func ParseHolidays(b []byte) (Holidays, error) {
	var raw struct {
		Off  map[string]string `json:"holidays"`
		Work map[string]string `json:"workdays"`
		Lieu map[string]string `json:"inLieuDays"` // already among the holidays
	}
	if err := decodeStrict(b, &raw); err != nil {
		return Holidays{}, err
	}
	for field, dates := range map[string]map[string]string{"holidays": raw.Off, "workdays": raw.Work} {
		for _, d := range slices.Sorted(maps.Keys(dates)) {
			if _, err := time.Parse(day, d); err != nil {
				return Holidays{}, FieldError{Field: field + "." + d, Code: "due.pack.date"}
			}
		}
	}
	return Holidays{Off: raw.Off, Work: raw.Work}, nil
}

// NewCalendar makes a calendar. A make-up day has the hours of its weekday, or Monday's if it has none.
// A year without any listed holiday counts as unknown: the weekday rule holds and deadlines say so.
func NewCalendar(zone *time.Location, week Week, h Holidays) Calendar {
	c := Calendar{zone: zone, week: week, makeup: week[time.Monday], holidays: h.Off, workdays: h.Work, years: map[int]bool{}}
	for d := range h.Off {
		var y int
		if _, err := fmt.Sscanf(d, "%4d-", &y); err == nil {
			c.years[y] = true
		}
	}
	return c
}

// Zone is the zone days and hours are meant in.
func (c Calendar) Zone() *time.Location { return c.zone }

// Known tells whether the holidays of a year are known.
func (c Calendar) Known(year int) bool { return c.years[year] }

// WorkDay tells whether people work on the local day of t.
func (c Calendar) WorkDay(t time.Time) bool { return len(c.hours(t.In(c.zone))) > 0 }

// hours gives the working hours of a local day.
func (c Calendar) hours(local time.Time) []Span {
	d := local.Format(day)
	if _, made := c.workdays[d]; made {
		if own := c.week[local.Weekday()]; len(own) > 0 {
			return own
		}
		return c.makeup
	}
	if _, off := c.holidays[d]; off {
		return nil
	}
	return c.week[local.Weekday()]
}

// kind says why a day is worked or not.
func (c Calendar) kind(local time.Time) string {
	d := local.Format(day)
	if _, made := c.workdays[d]; made {
		return "makeup"
	}
	if _, off := c.holidays[d]; off {
		return "holiday"
	}
	if len(c.week[local.Weekday()]) == 0 {
		return "rest"
	}
	return "work"
}

// midnight is the beginning of the local day n days after that of t.
func (c Calendar) midnight(t time.Time, n int) time.Time {
	l := t.In(c.zone)
	return time.Date(l.Year(), l.Month(), l.Day()+n, 0, 0, 0, 0, c.zone)
}

// at is an instant of a local day, given in minutes after its midnight; 1440 is the next midnight.
func (c Calendar) at(midnight time.Time, minutes int) time.Time {
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), minutes/60, minutes%60, 0, 0, c.zone)
}

// ParseWeek reads hours by weekday: {"mon": ["09:00-12:00", "14:00-18:00"], …}. Spans must rise and not
// touch backwards; at least one day must be worked, so that every working-time rule comes to an end.
func ParseWeek(hours map[string][]string) (Week, error) {
	names := map[string]time.Weekday{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
	var w Week
	worked := false
	for _, name := range slices.Sorted(maps.Keys(hours)) {
		field := "hours." + name
		d, known := names[name]
		if !known {
			return w, FieldError{Field: field, Code: "due.pack.weekday"}
		}
		for _, text := range hours[name] {
			s, ok := parseSpan(text)
			if last := len(w[d]) - 1; !ok || (last >= 0 && w[d][last].To > s.From) {
				return w, FieldError{Field: field, Code: "due.pack.span", Args: map[string]string{"value": text}}
			}
			w[d] = append(w[d], s)
			worked = true
		}
	}
	if !worked {
		return w, FieldError{Field: "hours", Code: "due.pack.no-hours"}
	}
	if len(w[time.Monday]) == 0 {
		return w, FieldError{Field: "hours.mon", Code: "due.pack.no-hours"}
	}
	return w, nil
}

func parseSpan(text string) (Span, bool) {
	if len(text) != len("09:00-12:00") || text[5] != '-' {
		return Span{}, false
	}
	from, ok1 := minuteOfDay(text[:5])
	to, ok2 := minuteOfDay(text[6:])
	return Span{from, to}, ok1 && ok2 && from < to
}

// minuteOfDay reads HH:MM, 00:00 to 24:00.
func minuteOfDay(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	t := h*60 + m
	return t, m < 60 && t <= 24*60
}

func hhmm(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// later gives the later of two instants.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// jsonArgs are the arguments of a sentence; the sentence itself stands in the message files.
type jsonArgs = map[string]string

// FieldError says which field of a rule pack or calendar breaks which rule.
type FieldError struct {
	Field string   // path, such as rules[3].minutes
	Code  string   // due.pack.…
	Args  jsonArgs // for the sentence
}

func (e FieldError) Error() string {
	if len(e.Args) == 0 {
		return e.Field + ": " + e.Code
	}
	b, _ := json.Marshal(e.Args)
	return e.Field + ": " + e.Code + " " + string(b)
}
