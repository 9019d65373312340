// Package roster (志愿支援) owns support: batches of people and the shifts they attended. It refuses to know
// what anybody supervises (visit). Planning, rest and skills come with the support desk; here attendance is
// counted, as it was confirmed.
package roster

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// Batch (批次) of people who support a street.
type Batch struct {
	ID       ledger.ID `json:"id"`
	Incident ledger.ID `json:"incident,omitempty"`
	Version  int       `json:"version"`
	No       int64     `json:"no"`
	Street   string    `json:"street"`
	Captain  ledger.ID `json:"captain"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to,omitzero"`
	Shifts   []Shift   `json:"shifts,omitempty"`
}

// Shift (班次) with who attended it: one person and one shift is one person-time (人次).
type Shift struct {
	ID     ledger.ID   `json:"id"`
	Duty   string      `json:"duty"` // compound, sampling, …
	From   time.Time   `json:"from"`
	To     time.Time   `json:"to"`
	Day    string      `json:"day"`
	People []ledger.ID `json:"people"`
}

// PersonTimes is how many shifts were attended, by whomever.
func (b Batch) PersonTimes() int {
	n := 0
	for _, s := range b.Shifts {
		n += len(s.People)
	}
	return n
}

// The entries of this desk.
type (
	// FormedV1 is entry roster.batch-formed.
	FormedV1 struct {
		No      int64     `json:"no"`
		Street  string    `json:"street"`
		Captain ledger.ID `json:"captain"`
		From    time.Time `json:"from"`
		To      time.Time `json:"to,omitzero"`
	}
	// AttendedV1 is entry roster.attended: a shift with who was there, confirmed after it began.
	AttendedV1 struct{ Shift }
)

// Kind methods name the entry types; all are version 1.
func (FormedV1) Kind() (string, int)   { return "roster.batch-formed", 1 }
func (AttendedV1) Kind() (string, int) { return "roster.attended", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{ledger.Current[FormedV1](), ledger.Current[AttendedV1]()}

// After is the one place where an entry changes a batch.
func (b Batch) After(e ledger.Entry) Batch {
	switch x := e.Body.(type) {
	case FormedV1:
		b = Batch{ID: e.Subject, Incident: e.Incident, No: x.No, Street: x.Street, Captain: x.Captain, From: x.From, To: x.To}
	case AttendedV1:
		b.Shifts = append(slices.Clone(b.Shifts), x.Shift)
	}
	b.Version++
	return b
}

// Form forms the next batch.
type Form struct {
	ledger.Act
	ID      ledger.ID
	Street  string
	Captain ledger.ID
	From    time.Time
	To      time.Time
	Last    int64 // number of the incident's last batch
}

// Decide: batches are numbered 1, 2, 3 without a gap (R162), each with a captain.
func (c Form) Decide(b Batch, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case b.ID != "":
		return nil, ledger.Refuse("roster.exists", "id")
	case c.Captain == "":
		return nil, ledger.Required("captain")
	case c.From.IsZero():
		return nil, ledger.Required("from")
	case !c.To.IsZero() && !c.To.After(c.From):
		return nil, ledger.RefuseAs(ledger.Invalid, "team.end-before-start", "to")
	}
	return c.Draft(c.ID, FormedV1{No: c.Last + 1, Street: c.Street, Captain: c.Captain, From: c.From.UTC(), To: c.To}), nil
}

// Busy is a shift or a visit that a person was at.
type Busy struct {
	Person   ledger.ID
	From, To time.Time
	What     ledger.ID
}

// Attend confirms who attended a shift.
type Attend struct {
	ledger.Act
	Shift Shift
	Busy  []Busy // of its people, around that time
}

// Decide: a shift that has begun, everybody once and nowhere else at the time (R002, 1H-07, 1H-08).
func (c Attend) Decide(b Batch, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	s := c.Shift
	switch {
	case len(s.People) == 0:
		return nil, ledger.Required("people")
	case !s.To.After(s.From):
		return nil, ledger.RefuseAs(ledger.Invalid, "team.end-before-start", "to")
	case s.From.After(now):
		return nil, ledger.RefuseAs(ledger.Invalid, "roster.not-begun", "from")
	case s.From.Before(b.From) || !b.To.IsZero() && s.From.After(b.To):
		return nil, ledger.RefuseAs(ledger.Invalid, "roster.outside-batch", "from")
	}
	for i, p := range s.People {
		if slices.Contains(s.People[:i], p) {
			return nil, ledger.RefuseAs(ledger.Invalid, "visit.person-twice", "people["+strconv.Itoa(i)+"]")
		}
		for _, x := range c.Busy {
			if x.Person == p && s.From.Before(x.To) && x.From.Before(s.To) {
				return nil, ledger.Refuse("roster.elsewhere", "people["+strconv.Itoa(i)+"]", "what", string(x.What))
			}
		}
	}
	return c.Draft(b.ID, AttendedV1{s}), nil
}
