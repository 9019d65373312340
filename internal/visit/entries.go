package visit

import (
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"
)

// The entries of this desk. Sealed parts: "reason" of a posting; "note" and "alone" (why nobody else came) of a visit; "text", "photo.before.n",
// "photo.after.n" and "no-photo" (why there is none) of a finding; "reason" of a rejection or annulment.
type (
	// TeamFormedV1 is entry visit.team-formed (组建).
	TeamFormedV1 struct {
		No      int64       `json:"no"`
		Zh      string      `json:"zh"`
		En      string      `json:"en"`
		Org     ledger.ID   `json:"org"`
		Issuers []ledger.ID `json:"issuers,omitempty"`
	}
	// MemberJoinedV1 is entry visit.member-joined (抽调).
	MemberJoinedV1 struct{ Member }
	// MemberLeftV1 is entry visit.member-left.
	MemberLeftV1 struct {
		Person ledger.ID `json:"person"`
		To     time.Time `json:"to"`
	}
	// ReportedV1 is entry visit.reported: a member has the order to join, or is there (R007).
	ReportedV1 struct {
		Person   ledger.ID `json:"person"`
		Mustered bool      `json:"mustered,omitempty"`
	}
	// AuthorisedV1 is entry visit.authorised (授权).
	AuthorisedV1 struct{ Authorisation }
	// PostedV1 is entry visit.posted (驻点).
	PostedV1 struct{ Posting }
	// ZeroReportedV1 is entry visit.zero-reported (零报告): a team found nothing on a day, and says so (R104).
	ZeroReportedV1 struct {
		Day string `json:"day"`
	}
	// StartedV1 is entry visit.started.
	StartedV1 struct {
		Site       ledger.ID   `json:"site"`
		Street     string      `json:"street"`
		Team       ledger.ID   `json:"team"`
		Inspectors []ledger.ID `json:"inspectors"`
		Methods    []string    `json:"methods"`
		Day        string      `json:"day"`
	}
	// AnsweredV1 is entry visit.answered: what was looked at by the checklist. A later answer to the same item
	// takes its place.
	AnsweredV1 struct {
		Answers []Answer `json:"answers"`
	}
	// EndedV1 is entry visit.ended.
	EndedV1 struct{}
	// AnnulledV1 is entry visit.annulled: it was no visit, and counts as none from its beginning.
	AnnulledV1 struct{}
	// ImportedV1 is entry visit.imported: an inspection of somebody else's ledger.
	ImportedV1 struct {
		Keys   []string   `json:"keys"` // keyed hashes of what makes a row the same row
		Site   ledger.ID  `json:"site"`
		Street string     `json:"street,omitempty"`
		Type   string     `json:"type"` // routine, follow_up, complaint, other
		Day    string     `json:"day"`
		Ended  *time.Time `json:"ended,omitempty"`
	}
	// FindingRaisedV1 is entry visit.finding-raised without a clock.
	FindingRaisedV1 struct {
		Visit  ledger.ID `json:"visit"`
		Site   ledger.ID `json:"site"`
		Street string    `json:"street"`
		Team   ledger.ID `json:"team,omitempty"`
		What   What      `json:"what"`
		Draft  bool      `json:"draft,omitempty"`
	}
	// FindingRaisedV2 is entry visit.finding-raised; a draft has no clock yet.
	FindingRaisedV2 struct {
		FindingRaisedV1
		Clock *matter.Clock `json:"clock,omitempty"` // until it is handed over (R012)
	}
	// FindingImportedV1 is entry visit.finding-imported: a finding of an imported inspection with the matter
	// it became.
	FindingImportedV1 struct {
		Visit  ledger.ID `json:"visit"`
		Site   ledger.ID `json:"site"`
		Street string    `json:"street,omitempty"`
		What   What      `json:"what"`
		Matter ledger.ID `json:"matter"`
		Keys   []string  `json:"keys,omitempty"`
	}
	// FindingAmendedV1 is entry visit.finding-amended without a clock.
	FindingAmendedV1 struct {
		What What `json:"what"`
	}
	// FindingAmendedV2 is entry visit.finding-amended: new words take the place of the old before
	// confirmation; a part left out stays. The clock is that of a draft which becomes a finding.
	FindingAmendedV2 struct {
		What  What          `json:"what"`
		Clock *matter.Clock `json:"clock,omitempty"`
	}
	// FindingCitedV1 is entry visit.finding-cited: what the finding cites, publication#code, takes the place of
	// what it cited before (R041, R042).
	FindingCitedV1 struct {
		Cites []string `json:"cites"`
	}
	// FindingConfirmedV1 is entry visit.finding-confirmed.
	FindingConfirmedV1 struct{}
	// FindingRejectedV1 is entry visit.finding-rejected.
	FindingRejectedV1 struct{}
	// FindingHandedOverV1 is entry visit.finding-handed-over: it became a matter.
	FindingHandedOverV1 struct {
		Matter ledger.ID `json:"matter"`
	}
)

// Kind methods name the entry types.
func (TeamFormedV1) Kind() (string, int)        { return "visit.team-formed", 1 }
func (MemberJoinedV1) Kind() (string, int)      { return "visit.member-joined", 1 }
func (MemberLeftV1) Kind() (string, int)        { return "visit.member-left", 1 }
func (ReportedV1) Kind() (string, int)          { return "visit.reported", 1 }
func (AuthorisedV1) Kind() (string, int)        { return "visit.authorised", 1 }
func (PostedV1) Kind() (string, int)            { return "visit.posted", 1 }
func (ZeroReportedV1) Kind() (string, int)      { return "visit.zero-reported", 1 }
func (StartedV1) Kind() (string, int)           { return "visit.started", 1 }
func (AnsweredV1) Kind() (string, int)          { return "visit.answered", 1 }
func (EndedV1) Kind() (string, int)             { return "visit.ended", 1 }
func (AnnulledV1) Kind() (string, int)          { return "visit.annulled", 1 }
func (ImportedV1) Kind() (string, int)          { return "visit.imported", 1 }
func (FindingRaisedV1) Kind() (string, int)     { return "visit.finding-raised", 1 }
func (FindingRaisedV2) Kind() (string, int)     { return "visit.finding-raised", 2 }
func (FindingImportedV1) Kind() (string, int)   { return "visit.finding-imported", 1 }
func (FindingAmendedV1) Kind() (string, int)    { return "visit.finding-amended", 1 }
func (FindingAmendedV2) Kind() (string, int)    { return "visit.finding-amended", 2 }
func (FindingCitedV1) Kind() (string, int)      { return "visit.finding-cited", 1 }
func (FindingConfirmedV1) Kind() (string, int)  { return "visit.finding-confirmed", 1 }
func (FindingRejectedV1) Kind() (string, int)   { return "visit.finding-rejected", 1 }
func (FindingHandedOverV1) Kind() (string, int) { return "visit.finding-handed-over", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{
	ledger.Current[TeamFormedV1](), ledger.Current[MemberJoinedV1](), ledger.Current[MemberLeftV1](), ledger.Current[ReportedV1](),
	ledger.Current[AuthorisedV1](), ledger.Current[PostedV1](), ledger.Current[ZeroReportedV1](),
	ledger.Current[StartedV1](), ledger.Current[AnsweredV1](), ledger.Current[EndedV1](), ledger.Current[AnnulledV1](), ledger.Current[ImportedV1](),
	ledger.Current[FindingRaisedV2](), ledger.Current[FindingImportedV1](), ledger.Current[FindingAmendedV2](), ledger.Current[FindingCitedV1](), ledger.Current[FindingConfirmedV1](),
	ledger.Upcast(func(v FindingRaisedV1) FindingRaisedV2 { return FindingRaisedV2{FindingRaisedV1: v} }),
	ledger.Upcast(func(v FindingAmendedV1) FindingAmendedV2 { return FindingAmendedV2{What: v.What} }),
	ledger.Current[FindingRejectedV1](), ledger.Current[FindingHandedOverV1](),
	ledger.Current[SamplingDrawnV1](), ledger.Current[SamplingChangedV1](), ledger.Current[SamplingAcceptedV1](),
	ledger.Current[CheckedV1](), ledger.Current[CheckCorrectedV1](), ledger.Current[CheckAnnulledV1](),
}

// After is the one place where an entry changes a visit.
func (v Visit) After(e ledger.Entry) Visit {
	at := e.Effective(v.Effective)
	v.Version++
	v.Effective = at
	switch b := e.Body.(type) {
	case StartedV1:
		v = Visit{
			ID: e.Subject, Incident: e.Incident, Version: 1, Serial: e.Pos, State: Started, Origin: ByTeam, Site: b.Site, Street: b.Street,
			Team: b.Team, Inspectors: b.Inspectors, Methods: b.Methods, Day: b.Day, StartedAt: at, Precision: e.Precision, Effective: at,
		}
		if note, ok := e.Part("note"); ok {
			v.Note = &note
		}
	case ImportedV1:
		v = Visit{
			ID: e.Subject, Incident: e.Incident, Version: 1, Serial: e.Pos, State: Ended, Origin: ByImport, Site: b.Site, Street: b.Street,
			Kind: b.Type, Day: b.Day, StartedAt: at, Precision: e.Precision, EndedAt: &at, Effective: at,
		}
		if b.Ended != nil {
			v.EndedAt = b.Ended
		}
	case EndedV1:
		v.State, v.EndedAt = Ended, &at
	case AnnulledV1:
		v.State = Annulled
	}
	return v
}

// After is the one place where an entry changes a finding.
func (f Finding) After(e ledger.Entry) Finding {
	at := e.Effective(f.Effective)
	f.Version++
	f.Effective = at
	switch b := e.Body.(type) {
	case FindingRaisedV2:
		f = Finding{
			ID: e.Subject, Incident: e.Incident, Version: 1, State: Raised, Visit: b.Visit, Site: b.Site, Street: b.Street, Team: b.Team,
			What: b.What, Parts: e.Parts, RaisedBy: e.Who.Person, RaisedAt: at, Precision: e.Precision, RecordedAt: e.RecordedAt,
			Effective: at, Clock: b.Clock,
		}
		if b.Draft {
			f.State = Draft
		}
	case FindingImportedV1:
		f = Finding{
			ID: e.Subject, Incident: e.Incident, Version: 1, State: HandedOver, Visit: b.Visit, Site: b.Site, Street: b.Street,
			What: b.What, Parts: e.Parts, Matter: b.Matter, RaisedAt: at, Precision: e.Precision,
			RecordedAt: e.RecordedAt, Effective: at,
		}
	case FindingAmendedV2:
		f.What = b.What
		f.State = Raised
		if b.Clock != nil {
			f.Clock = b.Clock
		}
		parts := append([]ledger.Part(nil), e.Parts...)
		for _, old := range f.Parts {
			if _, replaced := e.Part(old.Name); !replaced {
				parts = append(parts, old)
			}
		}
		f.Parts = parts
	case FindingCitedV1:
		f.Cites = b.Cites
	case FindingConfirmedV1:
		f.State = Confirmed
	case FindingRejectedV1:
		f.State = Rejected
		f.settle(at)
	case FindingHandedOverV1:
		f.State, f.Matter = HandedOver, b.Matter
		f.settle(at)
	}
	return f
}

// settle ends the clock: the finding was handed over, or is none.
func (f *Finding) settle(at time.Time) {
	if f.Clock != nil {
		c := *f.Clock
		c.Satisfied = &at
		f.Clock = &c
	}
}
