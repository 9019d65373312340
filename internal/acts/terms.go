package acts

import (
	"fmt"
	"time"

	"duzhan/data"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// RulePackCode is the pack that deadlines of matters come from.
const RulePackCode = "emergency"

// terms are the deadlines in force at a time: a rule pack on its calendar.
type terms struct {
	pack due.Pack
	cal  due.Calendar
	zone *time.Location
	hash string
}

// termsAt gives the terms in force at a time. Deadlines are decided when an act is appended, and stay.
func (a *Acts) termsAt(tx *storage.Tx, tenant string, at time.Time, zone *time.Location) (*terms, error) {
	body, found, err := plan.RulePack(tx, tenant, RulePackCode, at)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ledger.Refuse("rule.no-pack", "occurred_at")
	}
	hash := string(body)
	a.mu.Lock()
	t := a.packs[tenant]
	a.mu.Unlock()
	if t != nil && t.hash == hash {
		return t, nil
	}
	pack, err := due.ParsePack(body)
	if err != nil {
		return nil, fmt.Errorf("rule pack %s: %w", RulePackCode, err)
	}
	holidays, err := due.ParseHolidays(data.Holidays())
	if err != nil {
		return nil, err
	}
	t = &terms{pack: pack, cal: pack.Calendar(holidays), zone: zone, hash: hash}
	a.mu.Lock()
	a.packs[tenant] = t
	a.mu.Unlock()
	return t, nil
}

// packNow is the rule pack in force now.
func (a *Acts) packNow(tx *ledger.Tx, tenant string) (due.Pack, error) {
	zone, err := a.Zone(tx.Context(), tenant)
	if err != nil {
		return due.Pack{}, err
	}
	t, err := a.termsAt(tx.Tx, tenant, tx.Now(), zone)
	if err != nil {
		return due.Pack{}, err
	}
	return t.pack, nil
}

// Thresholds of the lights in force now.
func (a *Acts) Thresholds(tx *storage.Tx, tenant string, now time.Time, zone *time.Location) (due.Thresholds, error) {
	t, err := a.termsAt(tx, tenant, now, zone)
	if err != nil {
		return due.Thresholds{}, err
	}
	return t.pack.Thresholds, nil
}

// clocksOf names the pack's clock of a kind.
var clocksOf = map[string]string{
	matter.ClockHandOver: due.HandOver, matter.ClockReceive: due.Receive, matter.ClockVerify: due.Verifying, matter.ClockExtension: due.Extending,
	matter.ClockObjection: due.Objecting, matter.ClockLookBack: due.LookBack,
}

// clocks starts the clock of a kind; a pack without one starts none.
func (t *terms) clocks(kind string, start time.Time, severity ...string) []matter.Clock {
	s := ""
	if len(severity) > 0 {
		s = severity[0]
	}
	rule, ok := t.pack.ForClock(clocksOf[kind], s)
	if !ok {
		return nil
	}
	at, why := rule.Due(start, t.cal)
	c := t.clock(kind, start, at, t.pack.Ref(rule), why)
	c.Steps = nil // the ladder is for rectification
	return []matter.Clock{c}
}

// rectify starts the clock of rectification, by a rule of the pack or by severity.
func (t *terms) rectify(code, severity string, start time.Time) (matter.Clock, *ledger.Refusal) {
	rule, ok := t.pack.Rule(code)
	if code == "" {
		rule, ok = t.pack.ForSeverity(severity)
	}
	if !ok {
		return matter.Clock{}, ledger.RefuseAs(ledger.Invalid, "rule.unknown", "rule")
	}
	at, why := rule.Due(start, t.cal)
	return t.clock(matter.ClockRectify, start, at, t.pack.Ref(rule), why), nil
}

// reopened starts the clock of a reopened matter. An imported one of unknown severity has none: the rule
// needs a fact that the file does not have.
func (t *terms) reopened(m matter.Matter, at time.Time) ([]matter.Clock, *ledger.Refusal) {
	if len(m.NotGiven) > 0 && m.Facets.Severity == "" {
		return nil, nil
	}
	k, r := t.rectify("", m.Facets.Severity, at)
	return []matter.Clock{k}, r
}

// named is the clock of rectification with a deadline that somebody decided.
func (t *terms) named(m matter.Matter, at time.Time) matter.Clock {
	return t.clock(matter.ClockRectify, m.Episode().Start, at.UTC(), matter.RuleDecided, nil)
}

func (t *terms) clock(kind string, start, at time.Time, rule string, why []due.Reason) matter.Clock {
	c := matter.Clock{Kind: kind, Start: start.UTC(), Due: at.UTC(), Rule: rule, Why: why}
	for _, f := range t.pack.Ladder.Firings(start, at) {
		c.Steps = append(c.Steps, matter.Step{Code: f.Step, At: f.At.UTC(), Audience: f.Audience})
	}
	return c
}

// RuleName is a rule of the pack in force.
type RuleName struct {
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
}

// PreviewDue tells what deadline a hand-over now would get, and the rules there are to choose from. The
// clock is nil if the rule is not in the pack.
func (a *Acts) PreviewDue(tx *storage.Tx, tenant string, zone *time.Location, rule, severity string, now time.Time) (*matter.Clock, []RuleName, error) {
	t, err := a.termsAt(tx, tenant, now, zone)
	if err != nil {
		return nil, nil, err
	}
	names := make([]RuleName, 0, len(t.pack.Rules))
	for _, r := range t.pack.Rules {
		names = append(names, RuleName{Code: r.Code, Zh: r.ZH, En: r.EN})
	}
	c, refusal := t.rectify(rule, severity, now)
	if refusal != nil {
		return nil, names, nil
	}
	return &c, names, nil
}
