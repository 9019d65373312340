package matter

import (
	"time"

	"duzhan/internal/ledger"
)

// OriginOrder and OriginSelfCheck are the origins of this file's matters: a written order to a department, and what
// its self-check found.
const (
	OriginOrder     Origin = "order"
	OriginSelfCheck Origin = "self_check"
)

// States of an order before it is a matter, and from then on.
const (
	OrderDraft  = "draft"
	OrderIssued = "issued"
)

// Results of a site of a self-check.
const (
	SiteOK    = "ok"
	SiteFound = "found"
)

// Order (书面交办单) is a written order to a department with its self-check (举一反三). Once issued it is also the
// matter of the same id: receipt, deadline, extension, urging and strike-off are the matter's.
type Order struct {
	ID       ledger.ID `json:"id"`
	Incident ledger.ID `json:"incident,omitempty"`
	Version  int       `json:"version"` // number of the order's own entries
	State    string    `json:"state"`
	Ordered
	Parts     []ledger.Part `json:"parts,omitempty"` // requirement, basis, scope, contact
	DraftedBy ledger.ID     `json:"drafted_by"`
	DraftedAt time.Time     `json:"drafted_at"`

	Number   string    `json:"number,omitempty"`
	Serial   int64     `json:"serial,omitempty"`
	IssuedTo ledger.ID `json:"issued_to,omitempty"`
	IssuedBy ledger.ID `json:"issued_by,omitempty"`
	IssuedAt time.Time `json:"issued_at,omitzero"`
	Hash     string    `json:"hash,omitempty"` // of what was issued

	Received *Receipt    `json:"received,omitempty"`
	Lead     ledger.ID   `json:"lead,omitempty"`
	Assist   []ledger.ID `json:"assist,omitempty"`
	Listed   int         `json:"listed,omitempty"`  // sites
	Checked  int         `json:"checked,omitempty"` // sites of the list that were checked
	Found    []ledger.ID `json:"found,omitempty"`   // child matters, in the order they were found
	Report   *SelfReport `json:"report,omitempty"`  // the last one
	Reply    *OrderReply `json:"reply,omitempty"`
	Effect   time.Time   `json:"effective"`
}

// Ordered is what an order says in codes, times and references.
type Ordered struct {
	Area      string      `json:"area,omitempty"`
	Unit      ledger.ID   `json:"unit"`
	Problem   string      `json:"problem,omitempty"` // the type it is about, if it is about one
	Urgency   string      `json:"urgency"`           // a severity
	Matters   []ledger.ID `json:"matters,omitempty"` // findings handed over that it is about
	Copies    []ledger.ID `json:"copies,omitempty"`  // 抄送
	Due       time.Time   `json:"due"`
	SelfCheck bool        `json:"self_check,omitempty"` // 举一反三 is asked for
}

// Receipt (签收) says who received and when.
type Receipt struct {
	By   ledger.ID `json:"by"`
	Unit ledger.ID `json:"unit"`
	At   time.Time `json:"at"`
}

// SelfReport is what a department says of its self-check: checked n, found m, fixed k (自查n个、发现m个、整改k个).
type SelfReport struct {
	Checked int           `json:"checked"`
	Found   int           `json:"found"`
	Fixed   int           `json:"fixed"`
	By      ledger.ID     `json:"by"`
	At      time.Time     `json:"at"`
	Parts   []ledger.Part `json:"parts,omitempty"`
}

// OrderReply is the department's written reply: what was done, and the number it wrote on it.
type OrderReply struct {
	By    ledger.ID     `json:"by"`
	At    time.Time     `json:"at"`
	Parts []ledger.Part `json:"parts,omitempty"`
}

// Units are those that act on the order: the department, the leading and the assisting units.
func (o Order) Units() []ledger.ID {
	units := []ledger.ID{o.Unit}
	if o.Lead != "" {
		units = append(units, o.Lead)
	}
	return append(units, o.Assist...)
}

// Tally is what a self-check came to: sites listed and checked, problems found, and fixed.
type Tally struct{ Listed, Checked, Found, Fixed int }

// Tally counts from the entries; a report may count more sites than were listed one by one. Children are the
// matters that were found, as they are now: a withdrawn one was none.
func (o Order) Tally(children []Matter) Tally {
	t := Tally{Listed: o.Listed, Checked: o.Checked}
	if o.Report != nil {
		t.Checked = max(t.Checked, o.Report.Checked)
	}
	for _, m := range children {
		if !m.State.Counts() {
			continue
		}
		t.Found++
		if m.Claimed() {
			t.Fixed++
		}
	}
	return t
}

// The entries of orders; their subject is the order. Sealed parts of a draft: "requirement", "basis", "scope",
// "contact"; of a report: "text".
type (
	// OrderDraftedV1 is entry matter.order-drafted; written again it takes the place of the draft before.
	OrderDraftedV1 struct{ Ordered }
	// OrderIssuedV1 is entry matter.order-issued: signed, numbered, and a matter from then on.
	OrderIssuedV1 struct {
		Opening
		Clocks []Clock `json:"clocks"`
		Hash   string  `json:"hash"` // over what was issued, parts by their hashes
	}
	// OrderSplitV1 is entry matter.order-split: one unit leads, others assist (牵头、配合).
	OrderSplitV1 struct {
		Lead   ledger.ID   `json:"lead"`
		Assist []ledger.ID `json:"assist,omitempty"`
	}
	// OrderSitesListedV1 is entry matter.order-sites-listed: sites to check, behind those listed before.
	OrderSitesListedV1 struct {
		Sites []ledger.ID `json:"sites"`
	}
	// OrderSiteCheckedV1 is entry matter.order-site-checked; Matter is what was found there, empty if nothing.
	OrderSiteCheckedV1 struct {
		Site   ledger.ID `json:"site"`
		Street string    `json:"street"`
		Day    string    `json:"day"` // YYYY-MM-DD in the tenant's zone
		Matter ledger.ID `json:"matter,omitempty"`
	}
	// OrderReportedV1 is entry matter.order-reported.
	OrderReportedV1 struct {
		Checked int `json:"checked"`
		Found   int `json:"found"`
		Fixed   int `json:"fixed"`
	}
)

// Kind methods name the entry types.
func (OrderDraftedV1) Kind() (string, int)     { return "matter.order-drafted", 1 }
func (OrderIssuedV1) Kind() (string, int)      { return "matter.order-issued", 1 }
func (OrderSplitV1) Kind() (string, int)       { return "matter.order-split", 1 }
func (OrderSitesListedV1) Kind() (string, int) { return "matter.order-sites-listed", 1 }
func (OrderSiteCheckedV1) Kind() (string, int) { return "matter.order-site-checked", 1 }
func (OrderReportedV1) Kind() (string, int)    { return "matter.order-reported", 1 }

// ofOrder tells whether an entry is one of an order alone, and of no matter.
func ofOrder(b ledger.Body) bool {
	switch b.(type) {
	case OrderDraftedV1, OrderSplitV1, OrderSitesListedV1, OrderSiteCheckedV1, OrderReportedV1:
		return true
	}
	return false
}

// After is the one place where an entry changes an order; of its matter's entries some change it too.
func (o Order) After(e ledger.Entry) Order {
	at := e.Effective(o.Effect)
	if _, fired := e.Body.(LadderFiredV1); fired {
		return o
	}
	o.Effect = at
	_, issued := e.Body.(OrderIssuedV1)
	if issued || ofOrder(e.Body) {
		o.Version++
	}
	switch b := e.Body.(type) {
	case OrderDraftedV1:
		o.ID, o.Incident, o.State = e.Subject, e.Incident, OrderDraft
		o.Ordered, o.Parts, o.DraftedBy, o.DraftedAt = b.Ordered, e.Parts, e.Who.Person, at
	case OrderIssuedV1:
		o.State, o.Number, o.Serial, o.Hash = OrderIssued, b.Number, b.Serial, b.Hash
		o.IssuedTo, o.IssuedBy, o.IssuedAt = b.Unit, e.Who.Person, at
	case ReceivedV1:
		o.Received = &Receipt{By: e.Who.Person, Unit: e.Who.Unit, At: at}
	case ReassignedV1:
		o.Unit, o.Received, o.Lead, o.Assist = b.Unit, nil, "", nil
	case ExtensionDecidedV1:
		if b.Granted && b.Until != nil {
			o.Due = *b.Until
		}
	case OrderSplitV1:
		o.Lead, o.Assist = b.Lead, b.Assist
	case OrderSitesListedV1:
		o.Listed += len(b.Sites)
	case OrderSiteCheckedV1:
		o.Checked++
		if b.Matter != "" {
			o.Found = append(append([]ledger.ID(nil), o.Found...), b.Matter)
		}
	case OrderReportedV1:
		o.Report = &SelfReport{Checked: b.Checked, Found: b.Found, Fixed: b.Fixed, By: e.Who.Person, At: at, Parts: e.Parts}
	case ClaimedV1:
		o.Reply = &OrderReply{By: e.Who.Person, At: at, Parts: e.Parts}
	case VerificationFailedV1, ReopenedV1:
		o.Reply = nil
	}
	return o
}
