package brief

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// Kinds of reports (2.19).
const (
	Daily   = "daily"   // 日报
	Special = "special" // 专报
	Release = "release" // 对外发布: figures for the public, by two people
)

// States of a report.
const (
	ReportDraft    = "draft"
	ReportReviewed = "reviewed"
	ReportSigned   = "signed"
	ReportSent     = "sent"
	ReportReceived = "received"
)

// Report (报告) goes upward or to the public; its numbers are those of a frozen snapshot, never typed.
type Report struct {
	ID         ledger.ID   `json:"id"`
	Incident   ledger.ID   `json:"incident,omitempty"`
	Version    int         `json:"version"`
	Kind       string      `json:"kind"`
	Snapshot   ledger.ID   `json:"snapshot"`
	State      string      `json:"state"`
	Text       ledger.Part `json:"text"`
	To         ledger.ID   `json:"to,omitempty"`
	Hash       string      `json:"hash,omitempty"` // of what was sent
	DraftedBy  ledger.ID   `json:"drafted_by"`
	ReviewedBy ledger.ID   `json:"reviewed_by,omitempty"`
	SignedBy   ledger.ID   `json:"signed_by,omitempty"`
	SentBy     ledger.ID   `json:"sent_by,omitempty"`
	DraftedAt  time.Time   `json:"drafted_at"`
	ReviewedAt *time.Time  `json:"reviewed_at,omitempty"`
	SignedAt   *time.Time  `json:"signed_at,omitempty"`
	SentAt     *time.Time  `json:"sent_at,omitempty"`
	ReceivedAt *time.Time  `json:"received_at,omitempty"`
	Comments   []Comment   `json:"comments,omitempty"`
	Embargo    *time.Time  `json:"embargo,omitempty"` // a release does not go out before
	Consents   []Consent   `json:"consents,omitempty"`
	Effective  time.Time   `json:"effective"`
}

// What is known of somebody whose name stands in a release.
const (
	ConsentWritten = "written"
	ConsentSpoken  = "spoken"
	NotPerson      = "not_person" // the same letters, but not he
	ConsentRefused = "refused"
)

// Consent (署名同意) is what is known of one person whose name stands in a release; the last word counts.
type Consent struct {
	Person ledger.ID `json:"person"`
	How    string    `json:"how"`
}

// Comment (批示) on a report.
type Comment struct {
	By   ledger.ID   `json:"by"`
	At   time.Time   `json:"at"`
	Text ledger.Part `json:"text"`
}

// The entries of reports. Sealed part: "text".
type (
	// ReportDraftedV1 is entry brief.report-drafted; a draft written again takes its place.
	ReportDraftedV1 struct {
		Kind_    string    `json:"kind"`
		Snapshot ledger.ID `json:"snapshot"`
		To       ledger.ID `json:"to,omitempty"`
	}
	// ReportReviewedV1 is entry brief.report-reviewed (核稿).
	ReportReviewedV1 struct{}
	// ReportReturnedV1 is entry brief.report-returned: back to a draft. Part: reason.
	ReportReturnedV1 struct{}
	// ReportSignedV1 is entry brief.report-signed (签发).
	ReportSignedV1 struct{}
	// ReportSentV1 is entry brief.report-sent (报送): the hash of what was sent.
	ReportSentV1 struct {
		Hash string `json:"hash"`
	}
	// ReportReceivedV1 is entry brief.report-received.
	ReportReceivedV1 struct{}
	// CommentedV1 is entry brief.report-commented (批示).
	CommentedV1 struct{}
	// ConsentedV1 is entry brief.report-consented: what somebody said to his name in a release.
	ConsentedV1 struct {
		Consent
	}
	// EmbargoedV1 is entry brief.report-embargoed: when a release may go out; null: at once.
	EmbargoedV1 struct {
		Until *time.Time `json:"until"`
	}
)

// Kind methods name the entry types; all are version 1.
func (ReportDraftedV1) Kind() (string, int)  { return "brief.report-drafted", 1 }
func (ReportReviewedV1) Kind() (string, int) { return "brief.report-reviewed", 1 }
func (ReportReturnedV1) Kind() (string, int) { return "brief.report-returned", 1 }
func (ReportSignedV1) Kind() (string, int)   { return "brief.report-signed", 1 }
func (ReportSentV1) Kind() (string, int)     { return "brief.report-sent", 1 }
func (ReportReceivedV1) Kind() (string, int) { return "brief.report-received", 1 }
func (CommentedV1) Kind() (string, int)      { return "brief.report-commented", 1 }
func (ConsentedV1) Kind() (string, int)      { return "brief.report-consented", 1 }
func (EmbargoedV1) Kind() (string, int)      { return "brief.report-embargoed", 1 }

// After is the one place where an entry changes a report.
func (r Report) After(e ledger.Entry) Report {
	at := e.Effective(r.Effective)
	r.Version++
	r.Effective = at
	switch b := e.Body.(type) {
	case ReportDraftedV1:
		text, _ := e.Part("text")
		r = Report{
			ID: e.Subject, Incident: e.Incident, Version: r.Version, Kind: b.Kind_, Snapshot: b.Snapshot, State: ReportDraft, Text: text, To: b.To,
			DraftedBy: e.Who.Person, DraftedAt: at, Embargo: r.Embargo, Consents: r.Consents, Effective: at,
		}
	case ReportReviewedV1:
		r.State, r.ReviewedBy, r.ReviewedAt = ReportReviewed, e.Who.Person, &at
	case ReportReturnedV1:
		r.State, r.ReviewedBy, r.ReviewedAt = ReportDraft, "", nil
	case ReportSignedV1:
		r.State, r.SignedBy, r.SignedAt = ReportSigned, e.Who.Person, &at
	case ReportSentV1:
		r.State, r.SentBy, r.SentAt, r.Hash = ReportSent, e.Who.Person, &at, b.Hash
	case ReportReceivedV1:
		r.State, r.ReceivedAt = ReportReceived, &at
	case CommentedV1:
		text, _ := e.Part("text")
		r.Comments = append(slices.Clone(r.Comments), Comment{By: e.Who.Person, At: at, Text: text})
	case ConsentedV1:
		r.Consents = append(slices.DeleteFunc(slices.Clone(r.Consents), func(c Consent) bool { return c.Person == b.Person }), b.Consent)
	case EmbargoedV1:
		r.Embargo = b.Until
	}
	return r
}

// Consent is what is known of a person; empty: nothing.
func (r Report) Consent(person ledger.ID) string {
	for _, c := range r.Consents {
		if c.Person == person {
			return c.How
		}
	}
	return ""
}

// consents refuses to let a release pass that names somebody who did not consent (R004).
func (r Report) consents(named []ledger.ID) *ledger.Refusal {
	if r.Kind != Release {
		return nil
	}
	missing := 0
	for _, p := range named {
		if how := r.Consent(p); how == "" || how == ConsentRefused {
			missing++
		}
	}
	if missing > 0 {
		return ledger.Refuse("report.no-consent", "consents", "count", strconv.Itoa(missing))
	}
	return nil
}

func (r Report) in(a ledger.Act, states ...string) *ledger.Refusal {
	if refusal := a.Stale(r.Version); refusal != nil {
		return refusal
	}
	if !slices.Contains(states, r.State) {
		return ledger.Refuse("report.wrong-state", "state", "state", r.State)
	}
	return nil
}

// WriteReport drafts a report, or writes a draft again.
type WriteReport struct {
	ledger.Act
	ID       ledger.ID
	Kind     string
	Snapshot ledger.ID // a frozen one; it is looked up before
	To       ledger.ID
}

// Decide wants a frozen snapshot: no number of a report is typed (R004, R132).
func (c WriteReport) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r.ID != "" {
		if refusal := r.in(c.Act, ReportDraft); refusal != nil {
			return nil, refusal
		}
	}
	switch {
	case !slices.Contains([]string{Daily, Special, Release}, c.Kind):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "kind", "field", "kind")
	case c.Snapshot == "":
		return nil, ledger.Refuse("report.not-frozen", "snapshot")
	}
	if refusal := c.Need("text"); refusal != nil {
		return nil, refusal
	}
	return c.Draft(c.ID, ReportDraftedV1{Kind_: c.Kind, Snapshot: c.Snapshot, To: c.To}), nil
}

// Review passes a draft, or sends it back with a reason.
type Review struct {
	ledger.Act
	Passed bool
	Named  []ledger.ID // whose names stand in the text
}

// Decide refuses the author's own review.
func (c Review) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.in(c.Act, ReportDraft); refusal != nil {
		return nil, refusal
	}
	if c.Person == r.DraftedBy {
		return nil, ledger.RefuseAs(ledger.Forbidden, "report.own-work", "by")
	}
	if c.Passed {
		if refusal := r.consents(c.Named); refusal != nil {
			return nil, refusal
		}
		return c.Draft(r.ID, ReportReviewedV1{}), nil
	}
	if refusal := c.Need("reason", "text"); refusal != nil {
		return nil, refusal
	}
	return c.Draft(r.ID, ReportReturnedV1{}), nil
}

// Sign is the leader's signature (签发).
type Sign struct {
	ledger.Act
	Named []ledger.ID // whose names stand in the text
}

// Decide: what was reviewed is signed; a release is signed by somebody else than its author (1H-05, R201).
func (c Sign) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.in(c.Act, ReportReviewed); refusal != nil {
		return nil, refusal
	}
	if c.Person == r.DraftedBy {
		return nil, ledger.RefuseAs(ledger.Forbidden, "report.own-work", "by")
	}
	if refusal := r.consents(c.Named); refusal != nil {
		return nil, refusal
	}
	return c.Draft(r.ID, ReportSignedV1{}), nil
}

// Send sends what was signed.
type Send struct {
	ledger.Act
	Hash  string
	Named []ledger.ID // whose names stand in the text
}

// Decide refuses what is not signed, and a release before its time or with a name that nobody agreed to (R004).
func (c Send) Decide(r Report, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.in(c.Act, ReportSigned); refusal != nil {
		return nil, refusal
	}
	if r.Kind == Release && c.Person == r.DraftedBy {
		return nil, ledger.RefuseAs(ledger.Forbidden, "report.own-work", "by")
	}
	if refusal := r.consents(c.Named); refusal != nil {
		return nil, refusal
	}
	if r.Kind == Release && r.Embargo != nil && now.Before(*r.Embargo) {
		return nil, ledger.Refuse("report.embargoed", "embargo")
	}
	return c.Draft(r.ID, ReportSentV1{Hash: c.Hash}), nil
}

// ReceiveReport is the receipt of the office above.
type ReceiveReport struct{ ledger.Act }

// Decide takes it once.
func (c ReceiveReport) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.in(c.Act, ReportSent); refusal != nil {
		return nil, refusal
	}
	return c.Draft(r.ID, ReportReceivedV1{}), nil
}

// AddComment records a leader's words on a report (批示).
type AddComment struct{ ledger.Act }

// Decide takes it on what was sent.
func (c AddComment) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.in(c.Act, ReportSent, ReportReceived); refusal != nil {
		return nil, refusal
	}
	if refusal := c.Need("text"); refusal != nil {
		return nil, refusal
	}
	return c.Draft(r.ID, CommentedV1{}), nil
}

// RecordConsent records what somebody said to his name in a release.
type RecordConsent struct {
	ledger.Act
	Person ledger.ID // he is looked up before
	How    string
}

// Decide takes it until the release is out: also a consent taken back.
func (c RecordConsent) Decide(r Report, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.unreleased(c.Act); refusal != nil {
		return nil, refusal
	}
	if !slices.Contains([]string{ConsentWritten, ConsentSpoken, NotPerson, ConsentRefused}, c.How) {
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "how", "field", "how")
	}
	return c.Draft(r.ID, ConsentedV1{Consent{Person: c.Person, How: c.How}}), nil
}

// SetEmbargo says when a release may go out.
type SetEmbargo struct {
	ledger.Act
	Until time.Time // zero: at once
}

// Decide takes a time to come until the release is out.
func (c SetEmbargo) Decide(r Report, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if refusal := r.unreleased(c.Act); refusal != nil {
		return nil, refusal
	}
	if c.Until.IsZero() {
		return c.Draft(r.ID, EmbargoedV1{}), nil
	}
	if !c.Until.After(now) {
		return nil, ledger.RefuseAs(ledger.Invalid, "report.embargo-past", "until")
	}
	return c.Draft(r.ID, EmbargoedV1{Until: &c.Until}), nil
}

func (r Report) unreleased(a ledger.Act) *ledger.Refusal {
	if r.Kind != Release {
		return ledger.Refuse("report.release-only", "kind")
	}
	return r.in(a, ReportDraft, ReportReviewed, ReportSigned)
}
