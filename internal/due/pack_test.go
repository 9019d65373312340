package due

import (
	"errors"
	"strings"
	"testing"
	"time"

	"duzhan/data"
)

func emergency(t testing.TB) []byte {
	t.Helper()
	b, err := data.RulePack("emergency", 1)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEmergencyPack(t *testing.T) {
	p, err := ParsePack(emergency(t))
	if err != nil {
		t.Fatal(err)
	}
	cn := statutory(t)
	start := at("2022-11-20 18:30")
	rule := func(r Rule, ok bool) Rule {
		if !ok {
			t.Helper()
			t.Error("rule is missing")
		}
		return r
	}
	for name, v := range map[string]struct {
		rule Rule
		want string
	}{
		"2.1.19 minor 24 h":                  {rule(p.ForSeverity("minor")), "2022-11-21 18:30"},
		"2.1.19 moderate same day (R070)":    {rule(p.ForSeverity("moderate")), "2022-11-21 10:00"},
		"2.1.19 major 2 h":                   {rule(p.ForSeverity("major")), "2022-11-20 20:30"},
		"2.1.19 urgent 30 min":               {rule(p.ForSeverity("urgent")), "2022-11-20 19:00"},
		"R012 hand over within 30 min":       {rule(p.ForClock(HandOver, "minor")), "2022-11-20 19:00"},
		"2.1.20 urgent received in 15 min":   {rule(p.ForClock(Receive, "urgent")), "2022-11-20 18:45"},
		"received in 2 h":                    {rule(p.ForClock(Receive, "minor")), "2022-11-20 20:30"},
		"objection decided in 30 min":        {rule(p.ForClock(Objecting, "minor")), "2022-11-20 19:00"},
		"extension decided in 30 min":        {rule(p.ForClock(Extending, "minor")), "2022-11-20 19:00"},
		"2.1.17 look-back after 48 h (R068)": {rule(p.ForClock(LookBack, "minor")), "2022-11-22 18:30"},
		"R078 on the spot":                   {rule(p.Rule("on_spot")), "2022-11-20 18:30"},
	} {
		if got, _ := v.rule.Due(start, cn); !got.Equal(at(v.want)) {
			t.Errorf("%s: %s, want %s", name, got.In(shanghai), v.want)
		}
	}
	if p.Skew != 5*time.Minute || p.Retro != 72*time.Hour || p.Ref(p.Rules[0]) != "emergency@1#on_spot" {
		t.Errorf("skew %s, retro %s, ref %s", p.Skew, p.Retro, p.Ref(p.Rules[0]))
	}
	if len(p.Ladder) != 5 || len(p.Severities()) != 4 {
		t.Errorf("2.2.06: ladder %v, severities %v", p.Ladder, p.Severities())
	}
	if _, ok := p.ForSeverity("none"); ok {
		t.Error("an unknown severity has no rule")
	}
	for _, r := range p.Rules {
		if r.Source == "" {
			t.Errorf("rule %s does not say where it comes from", r.Code)
		}
	}
}

func TestParsePackNamesTheField(t *testing.T) {
	good := string(emergency(t))
	for name, v := range map[string]struct{ from, to, field, code string }{
		"unknown field":       {`"zone":`, `"zones": 1, "zone":`, "zones", "due.pack.field-unknown"},
		"wrong type":          {`"version": 1`, `"version": "1"`, "version", "due.pack.type"},
		"version zero":        {`"version": 1`, `"version": 0`, "version", "due.pack.range"},
		"no code":             {`"code": "emergency"`, `"code": " "`, "code", "due.pack.required"},
		"no such zone":        {`Asia/Shanghai`, `Asia/Nowhere`, "zone", "due.pack.zone"},
		"time without zone":   {`00:00+08:00`, `00:00`, "valid_from", "due.pack.time"},
		"span backwards":      {`"09:00-12:00", "14:00-18:00"`, `"14:00-18:00", "09:00-12:00"`, "hours.mon", "due.pack.span"},
		"weekday":             {`"sun": []`, `"sonntag": []`, "hours.sonntag", "due.pack.weekday"},
		"no parameter":        {`"kind": "clock", "minutes": 15,`, `"kind": "clock",`, "rules[1].minutes", "due.pack.required"},
		"foreign parameter":   {`"kind": "clock", "minutes": 15,`, `"kind": "clock", "minutes": 15, "days": 1,`, "rules[1].days", "due.pack.not-of-kind"},
		"negative":            {`"minutes": 15,`, `"minutes": -15,`, "rules[1].minutes", "due.pack.range"},
		"kind":                {`"kind": "on_spot"`, `"kind": "soon"`, "rules[0].kind", "due.pack.kind-unknown"},
		"rule twice":          {`"code": "15m"`, `"code": "on_spot"`, "rules[1].code", "due.pack.twice"},
		"time of day":         {`"until": "18:00"`, `"until": "25:00"`, "rules[4].until", "due.pack.time-of-day"},
		"severity's rule":     {`"major": "2h"`, `"major": "2hours"`, "severities.major", "due.pack.rule-unknown"},
		"clock":               {`"hand_over"`, `"handover"`, "clocks.handover", "due.pack.clock-unknown"},
		"clock's rule":        {`"urgent": "15m"`, `"urgent": "1m"`, "clocks.receive.by_severity.urgent", "due.pack.rule-unknown"},
		"ladder without time": {`"minutes": 0, "to"`, `"to"`, "ladder[2]", "due.pack.percent-or-minutes"},
		"ladder audience":     {`["nightly_list"]`, `[]`, "ladder[4].to", "due.pack.required"},
		"lights":              {`"soon_percent": 25`, `"soon_percent": 250`, "lights.soon_percent", "due.pack.range"},
		"window":              {`"quiet_until": "07:00"`, `"quiet_until": "7:00"`, "reminders.quiet_until", "due.pack.time-of-day"},
		"repeated in one":     {`"lights":`, `"repeated": {"streets": 1, "hours": 24}, "lights":`, "repeated.streets", "due.pack.range"}, // R112
		"repeated at once":    {`"lights":`, `"repeated": {"streets": 3, "hours": 0}, "lights":`, "repeated.hours", "due.pack.range"},
		"syntax":              {`"ladder": [`, `"ladder": `, "json", "due.pack.syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, v.from) {
				t.Fatalf("the pack has no %q", v.from)
			}
			_, err := ParsePack([]byte(strings.Replace(good, v.from, v.to, 1)))
			var f FieldError
			if !errors.As(err, &f) || f.Field != v.field || f.Code != v.code {
				t.Errorf("got %v, want %s: %s", err, v.field, v.code)
			}
		})
	}
	p, err := ParsePack([]byte(strings.Replace(good, `"lights":`, `"repeated": {"streets": 4, "hours": 48}, "lights":`, 1)))
	if err != nil || p.Repeated != (Repeated{Streets: 4, Within: 48 * time.Hour}) {
		t.Errorf("R112 repeated: %+v, %v", p.Repeated, err)
	}
	if p, _ := ParsePack([]byte(good)); p.Repeated != repeatedDefault {
		t.Errorf("R112 a pack that does not say: %+v", p.Repeated)
	}
	if _, err := ParsePack([]byte(good + "{}")); err == nil {
		t.Error("something behind the pack is accepted")
	}
}

// A pack that parses can compute every deadline it names.
func FuzzParsePack(f *testing.F) {
	f.Add(emergency(f))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"code":"x","version":1,"rules":[{"kind":"clock"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePack(b)
		if err != nil {
			return
		}
		cal := p.Calendar(Holidays{})
		start := at("2022-11-20 18:30")
		for _, r := range p.Rules {
			due, _ := r.Due(start, cal)
			if due.Before(start) {
				t.Errorf("rule %s: due %s before start", r.Code, due)
			}
			p.Ladder.Firings(start, due)
		}
		for _, s := range p.Severities() {
			if _, ok := p.ForSeverity(s); !ok {
				t.Errorf("severity %q has no rule", s)
			}
		}
		for _, c := range Clocks {
			if _, ok := p.ForClock(c, ""); !ok {
				t.Errorf("clock %s has no rule", c)
			}
		}
	})
}
