package plan

import (
	"encoding/json"
	"slices"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Intercession (打听过问) is that somebody asked about a matter, or for somebody. It stays for ever: it is
// annotated, never taken back (R044).
type Intercession struct {
	ID       ledger.ID   `json:"id"`
	Incident ledger.ID   `json:"incident,omitempty"`
	Serial   int64       `json:"serial"` // position of its first entry
	By       ledger.ID   `json:"by"`     // who was asked
	Unit     ledger.ID   `json:"unit,omitempty"`
	About    About       `json:"about,omitzero"`
	Channel  string      `json:"channel"`
	At       time.Time   `json:"at"`
	Recorded time.Time   `json:"recorded"`
	Words    ledger.Part `json:"words"` // sealed: who asked, and what
	Notes    []Note      `json:"notes,omitempty"`
}

// About is what something is about: a visit, finding or matter.
type About struct {
	Kind   string    `json:"kind"`
	ID     ledger.ID `json:"id"`
	Street string    `json:"street,omitempty"`
}

// Note is added to what stands.
type Note struct {
	By   ledger.ID   `json:"by"`
	At   time.Time   `json:"at"`
	Text ledger.Part `json:"text"`
}

// IntercessionWords is the sealed "words" part of an intercession.
type IntercessionWords struct {
	Who  string `json:"who"`
	Unit string `json:"unit,omitempty"`
	What string `json:"what"`
}

// AskedBy are the ways in which somebody asks.
var AskedBy = []string{"in_person", "phone", "message", "through_others"}

// Kinds of flags (R043). They only flag; a person decides.
const (
	SamePicture      = "same_picture"      // a picture that was used before
	ImpossibleTravel = "impossible_travel" // in two places too soon
	BackDated        = "back_dated"        // reported for a time long past, or for before a deadline that had passed
)

// States of a flag.
const (
	FlagOpen = "open"
	Upheld   = "upheld"
	Cleared  = "cleared"
)

// Flag (疑点) is what a detector noticed.
type Flag struct {
	ID        ledger.ID        `json:"id"`
	Incident  ledger.ID        `json:"incident,omitempty"`
	Version   int              `json:"version"`
	Serial    int64            `json:"serial"`
	State     string           `json:"state"`
	Kind      string           `json:"kind"`
	About     About            `json:"about"`
	Other     About            `json:"other,omitzero"` // what it clashes with
	By        ledger.ID        `json:"by"`             // whose act it was
	At        time.Time        `json:"at"`
	Numbers   map[string]int64 `json:"numbers,omitempty"` // minutes, metres
	DecidedBy ledger.ID        `json:"decided_by,omitempty"`
	DecidedAt *time.Time       `json:"decided_at,omitempty"`
	Reason    *ledger.Part     `json:"reason,omitempty"`
}

// The entries of discipline. Sealed parts: "words" of an intercession, "note" of an annotation, "reason" of a
// decision.
type (
	// IntercededV1 is entry plan.interceded.
	IntercededV1 struct {
		About   About  `json:"about,omitzero"`
		Channel string `json:"channel"`
	}
	// AnnotatedV1 is entry plan.annotated.
	AnnotatedV1 struct{}
	// FlaggedV1 is entry plan.flagged.
	FlaggedV1 struct {
		Kind_   string           `json:"kind"`
		About   About            `json:"about"`
		Other   About            `json:"other,omitzero"`
		Numbers map[string]int64 `json:"numbers,omitempty"`
	}
	// FlagDecidedV1 is entry plan.flag-decided.
	FlagDecidedV1 struct {
		Upheld bool `json:"upheld"`
	}
)

// Kind methods name the entry types; all are version 1.
func (IntercededV1) Kind() (string, int)  { return "plan.interceded", 1 }
func (AnnotatedV1) Kind() (string, int)   { return "plan.annotated", 1 }
func (FlaggedV1) Kind() (string, int)     { return "plan.flagged", 1 }
func (FlagDecidedV1) Kind() (string, int) { return "plan.flag-decided", 1 }

// After is the one place where an entry changes an intercession.
func (i Intercession) After(e ledger.Entry) Intercession {
	switch b := e.Body.(type) {
	case IntercededV1:
		words, _ := e.Part("words")
		i = Intercession{
			ID: e.Subject, Incident: e.Incident, Serial: e.Pos, By: e.Who.Person, Unit: e.Who.Unit, About: b.About, Channel: b.Channel,
			At: e.OccurredAt, Recorded: e.RecordedAt, Words: words,
		}
	case AnnotatedV1:
		note, _ := e.Part("note")
		i.Notes = append(slices.Clone(i.Notes), Note{By: e.Who.Person, At: e.RecordedAt, Text: note})
	}
	return i
}

// After is the one place where an entry changes a flag.
func (f Flag) After(e ledger.Entry) Flag {
	f.Version++
	switch b := e.Body.(type) {
	case FlaggedV1:
		f = Flag{
			ID: e.Subject, Incident: e.Incident, Version: 1, Serial: e.Pos, State: FlagOpen, Kind: b.Kind_, About: b.About, Other: b.Other,
			By: e.Who.Person, At: e.RecordedAt, Numbers: b.Numbers,
		}
	case FlagDecidedV1:
		at := e.RecordedAt
		f.State, f.DecidedBy, f.DecidedAt = Cleared, e.Who.Person, &at
		if b.Upheld {
			f.State = Upheld
		}
		if reason, ok := e.Part("reason"); ok {
			f.Reason = &reason
		}
	}
	return f
}

// Intercede registers that somebody asked.
type Intercede struct {
	ledger.Act
	ID      ledger.ID
	About   About
	Channel string
}

// Decide wants who asked, what, and how.
func (c Intercede) Decide(i Intercession, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case i.ID != "":
		return nil, ledger.Refuse("intercession.exists", "id")
	case c.Channel == "":
		return nil, ledger.Required("channel")
	case !slices.Contains(AskedBy, c.Channel):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "channel", "field", "channel")
	}
	if r := c.Need("words", "what"); r != nil {
		return nil, r
	}
	return c.Draft(c.ID, IntercededV1{About: c.About, Channel: c.Channel}), nil
}

// Annotate adds to an intercession what became of it.
type Annotate struct{ ledger.Act }

// Decide wants words.
func (c Annotate) Decide(i Intercession, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Need("note", "text"); r != nil {
		return nil, r
	}
	return c.Draft(i.ID, AnnotatedV1{}), nil
}

// DecideFlag is what somebody makes of a flag.
type DecideFlag struct {
	ledger.Act
	Upheld bool
}

// Decide: once, with a reason, and not by whose act it was.
func (c DecideFlag) Decide(f Flag, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(f.Version); r != nil {
		return nil, r
	}
	switch {
	case f.State != FlagOpen:
		return nil, ledger.Refuse("flag.decided", "state", "state", f.State)
	case c.Person == f.By:
		return nil, ledger.RefuseAs(ledger.Forbidden, "flag.own-act", "by")
	case !c.Has("reason"):
		return nil, ledger.Required("text")
	}
	return c.Draft(f.ID, FlagDecidedV1{Upheld: c.Upheld}), nil
}

func applyDiscipline(tx *storage.Tx, e ledger.Entry) error {
	switch e.Body.(type) {
	case IntercededV1, AnnotatedV1:
		before, _, err := IntercessionByID(tx, e.Tenant, e.Subject)
		if err != nil {
			return err
		}
		i := before.After(e)
		body, err := json.Marshal(i)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO intercession (tenant, id, serial, person, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body`, e.Tenant, string(i.ID), i.Serial, string(i.By), body)
		return err
	}
	before, _, err := FlagByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	f := before.After(e)
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO flag (tenant, id, serial, state, kind, about, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		e.Tenant, string(f.ID), f.Serial, f.State, f.Kind, string(f.About.ID), body)
	return err
}

// IntercessionByID finds an intercession.
func IntercessionByID(tx *storage.Tx, tenant string, id ledger.ID) (i Intercession, found bool, err error) {
	found, err = storage.One(tx, &i, `SELECT body FROM intercession WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return i, found, err
}

// Intercessions lists intercessions, newest first: all, or those that a person registered.
func Intercessions(tx *storage.Tx, tenant string, by ledger.ID) ([]Intercession, error) {
	if by == "" {
		return storage.All[Intercession](tx, `SELECT body FROM intercession WHERE tenant = $1 ORDER BY serial DESC`, tenant)
	}
	return storage.All[Intercession](tx, `SELECT body FROM intercession WHERE tenant = $1 AND person = $2 ORDER BY serial DESC`, tenant, string(by))
}

// FlagByID finds a flag.
func FlagByID(tx *storage.Tx, tenant string, id ledger.ID) (f Flag, found bool, err error) {
	found, err = storage.One(tx, &f, `SELECT body FROM flag WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return f, found, err
}

// Flags lists flags, newest first, at most limit; an empty state is all.
func Flags(tx *storage.Tx, tenant, state string, limit int) ([]Flag, error) {
	return storage.All[Flag](tx, `SELECT body FROM flag WHERE tenant = $1 AND (state = $2 OR $2 = '') ORDER BY serial DESC LIMIT $3`, tenant, state, limit)
}

// FlagsAbout lists the flags of a visit, finding or matter, oldest first.
func FlagsAbout(tx *storage.Tx, tenant string, about ledger.ID) ([]Flag, error) {
	return storage.All[Flag](tx, `SELECT body FROM flag WHERE tenant = $1 AND about = $2 ORDER BY serial`, tenant, string(about))
}
