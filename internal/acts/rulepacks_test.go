package acts_test

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"duzhan/data"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// changed is the pack that ships with some fields changed.
func changed(t *testing.T, with map[string]any) json.RawMessage {
	t.Helper()
	b, err := data.RulePack("emergency", 1)
	if err != nil {
		t.Fatal(err)
	}
	pack := map[string]any{}
	if err := json.Unmarshal(b, &pack); err != nil {
		t.Fatal(err)
	}
	maps.Copy(pack, with)
	if b, err = json.Marshal(pack); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNewRulePack: a new version holds for what is handed over from its time on; deadlines and figures of what
// was decided before stay as they were, also after a rebuild (R022, R024).
func TestNewRulePack(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		handOver := func() ledger.ID {
			t.Helper()
			w.Pass(time.Minute)
			id := w.Matter()
			end(t, w)
			return id
		}
		figures := func(at time.Time) (f map[string]int64) {
			w.Read(func(tx *storage.Tx) error {
				k, err := w.Acts.AsOf(tx, actstest.Tenant, at, at)
				if err == nil {
					f, err = figure.Figures(tx, actstest.Tenant, k.AsOf, "finding", figure.Group{})
				}
				return err
			})
			return f
		}
		old := handOver()
		due, rule := *load(w, old).Due(), ruleOf(w, old)
		at, before := w.Time, figures(w.Time)
		from := w.Time.Add(time.Hour)
		pack := changed(t, map[string]any{
			"version": 2, "severities": map[string]any{"minor": "24h", "moderate": "30m", "major": "2h", "urgent": "30m"},
			"retroactive_hours": map[string]any{"value": 1, "source": "test"}, "skew_minutes": map[string]any{"value": 30, "source": "test"},
		})
		if v, err := w.Acts.PublishRulePack(ctx, w.As(w.Duty), pack, from); err != nil || v != 2 {
			t.Fatal(v, err)
		}
		if rule := ruleOf(w, handOver()); rule != "emergency@1#same_day" {
			t.Errorf("before its time: %s", rule)
		}
		w.Pass(time.Hour)
		fresh := handOver()
		if m := load(w, fresh); ruleOf(w, fresh) != "emergency@2#30m" || m.Due().Sub(m.AssignedAt).Round(time.Second) != 30*time.Minute {
			t.Errorf("from its time on: %s, due %s", ruleOf(w, fresh), m.Due())
		}
		if m := load(w, old); !m.Due().Equal(due) || ruleOf(w, old) != rule {
			t.Errorf("what was decided moved: %s, due %s", ruleOf(w, old), m.Due())
		}
		if again := figures(at); !maps.Equal(again, before) {
			t.Errorf("figures as of before: %v, then %v", again, before)
		}
		report := func(back time.Duration) string {
			v := acts.NewVisit{Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查"}
			v.Started.At = w.Time.Add(-back)
			v.Ended = v.Started.At.Add(time.Second)
			_, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), v)
			return code(err)
		}
		w.Pass(3 * time.Hour)
		for back, want := range map[time.Duration]string{2 * time.Hour: "time.too-old", 30 * time.Minute: "", -29 * time.Minute: "", -31 * time.Minute: "time.in-future"} {
			if got := report(back); got != want {
				t.Errorf("reported %s back: %q, want %q", back, got, want)
			}
		}
		w.Upload(w.Secretary)
		w.Pass(61 * time.Minute)
		if n, err := w.Acts.SweepUploads(ctx, actstest.Tenant); err != nil || n != 1 {
			t.Errorf("%d pictures swept after the pack's hour (%v)", n, err)
		}
		sameAfterRebuild(t, w)
	})
}

// TestRulePackRefused names the field of what is wrong with a pack, and lets only the desk publish.
func TestRulePackRefused(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	for name, x := range map[string]struct {
		pack        map[string]any
		code, field string
	}{
		"unknown rule":  {map[string]any{"version": 2, "severities": map[string]any{"minor": "never"}}, "due.pack.rule-unknown", "pack.severities.minor"},
		"unknown field": {map[string]any{"version": 2, "colour": "red"}, "due.pack.field-unknown", "pack.colour"},
		"no names":      {map[string]any{"version": 2, "zh": "", "en": "", "zone": ""}, "due.pack.required", "pack.zh"},
		"no lights":     {map[string]any{"version": 2, "lights": nil}, "due.pack.required", "pack.lights"},
		"another pack":  {map[string]any{"version": 2, "code": "private"}, "rule.other-pack", "pack.code"},
		"same version":  {nil, "rule.version-not-higher", "pack.version"},
	} {
		_, err := w.Acts.PublishRulePack(ctx, w.As(w.Duty), changed(t, x.pack), w.Time)
		var r *ledger.Refusal
		if !errors.As(err, &r) || r.Code != x.code || r.Field != x.field {
			t.Errorf("%s: %v at %v, want %s at %s", name, err, r, x.code, x.field)
		}
	}
	if _, err := w.Acts.PublishRulePack(ctx, w.As(w.Leader), changed(t, map[string]any{"version": 2}), w.Time); code(err) != "access.role" {
		t.Errorf("a team leader publishes: %v", err)
	}
}

func ruleOf(w *actstest.World, id ledger.ID) string {
	for _, c := range load(w, id).Clocks {
		if c.Kind == "rectify" {
			return c.Rule
		}
	}
	return ""
}
