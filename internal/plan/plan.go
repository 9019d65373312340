// Package plan (预案) owns what supervision goes by: rule packs (deadlines, thresholds) and catalogues
// (problem types, clauses, checklist items), each an immutable version in the ledger. It refuses to
// know how a deadline is computed (due) and what a finding is (visit).
package plan

import (
	"encoding/json"
	"time"

	"duzhan/internal/ledger"
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
var Types = []ledger.Codec{ledger.Current[RulePackPublishedV1](), ledger.Current[CataloguePublishedV1]()}

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
	}
	return err
}

// RulePack gives the newest version of a pack that is in force at a time.
func RulePack(tx *storage.Tx, tenant, code string, at time.Time) (pack []byte, found bool, err error) {
	found, err = tx.Row(`SELECT body FROM rule_pack WHERE tenant = $1 AND code = $2 AND valid_from <= $3
		ORDER BY valid_from DESC, version DESC LIMIT 1`, []any{tenant, code, at.UnixMicro()}, &pack)
	return pack, found, err
}

// Catalogue gives the parts of the newest version of a catalogue.
func Catalogue(tx *storage.Tx, tenant, code string) (parts [][]byte, err error) {
	err = tx.Query(`SELECT body FROM catalogue WHERE tenant = $1 AND code = $2 AND version =
		(SELECT MAX(version) FROM catalogue WHERE tenant = $1 AND code = $2) ORDER BY part`,
		[]any{tenant, code}, func(scan func(...any) error) error {
			var b []byte
			err := scan(&b)
			parts = append(parts, b)
			return err
		})
	return parts, err
}
