package due

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"duzhan/data"
)

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

// at reads "2022-11-20 19:40" or with seconds, +08:00.
func at(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, shanghai); err == nil {
			return t
		}
	}
	panic(s)
}

func officeWeek(t testing.TB) Week {
	t.Helper()
	hours := []string{"09:00-12:00", "14:00-18:00"}
	w, err := ParseWeek(map[string][]string{"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// calendarC is calendar C of standards.md, appendix F.
func calendarC(t testing.TB) Calendar {
	off := map[string]string{}
	for _, d := range []string{"01-31", "02-01", "02-02", "02-03", "02-04", "02-05", "02-06"} {
		off["2022-"+d] = "春节"
	}
	return NewCalendar(shanghai, officeWeek(t), Holidays{Off: off, Work: map[string]string{"2022-01-29": "春节", "2022-01-30": "春节"}})
}

func statutory(t testing.TB) Calendar {
	t.Helper()
	h, err := ParseHolidays(data.Holidays())
	if err != nil {
		t.Fatal(err)
	}
	return NewCalendar(shanghai, officeWeek(t), h)
}

func TestDueVectors(t *testing.T) {
	c, cn := calendarC(t), statutory(t)
	meeting := Rule{Kind: Instant, At: 20 * 60}
	meetingLead := Rule{Kind: Instant, At: 20 * 60, Lead: 120}
	overnight := Rule{Kind: SameDay, Until: 18 * 60, At: 24 * 60, Next: 10 * 60}
	hours := func(n int) Rule { return Rule{Kind: Clock, Minutes: n * 60} }
	work := func(minutes int) Rule { return Rule{Kind: WorkMins, Minutes: minutes} }
	days := func(n int) Rule { return Rule{Kind: WorkDays, Days: n} }
	for name, v := range map[string]struct {
		cal        Calendar
		start, due string
		rule       Rule
	}{
		"F#1 2 clock hours ignore the calendar":        {c, "2022-11-20 19:40", "2022-11-20 21:40", hours(2)},
		"F#2 24 clock hours":                           {c, "2022-11-20 23:30", "2022-11-21 23:30", hours(24)},
		"F#3 before tonight's meeting":                 {c, "2022-11-20 14:00", "2022-11-20 20:00", meeting},
		"F#4 already past, min 2 h":                    {c, "2022-11-20 20:01", "2022-11-21 20:00", meetingLead},
		"F#4 too near, min 2 h":                        {c, "2022-11-20 18:01", "2022-11-21 20:00", meetingLead},
		"F#4 just far enough, min 2 h":                 {c, "2022-11-20 18:00", "2022-11-20 20:00", meetingLead},
		"F#5 4 work hours into the working Saturday":   {c, "2022-01-28 17:00", "2022-01-29 12:00", work(240)},
		"F#6 3 work days, end of day":                  {c, "2022-01-28 10:00", "2022-02-07 18:00", days(3)},
		"F#7 1 work hour from a holiday":               {c, "2022-02-02 10:00", "2022-02-07 10:00", work(60)},
		"F#8 1 work hour over the lunch gap":           {c, "2022-11-21 11:30", "2022-11-21 14:30", work(60)},
		"F#9 0 work minutes at the closing edge":       {c, "2022-11-21 18:00:00", "2022-11-21 18:00:00", work(0)},
		"F#9 one second after the edge":                {c, "2022-11-21 18:00:01", "2022-11-22 09:00:00", work(0)},
		"F#9 1 work hour from the closing edge":        {c, "2022-11-21 18:00", "2022-11-22 10:00", work(60)},
		"2.16.02 2022-09-30 +3 WD":                     {cn, "2022-09-30 10:00", "2022-10-10 18:00", days(3)},
		"2.16.02 2022-12-30 +1 WD":                     {cn, "2022-12-30 10:00", "2023-01-03 18:00", days(1)},
		"2.16.02 2022-11-25 +5 WD":                     {cn, "2022-11-25 10:00", "2022-12-02 18:00", days(5)},
		"2.16.02 2023-01-20 +1 WD (Sat, make-up)":      {cn, "2023-01-20 10:00", "2023-01-28 18:00", days(1)},
		"2.16.02 2026-02-13 +1 WD (Sat, make-up)":      {cn, "2026-02-13 10:00", "2026-02-14 18:00", days(1)},
		"R070 found by 18:00: that day 24:00":          {cn, "2022-11-25 18:00:00", "2022-11-26 00:00", overnight},
		"R070 found after 18:00: next day 10:00":       {cn, "2022-11-25 18:00:01", "2022-11-26 10:00", overnight},
		"R070 found at night":                          {cn, "2022-11-25 00:00", "2022-11-26 00:00", overnight},
		"next day 10:00":                               {cn, "2022-11-25 23:59:59", "2022-11-26 10:00", Rule{Kind: NextDayAt, At: 600}},
		"R078 on the spot":                             {cn, "2022-11-25 17:05", "2022-11-25 17:05", Rule{Kind: OnSpot}},
		"work minutes ending exactly at the lunch gap": {c, "2022-11-21 11:00", "2022-11-21 12:00", work(60)},
	} {
		t.Run(name, func(t *testing.T) {
			got, why := v.rule.Due(at(v.start), v.cal)
			if !got.Equal(at(v.due)) {
				t.Errorf("due %s, want %s; %v", got.In(shanghai), v.due, why)
			}
			if len(why) == 0 {
				t.Error("no arithmetic")
			}
		})
	}
}

// standards.md lesson 35: every deadline shows its arithmetic.
func TestWhySaysWhatWasSkipped(t *testing.T) {
	_, why := Rule{Kind: WorkMins, Minutes: 240}.Due(at("2022-01-28 17:00"), calendarC(t))
	var codes []string
	for _, r := range why {
		codes = append(codes, r.Code)
	}
	want := []string{WhyWorked, WhyMakeUp, WhyWorked}
	if len(codes) != 3 || codes[0] != want[0] || codes[1] != want[1] || codes[2] != want[2] {
		t.Errorf("F#5: %v, want %v", codes, want)
	}
	if a := why[2].Args; a["date"] != "2022-01-29" || a["from"] != "09:00" || a["to"] != "12:00" || a["minutes"] != "180" {
		t.Errorf("F#5: 3 h on the working Saturday: %v", a)
	}
}

// 2.16.03: an unknown year follows the weekday rule and says so.
func TestUnknownYear(t *testing.T) {
	got, why := Rule{Kind: WorkDays, Days: 1}.Due(at("2031-09-30 10:00"), statutory(t))
	if !got.Equal(at("2031-10-01 18:00")) || !YearUnknown(why) {
		t.Errorf("%s, %v", got, why)
	}
	_, why = Rule{Kind: WorkDays, Days: 1}.Due(at("2022-11-25 10:00"), statutory(t))
	if YearUnknown(why) {
		t.Error("2022 is known")
	}
	_, why = Rule{Kind: Clock, Minutes: 60}.Due(at("2031-09-30 10:00"), statutory(t))
	if YearUnknown(why) {
		t.Error("a clock rule reads no calendar")
	}
}

func genRule() *rapid.Generator[Rule] {
	return rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{Kind: rapid.SampledFrom([]Kind{OnSpot, Clock, Instant, SameDay, NextDayAt, WorkMins, WorkDays}).Draw(t, "kind")}
		r.Minutes = rapid.IntRange(0, 5000).Draw(t, "minutes")
		r.Days = rapid.IntRange(1, 30).Draw(t, "days")
		r.Lead = rapid.IntRange(0, 1440).Draw(t, "lead")
		r.Until = rapid.IntRange(0, 1440).Draw(t, "until")
		r.At = rapid.IntRange(0, 1440).Draw(t, "at")
		r.Next = rapid.IntRange(0, 1440).Draw(t, "next")
		if r.Kind == SameDay && r.At < r.Until { // as ParsePack demands
			r.At, r.Until = r.Until, r.At
		}
		return r
	})
}

// Invariants: due ≥ start; a later start never has an earlier deadline; in a zone with summer time too.
func TestDueIsNotBeforeStartAndMonotone(t *testing.T) {
	cn := statutory(t)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := NewCalendar(berlin, officeWeek(t), Holidays{})
	from := at("2022-01-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		cal := rapid.SampledFrom([]Calendar{cn, elsewhere}).Draw(t, "calendar")
		r := genRule().Draw(t, "rule")
		a := from.Add(time.Duration(rapid.Int64Range(0, 3*365*86400).Draw(t, "start")) * time.Second)
		b := a.Add(time.Duration(rapid.Int64Range(0, 4*86400).Draw(t, "later")) * time.Second)
		dueA, _ := r.Due(a, cal)
		dueB, _ := r.Due(b, cal)
		if dueA.Before(a) {
			t.Fatalf("due %s before start %s", dueA, a)
		}
		if dueB.Before(dueA) {
			t.Fatalf("start %s → %s, later start %s → %s", a, dueA, b, dueB)
		}
	})
}

func TestLight(t *testing.T) {
	th := Thresholds{SoonPercent: 25, SoonMinutes: 30, VeryLatePercent: 100}
	start, due := at("2022-11-20 20:00"), at("2022-11-21 20:00")
	open := Standing{Start: start, Due: due}
	with := func(change func(*Standing)) Standing {
		s := open
		change(&s)
		return s
	}
	for name, v := range map[string]struct {
		now  string
		s    Standing
		want Colour
	}{
		"2.2.05 green":                        {"2022-11-21 13:59:59", open, OnTime},
		"2.2.05 yellow at 25 % left":          {"2022-11-21 14:00", open, DueSoon},
		"2.2.05 yellow at 30 min left":        {"2022-11-20 20:30", Standing{Start: start, Due: at("2022-11-20 21:00")}, DueSoon},
		"2.2.05 last second is not late":      {"2022-11-21 19:59:59", open, DueSoon},
		"F#15 overdue from the deadline":      {"2022-11-21 20:00", open, Late},
		"2.2.05 red up to the allotted time":  {"2022-11-22 20:00", open, Late},
		"2.2.05 dark red beyond it":           {"2022-11-22 20:00:01", open, VeryLate},
		"2.2.05 blue: the verifier's clock":   {"2022-11-23 20:00", with(func(s *Standing) { s.Claimed = true }), Verify},
		"2.2.05 grey: approved extension":     {"2022-11-20 21:00", with(func(s *Standing) { s.Extended = true }), Extended},
		"extended and late is late":           {"2022-11-21 20:01", with(func(s *Standing) { s.Extended = true }), Late},
		"6.6.05 objection pauses the colour":  {"2022-11-23 20:00", with(func(s *Standing) { s.Objecting = true }), Objection},
		"no deadline given":                   {"2022-11-21 20:00", Standing{Start: start}, Waiting},
		"struck off":                          {"2022-11-23 20:00", with(func(s *Standing) { s.Closed = true }), Closed},
		"on the spot: late after its instant": {"2022-11-20 20:00:01", Standing{Start: start, Due: start}, VeryLate},
	} {
		t.Run(name, func(t *testing.T) {
			if got := th.Light(at(v.now), v.s); got != v.want {
				t.Errorf("%s, want %s", got, v.want)
			}
		})
	}
}

var ladder13 = Ladder{
	{Code: "half", Percent: -50, To: []string{"owner"}},
	{Code: "before", Offset: -2 * time.Hour, To: []string{"owner"}},
	{Code: "due", To: []string{"owner", "street_principal"}},
	{Code: "late", Offset: 4 * time.Hour, To: []string{"nightly_list"}},
}

func TestLadderVector13(t *testing.T) {
	start, due := at("2022-11-20 23:30"), at("2022-11-21 23:30")
	firings := ladder13.Firings(start, due)
	want := []string{"2022-11-21 11:30", "2022-11-21 21:30", "2022-11-21 23:30", "2022-11-22 03:30"}
	if len(firings) != len(want) {
		t.Fatalf("%v", firings)
	}
	done := map[string]bool{}
	for i, f := range firings {
		if !f.At.Equal(at(want[i])) {
			t.Errorf("F#13 step %s at %s, want %s", f.Step, f.At, want[i])
		}
		fire, skipped := Highest(firings, done, f.At)
		if fire == nil || fire.Step != f.Step || len(skipped) != 0 {
			t.Fatalf("F#13 at %s: fire %v, skipped %v", f.At, fire, skipped)
		}
		done[fire.Step] = true
		if f.Step == "before" {
			if again, _ := Highest(firings, done, at("2022-11-21 21:30:05")); again != nil {
				t.Error("F#13 a restart at 21:30:05 repeats the step")
			}
		}
	}
}

func TestLadderAfterAStop(t *testing.T) {
	firings := ladder13.Firings(at("2022-11-20 23:30"), at("2022-11-21 23:30"))
	fire, skipped := Highest(firings, map[string]bool{"half": true}, at("2022-11-22 01:00"))
	if fire == nil || fire.Step != "due" || len(skipped) != 1 || skipped[0].Step != "before" {
		t.Errorf("only the highest due step notifies: fire %v, skipped %v", fire, skipped)
	}
	fire, skipped = Highest(firings, map[string]bool{"due": true}, at("2022-11-22 01:00"))
	if fire != nil || len(skipped) != 2 {
		t.Errorf("below a fired step nobody is told: fire %v, skipped %v", fire, skipped)
	}
	if n := Next(firings, at("2022-11-22 01:00")); !n.Equal(at("2022-11-22 03:30")) {
		t.Errorf("next step at %s", n)
	}
}

func TestLadderLeavesOutWhatNeverWas(t *testing.T) {
	start := at("2022-11-20 20:00")
	firings := ladder13.Firings(start, start.Add(time.Hour))
	if len(firings) != 3 || firings[0].Step != "half" {
		t.Errorf("−2 h of a one-hour deadline lies before its start: %v", firings)
	}
	if firings = ladder13.Firings(start, start); len(firings) != 2 || !firings[0].At.Equal(start) {
		t.Errorf("on the spot: %v", firings)
	}
}

// Each step fires or is skipped at most once and all are handled in the end, whatever instants a
// restarted process looks at; a crash between deciding and recording changes nothing.
func TestLadderOnceUnderRestarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := at("2022-11-20 20:00")
		due := start.Add(time.Duration(rapid.IntRange(0, 3*1440).Draw(t, "allotted")) * time.Minute)
		firings := ladder13.Firings(start, due)
		done, count := map[string]bool{}, map[string]int{}
		now := start
		for range rapid.IntRange(1, 12).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1440).Draw(t, "jump")) * time.Minute)
			fire, skipped := Highest(firings, done, now)
			if rapid.Bool().Draw(t, "crash before recording") {
				continue
			}
			if fire != nil {
				skipped = append(skipped, *fire)
				for _, f := range firings {
					if f.At.After(fire.At) && !f.At.After(now) {
						t.Fatalf("%s fired although %s was due too", fire.Step, f.Step)
					}
				}
			}
			for _, f := range skipped {
				if f.At.After(now) {
					t.Fatalf("%s handled before its time", f.Step)
				}
				done[f.Step] = true
				count[f.Step]++
			}
		}
		fire, skipped := Highest(firings, done, due.Add(1000*time.Hour))
		if fire != nil {
			skipped = append(skipped, *fire)
		}
		for _, f := range skipped {
			count[f.Step]++
		}
		for _, f := range firings {
			if count[f.Step] != 1 {
				t.Fatalf("step %s handled %d times", f.Step, count[f.Step])
			}
		}
	})
}

// Appendix F, reminder window.
func TestReminderWindow(t *testing.T) {
	w := Window{From: 23 * 60, Until: 7 * 60, AtOnce: []string{"duty_officer"}, Always: []string{"urgent"}}
	for name, v := range map[string]struct{ at, audience, severity, want string }{
		"F 03:30 duty officer at once": {"2022-11-22 03:30", "duty_officer", "minor", "2022-11-22 03:30"},
		"F 03:30 others at 07:00":      {"2022-11-22 03:30", "owner", "minor", "2022-11-22 07:00"},
		"23:00 waits for the morning":  {"2022-11-21 23:00", "owner", "minor", "2022-11-22 07:00"},
		"07:00 goes out":               {"2022-11-22 07:00", "owner", "minor", "2022-11-22 07:00"},
		"22:59 goes out":               {"2022-11-21 22:59", "owner", "minor", "2022-11-21 22:59"},
		"2.14.05 urgent never waits":   {"2022-11-22 03:30", "owner", "urgent", "2022-11-22 03:30"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.Deliver(at(v.at), v.audience, v.severity, shanghai); !got.Equal(at(v.want)) {
				t.Errorf("%s, want %s", got, v.want)
			}
		})
	}
	noon := Window{From: 12 * 60, Until: 14 * 60}
	if got := noon.Deliver(at("2022-11-22 13:00"), "owner", "", shanghai); !got.Equal(at("2022-11-22 14:00")) {
		t.Errorf("a window inside one day: %s", got)
	}
}
