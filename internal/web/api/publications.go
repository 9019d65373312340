package api

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// PublicationRow is a publication in lists.
type PublicationRow struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"`
	Version     int        `json:"version"`
	State       string     `json:"state"`
	Edition     string     `json:"edition"`
	Level       string     `json:"level"`
	Number      string     `json:"number"`
	Day         string     `json:"day"`
	Title       *string    `json:"title" doc:"null if its key was destroyed"`
	Items       int        `json:"items"`
	DraftedBy   Person     `json:"drafted_by"`
	IssuedBy    *Person    `json:"issued_by"`
	IssuedAt    *time.Time `json:"issued_at"`
	EffectiveAt *time.Time `json:"effective_at"`
	EndedAt     *time.Time `json:"ended_at"`
	InForce     bool       `json:"in_force"`
	Due         *time.Time `json:"due"`
	Receipts    []Tally    `json:"receipts"`
	Mine        []string   `json:"mine" doc:"receipts that the asker gave"`
	Asked       []string   `json:"asked" doc:"receipts that are asked of the asker and not given"`
}

// Tally is how many of all gave a kind of receipt.
type Tally struct {
	Kind string `json:"kind"`
	N    int    `json:"n"`
	Of   int    `json:"of"`
}

// PublicationPage is one publication with what it says.
type PublicationPage struct {
	PublicationRow
	Objectives []string          `json:"objectives"`
	Text       string            `json:"text"`
	Mode       string            `json:"mode"`
	Type       string            `json:"type"`
	Political  bool              `json:"political"`
	Digest     string            `json:"digest"`
	ItemList   []PublicationItem `json:"item_list"`
	Dropped    []PublicationItem `json:"dropped" doc:"items of the version before that this one does not have"`
	Versions   []VersionRef      `json:"versions"`
	Given      []ReceiptView     `json:"given"`
	Missing    []Named           `json:"missing" doc:"recipients who gave no receipt yet"`
}

// PublicationItem is an item with its words.
type PublicationItem struct {
	plan.Item
	Text     *string    `json:"text" doc:"null: known to exist, its text is not published here"`
	New      bool       `json:"new" doc:"not in the version before"`
	Repealed *time.Time `json:"repealed_from"`
}

// VersionRef is a version of the same series.
type VersionRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	State   string `json:"state"`
	Edition string `json:"edition"`
}

// ReceiptView is a receipt.
type ReceiptView struct {
	Kind   string    `json:"kind"`
	Unit   Named     `json:"unit"`
	Person Person    `json:"person"`
	At     time.Time `json:"at"`
}

// CoverageView is whether a clause of a directive was ever checked.
type CoverageView struct {
	Code     string     `json:"code"`
	Items    []string   `json:"items" doc:"check items of plans and focuses that serve it"`
	First    *time.Time `json:"first_checked_at" doc:"null: nobody checked it yet"`
	Visit    *string    `json:"visit" doc:"the first"`
	Hours    *int       `json:"hours" doc:"from its coming into force to the first check"`
	Times    int        `json:"times"`
	Problems int        `json:"problems"`
}

// itemBody is an item as sent.
type itemBody struct {
	Code    string           `json:"code"`
	Text    string           `json:"text,omitempty" doc:"empty: known to exist, not published here"`
	Parent  string           `json:"parent,omitempty" doc:"the key point that a check item serves"`
	Check   string           `json:"check,omitempty" doc:"item of the catalogue's checklists"`
	Clause  string           `json:"clause,omitempty" doc:"publication#code of a directive's clause, or a clause of the catalogue"`
	Aspect  string           `json:"aspect,omitempty"`
	Area    string           `json:"area,omitempty"`
	Source  *plan.Source     `json:"source,omitempty" doc:"where a point of focus comes from"`
	Street  string           `json:"street,omitempty"`
	Numbers map[string]int64 `json:"numbers,omitempty"`
}

// publicationBody is a draft as sent.
type publicationBody struct {
	ID         string     `json:"id,omitempty" maxLength:"64"`
	Kind       string     `json:"kind" enum:"directive,plan,focus,rules,notice,bulletin"`
	Of         string     `json:"of,omitempty" doc:"an earlier version"`
	Title      string     `json:"title"`
	Objectives []string   `json:"objectives,omitempty"`
	Text       string     `json:"text,omitempty"`
	Edition    string     `json:"edition,omitempty" enum:"trial,formal,"`
	Level      string     `json:"level,omitempty" enum:"centre,city,district,department,"`
	Day        string     `json:"day,omitempty" doc:"of a focus, YYYY-MM-DD"`
	Mode       string     `json:"mode,omitempty" enum:"follow_up,precise,whole_process,"`
	Type       string     `json:"type,omitempty" enum:"preventive,special,routine,"`
	Political  bool       `json:"political,omitempty"`
	Digest     string     `json:"digest,omitempty" doc:"SHA-256 of a bulletin's file"`
	Items      []itemBody `json:"items,omitempty" maxItems:"200"`
	Recipients []string   `json:"recipients,omitempty" maxItems:"500"`
	Due        *time.Time `json:"due,omitempty"`
}

func (b publicationBody) form() acts.PublicationForm {
	f := acts.PublicationForm{
		ID: ledger.ID(b.ID), Of: ledger.ID(b.Of), Words: acts.Words{Title: b.Title, Objectives: b.Objectives, Text: b.Text, Items: map[string]string{}},
		Body: plan.DraftedV1{
			Kind_: b.Kind, Edition: b.Edition, Level: b.Level, Day: b.Day, Mode: b.Mode, Type: b.Type, Political: b.Political, Digest: b.Digest,
			Recipients: ids(b.Recipients), Due: b.Due,
		},
	}
	for _, i := range b.Items {
		f.Body.Items = append(f.Body.Items, plan.Item{
			Code: i.Code, Parent: i.Parent, Check: i.Check, Clause: i.Clause, Aspect: i.Aspect, Area: i.Area, Source: i.Source, Street: i.Street, Numbers: i.Numbers,
		})
		if i.Text != "" {
			f.Words.Items[i.Code] = i.Text
		}
	}
	return f
}

func (s *API) publications(h huma.API) {
	get(h, "/publications", "list-publications", "Directives, plans, focuses, rules, notices and bulletins, newest first", func(ctx context.Context, actor access.Actor, in *struct {
		Kind string `query:"kind" enum:"directive,plan,focus,rules,notice,bulletin,"`
	},
	) (*Items[PublicationRow], error) {
		out := &Items[PublicationRow]{Items: []PublicationRow{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := s.acts.VisiblePublications(v.tx, actor, in.Kind)
			if err != nil {
				return err
			}
			for _, p := range list {
				row, _, _, err := v.publicationRow(p)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, row)
			}
			return nil
		})
	})
	get(h, "/publications/{id}", "get-publication", "One publication with what it says, its versions and receipts", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*PublicationPage, error) {
		return s.publicationPage(ctx, actor, in.ID)
	})
	get(h, "/publications/{id}/coverage", "clause-coverage", "When each clause of a directive was first checked", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*Items[CoverageView], error) {
		out := &Items[CoverageView]{Items: []CoverageView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := s.acts.Coverage(v.tx, actor, ledger.ID(in.ID))
			for _, c := range list {
				view := CoverageView{Code: c.Code, Items: notNil(c.Items), First: v.localSet(c.First), Times: c.Times, Problems: c.Problems}
				if c.Times > 0 {
					hours := int(c.Delay / time.Hour)
					id := string(c.Visit)
					view.Hours, view.Visit = &hours, &id
				}
				out.Items = append(out.Items, view)
			}
			return err
		})
	})
	add(h, "/publications", "draft-publication", "Draft a publication, or its next version", func(ctx context.Context, c acts.Caller, b *publicationBody) (*PublicationPage, error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		id, err := s.acts.DraftPublication(ctx, c, b.form())
		if err != nil {
			return nil, err
		}
		return s.publicationPage(ctx, c.Actor, string(id))
	})
	onPublication(s, h, "/publications/{id}/issue", "issue-publication", "Put a draft in force (印发)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		EffectiveAt *time.Time `json:"effective_at,omitempty"`
		Number      string     `json:"number,omitempty" doc:"of a directive, as its issuer gave it"`
	},
	) error {
		return s.acts.IssuePublication(ctx, c, id, acts.IssueForm{Effective: utc(b.EffectiveAt), Number: b.Number})
	})
	onPublication(s, h, "/publications/{id}/repeal", "repeal-clause", "End a clause of a directive", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Code string     `json:"code"`
		From *time.Time `json:"from,omitempty"`
	},
	) error {
		return s.acts.RepealClause(ctx, c, id, b.Code, utc(b.From))
	})
	onPublication(s, h, "/publications/{id}/receipts", "receipt-publication", "I read it, did it, acknowledge it", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Kind string `json:"kind" enum:"read,done,acknowledged"`
	},
	) error {
		return s.acts.ReceiptPublication(ctx, c, id, b.Kind)
	})
}

func onPublication[B any](s *API, h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, path, id, summary, func(ctx context.Context, c acts.Caller, publication string, b *B) (*PublicationPage, error) {
		if err := fn(ctx, c, ledger.ID(publication), b); err != nil {
			return nil, err
		}
		return s.publicationPage(ctx, c.Actor, publication)
	})
}

// publicationRow also gives the words and the receipts, for the page.
func (v *viewer) publicationRow(p plan.Publication) (PublicationRow, acts.Words, []plan.Receipt, error) {
	row := PublicationRow{
		ID: string(p.ID), Kind: p.Kind, Version: p.Version, State: p.State, Edition: p.Edition, Level: p.Level, Number: p.Number, Day: p.Day,
		Items: len(p.Items), IssuedAt: v.localPtr(p.IssuedAt), EffectiveAt: v.localPtr(p.EffectiveAt), EndedAt: v.localPtr(p.EndedAt),
		InForce: p.InForce(v.now), Due: v.localPtr(p.Due), Receipts: []Tally{}, Mine: []string{}, Asked: []string{},
	}
	words, gone, err := v.a.PublicationWords(v.tx, v.actor.Tenant, p)
	if err != nil {
		return row, words, nil, err
	}
	if !gone {
		row.Title = &words.Title
	}
	if row.DraftedBy, err = v.person(p.DraftedBy); err != nil {
		return row, words, nil, err
	}
	if p.IssuedBy != "" {
		by, err := v.person(p.IssuedBy)
		if err != nil {
			return row, words, nil, err
		}
		row.IssuedBy = &by
	}
	receipts, err := plan.Receipts(v.tx, v.actor.Tenant, p.ID)
	if err != nil {
		return row, words, nil, err
	}
	return row, words, receipts, v.tallies(&row, p, receipts)
}

// asks are the receipts that a kind of publication asks for.
var asks = map[string][]string{plan.Notice: {plan.Read, plan.Done}, plan.Rules: {plan.Acknowledged}, plan.Focus: {plan.Read}, plan.Directive: {plan.Read}}

func (v *viewer) tallies(row *PublicationRow, p plan.Publication, receipts []plan.Receipt) error {
	of := len(p.Recipients)
	if p.Kind == plan.Rules || p.Kind == plan.Focus || p.Kind == plan.Directive {
		var err error
		if of, err = registry.CountStaff(v.tx, v.actor.Tenant); err != nil {
			return err
		}
	}
	addressed := len(p.Recipients) == 0 || slices.Contains(p.Recipients, v.actor.Unit)
	for _, kind := range asks[p.Kind] {
		t := Tally{Kind: kind, Of: of}
		for _, r := range receipts {
			if r.Kind == kind {
				t.N++
			}
		}
		row.Receipts = append(row.Receipts, t)
		if slices.ContainsFunc(receipts, func(r plan.Receipt) bool {
			return r.Kind == kind && (r.Person == v.actor.Person || p.Kind == plan.Notice && r.Unit == v.actor.Unit)
		}) {
			row.Mine = append(row.Mine, kind)
		} else if addressed && p.State == plan.Issued {
			row.Asked = append(row.Asked, kind)
		}
	}
	return nil
}

func (s *API) publicationPage(ctx context.Context, actor access.Actor, id string) (*PublicationPage, error) {
	out := &PublicationPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		p, err := s.acts.VisiblePublication(v.tx, actor, ledger.ID(id))
		if err != nil {
			return err
		}
		page, err := v.publicationPage(p)
		*out = page
		return err
	})
}

func (v *viewer) publicationPage(p plan.Publication) (PublicationPage, error) {
	row, words, receipts, err := v.publicationRow(p)
	out := PublicationPage{
		PublicationRow: row, Objectives: notNil(words.Objectives), Text: words.Text, Mode: p.Mode, Type: p.Type, Political: p.Political, Digest: p.Digest,
		ItemList: []PublicationItem{}, Dropped: []PublicationItem{}, Versions: []VersionRef{}, Given: []ReceiptView{}, Missing: []Named{},
	}
	if err != nil {
		return out, err
	}
	if err := v.publicationItems(&out, p, words); err != nil {
		return out, err
	}
	return out, v.publicationReceipts(&out, p, receipts)
}

// publicationItems fills in the items with their words, and what changed against the version before.
func (v *viewer) publicationItems(out *PublicationPage, p plan.Publication, words acts.Words) error {
	var before plan.Publication
	if p.Supersedes != "" {
		var err error
		if before, _, err = plan.PublicationByID(v.tx, v.actor.Tenant, p.Supersedes); err != nil {
			return err
		}
	}
	added, dropped := p.Changes(before)
	item := func(i plan.Item, w acts.Words, isNew bool) PublicationItem {
		x := PublicationItem{Item: i, New: isNew}
		if text, ok := w.Items[i.Code]; ok {
			x.Text = &text
		}
		for _, r := range p.Repealed {
			if r.Code == i.Code {
				x.Repealed = v.localPtr(&r.From)
			}
		}
		return x
	}
	for _, i := range p.Items {
		isNew := before.ID != "" && slices.ContainsFunc(added, func(a plan.Item) bool { return a.Code == i.Code })
		out.ItemList = append(out.ItemList, item(i, words, isNew))
	}
	if before.ID != "" {
		old, _, err := v.a.PublicationWords(v.tx, v.actor.Tenant, before)
		if err != nil {
			return err
		}
		for _, i := range dropped {
			out.Dropped = append(out.Dropped, item(i, old, false))
		}
	}
	all, err := v.a.VisiblePublications(v.tx, v.actor, p.Kind)
	for _, x := range all {
		if x.Series == p.Series {
			out.Versions = append(out.Versions, VersionRef{ID: string(x.ID), Version: x.Version, State: x.State, Edition: x.Edition})
		}
	}
	return err
}

func (v *viewer) publicationReceipts(out *PublicationPage, p plan.Publication, receipts []plan.Receipt) error {
	for _, r := range receipts {
		unit, err := v.org(r.Unit)
		if err != nil {
			return err
		}
		person, err := v.person(r.Person)
		if err != nil {
			return err
		}
		out.Given = append(out.Given, ReceiptView{Kind: r.Kind, Unit: unit, Person: person, At: v.local(r.At)})
	}
	for _, id := range p.Recipients {
		if slices.ContainsFunc(receipts, func(r plan.Receipt) bool { return r.Unit == id }) {
			continue
		}
		unit, err := v.org(id)
		if err != nil {
			return err
		}
		out.Missing = append(out.Missing, unit)
	}
	return nil
}
