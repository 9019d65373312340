package ledger

import (
	"slices"
	"strconv"
	"time"
)

// Act is what every command of a desk carries: who, when, which version he saw, and the sealed parts.
type Act struct {
	Person    ID
	Unit      ID        // the unit he acts for
	Seen      int       // the version he saw; 0 does not ask
	At        time.Time // zero: now
	Until     time.Time // end of the interval, exclusive, if only an interval is known
	Precision Precision
	Parts     []Part
}

// Draft is the one entry that the act leaves on a subject.
func (a Act) Draft(subject ID, body Body) []Draft {
	return []Draft{{Subject: subject, OccurredAt: a.At, Until: a.Until, Precision: a.Precision, Parts: a.Parts, Body: body}}
}

// Effective is when the act will count, behind the effective time of the subject's newest entry.
func (a Act) Effective(now, predecessor time.Time) time.Time {
	return Draft{OccurredAt: a.At, Until: a.Until}.Effective(now, predecessor)
}

// Stale refuses an act on a version that is not the newest.
func (a Act) Stale(version int) *Refusal {
	if a.Seen == 0 || a.Seen == version {
		return nil
	}
	return Refuse("stale", "version", "current", strconv.Itoa(version), "sent", strconv.Itoa(a.Seen))
}

// Has tells whether the act carries a sealed part.
func (a Act) Has(part string) bool {
	return slices.ContainsFunc(a.Parts, func(p Part) bool { return p.Name == part })
}

// Need refuses an act that lacks a sealed part it must carry; the field is the part's name unless another
// is given.
func (a Act) Need(part string, field ...string) *Refusal {
	if a.Has(part) {
		return nil
	}
	name := part
	if len(field) > 0 {
		name = field[0]
	}
	return Required(name)
}

// Required refuses input that lacks a field.
func Required(field string) *Refusal { return RefuseAs(Invalid, "required", field, "field", field) }
