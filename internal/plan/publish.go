package plan

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// The entries of publications. Sealed part: "words", the title and what each item says.
type (
	// DraftedV1 is entry plan.drafted: a version that is not yet in force.
	DraftedV1 struct {
		Kind_      string      `json:"kind"`
		Series     ledger.ID   `json:"series"`
		Version    int         `json:"version"`
		Edition    string      `json:"edition,omitempty"`
		Level      string      `json:"level,omitempty"`
		Day        string      `json:"day,omitempty"`
		Mode       string      `json:"mode,omitempty"`
		Type       string      `json:"type,omitempty"`
		Political  bool        `json:"political,omitempty"`
		Digest     string      `json:"digest,omitempty"`
		Objectives int         `json:"objectives,omitempty"`
		Items      []Item      `json:"items,omitempty"`
		Recipients []ledger.ID `json:"recipients,omitempty"`
		Due        *time.Time  `json:"due,omitempty"`
		Supersedes ledger.ID   `json:"supersedes,omitempty"`
	}
	// IssuedV1 is entry plan.issued: in force from a time; the version before ends there.
	IssuedV1 struct {
		Number    string    `json:"number,omitempty"`
		Taken     *Number   `json:"taken,omitempty"` // the number that it takes here; directives carry the issuer's own
		Effective time.Time `json:"effective"`
	}
	// SupersededV1 is entry plan.superseded: a newer version took its place.
	SupersededV1 struct {
		By   ledger.ID `json:"by"`
		From time.Time `json:"from"`
	}
	// ClauseRepealedV1 is entry plan.clause-repealed.
	ClauseRepealedV1 struct{ Repeal }
	// ReceiptedV1 is entry plan.receipted (回执).
	ReceiptedV1 struct {
		Kind_ string `json:"kind"`
	}
)

// Number is a document number of a series.
type Number struct {
	Series string `json:"series"`
	Year   int    `json:"year"`
	N      int64  `json:"n"`
}

// Kind methods name the entry types; all are version 1.
func (DraftedV1) Kind() (string, int)        { return "plan.drafted", 1 }
func (IssuedV1) Kind() (string, int)         { return "plan.issued", 1 }
func (SupersededV1) Kind() (string, int)     { return "plan.superseded", 1 }
func (ClauseRepealedV1) Kind() (string, int) { return "plan.clause-repealed", 1 }
func (ReceiptedV1) Kind() (string, int)      { return "plan.receipted", 1 }

// After is the one place where an entry changes a publication.
func (p Publication) After(e ledger.Entry) Publication {
	switch b := e.Body.(type) {
	case DraftedV1:
		words, _ := e.Part("words")
		p = Publication{
			ID: e.Subject, Incident: e.Incident, Kind: b.Kind_, Series: b.Series, Version: b.Version, State: Draft, Edition: b.Edition, Level: b.Level,
			Day: b.Day, Mode: b.Mode, Type: b.Type, Political: b.Political, Digest: b.Digest, Objectives: b.Objectives, Items: b.Items, Words: words,
			Recipients: b.Recipients, Due: b.Due, Supersedes: b.Supersedes, DraftedBy: e.Who.Person, DraftedAt: e.RecordedAt,
		}
	case IssuedV1:
		at := e.RecordedAt
		p.State, p.Number, p.IssuedBy, p.IssuedAt, p.EffectiveAt = Issued, b.Number, e.Who.Person, &at, &b.Effective
	case SupersededV1:
		p.State, p.EndedAt = Superseded, &b.From
	case ClauseRepealedV1:
		p.Repealed = append(slices.Clone(p.Repealed), b.Repeal)
	case ReceiptedV1:
		return p
	default:
		return p
	}
	p.Entries++
	return p
}

// Write drafts a version of a publication. Newest is the newest version of its series, if there is one.
type Write struct {
	ledger.Act
	ID     ledger.ID
	Body   DraftedV1
	Newest Publication
}

// Decide refuses a draft that lacks what its kind is made of; what only an issue needs is asked for then.
func (c Write) Decide(p Publication, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	d := c.Body
	switch {
	case p.ID != "":
		return nil, ledger.Refuse("plan.exists", "id")
	case !slices.Contains(Kinds, d.Kind_):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "kind", "field", "kind")
	case c.Newest.State == Draft:
		return nil, ledger.Refuse("plan.draft-pending", "series", "version", strconv.Itoa(c.Newest.Version))
	}
	if r := c.Need("words", "title"); r != nil {
		return nil, r
	}
	if r := d.check(); r != nil {
		return nil, r
	}
	d.Version, d.Series = c.Newest.Version+1, c.ID
	if c.Newest.ID != "" {
		d.Series, d.Supersedes = c.Newest.Series, c.Newest.ID
	}
	return c.Draft(c.ID, d), nil
}

// check refuses codes that are none and items that stand twice.
func (d DraftedV1) check() *ledger.Refusal {
	switch {
	case d.Kind_ == Directive && !slices.Contains(Levels, d.Level):
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "level", "field", "level")
	case d.Kind_ == Edition && d.Edition != Trial && d.Edition != Formal:
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "edition", "field", "edition")
	case d.Mode != "" && !slices.Contains(Modes, d.Mode):
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "mode", "field", "mode")
	case d.Type != "" && !slices.Contains(PlanTypes, d.Type):
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "type", "field", "type")
	case d.Kind_ == Focus && d.Day == "":
		return ledger.Required("day")
	case d.Kind_ == Notice && len(d.Recipients) == 0:
		return ledger.Required("recipients")
	case d.Kind_ == Bulletin && d.Digest == "":
		return ledger.Required("digest")
	case d.Kind_ != Notice && len(d.Items) == 0:
		return ledger.Required("items")
	}
	for i, item := range d.Items {
		if item.Code == "" {
			return ledger.Required("items[" + strconv.Itoa(i) + "].code")
		}
		if slices.ContainsFunc(d.Items[:i], func(x Item) bool { return x.Code == item.Code && x.Street == item.Street }) {
			return ledger.RefuseAs(ledger.Invalid, "plan.item-twice", "items["+strconv.Itoa(i)+"].code", "code", item.Code)
		}
	}
	return nil
}

// Issue puts a draft in force.
type Issue struct {
	ledger.Act
	Effective time.Time
	Number    string
	Taken     *Number
	Clauses   func(ref string, at time.Time) bool // whether a clause that an item names is in force
	Before    Publication                         // the version that it takes the place of
	Same      []Publication                       // issued ones of the same kind
	// Bygone lets a demonstration and a set-up enter what came into force before.
	Bygone bool
}

// Decide asks for what an issue of the kind needs: a plan its objective, its approver and a check item for
// each key point (R031, R066); a set of rules its ten items (R040); a point of focus its source (R119); no
// clause that was repealed; no second focus in force from the same minute.
func (c Issue) Decide(p Publication, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case p.State != Draft:
		return nil, ledger.Refuse("plan.not-a-draft", "state", "state", p.State)
	case c.Effective.IsZero():
		return nil, ledger.Required("effective_at")
	case !c.Bygone && p.Kind != Directive && p.Kind != Bulletin && c.Effective.Before(now.Add(-time.Minute)):
		return nil, ledger.RefuseAs(ledger.Invalid, "plan.effective-past", "effective_at")
	}
	if r := c.complete(p); r != nil {
		return nil, r
	}
	if c.Before.EffectiveAt != nil && !c.Effective.After(*c.Before.EffectiveAt) {
		return nil, ledger.RefuseAs(ledger.Invalid, "plan.effective-not-later", "effective_at")
	}
	for i, item := range p.Items {
		if item.Clause != "" && c.Clauses != nil && !c.Clauses(item.Clause, c.Effective) {
			return nil, ledger.Refuse("plan.clause-not-in-force", "items["+strconv.Itoa(i)+"].clause", "clause", item.Clause)
		}
	}
	drafts := c.Draft(p.ID, IssuedV1{Number: c.Number, Taken: c.Taken, Effective: c.Effective.UTC()})
	if c.Before.ID != "" {
		drafts = append(drafts, ledger.Draft{Subject: c.Before.ID, Body: SupersededV1{By: p.ID, From: c.Effective.UTC()}})
	}
	return drafts, nil
}

func (c Issue) complete(p Publication) *ledger.Refusal {
	switch p.Kind {
	case Edition:
		if p.Objectives == 0 {
			return ledger.Required("objective")
		}
		if c.Person == "" {
			return ledger.Required("approver")
		}
		points := 0
		for _, point := range p.Items {
			if point.Parent != "" {
				continue
			}
			points++
			if !slices.ContainsFunc(p.Items, func(i Item) bool { return i.Parent == point.Code }) {
				return ledger.Refuse("plan.point-without-item", "items", "point", point.Code)
			}
		}
		if points == 0 {
			return ledger.Required("items")
		}
	case Rules:
		if len(p.Items) != RuleCount {
			return ledger.Refuse("plan.rules-ten", "items", "count", strconv.Itoa(len(p.Items)), "want", strconv.Itoa(RuleCount))
		}
	case Focus:
		for i, item := range p.Items {
			if item.Source == nil || item.Source.Ref == "" || !slices.Contains(SourceKinds, item.Source.Kind) {
				return ledger.RefuseAs(ledger.Invalid, "plan.focus-without-source", "items["+strconv.Itoa(i)+"].source")
			}
		}
		for _, o := range c.Same {
			if o.EffectiveAt != nil && o.EffectiveAt.Truncate(time.Minute).Equal(c.Effective.Truncate(time.Minute)) {
				return ledger.Refuse("plan.focus-same-minute", "effective_at", "version", strconv.Itoa(o.Version))
			}
		}
	case Directive:
		if c.Number == "" {
			return ledger.Required("number")
		}
	}
	return nil
}

// RepealClause ends a clause of a directive.
type RepealClause struct {
	ledger.Act
	Code string
	From time.Time
}

// Decide refuses a clause that the directive does not have, or that has ended.
func (c RepealClause) Decide(p Publication, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if p.Kind != Directive || p.State == Draft {
		return nil, ledger.Refuse("plan.not-a-draft", "state", "state", p.State)
	}
	if c.From.IsZero() {
		return nil, ledger.Required("from")
	}
	if !p.ClauseInForce(c.Code, c.From) {
		return nil, ledger.RefuseAs(ledger.Invalid, "plan.clause-not-in-force", "code", "clause", c.Code)
	}
	return c.Draft(p.ID, ClauseRepealedV1{Repeal{Code: c.Code, From: c.From.UTC()}}), nil
}

// Receive is a recipient's receipt. Had tells whether it was given already.
type Receive struct {
	ledger.Act
	Kind string
	Had  bool
}

// Decide takes each kind of receipt once from a recipient of what is in force or was; a set of rules that a
// newer one replaced is not acknowledged any more (R046).
func (c Receive) Decide(p Publication, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	kinds := map[string][]string{Rules: {Acknowledged}, Notice: {Read, Done}}[p.Kind]
	if kinds == nil {
		kinds = []string{Read}
	}
	switch {
	case p.State == Draft, p.State == Superseded:
		return nil, ledger.Refuse("plan.not-in-force", "state", "state", p.State)
	case !slices.Contains(kinds, c.Kind):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "kind", "field", "kind")
	case len(p.Recipients) > 0 && !slices.Contains(p.Recipients, c.Unit) && !slices.Contains(p.Recipients, c.Person):
		return nil, ledger.RefuseAs(ledger.Forbidden, "plan.not-a-recipient", "unit")
	case c.Had:
		return nil, ledger.Refuse("plan.receipted-already", "kind")
	}
	return c.Draft(p.ID, ReceiptedV1{Kind_: c.Kind}), nil
}
