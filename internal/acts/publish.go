package acts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
)

// seriesOf numbers what is issued here; a directive carries its issuer's own number.
var seriesOf = map[string]string{plan.Notice: "渝督通", plan.Edition: "渝督案", plan.Rules: "渝督纪"}

// Words of a publication: its sealed part. An item without words is known to exist and not published here.
type Words struct {
	Title      string            `json:"title"`
	Objectives []string          `json:"objectives,omitempty"`
	Text       string            `json:"text,omitempty"`
	Items      map[string]string `json:"items,omitempty"` // by code
}

// clean refuses what no text may hold, anywhere in the words.
func (w *Words) clean() *ledger.Refusal {
	var r *ledger.Refusal
	if w.Title, r = cleanText("title", w.Title, true); r != nil {
		return r
	}
	if w.Text, r = cleanText("text", w.Text, false); r != nil {
		return r
	}
	kept := w.Objectives[:0]
	for i, o := range w.Objectives {
		if o, r = cleanText(fmt.Sprintf("objectives[%d]", i), o, false); r != nil {
			return r
		}
		if o != "" {
			kept = append(kept, o)
		}
	}
	w.Objectives = kept
	for code, text := range w.Items {
		if w.Items[code], r = cleanText("items."+code, text, false); r != nil {
			return r
		}
	}
	return nil
}

// PublicationForm is what somebody drafts.
type PublicationForm struct {
	ID    ledger.ID // made by the client, or empty
	Of    ledger.ID // a version of the series of this publication; empty: a new one
	Body  plan.DraftedV1
	Words Words
}

// DraftPublication writes a version of a directive, plan, focus, set of rules, notice or bulletin.
func (a *Acts) DraftPublication(ctx context.Context, c Caller, f PublicationForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("publication")
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("plan.write"); r != nil {
			return r
		}
		if r := f.Words.clean(); r != nil {
			return r
		}
		f.Body.Objectives = len(f.Words.Objectives)
		if err := a.checkItems(tx, &f.Body); err != nil {
			return err
		}
		before, _, err := plan.PublicationByID(tx.Tx, c.Tenant, f.ID)
		if err != nil {
			return err
		}
		newest, err := newestOf(tx.Tx, c.Tenant, f.Of)
		if err != nil {
			return err
		}
		words, err := json.Marshal(f.Words)
		if err != nil {
			return err
		}
		act := ledger.Act{Person: c.Person, Unit: c.Unit}
		if act.Parts, err = a.V.Seal(tx, scope(tx), vault.Document, vault.Content{Name: "words", Type: "application/json", Bytes: words}); err != nil {
			return err
		}
		drafts, refusal := plan.Write{Act: act, ID: f.ID, Body: f.Body, Newest: newest}.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func newestOf(tx *storage.Tx, tenant string, of ledger.ID) (plan.Publication, error) {
	if of == "" {
		return plan.Publication{}, nil
	}
	p, found, err := plan.PublicationByID(tx, tenant, of)
	if err != nil || !found {
		return p, orRefusal(err, ledger.RefuseAs(ledger.Invalid, "plan.unknown", "of"))
	}
	p, _, err = plan.Newest(tx, tenant, p.Series)
	return p, err
}

// checkItems refuses codes that the catalogue does not have, and recipients that are nobody.
func (a *Acts) checkItems(tx *ledger.Tx, d *plan.DraftedV1) error {
	lists, err := a.Catalogue(tx.Tx, tx.Tenant)
	if err != nil {
		return err
	}
	for i, item := range d.Items {
		for _, f := range []struct{ list, code, field string }{
			{"items", item.Check, "check"}, {"focus", item.Aspect, "aspect"}, {"areas", item.Area, "area"},
		} {
			if r := lists.known(f.list, f.code, fmt.Sprintf("items[%d].%s", i, f.field), false); r != nil {
				return r
			}
		}
	}
	for _, id := range d.Recipients {
		if _, found, err := registry.OrgByID(tx.Tx, tx.Tenant, id); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "recipients"))
		}
	}
	return nil
}

// IssueForm is how a draft comes into force.
type IssueForm struct {
	Effective time.Time // zero: now
	Number    string    // of a directive, as its issuer gave it
}

// IssuePublication puts a draft in force; the version before ends there.
func (a *Acts) IssuePublication(ctx context.Context, c Caller, id ledger.ID, f IssueForm) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.onPublication(ctx, c, id, "plan.issue", func(tx *ledger.Tx, p plan.Publication) error {
		if f.Effective.IsZero() {
			f.Effective = tx.Now()
		}
		number, r := cleanText("number", f.Number, false)
		if r != nil {
			return r
		}
		cmd := plan.Issue{Act: ledger.Act{Person: c.Person, Unit: c.Unit}, Effective: f.Effective, Number: number}
		if series := seriesOf[p.Kind]; series != "" {
			n, err := document.Next(tx.Tx, c.Tenant, series, tx.Now().In(zone).Year())
			if err != nil {
				return err
			}
			cmd.Number, cmd.Taken = n.String(), &plan.Number{Series: n.Series, Year: n.Year, N: n.N}
		}
		if p.Supersedes != "" {
			if cmd.Before, _, err = plan.PublicationByID(tx.Tx, c.Tenant, p.Supersedes); err != nil {
				return err
			}
		}
		if cmd.Same, err = plan.Publications(tx.Tx, c.Tenant, p.Kind); err != nil {
			return err
		}
		cmd.Same = slices.DeleteFunc(cmd.Same, func(x plan.Publication) bool { return x.ID == p.ID || x.Incident != p.Incident })
		if p.Kind == plan.Focus && cmd.Before.ID == "" { // the focus of a day takes the place of the day's before
			for _, x := range cmd.Same {
				if x.State == plan.Issued && x.InForce(f.Effective) {
					cmd.Before = x
				}
			}
		}
		var fault error
		cmd.Clauses = func(ref string, at time.Time) bool {
			ok, err := a.clauseInForce(tx.Tx, c.Tenant, ref, at)
			fault = err
			return ok || err != nil
		}
		drafts, refusal := cmd.Decide(p, tx.Now())
		if fault != nil {
			return fault
		}
		return decided(tx, drafts, refusal)
	})
}

// clauseInForce tells whether what an item names is a clause of the catalogue, or one of a directive in force.
func (a *Acts) clauseInForce(tx *storage.Tx, tenant, ref string, at time.Time) (bool, error) {
	directive, code, ok := strings.Cut(ref, "#")
	if !ok {
		lists, err := a.Catalogue(tx, tenant)
		if err != nil {
			return false, err
		}
		_, known := lists.Find("clauses", ref)
		return known, nil
	}
	p, found, err := plan.PublicationByID(tx, tenant, ledger.ID(directive))
	return found && p.Kind == plan.Directive && p.ClauseInForce(code, at), err
}

// RepealClause ends a clause of a directive.
func (a *Acts) RepealClause(ctx context.Context, c Caller, id ledger.ID, code string, from time.Time) error {
	return a.onPublication(ctx, c, id, "plan.issue", func(tx *ledger.Tx, p plan.Publication) error {
		if from.IsZero() {
			from = tx.Now()
		}
		drafts, refusal := plan.RepealClause{Act: ledger.Act{Person: c.Person, Unit: c.Unit}, Code: code, From: from}.Decide(p, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ReceiptPublication is a recipient's receipt: read, done, or, of rules, acknowledged.
func (a *Acts) ReceiptPublication(ctx context.Context, c Caller, id ledger.ID, kind string) error {
	return a.onPublication(ctx, c, id, "read", func(tx *ledger.Tx, p plan.Publication) error {
		list, err := plan.Receipts(tx.Tx, c.Tenant, id)
		if err != nil {
			return err
		}
		had := slices.ContainsFunc(list, func(r plan.Receipt) bool {
			return r.Kind == kind && (r.Person == c.Person || p.Kind == plan.Notice && r.Unit == c.Unit)
		})
		drafts, refusal := plan.Receive{Act: ledger.Act{Person: c.Person, Unit: c.Unit}, Kind: kind, Had: had}.Decide(p, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func (a *Acts) onPublication(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, plan.Publication) error) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can(act); r != nil {
			return r
		}
		p, err := a.VisiblePublication(tx.Tx, c.Actor, id)
		if err != nil {
			return err
		}
		tx.Incident = p.Incident
		return fn(tx, p)
	})
}

// maySee: a draft is seen by who writes publications, what is addressed to some by them and by who writes.
func maySee(actor access.Actor, p plan.Publication) bool {
	if actor.Can("plan.write") == nil {
		return true
	}
	if p.State == plan.Draft {
		return false
	}
	return p.Kind != plan.Notice || slices.Contains(p.Recipients, actor.Unit)
}

// VisiblePublications lists what the asker may see of a kind.
func (a *Acts) VisiblePublications(tx *storage.Tx, actor access.Actor, kind string) ([]plan.Publication, error) {
	list, err := plan.Publications(tx, actor.Tenant, kind)
	return slices.DeleteFunc(list, func(p plan.Publication) bool { return !maySee(actor, p) }), err
}

// PublicationWords opens what a publication says; gone says that it was destroyed.
func (a *Acts) PublicationWords(tx *storage.Tx, tenant string, p plan.Publication) (w Words, gone bool, err error) {
	b, gone, err := a.Open(tx, tenant, p.Words)
	if err != nil || gone {
		return w, gone, err
	}
	return w, false, json.Unmarshal(b, &w)
}

// VisiblePublication finds a publication that the asker may see.
func (a *Acts) VisiblePublication(tx *storage.Tx, actor access.Actor, id ledger.ID) (plan.Publication, error) {
	p, found, err := plan.PublicationByID(tx, actor.Tenant, id)
	if err == nil && (!found || !maySee(actor, p)) {
		err = ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	return p, err
}
