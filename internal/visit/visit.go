// Package visit (督导) owns inspection: teams and their postings, visits of sites, findings and their
// evidence. It refuses to know what becomes of a finding once it is handed over (matter), and who may
// sign in (access).
package visit

import (
	"slices"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"
)

// States of a visit.
const (
	Started  = "open"
	Ended    = "ended"
	Annulled = "annulled"
)

// Origins of a visit.
const (
	ByTeam   = "team"
	ByImport = "import"
)

// Visit (走访) of a site.
type Visit struct {
	ID         ledger.ID        `json:"id"`
	Incident   ledger.ID        `json:"incident,omitempty"`
	Version    int              `json:"version"`
	Serial     int64            `json:"serial"` // position of its first entry
	State      string           `json:"state"`
	Origin     string           `json:"origin"`
	Site       ledger.ID        `json:"site"`
	Street     string           `json:"street,omitempty"`
	Team       ledger.ID        `json:"team,omitempty"`
	Inspectors []ledger.ID      `json:"inspectors,omitempty"`
	Methods    []string         `json:"methods,omitempty"`
	Kind       string           `json:"kind,omitempty"` // of an imported inspection
	Day        string           `json:"day"`
	StartedAt  time.Time        `json:"started_at"`
	Precision  ledger.Precision `json:"precision,omitempty"` // of StartedAt
	EndedAt    *time.Time       `json:"ended_at,omitempty"`
	Note       *ledger.Part     `json:"note,omitempty"`
	Effective  time.Time        `json:"effective"`
}

// Results of a check item.
var Results = []string{"ok", "problem", "not_applicable"}

// Answer to an item of the checklist.
type Answer struct {
	Item   string `json:"item"`
	Result string `json:"result"`
}

// States of a finding.
const (
	Draft      = "draft"
	Raised     = "raised"
	Confirmed  = "confirmed"
	Rejected   = "rejected"
	HandedOver = "handed_over"
)

// Finding (问题) of a visit. Its words and pictures are sealed parts.
type Finding struct {
	ID         ledger.ID        `json:"id"`
	Incident   ledger.ID        `json:"incident,omitempty"`
	Version    int              `json:"version"`
	State      string           `json:"state"`
	Visit      ledger.ID        `json:"visit"`
	Site       ledger.ID        `json:"site"`
	Street     string           `json:"street"`
	Team       ledger.ID        `json:"team,omitempty"`
	What       What             `json:"what"`
	Cites      []string         `json:"cites,omitempty"` // publication#code: clauses of directives, discipline rules
	Parts      []ledger.Part    `json:"parts,omitempty"`
	RaisedBy   ledger.ID        `json:"raised_by,omitempty"`
	RaisedAt   time.Time        `json:"raised_at"`
	Precision  ledger.Precision `json:"precision,omitempty"` // of RaisedAt
	RecordedAt time.Time        `json:"recorded_at"`
	Matter     ledger.ID        `json:"matter,omitempty"`
	Clock      *matter.Clock    `json:"clock,omitempty"` // until hand-over; nil for drafts and imports
	Effective  time.Time        `json:"effective"`
}

// Waiting tells whether somebody has still to hand the finding over.
func (f Finding) Waiting() bool { return f.State == Raised || f.State == Confirmed }

// What is found, in codes.
type What struct {
	Problem        string   `json:"problem"`
	Severity       string   `json:"severity"`
	Themes         []string `json:"themes,omitempty"`
	Area           string   `json:"area,omitempty"`
	Responsibility string   `json:"responsibility,omitempty"`
	Clause         string   `json:"clause,omitempty"`
	Item           string   `json:"item,omitempty"`
	FixedOnSpot    bool     `json:"fixed_on_spot,omitempty"`
	ClauseEdition  string   `json:"clause_edition,omitempty"` // catalogue@version
}

// Part finds a part by name.
func (f Finding) Part(name string) (ledger.Part, bool) {
	i := slices.IndexFunc(f.Parts, func(p ledger.Part) bool { return p.Name == name })
	if i < 0 {
		return ledger.Part{}, false
	}
	return f.Parts[i], true
}

// Text is the sealed "text" part of a finding: what was seen and where exactly.
type Text struct {
	Fact  string `json:"fact"`
	Place string `json:"place,omitempty"`
}
