package due

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a deadline must not hang on what the machine has installed
)

// The clocks a pack must give a rule for.
const (
	HandOver  = "hand_over" // 交办: from the finding to its hand-over (R012)
	Receive   = "receive"   // 签收
	Verifying = "verify"    // 核查
	Extending = "extension" // 延期审批
	Objecting = "objection" // 异议裁定
	LookBack  = "look_back" // 回头看
)

// Clocks lists them in the order of the chain.
var Clocks = []string{HandOver, Receive, Verifying, Extending, Objecting, LookBack}

// Pack (规则包) is one version of the deadlines in force; a change is a new version.
type Pack struct {
	Code       string
	Version    int
	ZH, EN     string
	ValidFrom  time.Time
	Zone       *time.Location
	Week       Week
	Rules      []Rule // in the order of the file
	Ladder     Ladder
	Thresholds Thresholds
	Window     Window
	Skew       time.Duration // a device's clock may be ahead by this much
	Retro      time.Duration // how old an act may be when it arrives and still stand on its author's authority alone
	Repeated   Repeated

	severities map[string]string
	clocks     map[string]clockRules
}

// Repeated (举一反三) says when one problem type is a problem of its department: found in so many streets within so
// long (R112).
type Repeated struct {
	Streets int
	Within  time.Duration
}

// repeatedDefault is of a pack that does not say: three streets (R112), in a week [D].
var repeatedDefault = Repeated{Streets: 3, Within: 7 * 24 * time.Hour}

type clockRules struct {
	rule       string
	bySeverity map[string]string
}

// Rule finds a rule by code.
func (p Pack) Rule(code string) (Rule, bool) {
	i := slices.IndexFunc(p.Rules, func(r Rule) bool { return r.Code == code })
	if i < 0 {
		return Rule{}, false
	}
	return p.Rules[i], true
}

// ForSeverity gives the rule of rectification for a severity.
func (p Pack) ForSeverity(severity string) (Rule, bool) { return p.Rule(p.severities[severity]) }

// Severities lists the severities the pack has rules for, sorted.
func (p Pack) Severities() []string { return slices.Sorted(maps.Keys(p.severities)) }

// ForClock gives the rule of a clock (one of Clocks) for a severity; a severity without a rule of its own
// gets the clock's.
func (p Pack) ForClock(clock, severity string) (Rule, bool) {
	c := p.clocks[clock]
	if code, own := c.bySeverity[severity]; own {
		return p.Rule(code)
	}
	return p.Rule(c.rule)
}

// Ref names a rule of this version, such as emergency@1#2h.
func (p Pack) Ref(r Rule) string { return fmt.Sprintf("%s@%d#%s", p.Code, p.Version, r.Code) }

// Calendar joins the pack's hours and zone with holidays.
func (p Pack) Calendar(h Holidays) Calendar { return NewCalendar(p.Zone, p.Week, h) }

// The file's shape. Sources say whether a value is a default of ours.
type (
	packFile struct {
		Code       string               `json:"code"`
		Version    int                  `json:"version"`
		ZH         string               `json:"zh"`
		EN         string               `json:"en"`
		ValidFrom  string               `json:"valid_from"`
		Zone       string               `json:"zone"`
		Hours      map[string][]string  `json:"hours"`
		Rules      []ruleFile           `json:"rules"`
		Severities map[string]string    `json:"severities"`
		Clocks     map[string]clockFile `json:"clocks"`
		Ladder     []stepFile           `json:"ladder"`
		Lights     *lightsFile          `json:"lights"`
		Reminders  *windowFile          `json:"reminders"`
		Skew       *valueFile           `json:"skew_minutes"`
		Retro      *valueFile           `json:"retroactive_hours"`
		Repeated   *repeatedFile        `json:"repeated"`
	}
	ruleFile struct {
		Code    string  `json:"code"`
		Kind    Kind    `json:"kind"`
		ZH      string  `json:"zh"`
		EN      string  `json:"en"`
		Source  string  `json:"source"`
		Minutes *int    `json:"minutes"`
		Days    *int    `json:"days"`
		At      *string `json:"at"`
		Until   *string `json:"until"`
		Next    *string `json:"next"`
		Lead    *int    `json:"lead_minutes"`
	}
	clockFile struct {
		Rule       string            `json:"rule"`
		BySeverity map[string]string `json:"by_severity"`
		Source     string            `json:"source"`
	}
	stepFile struct {
		Code    string   `json:"code"`
		Percent *int     `json:"percent"`
		Minutes *int     `json:"minutes"`
		To      []string `json:"to"`
		Source  string   `json:"source"`
	}
	lightsFile struct {
		SoonPercent     int    `json:"soon_percent"`
		SoonMinutes     int    `json:"soon_minutes"`
		VeryLatePercent int    `json:"very_late_percent"`
		Source          string `json:"source"`
	}
	windowFile struct {
		From   string   `json:"quiet_from"`
		Until  string   `json:"quiet_until"`
		AtOnce []string `json:"at_once"`
		Always []string `json:"always"`
		Source string   `json:"source"`
	}
	repeatedFile struct {
		Streets int    `json:"streets"`
		Hours   int    `json:"hours"`
		Source  string `json:"source"`
	}
	valueFile struct {
		Value  int    `json:"value"`
		Source string `json:"source"`
	}
)

// Limits keep a typing mistake from becoming a deadline in another century.
const (
	maxMinutes  = 366 * 24 * 60
	maxWorkDays = 366
)

// ParsePack reads a rule pack. Unknown fields, missing ones, unknown rules and values out of range are
// refused with a FieldError that names the field.
func ParsePack(b []byte) (Pack, error) {
	var f packFile
	if err := decodeStrict(b, &f); err != nil {
		return Pack{}, err
	}
	p := Pack{Code: f.Code, Version: f.Version, ZH: f.ZH, EN: f.EN, severities: f.Severities, clocks: map[string]clockRules{}}
	for _, given := range [][2]string{{"code", f.Code}, {"zh", f.ZH}, {"en", f.EN}, {"zone", f.Zone}} {
		if strings.TrimSpace(given[1]) == "" {
			return Pack{}, FieldError{Field: given[0], Code: "due.pack.required"}
		}
	}
	if f.Version < 1 {
		return Pack{}, FieldError{Field: "version", Code: "due.pack.range"}
	}
	var err error
	if p.ValidFrom, err = time.Parse(time.RFC3339, f.ValidFrom); err != nil {
		return Pack{}, FieldError{Field: "valid_from", Code: "due.pack.time"}
	}
	if p.Zone, err = time.LoadLocation(f.Zone); err != nil || f.Zone == "Local" {
		return Pack{}, FieldError{Field: "zone", Code: "due.pack.zone"}
	}
	if p.Week, err = ParseWeek(f.Hours); err != nil {
		return Pack{}, err
	}
	for i, r := range f.Rules {
		rule, err := r.rule(fmt.Sprintf("rules[%d]", i))
		if err != nil {
			return Pack{}, err
		}
		if _, twice := p.Rule(rule.Code); twice {
			return Pack{}, FieldError{Field: fmt.Sprintf("rules[%d].code", i), Code: "due.pack.twice"}
		}
		p.Rules = append(p.Rules, rule)
	}
	if len(f.Severities) == 0 {
		return Pack{}, FieldError{Field: "severities", Code: "due.pack.required"}
	}
	if err := p.known("severities", f.Severities); err != nil {
		return Pack{}, err
	}
	if err := p.takeClocks(f.Clocks); err != nil {
		return Pack{}, err
	}
	if p.Ladder, err = ladder(f.Ladder); err != nil {
		return Pack{}, err
	}
	return p, p.takeThresholds(f)
}

// known refuses a rule code that the pack does not have.
func (p *Pack) known(field string, rules map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		if _, ok := p.Rule(rules[key]); !ok {
			return FieldError{Field: field + "." + key, Code: "due.pack.rule-unknown", Args: jsonArgs{"value": rules[key]}}
		}
	}
	return nil
}

func (p *Pack) takeClocks(clocks map[string]clockFile) error {
	for _, name := range slices.Sorted(maps.Keys(clocks)) {
		field := "clocks." + name
		if !slices.Contains(Clocks, name) {
			return FieldError{Field: field, Code: "due.pack.clock-unknown"}
		}
		c := clocks[name]
		if err := p.known(field, map[string]string{"rule": c.Rule}); err != nil {
			return err
		}
		if err := p.known(field+".by_severity", c.BySeverity); err != nil {
			return err
		}
		p.clocks[name] = clockRules{rule: c.Rule, bySeverity: c.BySeverity}
	}
	for _, name := range Clocks {
		if _, given := p.clocks[name]; !given {
			return FieldError{Field: "clocks." + name, Code: "due.pack.required"}
		}
	}
	return nil
}

func (p *Pack) takeThresholds(f packFile) error {
	switch {
	case f.Lights == nil:
		return FieldError{Field: "lights", Code: "due.pack.required"}
	case f.Lights.SoonPercent < 0 || f.Lights.SoonPercent > 100:
		return FieldError{Field: "lights.soon_percent", Code: "due.pack.range"}
	case f.Lights.SoonMinutes < 0 || f.Lights.SoonMinutes > maxMinutes:
		return FieldError{Field: "lights.soon_minutes", Code: "due.pack.range"}
	case f.Lights.VeryLatePercent < 0 || f.Lights.VeryLatePercent > 1000:
		return FieldError{Field: "lights.very_late_percent", Code: "due.pack.range"}
	case f.Reminders == nil:
		return FieldError{Field: "reminders", Code: "due.pack.required"}
	case f.Skew == nil:
		return FieldError{Field: "skew_minutes", Code: "due.pack.required"}
	case f.Skew.Value < 0 || f.Skew.Value > 24*60:
		return FieldError{Field: "skew_minutes.value", Code: "due.pack.range"}
	case f.Retro == nil:
		return FieldError{Field: "retroactive_hours", Code: "due.pack.required"}
	case f.Retro.Value < 0 || f.Retro.Value > 366*24:
		return FieldError{Field: "retroactive_hours.value", Code: "due.pack.range"}
	case f.Repeated != nil && (f.Repeated.Streets < 2 || f.Repeated.Streets > 1000):
		return FieldError{Field: "repeated.streets", Code: "due.pack.range"}
	case f.Repeated != nil && (f.Repeated.Hours < 1 || f.Repeated.Hours > 366*24):
		return FieldError{Field: "repeated.hours", Code: "due.pack.range"}
	}
	from, ok := minuteOfDay(f.Reminders.From)
	if !ok {
		return FieldError{Field: "reminders.quiet_from", Code: "due.pack.time-of-day"}
	}
	until, ok := minuteOfDay(f.Reminders.Until)
	if !ok {
		return FieldError{Field: "reminders.quiet_until", Code: "due.pack.time-of-day"}
	}
	p.Thresholds = Thresholds{f.Lights.SoonPercent, f.Lights.SoonMinutes, f.Lights.VeryLatePercent}
	p.Window = Window{From: from, Until: until, AtOnce: f.Reminders.AtOnce, Always: f.Reminders.Always}
	p.Skew = time.Duration(f.Skew.Value) * time.Minute
	p.Retro = time.Duration(f.Retro.Value) * time.Hour
	p.Repeated = repeatedDefault
	if f.Repeated != nil {
		p.Repeated = Repeated{Streets: f.Repeated.Streets, Within: time.Duration(f.Repeated.Hours) * time.Hour}
	}
	return nil
}

func ladder(steps []stepFile) (Ladder, error) {
	var l Ladder
	seen := map[string]bool{}
	for i, s := range steps {
		field := fmt.Sprintf("ladder[%d]", i)
		switch {
		case s.Code == "":
			return nil, FieldError{Field: field + ".code", Code: "due.pack.required"}
		case seen[s.Code]:
			return nil, FieldError{Field: field + ".code", Code: "due.pack.twice"}
		case (s.Percent == nil) == (s.Minutes == nil):
			return nil, FieldError{Field: field, Code: "due.pack.percent-or-minutes"}
		case s.Percent != nil && (*s.Percent == 0 || *s.Percent <= -100 || *s.Percent > 1000):
			return nil, FieldError{Field: field + ".percent", Code: "due.pack.range"}
		case s.Minutes != nil && (*s.Minutes < -maxMinutes || *s.Minutes > maxMinutes):
			return nil, FieldError{Field: field + ".minutes", Code: "due.pack.range"}
		case len(s.To) == 0 || slices.Contains(s.To, ""):
			return nil, FieldError{Field: field + ".to", Code: "due.pack.required"}
		}
		seen[s.Code] = true
		step := Step{Code: s.Code, To: s.To}
		if s.Percent != nil {
			step.Percent = *s.Percent
		} else {
			step.Offset = time.Duration(*s.Minutes) * time.Minute
		}
		l = append(l, step)
	}
	return l, nil
}

// rule checks that a rule has the parameters of its kind and no others.
func (f ruleFile) rule(field string) (Rule, error) {
	r := Rule{Code: f.Code, ZH: f.ZH, EN: f.EN, Kind: f.Kind, Source: f.Source}
	for _, given := range [][2]string{{"code", f.Code}, {"zh", f.ZH}, {"en", f.EN}} {
		if strings.TrimSpace(given[1]) == "" {
			return r, FieldError{Field: field + "." + given[0], Code: "due.pack.required"}
		}
	}
	uses := map[Kind][]string{
		OnSpot: {}, Clock: {"minutes"}, Instant: {"at", "lead_minutes"}, SameDay: {"at", "until", "next"},
		NextDayAt: {"at"}, WorkMins: {"minutes"}, WorkDays: {"days"},
	}
	want, known := uses[f.Kind]
	if !known {
		return r, FieldError{Field: field + ".kind", Code: "due.pack.kind-unknown", Args: jsonArgs{"value": string(f.Kind)}}
	}
	numbers := []struct {
		name     string
		given    *int
		into     *int
		max      int
		optional bool
	}{
		{"minutes", f.Minutes, &r.Minutes, maxMinutes, false},
		{"days", f.Days, &r.Days, maxWorkDays, false},
		{"lead_minutes", f.Lead, &r.Lead, 24 * 60, true},
	}
	for _, n := range numbers {
		wanted := slices.Contains(want, n.name)
		switch {
		case n.given == nil && wanted && !n.optional:
			return r, FieldError{Field: field + "." + n.name, Code: "due.pack.required"}
		case n.given == nil:
		case !wanted:
			return r, FieldError{Field: field + "." + n.name, Code: "due.pack.not-of-kind"}
		case *n.given < 0 || *n.given > n.max || (n.name == "days" && *n.given < 1):
			return r, FieldError{Field: field + "." + n.name, Code: "due.pack.range"}
		default:
			*n.into = *n.given
		}
	}
	times := []struct {
		name  string
		given *string
		into  *int
	}{{"at", f.At, &r.At}, {"until", f.Until, &r.Until}, {"next", f.Next, &r.Next}}
	for _, t := range times {
		wanted := slices.Contains(want, t.name)
		switch {
		case t.given == nil && wanted:
			return r, FieldError{Field: field + "." + t.name, Code: "due.pack.required"}
		case t.given == nil:
		case !wanted:
			return r, FieldError{Field: field + "." + t.name, Code: "due.pack.not-of-kind"}
		default:
			m, ok := minuteOfDay(*t.given)
			if !ok {
				return r, FieldError{Field: field + "." + t.name, Code: "due.pack.time-of-day"}
			}
			*t.into = m
		}
	}
	if r.Kind == SameDay && r.At < r.Until {
		return r, FieldError{Field: field + ".at", Code: "due.pack.before-until"}
	}
	return r, nil
}

// decodeStrict decodes one JSON value and refuses unknown fields and anything behind it.
func decodeStrict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return FieldError{Field: wrong.Field, Code: "due.pack.type"}
		}
		if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			return FieldError{Field: strings.Trim(name, `"`), Code: "due.pack.field-unknown"}
		}
		return FieldError{Field: "json", Code: "due.pack.syntax", Args: jsonArgs{"at": fmt.Sprint(d.InputOffset())}}
	}
	if _, err := d.Token(); err != io.EOF {
		return FieldError{Field: "json", Code: "due.pack.trailing", Args: jsonArgs{"at": fmt.Sprint(d.InputOffset())}}
	}
	return nil
}
