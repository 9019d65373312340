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

// Member (组员) of a team over time.
type Member struct {
	Person ledger.ID `json:"person"`
	Role   string    `json:"role"` // leader, deputy, liaison, inspector
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	Joined time.Time `json:"joined,omitzero"` // when the entry counts
}

// Posting (驻点) of a team to a street over time.
type Posting struct {
	Street string    `json:"street"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
}

// Team (督导组).
type Team struct {
	ID       ledger.ID `json:"id"`
	No       int64     `json:"no"`
	Zh       string    `json:"zh"`
	En       string    `json:"en"`
	Org      ledger.ID `json:"org"`
	FormedAt time.Time `json:"formed_at"`
	Members  []Member  `json:"members,omitempty"`
	Postings []Posting `json:"postings,omitempty"`
}

func within(from, to, at time.Time) bool {
	return !at.Before(from) && (to.IsZero() || at.Before(to))
}

// PostedTo tells whether the team was posted to a street at a time.
func (t Team) PostedTo(street string, at time.Time) bool {
	return slices.ContainsFunc(t.Postings, func(p Posting) bool { return p.Street == street && within(p.From, p.To, at) })
}

// Has tells whether a person was a member at a time.
func (t Team) Has(person ledger.ID, at time.Time) bool {
	return slices.ContainsFunc(t.Members, func(m Member) bool { return m.Person == person && within(m.From, m.To, at) })
}

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
	ID         ledger.ID    `json:"id"`
	Incident   ledger.ID    `json:"incident,omitempty"`
	Version    int          `json:"version"`
	Serial     int64        `json:"serial"` // position of its first entry
	State      string       `json:"state"`
	Origin     string       `json:"origin"`
	Site       ledger.ID    `json:"site"`
	Street     string       `json:"street,omitempty"`
	Team       ledger.ID    `json:"team,omitempty"`
	Inspectors []ledger.ID  `json:"inspectors,omitempty"`
	Methods    []string     `json:"methods,omitempty"`
	Kind       string       `json:"kind,omitempty"` // of an imported inspection
	Day        string       `json:"day"`
	StartedAt  time.Time    `json:"started_at"`
	EndedAt    *time.Time   `json:"ended_at,omitempty"`
	Note       *ledger.Part `json:"note,omitempty"`
	Effective  time.Time    `json:"effective"`
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
	ID         ledger.ID     `json:"id"`
	Incident   ledger.ID     `json:"incident,omitempty"`
	Version    int           `json:"version"`
	State      string        `json:"state"`
	Visit      ledger.ID     `json:"visit"`
	Site       ledger.ID     `json:"site"`
	Street     string        `json:"street"`
	Team       ledger.ID     `json:"team,omitempty"`
	What       What          `json:"what"`
	Parts      []ledger.Part `json:"parts,omitempty"`
	RaisedBy   ledger.ID     `json:"raised_by,omitempty"`
	RaisedAt   time.Time     `json:"raised_at"`
	RecordedAt time.Time     `json:"recorded_at"`
	Matter     ledger.ID     `json:"matter,omitempty"`
	Clock      *matter.Clock `json:"clock,omitempty"` // until hand-over; nil for drafts and imports
	Effective  time.Time     `json:"effective"`
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
