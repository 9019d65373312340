package plan

import (
	"encoding/json"
	"slices"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// States of a suggestion: open, or what was made of it (R133).
const (
	SuggestionOpen = "open"
	Adopted        = "adopted"
	Partly         = "partly"
	NotAdopted     = "not_adopted"
)

// Answers are what may be made of a suggestion.
var Answers = []string{Adopted, Partly, NotAdopted}

// Suggestion (建议) is what inspection says should change in the measures themselves: the second thing that a
// cluster of findings gives, beside their rectification (R022, R133).
type Suggestion struct {
	ID          ledger.ID    `json:"id"`
	Incident    ledger.ID    `json:"incident,omitempty"`
	Version     int          `json:"version"`
	Serial      int64        `json:"serial"` // position of its first entry
	State       string       `json:"state"`
	By          ledger.ID    `json:"by"`
	Unit        ledger.ID    `json:"unit,omitempty"`
	Problem     string       `json:"problem,omitempty"` // code of the problem type that it comes from
	Findings    int64        `json:"findings,omitempty"`
	At          time.Time    `json:"at"`
	Text        ledger.Part  `json:"text"`
	AnsweredBy  ledger.ID    `json:"answered_by,omitempty"`
	AnsweredAt  *time.Time   `json:"answered_at,omitempty"`
	Reason      *ledger.Part `json:"reason,omitempty"`
	Publication ledger.ID    `json:"publication,omitempty"` // what took it up
}

// The entries of suggestions. Sealed parts: "text" of a suggestion, "reason" of its answer.
type (
	// SuggestedV1 is entry plan.suggested. Findings is how many of the type there were within the window.
	SuggestedV1 struct {
		Problem  string `json:"problem,omitempty"`
		Findings int64  `json:"findings,omitempty"`
	}
	// SuggestionAnsweredV1 is entry plan.suggestion-answered.
	SuggestionAnsweredV1 struct {
		Answer      string    `json:"answer"`
		Publication ledger.ID `json:"publication,omitempty"`
	}
)

// Kind methods name the entry types; all are version 1.
func (SuggestedV1) Kind() (string, int)          { return "plan.suggested", 1 }
func (SuggestionAnsweredV1) Kind() (string, int) { return "plan.suggestion-answered", 1 }

// After is the one place where an entry changes a suggestion.
func (s Suggestion) After(e ledger.Entry) Suggestion {
	s.Version++
	switch b := e.Body.(type) {
	case SuggestedV1:
		text, _ := e.Part("text")
		s = Suggestion{
			ID: e.Subject, Incident: e.Incident, Version: 1, Serial: e.Pos, State: SuggestionOpen, By: e.Who.Person, Unit: e.Who.Unit,
			Problem: b.Problem, Findings: b.Findings, At: e.RecordedAt, Text: text,
		}
	case SuggestionAnsweredV1:
		at := e.RecordedAt
		s.State, s.AnsweredBy, s.AnsweredAt, s.Publication = b.Answer, e.Who.Person, &at, b.Publication
		if reason, ok := e.Part("reason"); ok {
			s.Reason = &reason
		}
	}
	return s
}

// Suggest says what should change.
type Suggest struct {
	ledger.Act
	ID       ledger.ID
	Problem  string
	Findings int64
}

// Decide wants words.
func (c Suggest) Decide(s Suggestion, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if s.ID != "" {
		return nil, ledger.Refuse("suggestion.exists", "id")
	}
	if r := c.Need("text", "text"); r != nil {
		return nil, r
	}
	return c.Draft(c.ID, SuggestedV1{Problem: c.Problem, Findings: c.Findings}), nil
}

// AnswerSuggestion says what was made of a suggestion.
type AnswerSuggestion struct {
	ledger.Act
	Answer      string
	Publication ledger.ID
}

// Decide: once, with a reason whatever the answer, and not by who made it.
func (c AnswerSuggestion) Decide(s Suggestion, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(s.Version); r != nil {
		return nil, r
	}
	switch {
	case s.State != SuggestionOpen:
		return nil, ledger.Refuse("suggestion.answered", "state", "state", s.State)
	case c.Person == s.By:
		return nil, ledger.RefuseAs(ledger.Forbidden, "suggestion.own", "by")
	case c.Answer == "":
		return nil, ledger.Required("answer")
	case !slices.Contains(Answers, c.Answer):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "answer", "field", "answer")
	case c.Publication != "" && c.Answer == NotAdopted:
		return nil, ledger.RefuseAs(ledger.Invalid, "suggestion.taken-up", "publication")
	}
	if r := c.Need("reason", "text"); r != nil {
		return nil, r
	}
	return c.Draft(s.ID, SuggestionAnsweredV1{Answer: c.Answer, Publication: c.Publication}), nil
}

func applySuggestion(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := SuggestionByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	s := before.After(e)
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO suggestion (tenant, id, serial, state, problem, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		e.Tenant, string(s.ID), s.Serial, s.State, s.Problem, s.At.UnixMicro(), body)
	return err
}

// SuggestionByID finds a suggestion.
func SuggestionByID(tx *storage.Tx, tenant string, id ledger.ID) (s Suggestion, found bool, err error) {
	found, err = storage.One(tx, &s, `SELECT body FROM suggestion WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return s, found, err
}

// Suggestions lists suggestions, newest first, at most limit; an empty state is all.
func Suggestions(tx *storage.Tx, tenant, state string, limit int) ([]Suggestion, error) {
	return storage.All[Suggestion](tx, `SELECT body FROM suggestion WHERE tenant = $1 AND (state = $2 OR $2 = '') ORDER BY serial DESC LIMIT $3`, tenant, state, limit)
}

// SuggestedSince are the problem types that something was suggested about since then.
func SuggestedSince(tx *storage.Tx, tenant string, since time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	err := tx.Query(`SELECT DISTINCT problem FROM suggestion WHERE tenant = $1 AND at >= $2 AND problem <> ''`,
		[]any{tenant, since.UnixMicro()}, func(scan func(...any) error) error {
			var p string
			err := scan(&p)
			out[p] = true
			return err
		})
	return out, err
}
