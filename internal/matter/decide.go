package matter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/ledger"
)

// Command is decided by a pure function: it reads nothing but its arguments, and exactly one of
// entries and refusal is non-empty.
type Command interface {
	Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal)
}

// MinText is the fewest characters a reason may have (R011: vague text is refused).
const MinText = 2

// check refuses what no act may: a transition that the table does not have, a version that is not the
// newest, an urging after the end.
func (m Matter) check(a ledger.Act, act string) *ledger.Refusal {
	if r := a.Stale(m.Version); r != nil {
		return r
	}
	if _, ok := transition(act, m.State); !ok {
		return ledger.Refuse("matter.forbidden-transition", "act", "act", act, "state", string(m.State))
	}
	return nil
}

// given names the fields of a command that are filled in; parts need not be named.
type given map[string]bool

// carries refuses an act that lacks what the table says it must carry: a field, or a sealed part.
func (m Matter) carries(a ledger.Act, act string, fields given) *ledger.Refusal {
	t, _ := transition(act, m.State)
	for _, must := range t.Must {
		oneOf := strings.Split(must, "|")
		if !slices.ContainsFunc(oneOf, func(one string) bool { return a.Has(one) || fields[one] }) {
			return ledger.Required(oneOf[0])
		}
	}
	return nil
}

// Assign hands a confirmed finding, or another origin's case, to the unit that must act (R012, R105).
type Assign struct {
	ledger.Act
	ID      ledger.ID
	Opening Opening
	Clocks  []Clock // receive and rectify, as the rule pack has them
}

// Decide refuses a second hand-over of the same matter, and one without unit, deadline or number.
func (c Assign) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if m.State != "" {
		return nil, ledger.Refuse("matter.already-assigned", "id", "number", m.Number)
	}
	due := slices.ContainsFunc(c.Clocks, func(k Clock) bool { return k.Kind == ClockRectify })
	if r := m.carries(c.Act, "assign", given{"unit": c.Opening.Unit != "", "rule": due, "number": c.Opening.Number != ""}); r != nil {
		return nil, r
	}
	return c.Draft(c.ID, AssignedV1{Opening: c.Opening, Clocks: c.Clocks}), nil
}

// FixOnSpot records what was found and fixed in one visit: numbered and counted like the rest (R078).
type FixOnSpot struct {
	ledger.Act
	ID      ledger.ID
	Opening Opening
	Clocks  []Clock
}

// Decide refuses it without a picture of after.
func (c FixOnSpot) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if m.State != "" {
		return nil, ledger.Refuse("matter.already-assigned", "id", "number", m.Number)
	}
	if r := m.carries(c.Act, "fix_on_spot", given{"unit": c.Opening.Unit != "", "number": c.Opening.Number != ""}); r != nil {
		return nil, r
	}
	return c.Draft(c.ID, FixedOnSpotV1{Opening: c.Opening, Clocks: c.Clocks}), nil
}

// Import takes over a finding of somebody else's ledger. The rules that need facts which the file does
// not have are waived, and the facts are counted as not given.
type Import struct {
	ledger.Act
	ID       ledger.ID
	Opening  Opening
	NotGiven []string
	Due      *time.Time
	Claimed  bool
}

// Decide refuses only what is there already.
func (c Import) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if m.State != "" {
		return nil, ledger.Refuse("matter.already-assigned", "id", "number", m.Number)
	}
	return c.Draft(c.ID, ImportedV1{Opening: c.Opening, NotGiven: c.NotGiven, Due: c.Due, Claimed: c.Claimed}), nil
}

// FollowUp is what an imported later inspection of the same site showed.
type FollowUp struct {
	ledger.Act
	Visit  ledger.ID
	Passed bool
}

// Decide refuses it for what was not imported, or is verified or ended already.
func (c FollowUp) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if len(m.NotGiven) == 0 || (m.State != InProgress && m.State != FixClaimed) {
		return nil, ledger.Refuse("matter.forbidden-transition", "act", "act", "follow_up", "state", string(m.State))
	}
	return c.Draft(m.ID, FollowedUpV1{Visit: c.Visit, Passed: c.Passed}), nil
}

// Receive acknowledges receipt (签收).
type Receive struct {
	ledger.Act
	Owner    ledger.ID
	Expected *time.Time
}

// Decide follows the table.
func (c Receive) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "receive"); r != nil {
		return nil, r
	}
	if r := m.ofResponsible(c.Act); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, ReceivedV1{Owner: c.Owner, Expected: c.Expected}), nil
}

// ofResponsible refuses an act of the responsible unit by another.
func (m Matter) ofResponsible(a ledger.Act) *ledger.Refusal {
	if u := m.Responsible(); u != "" && a.Unit != u {
		return ledger.RefuseAs(ledger.Forbidden, "matter.not-responsible", "unit")
	}
	return nil
}

// Refuse objects to the hand-over (异议): not ours, or the fact is wrong. The clock runs on.
type Refuse struct {
	ledger.Act
	Reason   string
	Proposed ledger.ID
	Clocks   []Clock
}

// Decide wants a reason in words (R145 2.1.20: at most once a unit).
func (c Refuse) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "refuse"); r != nil {
		return nil, r
	}
	if r := m.ofResponsible(c.Act); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "refuse", given{"reason": c.Reason != ""}); r != nil {
		return nil, r
	}
	if c.Reason != "not_ours" && c.Reason != "fact_wrong" {
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "reason", "field", "reason")
	}
	if slices.ContainsFunc(m.Clocks, func(k Clock) bool {
		return k.Kind == ClockObjection && !k.Start.Before(m.Tenures[len(m.Tenures)-1].From)
	}) {
		return nil, ledger.Refuse("matter.refuse.twice", "act")
	}
	return c.Draft(m.ID, RefusedV1{Reason: c.Reason, Proposed: c.Proposed, Clocks: c.Clocks}), nil
}

// Reassign is the arbiter's decision for another unit.
type Reassign struct {
	ledger.Act
	To     ledger.ID
	Due    *time.Time // nil: the deadline stays
	Clocks []Clock
}

// Decide refuses the same unit again, and a new deadline where the old one has passed (1H-14).
func (c Reassign) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "reassign"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "reassign", given{"unit": c.To != ""}); r != nil {
		return nil, r
	}
	if c.To == "" || c.To == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.reassign.same-unit", "unit")
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if c.Due != nil {
		if at := c.Effective(now, m.Effective); m.Due() != nil && !at.Before(*m.Due()) {
			return nil, ledger.Refuse("matter.due-passed", "due")
		}
		if !c.Due.After(c.Effective(now, m.Effective)) {
			return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "due")
		}
	}
	return c.Draft(m.ID, ReassignedV1{Unit: c.To, Due: c.Due, Clocks: c.Clocks}), nil
}

// Uphold is the arbiter's decision that the unit stays responsible.
type Uphold struct {
	ledger.Act
	Clocks []Clock
}

// Decide refuses the responsible unit's own decision.
func (c Uphold) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "uphold_assignment"); r != nil {
		return nil, r
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := m.carries(c.Act, "uphold_assignment", nil); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, UpheldV1{Clocks: c.Clocks}), nil
}

// AskExtension asks for a later deadline (延期), before the deadline only.
type AskExtension struct {
	ledger.Act
	NewDue time.Time
	Clocks []Clock
}

// Decide refuses it from the deadline on (vectors 11 and 12 of standards.md, appendix F).
func (c AskExtension) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "ask_extension"); r != nil {
		return nil, r
	}
	if r := m.ofResponsible(c.Act); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "ask_extension", given{"until": !c.NewDue.IsZero()}); r != nil {
		return nil, r
	}
	switch due := m.Due(); {
	case m.Extension != nil:
		return nil, ledger.Refuse("matter.extension.pending", "act")
	case due == nil:
		return nil, ledger.Refuse("matter.extension.no-deadline", "act")
	case !c.Effective(now, m.Effective).Before(*due):
		return nil, ledger.Refuse("matter.extension.too-late", "until")
	case !c.NewDue.After(*due):
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "until")
	}
	return c.Draft(m.ID, ExtensionAskedV1{Until: c.NewDue.UTC(), Clocks: c.Clocks}), nil
}

// DecideExtension grants or denies; a grant names the exact new deadline.
type DecideExtension struct {
	ledger.Act
	Granted bool
	NewDue  *time.Time
	Clocks  []Clock
}

// Decide refuses the asker's and the responsible unit's own decision.
func (c DecideExtension) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "decide_extension"); r != nil {
		return nil, r
	}
	switch {
	case m.Extension == nil:
		return nil, ledger.Refuse("matter.extension.none", "act")
	case c.Unit == m.Responsible() || c.Person == m.Extension.By:
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	case c.Granted && c.NewDue == nil:
		return nil, ledger.Required("until")
	case c.Granted && !c.NewDue.After(*m.Due()):
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "until")
	}
	if r := m.carries(c.Act, "decide_extension", nil); r != nil {
		return nil, r
	}
	body := ExtensionDecidedV1{Granted: c.Granted, Clocks: c.Clocks}
	if c.Granted {
		until := c.NewDue.UTC()
		body.Until = &until
	}
	return c.Draft(m.ID, body), nil
}

// Claim says that the unit has rectified (反馈), with a picture of after.
type Claim struct {
	ledger.Act
	Clocks []Clock
}

// Decide follows the table.
func (c Claim) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "claim"); r != nil {
		return nil, r
	}
	if r := m.ofResponsible(c.Act); r != nil {
		return nil, r
	}
	if m.Origin == OriginOrder {
		return nil, ledger.Refuse("order.reply-instead", "act")
	}
	if m.Extension != nil {
		return nil, ledger.Refuse("matter.extension.pending", "act")
	}
	if r := m.carries(c.Act, "claim", nil); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, ClaimedV1{Clocks: c.Clocks}), nil
}

// OnSite tells whether a matter of a severity is verified at the place, not by words alone (R039).
func OnSite(severity string) bool { return severity == "major" || severity == "urgent" }

// Verify is the check on the spot by somebody else (核查).
type Verify struct {
	ledger.Act
	Visit  ledger.ID
	Passed bool
	Target *time.Time // of the next round, if it failed
}

// Decide: nobody verifies his own work, no unit its own matter (1H-05), and it shows what it saw: by a visit
// of the site, by a picture, or, where that will do, by saying why there is none (R039).
func (c Verify) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	act := "verify"
	if !c.Passed {
		act = "fail_verification"
	}
	if r := m.check(c.Act, act); r != nil {
		return nil, r
	}
	if r := m.notOwnWork(c.Act, "matter.verify.own-work"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, act, given{"visit": c.Visit != ""}); r != nil {
		return nil, r
	}
	if c.Passed && OnSite(m.Facets.Severity) && c.Visit == "" && !c.Has("photo.after.1") {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.verify.on-site", "visit")
	}
	if c.Passed {
		return c.Draft(m.ID, VerifiedV1{Visit: c.Visit}), nil
	}
	return c.Draft(m.ID, VerificationFailedV1{Visit: c.Visit, Target: c.Target}), nil
}

func (m Matter) notOwnWork(a ledger.Act, code string) *ledger.Refusal {
	same := func(x, y ledger.ID) bool { return x != "" && x == y }
	if same(a.Person, m.ClaimedBy) || same(a.Unit, m.Responsible()) {
		return ledger.RefuseAs(ledger.Forbidden, code, "by")
	}
	return nil
}

// StrikeOff closes one matter (销号). There is no command for many (R062).
type StrikeOff struct {
	ledger.Act
	Clocks  []Clock
	Unfixed int // of an order: what its self-check found and nobody has fixed
}

// Decide refuses it before verification, by the claimant and by the responsible unit (1H-05), and an order's while
// something that its self-check found is not fixed.
func (c StrikeOff) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "strike_off"); r != nil {
		return nil, r
	}
	if r := m.notOwnWork(c.Act, "matter.strike-off.own-work"); r != nil {
		return nil, r
	}
	if c.Unfixed > 0 {
		return nil, ledger.Refuse("order.children-unfixed", "act", "n", strconv.Itoa(c.Unfixed))
	}
	return c.Draft(m.ID, StruckOffV1{Clocks: c.Clocks}), nil
}

// LookBack is a check after strike-off (回头看): well, or a relapse that reopens.
type LookBack struct {
	ledger.Act
	Relapse bool
	Due     time.Time // of the reopened round
	Clocks  []Clock
}

// Decide refuses the responsible unit's own look.
func (c LookBack) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "look_back"); r != nil {
		return nil, r
	}
	if r := m.notOwnWork(c.Act, "matter.verify.own-work"); r != nil {
		return nil, r
	}
	if c.Relapse {
		return Reopen{Act: c.Act, Reason: "look_back", Due: c.Due, Clocks: c.Clocks}.Decide(m, now)
	}
	return c.Draft(m.ID, LookedBackV1{}), nil
}

// Reopen opens a struck-off matter again: a new round with a deadline of its own.
type Reopen struct {
	ledger.Act
	Reason string
	Due    time.Time
	Clocks []Clock
}

// Decide wants a reason, in a code and in words.
func (c Reopen) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "reopen"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "reopen", given{"reason": c.Reason != ""}); r != nil {
		return nil, r
	}
	if !slices.Contains([]string{"look_back", "relapse", "citizen"}, c.Reason) {
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "reason", "field", "reason")
	}
	return c.Draft(m.ID, ReopenedV1{Reason: c.Reason, Due: c.Due.UTC(), Clocks: c.Clocks}), nil
}

// PutOnRecord keeps a matter open for long (挂账), with a plan and a review.
type PutOnRecord struct {
	ledger.Act
	Until   time.Time // end of the plan
	Clocks  []Clock   // the review
	Rectify Clock     // as it runs if the deadline moves to the end of the plan
}

// Decide moves the deadline only if it has not passed: what was late stays late.
func (c PutOnRecord) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "put_on_record"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "put_on_record", given{"review_at": !c.Until.IsZero()}); r != nil {
		return nil, r
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if m.Extension != nil {
		return nil, ledger.Refuse("matter.extension.pending", "act")
	}
	at := c.Effective(now, m.Effective)
	if !c.Until.After(at) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "review_at")
	}
	body := PutOnRecordV1{Clocks: c.Clocks}
	if due := m.Due(); due != nil && at.Before(*due) && c.Until.After(*due) {
		until := c.Until.UTC()
		body.Until = &until
		if c.Rectify.Kind != "" {
			body.Clocks = append(slices.Clone(c.Clocks), c.Rectify)
		}
	}
	return c.Draft(m.ID, body), nil
}

// Withdraw ends a matter that should not have been one (撤销), with a reason.
type Withdraw struct{ ledger.Act }

// Decide refuses the responsible unit's own withdrawal.
func (c Withdraw) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "withdraw"); r != nil {
		return nil, r
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := m.carries(c.Act, "withdraw", nil); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, WithdrawnV1{}), nil
}

// MarkDuplicate merges a matter into a master. Master is the master as it is now.
type MarkDuplicate struct {
	ledger.Act
	Master     Matter
	Duplicates int // matters that are merged into this one
}

// Decide refuses a master that is ended, is itself a duplicate, or is this matter; and merging what others
// are merged into: a master's master would be nobody's answer.
func (c MarkDuplicate) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "mark_duplicate"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "mark_duplicate", given{"master": c.Master.ID != ""}); r != nil {
		return nil, r
	}
	if c.Master.ID == m.ID || !c.Master.State.Open() && c.Master.State != StruckOff {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.duplicate.bad-master", "master")
	}
	if c.Duplicates > 0 {
		return nil, ledger.Refuse("matter.duplicate.is-master", "master", "count", strconv.Itoa(c.Duplicates))
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	return c.Draft(m.ID, MergedV1{Master: c.Master.ID}), nil
}

// UnmarkDuplicate takes the merging back: the matter counts again from then on.
type UnmarkDuplicate struct {
	ledger.Act
	Annulled bool // the visit that it was found on was no visit
}

// Decide follows the table; what was found on no visit does not count again.
func (c UnmarkDuplicate) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "unmark_duplicate"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "unmark_duplicate", nil); r != nil {
		return nil, r
	}
	if c.Annulled {
		return nil, ledger.Refuse("matter.visit-annulled", "visit")
	}
	return c.Draft(m.ID, UnmergedV1{}), nil
}

// Urge presses the responsible unit (催办); impossible after the end.
type Urge struct {
	ledger.Act
	Notice UrgedV1
}

// Decide follows the table.
func (c Urge) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "urge"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "urge", nil); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, c.Notice), nil
}

// Correct puts facets right (更正): figures change at the original time, known from now on.
type Correct struct {
	ledger.Act
	Fields Correction
}

// Decide refuses a correction of nothing and the responsible unit's own.
func (c Correct) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "correct"); r != nil {
		return nil, r
	}
	f := c.Fields
	if f.Street == nil && f.Problem == nil && f.Area == nil && f.Responsibility == nil && f.Severity == nil && len(f.Themes) == 0 {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.correct.nothing", "fields")
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := m.carries(c.Act, "correct", nil); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, CorrectedV1{Fields: f}), nil
}

// Explain says why an unrectified matter stays over a night, and when it will be done (R070: nothing waits
// overnight without a reason).
type Explain struct {
	ledger.Act
	Day      string // the day that ends, YYYY-MM-DD
	Expected time.Time
}

// Decide wants a reason in words and a time that is still to come.
func (c Explain) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.check(c.Act, "explain"); r != nil {
		return nil, r
	}
	if r := m.carries(c.Act, "explain", given{"expected_at": !c.Expected.IsZero()}); r != nil {
		return nil, r
	}
	if !c.Expected.After(c.Effective(now, m.Effective)) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "expected_at")
	}
	return c.Draft(m.ID, ExplainedV1{Day: c.Day, Expected: c.Expected.UTC()}), nil
}
