package acts

import (
	"context"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// When a cluster of findings prompts a suggestion: ten of one type within two days (R022 [D]).
const (
	clusterFindings = 10
	clusterWithin   = 48 * time.Hour
)

// SuggestionForm is how somebody says what should change.
type SuggestionForm struct {
	ID      ledger.ID // made by the client, or empty
	Problem string    // code of the problem type that it comes from, or empty
	Text    string
}

// Suggest registers a suggestion (R133). How many findings of the type there were is taken from the ledger.
func (a *Acts) Suggest(ctx context.Context, c Caller, f SuggestionForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("suggestion")
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("suggest"); r != nil {
			return r
		}
		before, _, err := plan.SuggestionByID(tx.Tx, c.Tenant, f.ID)
		if err != nil {
			return err
		}
		cmd := plan.Suggest{Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), ID: f.ID, Problem: f.Problem}
		if f.Problem != "" {
			lists, err := a.Catalogue(tx.Tx, c.Tenant)
			if err != nil {
				return err
			}
			if _, ok := lists.Find("problem_types", f.Problem); !ok {
				return ledger.RefuseAs(ledger.Invalid, "unknown-code", "problem_type", "field", "problem_type")
			}
			incident, _, err := registry.CurrentIncident(tx.Tx, c.Tenant)
			if err != nil {
				return err
			}
			clusters, err := matter.Clusters(tx.Tx, c.Tenant, incident.ID, tx.Now().Add(-clusterWithin), 1)
			if err != nil {
				return err
			}
			for _, k := range clusters {
				if k.Problem == f.Problem {
					cmd.Findings = k.N
				}
			}
		}
		if cmd.Parts, err = a.sealText(tx, "text", "text", f.Text, true); err != nil {
			return err
		}
		drafts, refusal := cmd.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// AnswerSuggestion says whether a suggestion is taken up, wholly, in part or not, why, and in what.
func (a *Acts) AnswerSuggestion(ctx context.Context, c Caller, id ledger.ID, seen int, answer, reason string, publication ledger.ID) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		s, err := existing(plan.SuggestionByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.Can("suggestion.answer"); r != nil {
			return r
		}
		if publication != "" {
			p, found, err := plan.PublicationByID(tx.Tx, c.Tenant, publication)
			if err != nil {
				return err
			}
			if !found || p.State == plan.Draft {
				return ledger.RefuseAs(ledger.Invalid, "not-found", "publication")
			}
		}
		tx.Incident = s.Incident
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		drafts, refusal := plan.AnswerSuggestion{Act: act, Answer: answer, Publication: publication}.Decide(s, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// SuggestionPrompts are the problem types found so often lately that the measures themselves are to be looked at,
// and that nothing was suggested about since (R022).
func (a *Acts) SuggestionPrompts(tx *storage.Tx, tenant string, now time.Time) ([]matter.Cluster, error) {
	incident, found, err := registry.CurrentIncident(tx, tenant)
	if err != nil || !found {
		return nil, err
	}
	since := now.Add(-clusterWithin)
	clusters, err := matter.Clusters(tx, tenant, incident.ID, since, clusterFindings)
	if err != nil {
		return nil, err
	}
	suggested, err := plan.SuggestedSince(tx, tenant, since)
	if err != nil {
		return nil, err
	}
	var out []matter.Cluster
	for _, k := range clusters {
		if !suggested[k.Problem] {
			out = append(out, k)
		}
	}
	return out, nil
}
