package visit

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"
)

// Elsewhere is a visit that an inspector was on at the same time.
type Elsewhere struct {
	Person ledger.ID
	Visit  ledger.ID
}

// Start begins a visit. Team, recusals and overlaps are as of the start.
type Start struct {
	ledger.Act
	ID         ledger.ID
	Site       ledger.ID
	Street     string
	Team       Team
	Inspectors []ledger.ID
	Methods    []string
	Day        string
	Ended      time.Time   // of a visit that is reported when it is over; zero: it is under way
	Recused    []ledger.ID // of the inspectors, those who must keep out of the street
	Elsewhere  []Elsewhere
}

// Decide: a team with an authorisation in force, posted there; two inspectors or the reason why one is alone,
// each then a member, not recused and nowhere else (1H-04, 1H-07, R079, R083, R084, R103).
func (c Start) Decide(v Visit, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	at := c.At
	if at.IsZero() {
		at = now
	}
	switch {
	case v.State != "":
		return nil, ledger.Refuse("visit.exists", "id")
	case len(c.Inspectors) == 0:
		return nil, ledger.Required("inspectors")
	case len(c.Methods) == 0:
		return nil, ledger.Required("methods")
	case !c.Team.Authorised(c.Street, at):
		return nil, ledger.RefuseAs(ledger.Forbidden, "visit.not-authorised", "team")
	case !c.Team.PostedTo(c.Street, at):
		return nil, ledger.RefuseAs(ledger.Forbidden, "visit.not-posted", "team", "street", c.Street)
	case len(c.Recused) > 0:
		return nil, ledger.RefuseAs(ledger.Forbidden, "visit.recused", "inspectors")
	case len(c.Elsewhere) > 0:
		return nil, ledger.Refuse("visit.two-places", "inspectors", "visit", string(c.Elsewhere[0].Visit))
	}
	seen := map[ledger.ID]bool{}
	for _, p := range c.Inspectors {
		if !c.Team.Has(p, at) {
			return nil, ledger.RefuseAs(ledger.Forbidden, "visit.not-a-member", "inspectors")
		}
		if seen[p] {
			return nil, ledger.RefuseAs(ledger.Invalid, "visit.person-twice", "inspectors")
		}
		seen[p] = true
	}
	if len(c.Inspectors) < MinStrength && !c.Has("alone") {
		return nil, ledger.RefuseAs(ledger.Invalid, "visit.needs-two", "inspectors", "min", strconv.Itoa(MinStrength))
	}
	drafts := c.Draft(c.ID, StartedV1{
		Site: c.Site, Street: c.Street, Team: c.Team.ID, Inspectors: c.Inspectors, Methods: c.Methods, Day: c.Day,
	})
	if !c.Ended.IsZero() {
		if c.Ended.Before(at) {
			return nil, ledger.RefuseAs(ledger.Invalid, "visit.end-before-start", "ended_at")
		}
		drafts = append(drafts, ledger.Draft{Subject: c.ID, OccurredAt: c.Ended, Body: EndedV1{}})
	}
	return drafts, nil
}

// AnswerItems records what was looked at on a visit.
type AnswerItems struct {
	ledger.Act
	Answers []Answer
}

// Decide takes it from an inspector of a visit that counts, each item once.
func (c AnswerItems) Decide(v Visit, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case v.State != Started && v.State != Ended:
		return nil, ledger.Refuse("visit.not-open", "visit", "state", v.State)
	case !contains(v.Inspectors, c.Person):
		return nil, ledger.RefuseAs(ledger.Forbidden, "finding.not-inspector", "by")
	case len(c.Answers) == 0:
		return nil, ledger.Required("answers")
	}
	for i, a := range c.Answers {
		field := "answers[" + strconv.Itoa(i) + "]"
		if !slices.Contains(Results, a.Result) {
			return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", field+".result", "field", field+".result")
		}
		if slices.ContainsFunc(c.Answers[:i], func(x Answer) bool { return x.Item == a.Item }) {
			return nil, ledger.RefuseAs(ledger.Invalid, "plan.item-twice", field+".item", "code", a.Item)
		}
	}
	return c.Draft(v.ID, AnsweredV1{Answers: c.Answers}), nil
}

// End ends a visit.
type End struct{ ledger.Act }

// Decide refuses an end before the beginning.
func (c End) Decide(v Visit, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(v.Version); r != nil {
		return nil, r
	}
	if v.State != Started {
		return nil, ledger.Refuse("visit.not-open", "state", "state", v.State)
	}
	if !c.At.IsZero() && c.At.Before(v.StartedAt) {
		return nil, ledger.RefuseAs(ledger.Invalid, "visit.end-before-start", "ended_at")
	}
	return c.Draft(v.ID, EndedV1{}), nil
}

// Annul says that there was no such visit.
type Annul struct {
	ledger.Act
	Standing int // matters that its findings became and that still count
}

// Decide refuses it while matters of it count: they must be withdrawn or merged first.
func (c Annul) Decide(v Visit, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(v.Version); r != nil {
		return nil, r
	}
	switch {
	case v.State == Annulled || v.State == "":
		return nil, ledger.Refuse("visit.not-open", "state", "state", v.State)
	case c.Standing > 0:
		return nil, ledger.Refuse("visit.has-matters", "id", "count", strconv.Itoa(c.Standing))
	case !c.Has("reason"):
		return nil, ledger.Required("text")
	}
	return c.Draft(v.ID, AnnulledV1{}), nil
}

// Raise records a finding of a visit, on the spot or later from the phone.
type Raise struct {
	ledger.Act
	ID      ledger.ID
	Visit   Visit
	What    What
	Cites   []string // publication#code
	AsDraft bool
	Clock   *matter.Clock // until hand-over, from when it is recorded: nobody could know earlier
}

// Decide wants an inspector of the visit, and codes; words may still be vague (they are asked for at
// confirmation), the deadline of none passes.
func (c Raise) Decide(f Finding, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	at := c.At
	if at.IsZero() {
		at = now
	}
	switch {
	case f.State != "":
		return nil, ledger.Refuse("finding.exists", "id")
	case c.Visit.State != Started && c.Visit.State != Ended:
		return nil, ledger.Refuse("visit.not-open", "visit", "state", c.Visit.State)
	case !contains(c.Visit.Inspectors, c.Person):
		return nil, ledger.RefuseAs(ledger.Forbidden, "finding.not-inspector", "by")
	case at.Before(c.Visit.StartedAt):
		return nil, ledger.RefuseAs(ledger.Invalid, "finding.before-visit", "occurred_at")
	case c.Visit.EndedAt != nil && at.After(*c.Visit.EndedAt):
		return nil, ledger.RefuseAs(ledger.Invalid, "finding.after-visit", "occurred_at")
	}
	body := FindingRaisedV2{FindingRaisedV1: FindingRaisedV1{
		Visit: c.Visit.ID, Site: c.Visit.Site, Street: c.Visit.Street, Team: c.Visit.Team, What: c.What, Draft: c.AsDraft,
	}}
	if !c.AsDraft {
		if r := complete(c.What, c.Has); r != nil {
			return nil, r
		}
		body.Clock = c.Clock
	}
	return append(c.Draft(c.ID, body), cite(c.Act, f, c.ID, c.Cites)...), nil
}

// cite is the entry by which a finding cites something else than before, if it does.
func cite(act ledger.Act, f Finding, id ledger.ID, cites []string) []ledger.Draft {
	if slices.Equal(f.Cites, cites) {
		return nil
	}
	act.Parts = nil // the words belong to the entry before
	return act.Draft(id, FindingCitedV1{Cites: cites})
}

func contains(list []ledger.ID, id ledger.ID) bool {
	for _, x := range list {
		if x == id {
			return true
		}
	}
	return false
}

// complete refuses a finding that lacks what the ledger's columns need (R011, R037, R085).
func complete(w What, has func(string) bool) *ledger.Refusal {
	for _, f := range []struct{ field, value string }{
		{"problem_type", w.Problem},
		{"severity", w.Severity},
		{"responsibility", w.Responsibility},
		{"clause", w.Clause},
		{"themes", strings.Join(w.Themes, "")},
	} {
		if f.value == "" {
			return ledger.Required(f.field)
		}
	}
	if !has("text") {
		return ledger.Required("fact")
	}
	if w.FixedOnSpot && !has("photo.after.1") {
		return ledger.Required("after_photos")
	}
	return nil
}

// Amend puts a finding right before it is confirmed.
type Amend struct {
	ledger.Act
	What  What
	Cites []string      // publication#code
	Clock *matter.Clock // of what becomes a finding by it
}

// Decide refuses it once the finding is confirmed.
func (c Amend) Decide(f Finding, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(f.Version); r != nil {
		return nil, r
	}
	if f.State != Draft && f.State != Raised && f.State != Rejected {
		return nil, ledger.Refuse("finding.already-confirmed", "state", "state", f.State)
	}
	if r := complete(c.What, func(p string) bool { _, kept := f.Part(p); return kept || c.Has(p) }); r != nil {
		return nil, r
	}
	body := FindingAmendedV2{What: c.What}
	if !f.Waiting() {
		body.Clock = c.Clock
	}
	return append(c.Draft(f.ID, body), cite(c.Act, f, f.ID, c.Cites)...), nil
}

// Confirm says that the finding holds. Text is what its sealed part says.
type Confirm struct {
	ledger.Act
	Text Text
}

// Decide refuses vague words, and no picture without a reason (R011).
func (c Confirm) Decide(f Finding, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(f.Version); r != nil {
		return nil, r
	}
	if f.State != Draft && f.State != Raised {
		return nil, ledger.Refuse("finding.wrong-state", "state", "state", f.State)
	}
	if r := complete(f.What, func(p string) bool { _, ok := f.Part(p); return ok }); r != nil {
		return nil, r
	}
	if why := Vague(c.Text); why != "" {
		return nil, ledger.RefuseAs(ledger.Invalid, why, "fact")
	}
	_, pictured := f.Part("photo.before.1")
	if _, waived := f.Part("no-photo"); !pictured && !waived { // row 1 of the transition table
		return nil, ledger.RefuseAs(ledger.Invalid, "finding.no-photo", "photos")
	}
	return c.Draft(f.ID, FindingConfirmedV1{}), nil
}

// Reject sends a finding back, with a reason.
type Reject struct{ ledger.Act }

// Decide refuses it without a reason.
func (c Reject) Decide(f Finding, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(f.Version); r != nil {
		return nil, r
	}
	if f.State != Draft && f.State != Raised {
		return nil, ledger.Refuse("finding.wrong-state", "state", "state", f.State)
	}
	if !c.Has("reason") {
		return nil, ledger.Required("text")
	}
	return c.Draft(f.ID, FindingRejectedV1{}), nil
}

// HandOver marks a confirmed finding as handed over: it became a matter.
type HandOver struct {
	ledger.Act
	Matter ledger.ID
}

// Decide refuses what is not confirmed, or handed over already.
func (c HandOver) Decide(f Finding, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(f.Version); r != nil {
		return nil, r
	}
	if f.State != Confirmed {
		return nil, ledger.Refuse("finding.not-confirmed", "state", "state", f.State)
	}
	return c.Draft(f.ID, FindingHandedOverV1{Matter: c.Matter}), nil
}

// Vague tells by which rule a finding's words are vague; empty if they are not (R011). A fact says
// something that can be counted, timed or placed, and hides behind none of the words of evasion.
func Vague(t Text) (code string) {
	fact := strings.TrimSpace(t.Fact)
	if utf8.RuneCountInString(fact) < minFact {
		return "finding.vague.short"
	}
	rest := strings.ToLower(fact)
	for _, w := range evasions {
		rest = strings.ReplaceAll(rest, w, "")
	}
	switch {
	case strings.ContainsFunc(rest+t.Place, specific):
		return ""
	case rest != strings.ToLower(fact):
		return "finding.vague.evasive"
	default:
		return "finding.vague.no-detail"
	}
}

// minFact is the fewest characters that can say place, time and fact.
const minFact = 8

// evasions are words that name nobody and nothing.
var evasions = []string{"个别", "有的", "部分", "某些", "一些", "不力", "不到位", "有待加强", "some ", "certain ", "insufficient"}

// specific characters count, time or number something.
func specific(r rune) bool {
	return unicode.IsDigit(r) || strings.ContainsRune("一二两三四五六七八九十百", r)
}
