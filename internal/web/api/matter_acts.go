package api

import (
	"context"
	"errors"
	"maps"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"

	"github.com/danielgtaylor/huma/v2"
)

// Doing is what every act carries.
type Doing struct {
	Version    int        `json:"version,omitempty" minimum:"0" doc:"the version seen; an older one is refused"`
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"when it happened, if not now"`
	Precision  string     `json:"precision,omitempty" enum:"hour,evening,day" doc:"if only an interval is known"`
}

func (d Doing) with(text string) acts.Doing {
	return acts.Doing{Seen: d.Version, When: d.when(), Text: text}
}

func (d Doing) when() acts.When {
	w := acts.When{Precision: ledger.Precision(d.Precision)}
	if d.OccurredAt != nil {
		w.At = *d.OccurredAt
	}
	return w
}

func ids(list []string) []ledger.ID {
	out := make([]ledger.ID, len(list))
	for i, s := range list {
		out[i] = ledger.ID(s)
	}
	return out
}

// versionBody is an act that carries nothing but the version seen.
type versionBody struct {
	Version int `json:"version,omitempty" minimum:"0"`
}

// Bodies of the acts on a matter.
type (
	textBody struct {
		Doing
		Text string `json:"text"`
	}
	optionalTextBody struct {
		Doing
		Text string `json:"text,omitempty"`
	}
	receiveBody struct {
		Doing
		OwnerName  string     `json:"owner_name,omitempty"`
		ExpectedAt *time.Time `json:"expected_at,omitempty"`
	}
	refuseBody struct {
		Doing
		Reason       string `json:"reason"`
		Text         string `json:"text"`
		ProposedUnit string `json:"proposed_unit,omitempty"`
	}
	reassignBody struct {
		Doing
		Unit         string     `json:"unit"`
		DecisionText string     `json:"decision_text"`
		Due          *time.Time `json:"due,omitempty"`
	}
	upholdBody struct {
		Doing
		DecisionText string `json:"decision_text"`
	}
	askExtensionBody struct {
		Doing
		Reason   string    `json:"reason"`
		Progress string    `json:"progress"`
		Until    time.Time `json:"until"`
	}
	decideExtensionBody struct {
		Doing
		Granted bool       `json:"granted"`
		Until   *time.Time `json:"until,omitempty"`
		Text    string     `json:"text"`
	}
	claimBody struct {
		Doing
		Text   string   `json:"text"`
		Photos []string `json:"photos"`
	}
	replyBody struct {
		Doing
		Text      string `json:"text"`
		Reference string `json:"reference,omitempty" doc:"the number that the department wrote on its reply"`
	}
	verifyBody struct {
		Doing
		Passed        bool     `json:"passed"`
		Text          string   `json:"text"`
		Photos        []string `json:"photos,omitempty"`
		Visit         string   `json:"visit,omitempty" doc:"the visit of the site on which it was seen"`
		NoPhotoReason string   `json:"no_photo_reason,omitempty" doc:"why there is neither a visit nor a picture; not for severe matters"`
	}
	explainBody struct {
		Doing
		Text       string    `json:"text" doc:"why it stays over the night"`
		ExpectedAt time.Time `json:"expected_at"`
		Day        string    `json:"day,omitempty" doc:"the day that ends, YYYY-MM-DD; empty: today"`
	}
	reopenBody struct {
		Doing
		Reason string `json:"reason"`
		Text   string `json:"text"`
	}
	lookBackBody struct {
		Doing
		Found string `json:"found"`
		Text  string `json:"text,omitempty"`
	}
	onRecordBody struct {
		Doing
		Plan     string    `json:"plan"`
		ReviewAt time.Time `json:"review_at"`
	}
	duplicateBody struct {
		Doing
		Master string `json:"master"`
	}
	urgeBody struct {
		Doing
		Text   string `json:"text"`
		Formal bool   `json:"formal,omitempty"`
	}
	correctBody struct {
		Doing
		Fields correctionBody `json:"fields"`
		Text   string         `json:"text"`
	}
	correctionBody struct {
		Street         *string  `json:"street,omitempty"`
		ProblemType    *string  `json:"problem_type,omitempty"`
		Themes         []string `json:"themes,omitempty"`
		Area           *string  `json:"area,omitempty"`
		Responsibility *string  `json:"responsibility,omitempty"`
		Severity       *string  `json:"severity,omitempty"`
	}
)

// on registers an act on a matter; the answer is the matter as it is then.
func on[B any](s *API, h huma.API, act, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, "/matters/{id}/"+act, "matter-"+act, summary, func(ctx context.Context, c acts.Caller, id string, b *B) (*MatterPage, error) {
		if err := fn(ctx, c, ledger.ID(id), b); err != nil {
			return nil, inForm(act, err)
		}
		return s.matterPage(ctx, c.Actor, id)
	})
}

// formFields say where a form holds what the desks and acts name otherwise: under "" in every form, under an
// act in its form only.
var formFields = map[string]map[string]string{
	"":                  {"photo.after.1": "photos", "no-photo": "no_photo_reason", "owner": "owner_name"},
	"reassign":          {"text": "decision_text"},
	"uphold_assignment": {"text": "decision_text"},
	"ask_extension":     {"text": "reason"},
	"put_on_record":     {"text": "plan"},
	"correct": {
		"problem_type": "fields.problem_type", "themes": "fields.themes", "area": "fields.area",
		"responsibility": "fields.responsibility", "severity": "fields.severity",
	},
}

// inForm names the field of an act's form in a refusal.
func inForm(act string, err error) error {
	var r *ledger.Refusal
	if !errors.As(err, &r) {
		return err
	}
	for _, form := range []string{act, ""} {
		if field, ok := formFields[form][r.Field]; ok {
			said := *r
			said.Field = field
			if _, named := said.Args["field"]; named {
				said.Args = maps.Clone(said.Args)
				said.Args["field"] = field
			}
			return &said
		}
	}
	return err
}

func (s *API) matterActs(h huma.API) {
	a := s.acts
	on(s, h, "receive", "Acknowledge receipt (签收)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *receiveBody) error {
		return a.Receive(ctx, c, id, b.with(""), b.OwnerName, b.ExpectedAt)
	})
	on(s, h, "refuse", "Object: not ours, or the fact is wrong", func(ctx context.Context, c acts.Caller, id ledger.ID, b *refuseBody) error {
		return a.Refuse(ctx, c, id, b.with(b.Text), b.Reason, ledger.ID(b.ProposedUnit))
	})
	on(s, h, "reassign", "Uphold an objection: another unit", func(ctx context.Context, c acts.Caller, id ledger.ID, b *reassignBody) error {
		return a.Reassign(ctx, c, id, b.with(b.DecisionText), ledger.ID(b.Unit), b.Due)
	})
	on(s, h, "uphold_assignment", "Do not uphold an objection", func(ctx context.Context, c acts.Caller, id ledger.ID, b *upholdBody) error {
		return a.Uphold(ctx, c, id, b.with(b.DecisionText))
	})
	on(s, h, "ask_extension", "Ask for a later deadline, before the deadline", func(ctx context.Context, c acts.Caller, id ledger.ID, b *askExtensionBody) error {
		return a.AskExtension(ctx, c, id, b.with(b.Reason), b.Progress, b.Until)
	})
	on(s, h, "decide_extension", "Grant or deny an extension", func(ctx context.Context, c acts.Caller, id ledger.ID, b *decideExtensionBody) error {
		return a.DecideExtension(ctx, c, id, b.with(b.Text), b.Granted, b.Until)
	})
	on(s, h, "claim", "Claim that it is rectified, with a picture of after", func(ctx context.Context, c acts.Caller, id ledger.ID, b *claimBody) error {
		return a.Claim(ctx, c, id, b.with(b.Text), ids(b.Photos))
	})
	on(s, h, "reply", "Reply to a written order (书面回复)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *replyBody) error {
		return a.ReplyOrder(ctx, c, id, b.with(b.Text), b.Reference)
	})
	on(s, h, "verify", "Verify on the spot, by another unit", func(ctx context.Context, c acts.Caller, id ledger.ID, b *verifyBody) error {
		return a.Verify(ctx, c, id, b.with(b.Text), b.Passed, acts.Evidence{Visit: ledger.ID(b.Visit), Photos: ids(b.Photos), NoPhoto: b.NoPhotoReason})
	})
	on(s, h, "strike_off", "Strike off (销号), this one only", func(ctx context.Context, c acts.Caller, id ledger.ID, b *optionalTextBody) error {
		return a.StrikeOff(ctx, c, id, b.with(b.Text))
	})
	on(s, h, "explain", "Say why it stays over the night, and until when (事不过夜)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *explainBody) error {
		return a.Explain(ctx, c, id, b.with(b.Text), b.Day, b.ExpectedAt)
	})
	on(s, h, "reopen", "Reopen after a strike-off", func(ctx context.Context, c acts.Caller, id ledger.ID, b *reopenBody) error {
		return a.Reopen(ctx, c, id, b.with(b.Text), b.Reason)
	})
	on(s, h, "look_back", "Look back after a strike-off: ok or relapse", func(ctx context.Context, c acts.Caller, id ledger.ID, b *lookBackBody) error {
		return a.LookBack(ctx, c, id, b.with(b.Text), b.Found)
	})
	on(s, h, "put_on_record", "Keep open for long, with a plan and a review", func(ctx context.Context, c acts.Caller, id ledger.ID, b *onRecordBody) error {
		return a.PutOnRecord(ctx, c, id, b.with(b.Plan), b.ReviewAt)
	})
	on(s, h, "withdraw", "Withdraw what should not have been handed over", func(ctx context.Context, c acts.Caller, id ledger.ID, b *textBody) error {
		return a.Withdraw(ctx, c, id, b.with(b.Text))
	})
	on(s, h, "mark_duplicate", "Merge into a master", func(ctx context.Context, c acts.Caller, id ledger.ID, b *duplicateBody) error {
		return a.MarkDuplicate(ctx, c, id, b.with(""), ledger.ID(b.Master))
	})
	on(s, h, "unmark_duplicate", "Take a merging back", func(ctx context.Context, c acts.Caller, id ledger.ID, b *textBody) error {
		return a.UnmarkDuplicate(ctx, c, id, b.with(b.Text))
	})
	on(s, h, "urge", "Urge; formally: a numbered notice", func(ctx context.Context, c acts.Caller, id ledger.ID, b *urgeBody) error {
		return a.Urge(ctx, c, id, b.with(b.Text), b.Formal)
	})
	on(s, h, "correct", "Correct facets: figures change at the original time", func(ctx context.Context, c acts.Caller, id ledger.ID, b *correctBody) error {
		f := b.Fields
		return a.Correct(ctx, c, id, b.with(b.Text), matter.Correction{
			Street: f.Street, Problem: f.ProblemType, Themes: f.Themes, Area: f.Area, Responsibility: f.Responsibility, Severity: f.Severity,
		})
	})
}
