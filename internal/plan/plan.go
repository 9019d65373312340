// Package plan (预案) owns what supervision goes by: rule packs (deadlines, thresholds), catalogues (problem
// types, clauses, checklist items) and publications (directives, plans, daily focus, discipline rules,
// notices, bulletins), each an immutable version in the ledger. It refuses to know how a deadline is computed
// (due) and what a finding is (visit).
package plan

import (
	"encoding/json"
	"time"

	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/notify"
	"duzhan/internal/storage"
)

// The entries of this desk.
type (
	// RulePackPublishedV1 is entry plan.rule-pack-published: the pack as it is in force from a time.
	RulePackPublishedV1 struct {
		Code      string          `json:"code"`
		Version   int             `json:"version"`
		ValidFrom time.Time       `json:"valid_from"`
		Pack      json.RawMessage `json:"pack"`
	}
	// CataloguePublishedV1 is entry plan.catalogue-published: a part of a version of a catalogue.
	CataloguePublishedV1 struct {
		Code    string          `json:"code"`
		Version int             `json:"version"`
		Part    int             `json:"part"`
		Lists   json.RawMessage `json:"lists"`
	}
)

// Kind methods name the entry types; all are version 1.
func (RulePackPublishedV1) Kind() (string, int)  { return "plan.rule-pack-published", 1 }
func (CataloguePublishedV1) Kind() (string, int) { return "plan.catalogue-published", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{
	ledger.Current[RulePackPublishedV1](), ledger.Current[CataloguePublishedV1](), ledger.Current[DraftedV1](), ledger.Current[IssuedV1](),
	ledger.Current[SupersededV1](), ledger.Current[ClauseRepealedV1](), ledger.Current[ReceiptedV1](),
	ledger.Current[IntercededV1](), ledger.Current[AnnotatedV1](), ledger.Current[FlaggedV1](), ledger.Current[FlagDecidedV1](),
	ledger.Current[SuggestedV1](), ledger.Current[SuggestionAnsweredV1](),
}

// Apply turns an entry of this desk into its rows.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	var err error
	switch b := e.Body.(type) {
	case RulePackPublishedV1:
		_, err = tx.Exec(`INSERT INTO rule_pack (tenant, code, version, valid_from, body) VALUES ($1, $2, $3, $4, $5)`,
			e.Tenant, b.Code, b.Version, b.ValidFrom.UnixMicro(), []byte(b.Pack))
	case CataloguePublishedV1:
		_, err = tx.Exec(`INSERT INTO catalogue (tenant, code, version, part, body) VALUES ($1, $2, $3, $4, $5)`,
			e.Tenant, b.Code, b.Version, b.Part, []byte(b.Lists))
	case DraftedV1, IssuedV1, SupersededV1, ClauseRepealedV1, ReceiptedV1:
		return applyPublication(tx, e)
	case IntercededV1, AnnotatedV1, FlaggedV1, FlagDecidedV1:
		return applyDiscipline(tx, e)
	case SuggestedV1, SuggestionAnsweredV1:
		return applySuggestion(tx, e)
	}
	return err
}

func applyPublication(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := PublicationByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	if b, ok := e.Body.(ReceiptedV1); ok {
		_, err := tx.Exec(`INSERT INTO plan_receipt (tenant, publication, kind, unit, person, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			e.Tenant, string(e.Subject), b.Kind_, string(e.Who.Unit), string(e.Who.Person), e.RecordedAt.UnixMicro())
		return err
	}
	p := before.After(e)
	if b, ok := e.Body.(IssuedV1); ok && b.Taken != nil {
		if err := document.Take(tx, e, document.Number{Series: b.Taken.Series, Year: b.Taken.Year, N: b.Taken.N}); err != nil {
			return err
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var effective any
	if p.EffectiveAt != nil {
		effective = p.EffectiveAt.UnixMicro()
	}
	_, err = tx.Exec(`INSERT INTO publication (tenant, id, kind, incident, series, version, state, day, effective, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, effective = excluded.effective, body = excluded.body`,
		e.Tenant, string(p.ID), p.Kind, string(p.Incident), string(p.Series), p.Version, p.State, p.Day, effective, body)
	if err != nil {
		return err
	}
	if b, ok := e.Body.(IssuedV1); ok && b.Number != "" && p.Kind == Notice {
		var ms []notify.Message
		for _, unit := range p.Recipients {
			ms = append(ms, notify.Message{Kind: e.Type, Audience: "recipient", Unit: unit})
		}
		return notify.Post(tx, e, ms...)
	}
	return nil
}

// PublicationByID finds a publication.
func PublicationByID(tx *storage.Tx, tenant string, id ledger.ID) (p Publication, found bool, err error) {
	found, err = storage.One(tx, &p, `SELECT body FROM publication WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return p, found, err
}

// Publications lists the publications of a kind, the one in force last first; an empty kind is all.
func Publications(tx *storage.Tx, tenant, kind string) ([]Publication, error) {
	const order = ` ORDER BY COALESCE(effective, 9223372036854775807) DESC, version DESC, id`
	if kind == "" {
		return storage.All[Publication](tx, `SELECT body FROM publication WHERE tenant = $1`+order, tenant)
	}
	return storage.All[Publication](tx, `SELECT body FROM publication WHERE tenant = $1 AND kind = $2`+order, tenant, kind)
}

// Newest is the newest version of a series.
func Newest(tx *storage.Tx, tenant string, series ledger.ID) (p Publication, found bool, err error) {
	found, err = storage.One(tx, &p, `SELECT body FROM publication WHERE tenant = $1 AND series = $2 ORDER BY version DESC LIMIT 1`, tenant, string(series))
	return p, found, err
}

// InForce is the publication of a kind that is in force at a time, for an incident.
func InForce(tx *storage.Tx, tenant, kind string, incident ledger.ID, at time.Time) (p Publication, found bool, err error) {
	list, err := storage.All[Publication](tx, `SELECT body FROM publication WHERE tenant = $1 AND kind = $2 AND incident = $3 AND effective <= $4
		ORDER BY effective DESC, version DESC`, tenant, kind, string(incident), at.UnixMicro())
	for _, x := range list {
		if x.InForce(at) {
			return x, true, err
		}
	}
	return p, false, err
}

// Ahead is the next publication of a kind that comes into force after a time, for an incident.
func Ahead(tx *storage.Tx, tenant, kind string, incident ledger.ID, at time.Time) (p Publication, found bool, err error) {
	found, err = storage.One(tx, &p, `SELECT body FROM publication WHERE tenant = $1 AND kind = $2 AND incident = $3 AND effective > $4
		ORDER BY effective, version LIMIT 1`, tenant, kind, string(incident), at.UnixMicro())
	return p, found, err
}

// Receipts lists the receipts of a publication, in order of time.
func Receipts(tx *storage.Tx, tenant string, id ledger.ID) ([]Receipt, error) {
	var out []Receipt
	err := tx.Query(`SELECT kind, unit, person, at FROM plan_receipt WHERE tenant = $1 AND publication = $2 ORDER BY at, unit, person`,
		[]any{tenant, string(id)}, func(scan func(...any) error) error {
			r := Receipt{Publication: id}
			var unit, person string
			var at int64
			if err := scan(&r.Kind, &unit, &person, &at); err != nil {
				return err
			}
			r.Unit, r.Person, r.At = ledger.ID(unit), ledger.ID(person), time.UnixMicro(at).UTC()
			out = append(out, r)
			return nil
		})
	return out, err
}

// RulePack gives the newest version of a pack that is in force at a time.
func RulePack(tx *storage.Tx, tenant, code string, at time.Time) (pack []byte, found bool, err error) {
	found, err = tx.Row(`SELECT body FROM rule_pack WHERE tenant = $1 AND code = $2 AND valid_from <= $3
		ORDER BY valid_from DESC, version DESC LIMIT 1`, []any{tenant, code, at.UnixMicro()}, &pack)
	return pack, found, err
}

// Catalogues gives the newest version of every catalogue, by code.
func Catalogues(tx *storage.Tx, tenant string) (codes []string, versions []int, err error) {
	err = tx.Query(`SELECT code, MAX(version) FROM catalogue WHERE tenant = $1 GROUP BY code ORDER BY code`, []any{tenant}, func(scan func(...any) error) error {
		var code string
		var version int
		err := scan(&code, &version)
		codes, versions = append(codes, code), append(versions, version)
		return err
	})
	return codes, versions, err
}

// Catalogue gives the parts of a version of a catalogue.
func Catalogue(tx *storage.Tx, tenant, code string, version int) (parts [][]byte, err error) {
	err = tx.Query(`SELECT body FROM catalogue WHERE tenant = $1 AND code = $2 AND version = $3 ORDER BY part`,
		[]any{tenant, code, version}, func(scan func(...any) error) error {
			var b []byte
			err := scan(&b)
			parts = append(parts, b)
			return err
		})
	return parts, err
}
