package acts

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"
)

// MaxMany is how many things one request may be about [D].
const MaxMany = 200

// Chosen is one of the things that a request is about, with the version that was seen of it.
type Chosen struct {
	ID   ledger.ID
	Seen int
}

// Outcome is what became of one of them: it was taken, or refused for a reason of its own.
type Outcome struct {
	ID      ledger.ID
	Refusal *ledger.Refusal
}

// OneByOne refuses what is only done to one matter at a time, however many are named: who closes, verifies or judges
// looks at the one in hand (R062, 逐个销号). An act that nobody knows is not found.
func OneByOne(act string) *ledger.Refusal {
	known := act == "close" || slices.ContainsFunc(matter.Transitions, func(t matter.Transition) bool { return t.Act == act })
	if !known {
		return ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	return ledger.RefuseAs(ledger.Invalid, "many.one-by-one", "items", "act", act)
}

// CheckMany refuses a request about nothing, about too many, or about the same thing twice.
func CheckMany(list []ledger.ID, field string) *ledger.Refusal {
	switch n := len(list); {
	case n == 0:
		return ledger.Required(field)
	case n > MaxMany:
		return ledger.RefuseAs(ledger.Invalid, "many.too-many", field, "max", strconv.Itoa(MaxMany), "n", strconv.Itoa(n))
	}
	for i, id := range list {
		if slices.Contains(list[:i], id) {
			return ledger.RefuseAs(ledger.Invalid, "many.twice", field+"["+strconv.Itoa(i)+"]")
		}
	}
	return nil
}

// each does the same to every one of a list, one command after the other: what one is refused for holds up no other,
// and none is half done. Sent again under the same key, those that were taken stay as they are. What all are refused
// for at one of the fields of the form is a refusal of the form.
func (a *Acts) each(c Caller, act string, list []Chosen, fields []string, do func(Caller, Chosen) error) ([]Outcome, error) {
	if r := c.Can(act); r != nil {
		return nil, r
	}
	ids := make([]ledger.ID, len(list))
	for i, x := range list {
		ids[i] = x.ID
	}
	if r := CheckMany(ids, "items"); r != nil {
		return nil, r
	}
	out := make([]Outcome, len(list))
	for i, x := range list {
		one := c
		if c.Key != "" {
			one.Key = c.Key + "\x00" + string(x.ID)
		}
		err := do(one, x)
		out[i].ID = x.ID
		if err != nil && !errors.As(err, &out[i].Refusal) {
			return nil, err
		}
	}
	first := out[0].Refusal
	if first == nil || !slices.Contains(fields, first.Field) {
		return out, nil
	}
	for _, o := range out {
		if o.Refusal == nil || o.Refusal.Code != first.Code || o.Refusal.Field != first.Field {
			return out, nil
		}
	}
	return nil, first
}

// UrgeMany presses the responsible units of many matters with one text; formally, each gets a notice of its own.
func (a *Acts) UrgeMany(ctx context.Context, c Caller, list []Chosen, text string, formal bool) ([]Outcome, error) {
	if _, r := cleanText("text", text, true); r != nil {
		return nil, r
	}
	return a.each(c, "urge", list, []string{"text"}, func(c Caller, x Chosen) error {
		return a.Urge(ctx, c, x.ID, Doing{Seen: x.Seen, Text: text}, formal)
	})
}

// ReassignMany upholds many objections for the same unit.
func (a *Acts) ReassignMany(ctx context.Context, c Caller, list []Chosen, text string, unit ledger.ID, due *time.Time) ([]Outcome, error) {
	if _, r := cleanText("text", text, true); r != nil {
		return nil, r
	}
	if unit == "" {
		return nil, ledger.Required("unit")
	}
	return a.each(c, "reassign", list, []string{"text", "unit", "due"}, func(c Caller, x Chosen) error {
		return a.Reassign(ctx, c, x.ID, Doing{Seen: x.Seen, Text: text}, unit, due)
	})
}

// HandOverMany hands many confirmed findings over to the same unit under the same rule; each becomes a matter.
func (a *Acts) HandOverMany(ctx context.Context, c Caller, list []Chosen, h HandOver) ([]Outcome, error) {
	if h.Unit == "" {
		return nil, ledger.Required("unit")
	}
	return a.each(c, "finding.hand_over", list, []string{"unit", "channel", "requirement", "rule"}, func(c Caller, x Chosen) error {
		one := h
		one.Seen = x.Seen
		_, err := a.HandOverFinding(ctx, c, x.ID, one)
		return err
	})
}
