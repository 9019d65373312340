package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/storage"
)

// RulesCmd works on the rule pack: deadlines, clocks, ladder, thresholds.
type RulesCmd struct {
	Store   `embed:""`
	List    RulesListCmd    `cmd:"" help:"List the versions."`
	Publish RulesPublishCmd `cmd:"" help:"Put a new version in force from a time; deadlines that are decided stay."`
}

// RulesListCmd lists the versions of the rule pack.
type RulesListCmd struct{}

// Run lists them, newest first.
func (RulesListCmd) Run(e *env, rules *RulesCmd) error {
	return rules.with(e, func(o *opened, t access.Tenant) error {
		return o.db.Read(e.ctx, func(tx *storage.Tx) error {
			list, err := o.acts.RulePacks(tx, t.Code, o.acts.L.Now(t.Code))
			for _, v := range list {
				mark := ""
				if v.InForce {
					mark = "  in force"
				}
				fmt.Fprintf(e.stdout, "%s@%d  %s  %s · %s%s\n", v.Code, v.Version, v.ValidFrom.Format(time.RFC3339), v.Zh, v.En, mark)
			}
			return err
		})
	})
}

// RulesPublishCmd publishes a version of the rule pack.
type RulesPublishCmd struct {
	File      string `arg:"" help:"The whole pack as JSON, with a version above the newest; data/rulepack has the one that ships." type:"existingfile"`
	ValidFrom string `help:"In force from then: RFC 3339 with a zone, not in the past." required:""`
}

// Run publishes it; what breaks a rule is named by its field.
func (c RulesPublishCmd) Run(e *env, rules *RulesCmd) error {
	from, err := instant("valid-from", c.ValidFrom)
	if err != nil {
		return err
	}
	if from.IsZero() {
		return errors.New("--valid-from: say from when")
	}
	pack, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return rules.with(e, func(o *opened, t access.Tenant) error {
		version, err := o.acts.PublishRulePack(e.ctx, acts.Caller{Actor: access.Actor{Tenant: t.Code, Roles: []string{"duty_officer"}}}, pack, from)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "published %s@%d, in force from %s\n", acts.RulePackCode, version, from.Format(time.RFC3339))
		return nil
	})
}
