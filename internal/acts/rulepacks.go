package acts

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// PublishRulePack puts a new version of the rule pack in force from a time; what breaks a rule of packs is
// named by its field. It gives the version.
func (a *Acts) PublishRulePack(ctx context.Context, c Caller, pack json.RawMessage, from time.Time) (version int, err error) {
	if r := c.Can("rules"); r != nil {
		return 0, r
	}
	parsed, err := due.ParsePack(pack)
	var wrong due.FieldError
	if errors.As(err, &wrong) {
		return 0, &ledger.Refusal{Why: ledger.Invalid, Code: wrong.Code, Field: "pack." + wrong.Field, Args: wrong.Args}
	}
	if err != nil {
		return 0, err
	}
	if parsed.Code != RulePackCode {
		return 0, ledger.RefuseAs(ledger.Invalid, "rule.other-pack", "pack.code", "code", RulePackCode)
	}
	return parsed.Version, a.do(ctx, c, func(tx *ledger.Tx) error {
		before, err := plan.RulePacks(tx.Tx, c.Tenant, RulePackCode)
		if err != nil {
			return err
		}
		inForce, err := a.packNow(tx, c.Tenant)
		if err != nil {
			return err
		}
		cmd := plan.PublishPack{
			Act:         ledger.Act{Person: c.Person, Unit: c.Unit},
			PackVersion: plan.PackVersion{Code: RulePackCode, Version: parsed.Version, ValidFrom: from, Pack: pack},
			Skew:        inForce.Skew,
		}
		if len(before) > 0 {
			cmd.Newest = before[0]
		}
		drafts, refusal := cmd.Decide(tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// RulePackVersion is a version of the rule pack, and whether it is the one in force.
type RulePackVersion struct {
	plan.PackVersion
	Zh, En  string
	InForce bool
}

// RulePacks lists the versions of the rule pack, newest first.
func (a *Acts) RulePacks(tx *storage.Tx, tenant string, now time.Time) ([]RulePackVersion, error) {
	list, err := plan.RulePacks(tx, tenant, RulePackCode)
	if err != nil {
		return nil, err
	}
	out := make([]RulePackVersion, 0, len(list))
	in := -1
	for i, v := range list {
		parsed, err := due.ParsePack(v.Pack)
		if err != nil {
			return nil, err
		}
		out = append(out, RulePackVersion{PackVersion: v, Zh: parsed.ZH, En: parsed.EN})
		if in < 0 && !v.ValidFrom.After(now) {
			in = i
		}
	}
	if in >= 0 {
		out[in].InForce = true
	}
	return out, nil
}
