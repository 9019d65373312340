package plan

import (
	"encoding/json"
	"strconv"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// PackVersion is a published version of a rule pack.
type PackVersion struct {
	Code      string
	Version   int
	ValidFrom time.Time
	Pack      json.RawMessage
}

// PublishPack puts a version of a rule pack in force from a time. Deadlines that were decided before stay:
// they stand in their entries.
type PublishPack struct {
	ledger.Act
	PackVersion
	Newest PackVersion   // published before
	Skew   time.Duration // how far the asker's clock may be behind
}

// Decide refuses a version that is not above the newest, and a time that would change what is decided already
// or what the newest version says of a later time.
func (c PublishPack) Decide(now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case c.Version <= c.Newest.Version:
		return nil, ledger.RefuseAs(ledger.Invalid, "rule.version-not-higher", "pack.version", "newest", strconv.Itoa(c.Newest.Version))
	case c.ValidFrom.IsZero():
		return nil, ledger.Required("valid_from")
	case c.ValidFrom.Before(now.Add(-c.Skew)):
		return nil, ledger.RefuseAs(ledger.Invalid, "rule.valid-from-past", "valid_from")
	case c.ValidFrom.Before(c.Newest.ValidFrom):
		return nil, ledger.RefuseAs(ledger.Invalid, "rule.valid-from-before", "valid_from", "newest", strconv.Itoa(c.Newest.Version))
	}
	return c.Draft(ledger.ID("rule-pack:"+c.Code), RulePackPublishedV1{
		Code: c.Code, Version: c.Version, ValidFrom: c.ValidFrom.UTC(), Pack: c.Pack,
	}), nil
}

// RulePacks lists the versions of a pack, newest first.
func RulePacks(tx *storage.Tx, tenant, code string) ([]PackVersion, error) {
	var out []PackVersion
	err := tx.Query(`SELECT version, valid_from, body FROM rule_pack WHERE tenant = $1 AND code = $2 ORDER BY version DESC`,
		[]any{tenant, code}, func(scan func(...any) error) error {
			v := PackVersion{Code: code}
			var from int64
			var body []byte
			err := scan(&v.Version, &from, &body)
			v.ValidFrom, v.Pack = time.UnixMicro(from).UTC(), body
			out = append(out, v)
			return err
		})
	return out, err
}
