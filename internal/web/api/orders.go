package api

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// OrderRow is a written order in lists.
type OrderRow struct {
	ID          string      `json:"id"`
	Version     int         `json:"version" doc:"of the order's own acts"`
	State       string      `json:"state" enum:"draft,issued"`
	Number      string      `json:"number"`
	Area        string      `json:"area"`
	Unit        Named       `json:"unit"`
	ProblemType string      `json:"problem_type"`
	Urgency     string      `json:"urgency"`
	Due         time.Time   `json:"due"`
	SelfCheck   bool        `json:"self_check"`
	DraftedBy   Person      `json:"drafted_by"`
	DraftedAt   time.Time   `json:"drafted_at"`
	IssuedBy    *Person     `json:"issued_by"`
	IssuedAt    *time.Time  `json:"issued_at"`
	Received    *ReceiptOf  `json:"received"`
	Lead        *Named      `json:"lead"`
	Assist      []Named     `json:"assist"`
	Tally       TallyView   `json:"tally"`
	Requirement *string     `json:"requirement" doc:"null: destroyed"`
	Matter      *OrderState `json:"matter" doc:"null while it is a draft"`
}

// OrderState is how the order's matter stands.
type OrderState struct {
	Version     int    `json:"version"`
	State       string `json:"state"`
	Light       string `json:"light"`
	MinutesLeft *int   `json:"minutes_left"`
	WasLate     bool   `json:"was_late"`
}

// ReceiptOf says who received and when.
type ReceiptOf struct {
	By   Person    `json:"by"`
	Unit Named     `json:"unit"`
	At   time.Time `json:"at"`
}

// TallyView is what a self-check came to.
type TallyView struct {
	Listed  int `json:"listed" doc:"sites on the list"`
	Checked int `json:"checked"`
	Found   int `json:"found"`
	Fixed   int `json:"fixed"`
}

// OrderPage is one order with all that is known of it.
type OrderPage struct {
	OrderRow
	Basis     *string     `json:"basis"`
	Scope     *string     `json:"scope" doc:"of the self-check"`
	Contact   *string     `json:"contact"`
	Copies    []Named     `json:"copies"`
	Findings  []MatterRow `json:"findings" doc:"what it is about"`
	Children  []MatterRow `json:"children" doc:"what the self-check found"`
	Sites     []SiteCheck `json:"sites" doc:"the first hundred; /orders/{id}/sites has all"`
	Report    *SelfReport `json:"report"`
	Reply     *ReplyView  `json:"reply"`
	Hash      string      `json:"hash" doc:"over what was issued"`
	Acts      []string    `json:"acts" doc:"open to the asker now"`
	Competent []Named     `json:"competent" doc:"departments that the area belongs to today"`
}

// SelfReport is what the department reported.
type SelfReport struct {
	Checked int       `json:"checked"`
	Found   int       `json:"found"`
	Fixed   int       `json:"fixed"`
	By      Person    `json:"by"`
	At      time.Time `json:"at"`
	Text    *string   `json:"text"`
}

// ReplyView is the department's written reply.
type ReplyView struct {
	By        Person    `json:"by"`
	At        time.Time `json:"at"`
	Text      *string   `json:"text"`
	Reference *string   `json:"reference" doc:"the number it wrote on it"`
}

type orderBody struct {
	Version     int       `json:"version,omitempty" minimum:"0"`
	Area        string    `json:"area,omitempty" doc:"empty: of no area"`
	Unit        string    `json:"unit"`
	ProblemType string    `json:"problem_type,omitempty"`
	Urgency     string    `json:"urgency" doc:"a severity"`
	Matters     []string  `json:"matters,omitempty" maxItems:"500"`
	Copies      []string  `json:"copies,omitempty" maxItems:"50"`
	Due         time.Time `json:"due,omitzero"`
	SelfCheck   bool      `json:"self_check,omitempty"`
	Requirement string    `json:"requirement"`
	Basis       string    `json:"basis,omitempty"`
	Scope       string    `json:"scope,omitempty"`
	Contact     string    `json:"contact,omitempty"`
}

func (b orderBody) form(id string) acts.OrderForm {
	return acts.OrderForm{
		ID: ledger.ID(id), Seen: b.Version,
		Order: matter.Ordered{
			Area: b.Area, Unit: ledger.ID(b.Unit), Problem: b.ProblemType, Urgency: b.Urgency, Matters: ids(b.Matters), Copies: ids(b.Copies), Due: b.Due, SelfCheck: b.SelfCheck,
		},
		Words: acts.OrderWords{Requirement: b.Requirement, Basis: b.Basis, Scope: b.Scope, Contact: b.Contact},
	}
}

func (s *API) orders(h huma.API) {
	get(h, "/orders", "list-orders", "Written orders to departments, the last first", s.listOrders)
	get(h, "/orders/proposals", "order-proposals", "Problem types found in so many streets that an order is due", s.proposals)
	get(h, "/orders/looked-at", "looked-at", "What was looked at, by town and area, and what nobody looked at", s.lookedAt)
	get(h, "/orders/{id}", "get-order", "One order with its self-check", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*OrderPage, error) {
		return s.orderPage(ctx, actor, in.ID)
	})
	get(h, "/orders/{id}/sites", "order-sites", "The sites of an order's self-check", s.sitesOfOrder)
	add(h, "/orders", "draft-order", "Draft an order to a department", func(ctx context.Context, c acts.Caller, b *orderBody) (*OrderPage, error) {
		id, err := s.acts.DraftOrder(ctx, c, b.form(""))
		if err != nil {
			return nil, err
		}
		return s.orderPage(ctx, c.Actor, string(id))
	})
	onOrder(s, h, "draft", "redraft-order", "Write a draft again", func(ctx context.Context, c acts.Caller, id ledger.ID, b *orderBody) error {
		_, err := s.acts.DraftOrder(ctx, c, b.form(string(id)))
		return err
	})
	onOrder(s, h, "issue", "issue-order", "Sign an order: it gets its number", func(ctx context.Context, c acts.Caller, id ledger.ID, b *versionBody) error {
		return s.acts.IssueOrder(ctx, c, id, b.Version)
	})
	onOrder(s, h, "split", "split-order", "Name who leads and who assists (牵头、配合)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int      `json:"version,omitempty" minimum:"0"`
		Lead    string   `json:"lead"`
		Assist  []string `json:"assist,omitempty" maxItems:"50"`
	},
	) error {
		return s.acts.SplitOrder(ctx, c, id, b.Version, ledger.ID(b.Lead), ids(b.Assist))
	})
	onOrder(s, h, "checks", "self-check", "What was seen at a site of the self-check; a problem becomes a matter", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version     int      `json:"version,omitempty" minimum:"0"`
		Site        string   `json:"site"`
		Result      string   `json:"result" enum:"ok,found"`
		Fact        string   `json:"fact,omitempty"`
		Requirement string   `json:"requirement,omitempty"`
		ProblemType string   `json:"problem_type,omitempty" doc:"empty: the order's"`
		Severity    string   `json:"severity,omitempty" doc:"empty: the order's urgency"`
		Unit        string   `json:"unit,omitempty" doc:"who must act; empty: who checks"`
		Photos      []string `json:"photos,omitempty" maxItems:"9"`
	},
	) error {
		f := acts.SelfCheckForm{
			Seen: b.Version, Site: ledger.ID(b.Site), Found: b.Result == matter.SiteFound, Fact: b.Fact, Requirement: b.Requirement, Unit: ledger.ID(b.Unit), Photos: ids(b.Photos),
		}
		f.What.Problem, f.What.Severity = b.ProblemType, b.Severity
		return s.acts.SelfCheck(ctx, c, id, f)
	})
	onOrder(s, h, "report", "report-self-check", "Checked n, found m, fixed k", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Checked int    `json:"checked"`
		Found   int    `json:"found"`
		Fixed   int    `json:"fixed"`
		Text    string `json:"text,omitempty"`
	},
	) error {
		return s.acts.ReportSelfCheck(ctx, c, id, b.Version, b.Checked, b.Found, b.Fixed, b.Text)
	})
	s.orderSiteLists(h)
	s.competences(h)
}

// maxSitesFile bounds a file of sites, bytes.
const maxSitesFile = 8 << 20

func onOrder[B any](s *API, h huma.API, act, id, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, "/orders/{id}/"+act, id, summary, func(ctx context.Context, c acts.Caller, order string, b *B) (*OrderPage, error) {
		if err := fn(ctx, c, ledger.ID(order), b); err != nil {
			return nil, err
		}
		return s.orderPage(ctx, c.Actor, order)
	})
}

// maxOrders bounds the list: a district has a few a week.
const maxOrders = 500

func (s *API) listOrders(ctx context.Context, actor access.Actor, in *struct {
	State string `query:"state" enum:"draft,issued,"`
	Area  string `query:"area"`
	Unit  string `query:"unit"`
},
) (*Items[OrderRow], error) {
	out := &Items[OrderRow]{Items: []OrderRow{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		list, err := matter.Orders(v.tx, actor.Tenant, maxOrders)
		if err != nil {
			return err
		}
		for _, o := range list {
			if in.State != "" && o.State != in.State || in.Area != "" && o.Area != in.Area || in.Unit != "" && string(o.Unit) != in.Unit || !v.seesOrder(o) {
				continue
			}
			row, _, err := v.orderRow(o)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, row)
		}
		return nil
	})
}

func (v *viewer) seesOrder(o matter.Order) bool { return v.actor.Sees(acts.OrderPlace(v.actor, o)) }

// orderRow also gives the order's matter; it is empty while the order is a draft.
func (v *viewer) orderRow(o matter.Order) (OrderRow, matter.Matter, error) {
	row := OrderRow{
		ID: string(o.ID), Version: o.Version, State: o.State, Number: o.Number, Area: o.Area, ProblemType: o.Problem, Urgency: o.Urgency, Due: v.local(o.Due),
		SelfCheck: o.SelfCheck, DraftedAt: v.local(o.DraftedAt), IssuedAt: v.localSet(o.IssuedAt), Assist: []Named{},
	}
	m, found, err := matter.Load(v.tx, v.actor.Tenant, o.ID)
	if err != nil {
		return row, m, err
	}
	children, err := matter.Children(v.tx, v.actor.Tenant, o)
	if err != nil {
		return row, m, err
	}
	row.Tally = TallyView(o.Tally(children))
	if found {
		row.Matter = &OrderState{Version: m.Version, State: string(m.State), Light: v.light(m), WasLate: m.Late(v.now)}
		if due := m.Due(); due != nil && m.State.Open() && !m.Claimed() {
			left := int(due.Sub(v.now) / time.Minute)
			row.Matter.MinutesLeft = &left
		}
	}
	if row.Unit, err = v.org(o.Unit); err != nil {
		return row, m, err
	}
	if row.DraftedBy, err = v.person(o.DraftedBy); err != nil {
		return row, m, err
	}
	if row.IssuedBy, err = v.personPtr(o.IssuedBy); err != nil {
		return row, m, err
	}
	if o.Received != nil {
		row.Received = &ReceiptOf{At: v.local(o.Received.At)}
		if row.Received.By, err = v.person(o.Received.By); err != nil {
			return row, m, err
		}
		if row.Received.Unit, err = v.org(o.Received.Unit); err != nil {
			return row, m, err
		}
	}
	if o.Lead != "" {
		lead, err := v.org(o.Lead)
		if err != nil {
			return row, m, err
		}
		row.Lead = &lead
	}
	if row.Assist, err = v.orgList(o.Assist); err != nil {
		return row, m, err
	}
	row.Requirement, err = v.partOf(o.Parts, "requirement")
	return row, m, err
}

func (v *viewer) personPtr(id ledger.ID) (*Person, error) {
	if id == "" {
		return nil, nil
	}
	p, err := v.person(id)
	return &p, err
}

func (v *viewer) orgList(list []ledger.ID) ([]Named, error) {
	out := []Named{}
	for _, id := range list {
		o, err := v.org(id)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// partOf opens a sealed text among parts; nil if there is none, or it was destroyed.
func (v *viewer) partOf(parts []ledger.Part, name string) (*string, error) {
	i := slices.IndexFunc(parts, func(p ledger.Part) bool { return p.Name == name })
	if i < 0 {
		return nil, nil
	}
	return v.openPart(parts[i])
}

// shownSites bounds what a page shows of a list of sites.
const shownSites = 100

func (s *API) orderPage(ctx context.Context, actor access.Actor, id string) (*OrderPage, error) {
	out := &OrderPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		o, found, err := matter.OrderByID(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil || !found || !v.seesOrder(o) {
			return notFound(err)
		}
		return v.fillOrder(out, o)
	})
}

func (v *viewer) fillOrder(out *OrderPage, o matter.Order) error {
	row, m, err := v.orderRow(o)
	if err != nil {
		return err
	}
	*out = OrderPage{OrderRow: row, Hash: o.Hash, Acts: v.orderActs(o, m)}
	for name, to := range map[string]**string{"basis": &out.Basis, "scope": &out.Scope, "contact": &out.Contact} {
		if *to, err = v.partOf(o.Parts, name); err != nil {
			return err
		}
	}
	if out.Copies, err = v.orgList(o.Copies); err != nil {
		return err
	}
	for _, x := range []struct {
		ids []ledger.ID
		to  *[]MatterRow
	}{{o.Matters, &out.Findings}, {o.Found, &out.Children}} {
		*x.to = []MatterRow{}
		for _, id := range x.ids {
			m, _, err := matter.Load(v.tx, v.actor.Tenant, id)
			if err != nil {
				return err
			}
			row, err := v.matterRow(m)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, row)
		}
	}
	if out.Sites, err = v.orderSites(o.ID, 0, shownSites); err != nil {
		return err
	}
	competent, err := registry.DepartmentsOf(v.tx, v.actor.Tenant, o.Area, v.now.In(v.zone).Format(time.DateOnly))
	if err != nil {
		return err
	}
	out.Competent = []Named{}
	for _, d := range competent {
		out.Competent = append(out.Competent, Named{ID: string(d.ID), Name: d.Zh})
	}
	return v.answers(out, o)
}

// answers fills in what the department reported and replied.
func (v *viewer) answers(out *OrderPage, o matter.Order) (err error) {
	if r := o.Report; r != nil {
		out.Report = &SelfReport{Checked: r.Checked, Found: r.Found, Fixed: r.Fixed, At: v.local(r.At)}
		if out.Report.By, err = v.person(r.By); err != nil {
			return err
		}
		if out.Report.Text, err = v.partOf(r.Parts, "text"); err != nil {
			return err
		}
	}
	if r := o.Reply; r != nil {
		out.Reply = &ReplyView{At: v.local(r.At)}
		if out.Reply.By, err = v.person(r.By); err != nil {
			return err
		}
		if out.Reply.Text, err = v.partOf(r.Parts, "text"); err != nil {
			return err
		}
		out.Reply.Reference, err = v.partOf(r.Parts, "reference")
	}
	return err
}

// orderActs lists what the asker may do with the order now.
func (v *viewer) orderActs(o matter.Order, m matter.Matter) []string {
	place := acts.OrderPlace(v.actor, o)
	own := o.Unit == v.actor.Unit
	working := m.State == matter.InProgress || m.State == matter.OnRecord
	out := []string{}
	for _, a := range []struct {
		name, act string
		open      bool
	}{
		{"draft", "order.draft", o.State == matter.OrderDraft},
		{"issue", "order.issue", o.State == matter.OrderDraft && o.DraftedBy != v.actor.Person},
		{"receive", "receive", own && m.State == matter.Assigned},
		{"split", "order.split", own && working},
		{"check", "order.check", working && o.SelfCheck && slices.Contains(o.Units(), v.actor.Unit)},
		{"reply", "reply", own && working && m.Extension == nil},
	} {
		if a.open && v.actor.May(a.act, place) == nil {
			out = append(out, a.name)
		}
	}
	return out
}
