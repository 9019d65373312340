package acts_test

import (
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// TestSuggestion: what should change is registered, answered once by somebody else, always with a reason, and what
// took it up is named (R133).
func TestSuggestion(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		principal := w.Person("commission_principal", "principal", "甲示三", w.Commission, nil, nil)
		leader, boss := w.As(w.Leader), w.As(principal)
		get := func(id ledger.ID) (s plan.Suggestion) {
			w.Read(func(tx *storage.Tx) (err error) {
				s, _, err = plan.SuggestionByID(tx, actstest.Tenant, id)
				return err
			})
			return s
		}
		if _, err := w.Acts.Suggest(ctx, leader, acts.SuggestionForm{Text: "  "}); code(err) != "required" || field(err) != "text" {
			t.Errorf("no words: %v", err)
		}
		if _, err := w.Acts.Suggest(ctx, leader, acts.SuggestionForm{Text: "统一登记表样式。", Problem: "NOPE"}); code(err) != "unknown-code" || field(err) != "problem_type" {
			t.Errorf("unknown type: %v", err)
		}
		id, err := w.Acts.Suggest(ctx, leader, acts.SuggestionForm{Text: "统一登记表样式。"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Acts.Suggest(ctx, leader, acts.SuggestionForm{ID: id, Text: "再来一次。"}); code(err) != "suggestion.exists" {
			t.Errorf("the same id: %v", err)
		}
		draft, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Directive, Level: "centre", Items: []plan.Item{{Code: "C01"}}}, Words: acts.Words{Title: "草稿", Items: map[string]string{"C01": "第一条"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, answer, reason, rule, field string
			by                                acts.Caller
			seen                              int
			publication                       ledger.ID
		}{
			{name: "who may not", by: leader, answer: plan.Adopted, reason: "同意。", rule: "access.role"},
			{name: "no answer", by: boss, reason: "同意。", rule: "required", field: "answer"},
			{name: "another answer", by: boss, answer: "maybe", reason: "同意。", rule: "unknown-code", field: "answer"},
			{name: "no reason", by: boss, answer: plan.Adopted, rule: "required", field: "text"},
			{name: "stale", by: boss, answer: plan.Adopted, reason: "同意。", seen: 7, rule: "stale"},
			{name: "in a draft", by: boss, answer: plan.Adopted, reason: "同意。", publication: draft, rule: "not-found", field: "publication"},
			{name: "in nothing", by: boss, answer: plan.Adopted, reason: "同意。", publication: ledger.NewID(), rule: "not-found", field: "publication"},
		} {
			err := w.Acts.AnswerSuggestion(ctx, c.by, id, c.seen, c.answer, c.reason, c.publication)
			if code(err) != c.rule || c.field != "" && field(err) != c.field {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if s := get(id); s.State != plan.SuggestionOpen || s.Version != 1 {
			t.Fatalf("a refused answer changed it: %+v", s)
		}
		if err := w.Acts.AnswerSuggestion(ctx, boss, id, 1, plan.NotAdopted, "不同意。", directive(t, w)); code(err) != "suggestion.taken-up" || field(err) != "publication" {
			t.Errorf("not adopted and yet taken up: %v", err)
		}
		if err := w.Acts.AnswerSuggestion(ctx, boss, id, 1, plan.Partly, "先在两个街道试行。", ""); err != nil {
			t.Fatal(err)
		}
		if s := get(id); s.State != plan.Partly || s.AnsweredBy != principal.Person || s.Reason == nil {
			t.Errorf("R133 answered: %+v", s)
		}
		if err := w.Acts.AnswerSuggestion(ctx, boss, id, 0, plan.Adopted, "同意。", ""); code(err) != "suggestion.answered" {
			t.Errorf("answered twice: %v", err)
		}
		own, err := w.Acts.Suggest(ctx, boss, acts.SuggestionForm{Text: "统一值守班次。"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.AnswerSuggestion(ctx, boss, own, 0, plan.Adopted, "同意。", ""); code(err) != "suggestion.own" {
			t.Errorf("his own: %v", err)
		}
		end(t, w)
	})
}

// TestSuggestionPrompt: ten findings of one type within 48 hours prompt a suggestion, nine do not; what was suggested
// about, or lies longer ago, does not (R022).
func TestSuggestionPrompt(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		prompts := func() (list []matter.Cluster) {
			w.Read(func(tx *storage.Tx) (err error) {
				list, err = w.Acts.SuggestionPrompts(tx, actstest.Tenant, w.Time)
				return err
			})
			return list
		}
		visit := w.Visit()
		var kind string
		for n := 1; n <= 10; n++ {
			f := w.Finding(visit)
			id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), f, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
			if err != nil {
				t.Fatal(err)
			}
			kind = load(w, id).Facets.Problem
			if got := prompts(); (len(got) == 1) != (n == 10) {
				t.Fatalf("R022 after %d findings: %+v", n, got)
			}
		}
		if got := prompts(); got[0] != (matter.Cluster{Problem: kind, N: 10}) {
			t.Errorf("R022 prompt: %+v", got)
		}
		id, err := w.Acts.Suggest(ctx, w.As(w.Leader), acts.SuggestionForm{Problem: kind, Text: "改样式。"})
		if err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *storage.Tx) error {
			s, _, err := plan.SuggestionByID(tx, actstest.Tenant, id)
			if s.Findings != 10 {
				t.Errorf("the suggestion stands on %d findings", s.Findings)
			}
			return err
		})
		if got := prompts(); len(got) != 0 {
			t.Errorf("R022 prompts again: %+v", got)
		}
		w.Pass(49 * time.Hour)
		if got := prompts(); len(got) != 0 {
			t.Errorf("R022 prompts of what is long past: %+v", got)
		}
		end(t, w)
	})
}
