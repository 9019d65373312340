package matter

import (
	"time"

	"duzhan/internal/ledger"
)

// Opening is what a matter is when it comes to be.
type Opening struct {
	Origin Origin    `json:"origin"`
	Source ledger.ID `json:"source"`
	Site   ledger.ID `json:"site,omitempty"`
	Unit   ledger.ID `json:"unit,omitempty"` // responsible
	Number string    `json:"number"`
	Series string    `json:"series"`
	Year   int       `json:"year"`
	Serial int64     `json:"serial"`
	Facets Facets    `json:"facets"`
}

// The entries of this desk. Sealed parts: "text" (what was said), "requirement", "fact" (what a self-check found),
// "photo.before.n", "photo.after.n".
type (
	// AssignedV1 is entry matter.assigned: handed over (交办).
	AssignedV1 struct {
		Opening
		Clocks []Clock `json:"clocks"`
	}
	// FixedOnSpotV1 is entry matter.fixed-on-spot: found and claimed fixed in one visit (即查即改).
	FixedOnSpotV1 struct {
		Opening
		Clocks []Clock `json:"clocks,omitempty"`
	}
	// ImportedV1 is entry matter.imported: a finding of an imported inspection. What the file did not
	// have stands in NotGiven and waives the rules that need it.
	ImportedV1 struct {
		Opening
		NotGiven []string   `json:"not_given"`
		Due      *time.Time `json:"due,omitempty"`
		Claimed  bool       `json:"claimed"` // corrected on site
	}
	// FollowedUpV1 is entry matter.followed-up: what an imported later inspection of the site showed.
	FollowedUpV1 struct {
		Visit  ledger.ID `json:"visit"`
		Passed bool      `json:"passed"`
	}
	// ReceivedV1 is entry matter.received (签收).
	ReceivedV1 struct {
		Owner    ledger.ID  `json:"owner,omitempty"`
		Expected *time.Time `json:"expected,omitempty"`
	}
	// RefusedV1 is entry matter.refused: an objection (异议).
	RefusedV1 struct {
		Reason   string    `json:"reason"` // not_ours, fact_wrong
		Proposed ledger.ID `json:"proposed,omitempty"`
		Clocks   []Clock   `json:"clocks,omitempty"`
	}
	// ReassignedV1 is entry matter.reassigned: the arbiter upheld the objection.
	ReassignedV1 struct {
		Unit   ledger.ID  `json:"unit"`
		Due    *time.Time `json:"due,omitempty"`
		Clocks []Clock    `json:"clocks,omitempty"`
	}
	// UpheldV1 is entry matter.assignment-upheld: the arbiter did not uphold the objection.
	UpheldV1 struct {
		Clocks []Clock `json:"clocks,omitempty"`
	}
	// ExtensionAskedV1 is entry matter.extension-asked (延期申请).
	ExtensionAskedV1 struct {
		Until  time.Time `json:"until"`
		Clocks []Clock   `json:"clocks,omitempty"`
	}
	// ExtensionDecidedV1 is entry matter.extension-decided.
	ExtensionDecidedV1 struct {
		Granted bool       `json:"granted"`
		Until   *time.Time `json:"until,omitempty"`
		Clocks  []Clock    `json:"clocks,omitempty"`
	}
	// ClaimedV1 is entry matter.claimed: rectification claimed (反馈).
	ClaimedV1 struct {
		Clocks []Clock `json:"clocks,omitempty"`
	}
	// VerifiedV1 is entry matter.verified: verified on the spot by another unit (核查通过).
	VerifiedV1 struct {
		Visit ledger.ID `json:"visit,omitempty"`
	}
	// VerificationFailedV1 is entry matter.verification-failed: the claim did not hold. The round gets a
	// target; the deadline and any lateness stay.
	VerificationFailedV1 struct {
		Visit  ledger.ID  `json:"visit,omitempty"`
		Target *time.Time `json:"target,omitempty"`
	}
	// StruckOffV1 is entry matter.struck-off (销号).
	StruckOffV1 struct {
		Clocks []Clock `json:"clocks,omitempty"`
	}
	// LookedBackV1 is entry matter.looked-back (回头看) that found it well; a relapse reopens.
	LookedBackV1 struct{}
	// ReopenedV1 is entry matter.reopened: a new round with a deadline of its own; a zero one is not given.
	ReopenedV1 struct {
		Reason string    `json:"reason"` // look_back, relapse, citizen
		Due    time.Time `json:"due"`
		Clocks []Clock   `json:"clocks,omitempty"`
	}
	// PutOnRecordV1 is entry matter.put-on-record (挂账): an approved extension.
	PutOnRecordV1 struct {
		Until  *time.Time `json:"until,omitempty"`
		Clocks []Clock    `json:"clocks,omitempty"`
	}
	// WithdrawnV1 is entry matter.withdrawn (撤销).
	WithdrawnV1 struct{}
	// MergedV1 is entry matter.merged: a duplicate of another matter.
	MergedV1 struct {
		Master ledger.ID `json:"master"`
	}
	// UnmergedV1 is entry matter.unmerged.
	UnmergedV1 struct{}
	// UrgedV1 is entry matter.urged (催办); a formal one is a numbered notice (催办通知).
	UrgedV1 struct {
		Formal bool   `json:"formal"`
		Number string `json:"number,omitempty"`
		Series string `json:"series,omitempty"`
		Year   int    `json:"year,omitempty"`
		Serial int64  `json:"serial,omitempty"`
	}
	// ExplainedV1 is entry matter.explained: why it stays over a night, and until when it is expected (R070).
	ExplainedV1 struct {
		Day      string    `json:"day"` // the day that ends
		Expected time.Time `json:"expected"`
	}
	// CorrectedV1 is entry matter.corrected (更正): it counts at the original time.
	CorrectedV1 struct {
		Fields Correction `json:"fields"`
	}
	// LadderFiredV1 is entry matter.ladder-fired: a step of the ladder, once per deadline and step.
	LadderFiredV1 struct {
		Deadline string   `json:"deadline"`
		Step     string   `json:"step"`
		Audience []string `json:"to"`
		Skipped  []string `json:"skipped,omitempty"` // lower steps that came due while nobody ran
		// Deliver is when each of the audience is to be told: at once, or when the quiet hours end.
		Deliver []time.Time `json:"deliver,omitempty"`
	}
)

// Correction holds the facets that are put right; nil leaves one as it is.
type Correction struct {
	Street         *string  `json:"street,omitempty"`
	Problem        *string  `json:"problem,omitempty"`
	Themes         []string `json:"themes,omitempty"`
	Area           *string  `json:"area,omitempty"`
	Responsibility *string  `json:"responsibility,omitempty"`
	Severity       *string  `json:"severity,omitempty"`
}

// Kind methods name the entry types; all are version 1.
func (AssignedV1) Kind() (string, int)           { return "matter.assigned", 1 }
func (FixedOnSpotV1) Kind() (string, int)        { return "matter.fixed-on-spot", 1 }
func (ImportedV1) Kind() (string, int)           { return "matter.imported", 1 }
func (FollowedUpV1) Kind() (string, int)         { return "matter.followed-up", 1 }
func (ReceivedV1) Kind() (string, int)           { return "matter.received", 1 }
func (RefusedV1) Kind() (string, int)            { return "matter.refused", 1 }
func (ReassignedV1) Kind() (string, int)         { return "matter.reassigned", 1 }
func (UpheldV1) Kind() (string, int)             { return "matter.assignment-upheld", 1 }
func (ExtensionAskedV1) Kind() (string, int)     { return "matter.extension-asked", 1 }
func (ExtensionDecidedV1) Kind() (string, int)   { return "matter.extension-decided", 1 }
func (ClaimedV1) Kind() (string, int)            { return "matter.claimed", 1 }
func (VerifiedV1) Kind() (string, int)           { return "matter.verified", 1 }
func (VerificationFailedV1) Kind() (string, int) { return "matter.verification-failed", 1 }
func (StruckOffV1) Kind() (string, int)          { return "matter.struck-off", 1 }
func (LookedBackV1) Kind() (string, int)         { return "matter.looked-back", 1 }
func (ReopenedV1) Kind() (string, int)           { return "matter.reopened", 1 }
func (PutOnRecordV1) Kind() (string, int)        { return "matter.put-on-record", 1 }
func (WithdrawnV1) Kind() (string, int)          { return "matter.withdrawn", 1 }
func (MergedV1) Kind() (string, int)             { return "matter.merged", 1 }
func (UnmergedV1) Kind() (string, int)           { return "matter.unmerged", 1 }
func (UrgedV1) Kind() (string, int)              { return "matter.urged", 1 }
func (ExplainedV1) Kind() (string, int)          { return "matter.explained", 1 }
func (CorrectedV1) Kind() (string, int)          { return "matter.corrected", 1 }
func (LadderFiredV1) Kind() (string, int)        { return "matter.ladder-fired", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{
	ledger.Current[AssignedV1](), ledger.Current[FixedOnSpotV1](), ledger.Current[ImportedV1](),
	ledger.Current[FollowedUpV1](), ledger.Current[ReceivedV1](), ledger.Current[RefusedV1](),
	ledger.Current[ReassignedV1](), ledger.Current[UpheldV1](), ledger.Current[ExtensionAskedV1](),
	ledger.Current[ExtensionDecidedV1](), ledger.Current[ClaimedV1](), ledger.Current[VerifiedV1](),
	ledger.Current[VerificationFailedV1](), ledger.Current[StruckOffV1](), ledger.Current[LookedBackV1](),
	ledger.Current[ReopenedV1](), ledger.Current[PutOnRecordV1](), ledger.Current[WithdrawnV1](),
	ledger.Current[MergedV1](), ledger.Current[UnmergedV1](), ledger.Current[UrgedV1](),
	ledger.Current[OrderDraftedV1](), ledger.Current[OrderIssuedV1](), ledger.Current[OrderSplitV1](),
	ledger.Current[OrderSitesListedV1](), ledger.Current[OrderSiteCheckedV1](), ledger.Current[OrderReportedV1](),
	ledger.Current[SheetSignedV1](), ledger.Current[ExplainedV1](), ledger.Current[CorrectedV1](), ledger.Current[LadderFiredV1](),
}
