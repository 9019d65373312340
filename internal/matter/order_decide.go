package matter

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// OrderCommand is decided on an order as Command is on a matter.
type OrderCommand interface {
	Decide(o Order, now time.Time) ([]ledger.Draft, *ledger.Refusal)
}

// DraftOrder drafts an order, or writes a draft again. Competent tells whether the area belongs to the department
// on the day, Exists whether the department is there then; Findings are the matters it is about, as they are now.
type DraftOrder struct {
	ledger.Act
	ID        ledger.ID
	Order     Ordered
	Competent bool
	Exists    bool
	Day       string // YYYY-MM-DD, for the words of a refusal
	Findings  []Matter
}

// Decide: to a department that exists that day and is competent for the area, with a requirement, an urgency and a
// deadline; about findings of that area only (R107-R114).
func (c DraftOrder) Decide(o Order, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if o.State != "" && o.State != OrderDraft {
		return nil, ledger.Refuse("order.issued-already", "id", "number", o.Number)
	}
	if r := c.Stale(o.Version); r != nil {
		return nil, r
	}
	x := c.Order
	if r := needs("unit", x.Unit != "", "urgency", x.Urgency != "", "due", !x.Due.IsZero()); r != nil {
		return nil, r
	}
	if r := addressed(x.Area, c.Day, c.Exists, c.Competent); r != nil {
		return nil, r
	}
	if r := c.Need("requirement"); r != nil {
		return nil, r
	}
	if !x.Due.After(c.Effective(now, o.Effect)) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "due")
	}
	if slices.Contains(x.Copies, x.Unit) {
		return nil, ledger.RefuseAs(ledger.Invalid, "order.copy-to-addressee", "copies")
	}
	for i, m := range c.Findings {
		field := "matters[" + strconv.Itoa(i) + "]"
		switch {
		case m.Origin != OriginFinding || !m.State.Counts():
			return nil, ledger.RefuseAs(ledger.Invalid, "order.no-finding", field, "number", m.Number)
		case x.Area != "" && m.Facets.Area != "" && m.Facets.Area != x.Area:
			return nil, ledger.RefuseAs(ledger.Invalid, "order.other-area", field, "number", m.Number)
		case slices.Contains(x.Matters[:i], m.ID):
			return nil, ledger.RefuseAs(ledger.Invalid, "order.matter-twice", field, "number", m.Number)
		}
	}
	x.Due = x.Due.UTC()
	return c.Draft(c.ID, OrderDraftedV1{x}), nil
}

// addressed refuses a department that did not exist on the day, or was not competent for the area then.
func addressed(area, day string, exists, competent bool) *ledger.Refusal {
	switch {
	case !exists:
		return ledger.RefuseAs(ledger.Invalid, "unit.not-valid-then", "unit", "day", day)
	case area != "" && !competent:
		return ledger.RefuseAs(ledger.Invalid, "order.not-competent", "unit", "area", area, "day", day)
	}
	return nil
}

// needs refuses the first of pairs of a field and whether it is given that is not.
func needs(pairs ...any) *ledger.Refusal {
	for i := 0; i < len(pairs); i += 2 {
		if !pairs[i+1].(bool) {
			return ledger.Required(pairs[i].(string))
		}
	}
	return nil
}

// IssueOrder signs and numbers a draft: the order is a matter from then on (R114).
type IssueOrder struct {
	ledger.Act
	Opening   Opening
	Clocks    []Clock
	Hash      string
	Competent bool
	Exists    bool
	Day       string
}

// Decide: nobody signs what he drafted (R201), and the department is there on the day of issue.
func (c IssueOrder) Decide(o Order, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if o.State != OrderDraft {
		return nil, ledger.Refuse("order.issued-already", "id", "number", o.Number)
	}
	if r := c.Stale(o.Version); r != nil {
		return nil, r
	}
	if c.Person != "" && c.Person == o.DraftedBy {
		return nil, ledger.RefuseAs(ledger.Forbidden, "order.own-draft", "by")
	}
	if r := addressed(o.Area, c.Day, c.Exists, c.Competent); r != nil {
		return nil, r
	}
	if !o.Due.After(c.Effective(now, o.Effect)) {
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "due")
	}
	return c.Draft(o.ID, OrderIssuedV1{Opening: c.Opening, Clocks: c.Clocks, Hash: c.Hash}), nil
}

// working refuses an act on the self-check of an order that is not received, or is replied to already.
func (o Order) working(a ledger.Act, m Matter) *ledger.Refusal {
	switch {
	case o.State != OrderIssued:
		return ledger.Refuse("order.not-issued", "id")
	case m.State != InProgress && m.State != OnRecord:
		return ledger.Refuse("order.not-in-progress", "id", "state", string(m.State))
	}
	return a.Stale(o.Version)
}

// Split names who leads and who assists (R122: one leads, any number assist). Matter is the order's.
type Split struct {
	ledger.Act
	Matter Matter
	Lead   ledger.ID
	Assist []ledger.ID
}

// Decide: by the department itself; each unit once.
func (c Split) Decide(o Order, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := o.working(c.Act, c.Matter); r != nil {
		return nil, r
	}
	if c.Unit != o.Unit {
		return nil, ledger.RefuseAs(ledger.Forbidden, "matter.not-responsible", "unit")
	}
	if c.Lead == "" {
		return nil, ledger.Required("lead")
	}
	for i, u := range c.Assist {
		switch {
		case u == c.Lead:
			return nil, ledger.RefuseAs(ledger.Invalid, "order.lead-assists", "assist")
		case slices.Contains(c.Assist[:i], u):
			return nil, ledger.RefuseAs(ledger.Invalid, "order.assists-twice", "assist")
		}
	}
	return c.Draft(o.ID, OrderSplitV1{Lead: c.Lead, Assist: c.Assist}), nil
}

// ListSites adds sites to the list of the self-check; Sites are those not listed yet.
type ListSites struct {
	ledger.Act
	Matter Matter
	Sites  []ledger.ID
}

// sitesPerEntry keeps an entry well under its limit.
const sitesPerEntry = 500

// Decide: by a unit of the order that asks for a self-check.
func (c ListSites) Decide(o Order, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := o.checking(c.Act, c.Matter); r != nil {
		return nil, r
	}
	if len(c.Sites) == 0 {
		return nil, ledger.Required("rows")
	}
	var out []ledger.Draft
	for part := range slices.Chunk(c.Sites, sitesPerEntry) {
		out = append(out, c.Draft(o.ID, OrderSitesListedV1{Sites: part})...)
	}
	return out, nil
}

func (o Order) checking(a ledger.Act, m Matter) *ledger.Refusal {
	if r := o.working(a, m); r != nil {
		return r
	}
	switch {
	case !slices.Contains(o.Units(), a.Unit):
		return ledger.RefuseAs(ledger.Forbidden, "order.other-unit", "unit")
	case !o.SelfCheck:
		return ledger.Refuse("order.no-self-check", "id")
	}
	return nil
}

// CheckSite says what was seen at a site of the list. Listed and Result are of the site as it is now; Child is the
// matter that what was found becomes, empty if all was well.
type CheckSite struct {
	ledger.Act
	Matter Matter
	Site   ledger.ID
	Listed bool
	Result string // empty: not checked yet
	Street string
	Day    string
	Child  ledger.ID
}

// Decide: a site of the list, once. What else a site has goes into the words of its one finding, so that what was
// found never exceeds what was checked.
func (c CheckSite) Decide(o Order, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := o.checking(c.Act, c.Matter); r != nil {
		return nil, r
	}
	switch {
	case !c.Listed:
		return nil, ledger.RefuseAs(ledger.Invalid, "order.site-not-listed", "site")
	case c.Result != "":
		return nil, ledger.Refuse("order.site-checked-already", "site")
	}
	return c.Draft(o.ID, OrderSiteCheckedV1{Site: c.Site, Street: c.Street, Day: c.Day, Matter: c.Child}), nil
}

// ReportSelfCheck says checked n, found m, fixed k (R116). Children are the matters found, as they are now.
type ReportSelfCheck struct {
	ledger.Act
	Matter   Matter
	Children []Matter
	Checked  int
	Found    int
	Fixed    int
}

// Decide holds the three numbers against each other and against the entries.
func (c ReportSelfCheck) Decide(o Order, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := o.checking(c.Act, c.Matter); r != nil {
		return nil, r
	}
	t := Order{Listed: o.Listed, Checked: o.Checked}.Tally(c.Children)
	bad := func(code, field string, n int) *ledger.Refusal {
		return ledger.RefuseAs(ledger.Invalid, code, field, "n", strconv.Itoa(n))
	}
	switch {
	case c.Checked < 1:
		return nil, ledger.Required("checked")
	case c.Found < 0 || c.Found > c.Checked:
		return nil, bad("order.found-over-checked", "found", c.Checked)
	case c.Fixed < 0 || c.Fixed > c.Found:
		return nil, bad("order.fixed-over-found", "fixed", c.Found)
	case c.Checked < t.Checked:
		return nil, bad("order.checked-under-sites", "checked", t.Checked)
	case t.Listed > 0 && c.Checked > t.Listed:
		return nil, bad("order.checked-over-listed", "checked", t.Listed)
	case c.Found != t.Found:
		return nil, bad("order.found-not-children", "found", t.Found)
	case c.Fixed > t.Fixed:
		return nil, bad("order.fixed-over-claimed", "fixed", t.Fixed)
	}
	return c.Draft(o.ID, OrderReportedV1{Checked: c.Checked, Found: c.Found, Fixed: c.Fixed}), nil
}

// ReplyOrder is the department's written reply; it is the claim of its matter (书面回复).
type ReplyOrder struct {
	ledger.Act
	Order  Order
	Clocks []Clock
}

// Decide: an order that asks for a self-check has its numbers first.
func (c ReplyOrder) Decide(m Matter, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if m.Origin != OriginOrder {
		return nil, ledger.Refuse("matter.forbidden-transition", "act", "act", "reply", "state", string(m.State))
	}
	if r := m.check(c.Act, "reply"); r != nil {
		return nil, r
	}
	if r := m.ofResponsible(c.Act); r != nil {
		return nil, r
	}
	if m.Extension != nil {
		return nil, ledger.Refuse("matter.extension.pending", "act")
	}
	if r := m.carries(c.Act, "reply", nil); r != nil {
		return nil, r
	}
	if c.Order.SelfCheck && c.Order.Report == nil {
		return nil, ledger.Refuse("order.no-report", "text")
	}
	return c.Draft(m.ID, ClaimedV1{Clocks: c.Clocks}), nil
}
