package matter

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// Act is what every command on a matter carries: who, when, and which version he saw.
type Act struct {
	Person    ledger.ID
	Unit      ledger.ID // the unit he acts for
	Seen      int       // the version he saw; 0 does not ask
	At        time.Time // zero: now
	Until     time.Time
	Precision ledger.Precision
	Parts     []ledger.Part
}

// Command is decided by a pure function: it reads nothing but its arguments, and exactly one of
// entries and refusal is non-empty.
type Command interface {
	Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal)
}

// MinText is the fewest characters a reason may have (R011: vague text is refused).
const MinText = 2

// check refuses what no act may: a transition that the table does not have, a version that is not the
// newest, an urging after the end.
func (a Act) check(m Matter, act string) *ledger.Refusal {
	if a.Seen != 0 && a.Seen != m.Version {
		return ledger.Refuse("matter.stale", "version", "current", strconv.Itoa(m.Version), "sent", strconv.Itoa(a.Seen))
	}
	if _, ok := transition(act, m.State); !ok {
		return ledger.Refuse("matter.forbidden-transition", "act", "act", act, "state", string(m.State))
	}
	return nil
}

func (a Act) draft(m Matter, body ledger.Body) []ledger.Draft {
	return a.draftFor(m.ID, body)
}

func (a Act) draftFor(id ledger.ID, body ledger.Body) []ledger.Draft {
	return []ledger.Draft{{Subject: id, OccurredAt: a.At, Until: a.Until, Precision: a.Precision, Parts: a.Parts, Body: body}}
}

// effective is when the act will count.
func (a Act) effective(m Matter, now time.Time) time.Time {
	return ledger.Draft{OccurredAt: a.At, Until: a.Until}.Effective(now, m.Effective)
}

func (a Act) has(part string) bool {
	return slices.ContainsFunc(a.Parts, func(p ledger.Part) bool { return p.Name == part })
}

// given names the fields of a command that are filled in; parts need not be named.
type given map[string]bool

// carries refuses an act that lacks what the table says it must carry: a field, or a sealed part.
func (a Act) carries(m Matter, act string, fields given) *ledger.Refusal {
	t, _ := transition(act, m.State)
	for _, must := range t.Must {
		if !a.has(must) && !fields[must] {
			return ledger.RefuseAs(ledger.Invalid, "matter.required", must, "field", must)
		}
	}
	return nil
}

// Assign hands a confirmed finding, or another origin's case, to the unit that must act (R012, R105).
type Assign struct {
	Act
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
	if r := c.carries(m, "assign", given{"unit": c.Opening.Unit != "", "rule": due, "number": c.Opening.Number != ""}); r != nil {
		return nil, r
	}
	return c.draftFor(c.ID, AssignedV1{Opening: c.Opening, Clocks: c.Clocks}), nil
}

// FixOnSpot records what was found and fixed in one visit: numbered and counted like the rest (R078).
type FixOnSpot struct {
	Act
	ID      ledger.ID
	Opening Opening
	Clocks  []Clock
}

// Decide refuses it without a picture of after.
func (c FixOnSpot) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if m.State != "" {
		return nil, ledger.Refuse("matter.already-assigned", "id", "number", m.Number)
	}
	if r := c.carries(m, "fix_on_spot", given{"unit": c.Opening.Unit != "", "number": c.Opening.Number != ""}); r != nil {
		return nil, r
	}
	return c.draftFor(c.ID, FixedOnSpotV1{Opening: c.Opening, Clocks: c.Clocks}), nil
}

// Import takes over a finding of somebody else's ledger. The rules that need facts which the file does
// not have are waived, and the facts are counted as not given.
type Import struct {
	Act
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
	return c.draftFor(c.ID, ImportedV1{Opening: c.Opening, NotGiven: c.NotGiven, Due: c.Due, Claimed: c.Claimed}), nil
}

// FollowUp is what an imported later inspection of the same site showed.
type FollowUp struct {
	Act
	Visit  ledger.ID
	Passed bool
}

// Decide refuses it for what was not imported, or is verified or ended already.
func (c FollowUp) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if len(m.NotGiven) == 0 || (m.State != InProgress && m.State != FixClaimed) {
		return nil, ledger.Refuse("matter.forbidden-transition", "act", "act", "follow_up", "state", string(m.State))
	}
	return c.draft(m, FollowedUpV1{Visit: c.Visit, Passed: c.Passed}), nil
}

// Receive acknowledges receipt (签收).
type Receive struct {
	Act
	Owner    ledger.ID
	Expected *time.Time
}

// Decide follows the table.
func (c Receive) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "receive"); r != nil {
		return nil, r
	}
	if r := c.ofResponsible(m); r != nil {
		return nil, r
	}
	return c.draft(m, ReceivedV1{Owner: c.Owner, Expected: c.Expected}), nil
}

// ofResponsible refuses an act of the responsible unit by another.
func (a Act) ofResponsible(m Matter) *ledger.Refusal {
	if u := m.Responsible(); u != "" && a.Unit != u {
		return ledger.RefuseAs(ledger.Forbidden, "matter.not-responsible", "unit")
	}
	return nil
}

// Refuse objects to the hand-over (异议): not ours, or the fact is wrong. The clock runs on.
type Refuse struct {
	Act
	Reason   string
	Proposed ledger.ID
	Clocks   []Clock
}

// Decide wants a reason in words (R145 2.1.20: at most once a unit).
func (c Refuse) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "refuse"); r != nil {
		return nil, r
	}
	if r := c.ofResponsible(m); r != nil {
		return nil, r
	}
	if r := c.carries(m, "refuse", given{"reason": c.Reason != ""}); r != nil {
		return nil, r
	}
	if c.Reason != "not_ours" && c.Reason != "fact_wrong" {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.unknown-code", "reason", "field", "reason")
	}
	if slices.ContainsFunc(m.Clocks, func(k Clock) bool {
		return k.Kind == ClockObjection && !k.Start.Before(m.Tenures[len(m.Tenures)-1].From)
	}) {
		return nil, ledger.Refuse("matter.refuse.twice", "act")
	}
	return c.draft(m, RefusedV1{Reason: c.Reason, Proposed: c.Proposed, Clocks: c.Clocks}), nil
}

// Reassign is the arbiter's decision for another unit.
type Reassign struct {
	Act
	To     ledger.ID
	Due    *time.Time // nil: the deadline stays
	Clocks []Clock
}

// Decide refuses the same unit again, and a new deadline where the old one has passed (1H-14).
func (c Reassign) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "reassign"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "reassign", given{"unit": c.To != ""}); r != nil {
		return nil, r
	}
	if c.To == "" || c.To == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.reassign.same-unit", "unit")
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if c.Due != nil {
		if at := c.effective(m, now); m.Due() != nil && !at.Before(*m.Due()) {
			return nil, ledger.Refuse("matter.due-passed", "due")
		}
		if !c.Due.After(c.effective(m, now)) {
			return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "due")
		}
	}
	return c.draft(m, ReassignedV1{Unit: c.To, Due: c.Due, Clocks: c.Clocks}), nil
}

// Uphold is the arbiter's decision that the unit stays responsible.
type Uphold struct {
	Act
	Clocks []Clock
}

// Decide refuses the responsible unit's own decision.
func (c Uphold) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "uphold_assignment"); r != nil {
		return nil, r
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := c.carries(m, "uphold_assignment", nil); r != nil {
		return nil, r
	}
	return c.draft(m, UpheldV1{Clocks: c.Clocks}), nil
}

// AskExtension asks for a later deadline (延期), before the deadline only.
type AskExtension struct {
	Act
	NewDue time.Time
	Clocks []Clock
}

// Decide refuses it from the deadline on (vectors 11 and 12 of standards.md, appendix F).
func (c AskExtension) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "ask_extension"); r != nil {
		return nil, r
	}
	if r := c.ofResponsible(m); r != nil {
		return nil, r
	}
	if r := c.carries(m, "ask_extension", given{"until": !c.NewDue.IsZero()}); r != nil {
		return nil, r
	}
	switch due := m.Due(); {
	case m.Extension != nil:
		return nil, ledger.Refuse("matter.extension.pending", "act")
	case due == nil:
		return nil, ledger.Refuse("matter.extension.no-deadline", "act")
	case !c.effective(m, now).Before(*due):
		return nil, ledger.Refuse("matter.extension.too-late", "until")
	case !c.NewDue.After(*due):
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "until")
	}
	return c.draft(m, ExtensionAskedV1{Until: c.NewDue.UTC(), Clocks: c.Clocks}), nil
}

// DecideExtension grants or denies; a grant names the exact new deadline.
type DecideExtension struct {
	Act
	Granted bool
	NewDue  *time.Time
	Clocks  []Clock
}

// Decide refuses the asker's and the responsible unit's own decision.
func (c DecideExtension) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "decide_extension"); r != nil {
		return nil, r
	}
	switch {
	case m.Extension == nil:
		return nil, ledger.Refuse("matter.extension.none", "act")
	case c.Unit == m.Responsible() || c.Person == m.Extension.By:
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	case c.Granted && c.NewDue == nil:
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.required", "until", "field", "until")
	case c.Granted && !c.NewDue.After(*m.Due()):
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "until")
	}
	if r := c.carries(m, "decide_extension", nil); r != nil {
		return nil, r
	}
	body := ExtensionDecidedV1{Granted: c.Granted, Clocks: c.Clocks}
	if c.Granted {
		until := c.NewDue.UTC()
		body.Until = &until
	}
	return c.draft(m, body), nil
}

// Claim says that the unit has rectified (反馈), with a picture of after.
type Claim struct {
	Act
	Clocks []Clock
}

// Decide follows the table.
func (c Claim) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "claim"); r != nil {
		return nil, r
	}
	if r := c.ofResponsible(m); r != nil {
		return nil, r
	}
	if m.Extension != nil {
		return nil, ledger.Refuse("matter.extension.pending", "act")
	}
	if r := c.carries(m, "claim", nil); r != nil {
		return nil, r
	}
	return c.draft(m, ClaimedV1{Clocks: c.Clocks}), nil
}

// Verify is the check on the spot by somebody else (核查).
type Verify struct {
	Act
	Visit  ledger.ID
	Passed bool
	Target *time.Time // of the next round, if it failed
}

// Decide: nobody verifies his own work, no unit its own matter (1H-05, R039).
func (c Verify) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	act := "verify"
	if !c.Passed {
		act = "fail_verification"
	}
	if r := c.check(m, act); r != nil {
		return nil, r
	}
	if r := c.notOwnWork(m, "matter.verify.own-work"); r != nil {
		return nil, r
	}
	if r := c.carries(m, act, nil); r != nil {
		return nil, r
	}
	if c.Passed {
		return c.draft(m, VerifiedV1{Visit: c.Visit}), nil
	}
	return c.draft(m, VerificationFailedV1{Visit: c.Visit, Target: c.Target}), nil
}

func (a Act) notOwnWork(m Matter, code string) *ledger.Refusal {
	same := func(x, y ledger.ID) bool { return x != "" && x == y }
	if same(a.Person, m.ClaimedBy) || same(a.Unit, m.Responsible()) {
		return ledger.RefuseAs(ledger.Forbidden, code, "by")
	}
	return nil
}

// StrikeOff closes one matter (销号). There is no command for many (R062).
type StrikeOff struct {
	Act
	Clocks []Clock
}

// Decide refuses it before verification, by the claimant and by the responsible unit (1H-05).
func (c StrikeOff) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "strike_off"); r != nil {
		return nil, r
	}
	if r := c.notOwnWork(m, "matter.strike-off.own-work"); r != nil {
		return nil, r
	}
	return c.draft(m, StruckOffV1{Clocks: c.Clocks}), nil
}

// LookBack is a check after strike-off (回头看): well, or a relapse that reopens.
type LookBack struct {
	Act
	Relapse bool
	Due     time.Time // of the reopened round
	Clocks  []Clock
}

// Decide refuses the responsible unit's own look.
func (c LookBack) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "look_back"); r != nil {
		return nil, r
	}
	if r := c.notOwnWork(m, "matter.verify.own-work"); r != nil {
		return nil, r
	}
	if c.Relapse {
		return Reopen{Act: c.Act, Reason: "look_back", Due: c.Due, Clocks: c.Clocks}.Decide(m, now)
	}
	return c.draft(m, LookedBackV1{}), nil
}

// Reopen opens a struck-off matter again: a new round with a deadline of its own.
type Reopen struct {
	Act
	Reason string
	Due    time.Time
	Clocks []Clock
}

// Decide wants a reason, in a code and in words.
func (c Reopen) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "reopen"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "reopen", given{"reason": c.Reason != ""}); r != nil {
		return nil, r
	}
	if !slices.Contains([]string{"look_back", "relapse", "citizen"}, c.Reason) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.unknown-code", "reason", "field", "reason")
	}
	return c.draft(m, ReopenedV1{Reason: c.Reason, Due: c.Due.UTC(), Clocks: c.Clocks}), nil
}

// PutOnRecord keeps a matter open for long (挂账), with a plan and a review.
type PutOnRecord struct {
	Act
	Until  time.Time // end of the plan
	Clocks []Clock   // the review
}

// Decide moves the deadline only if it has not passed: what was late stays late.
func (c PutOnRecord) Decide(m Matter, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "put_on_record"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "put_on_record", given{"review_at": !c.Until.IsZero()}); r != nil {
		return nil, r
	}
	if c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if m.Extension != nil {
		return nil, ledger.Refuse("matter.extension.pending", "act")
	}
	at := c.effective(m, now)
	if !c.Until.After(at) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "review_at")
	}
	body := PutOnRecordV1{Clocks: c.Clocks}
	if due := m.Due(); due != nil && at.Before(*due) && c.Until.After(*due) {
		until := c.Until.UTC()
		body.Until = &until
	}
	return c.draft(m, body), nil
}

// Withdraw ends a matter that should not have been one (撤销), with a reason.
type Withdraw struct{ Act }

// Decide refuses the responsible unit's own withdrawal.
func (c Withdraw) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "withdraw"); r != nil {
		return nil, r
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := c.carries(m, "withdraw", nil); r != nil {
		return nil, r
	}
	return c.draft(m, WithdrawnV1{}), nil
}

// MarkDuplicate merges a matter into a master. Master is the master as it is now.
type MarkDuplicate struct {
	Act
	Master Matter
}

// Decide refuses a master that is ended, is itself a duplicate, or is this matter.
func (c MarkDuplicate) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "mark_duplicate"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "mark_duplicate", given{"master": c.Master.ID != ""}); r != nil {
		return nil, r
	}
	if c.Master.ID == m.ID || !c.Master.State.Open() && c.Master.State != StruckOff {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.duplicate.bad-master", "master")
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	return c.draft(m, MergedV1{Master: c.Master.ID}), nil
}

// UnmarkDuplicate takes the merging back: the matter counts again from then on.
type UnmarkDuplicate struct{ Act }

// Decide follows the table.
func (c UnmarkDuplicate) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "unmark_duplicate"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "unmark_duplicate", nil); r != nil {
		return nil, r
	}
	return c.draft(m, UnmergedV1{}), nil
}

// Urge presses the responsible unit (催办); impossible after the end.
type Urge struct {
	Act
	Notice UrgedV1
}

// Decide follows the table.
func (c Urge) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "urge"); r != nil {
		return nil, r
	}
	if r := c.carries(m, "urge", nil); r != nil {
		return nil, r
	}
	return c.draft(m, c.Notice), nil
}

// Correct puts facets right (更正): figures change at the original time, known from now on.
type Correct struct {
	Act
	Fields Correction
}

// Decide refuses a correction of nothing and the responsible unit's own.
func (c Correct) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.check(m, "correct"); r != nil {
		return nil, r
	}
	f := c.Fields
	if f.Street == nil && f.Problem == nil && f.Area == nil && f.Responsibility == nil && f.Severity == nil && len(f.Themes) == 0 {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.correct.nothing", "fields")
	}
	if c.Unit != "" && c.Unit == m.Responsible() {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.own-case", "unit")
	}
	if r := c.carries(m, "correct", nil); r != nil {
		return nil, r
	}
	return c.draft(m, CorrectedV1{Fields: f}), nil
}
