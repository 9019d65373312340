package acts_test

import (
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

func declared(code, phase, pack string, exercise bool) registry.IncidentDeclaredV2 {
	return registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: code, Zh: code, En: code, Phase: phase, Exercise: exercise}, Pack: pack}
}

// second is another team of the world's people-to-be, posted to another street for an incident.
func second(t *testing.T, w *actstest.World, incident ledger.ID) (team, site ledger.ID, leader acts.Caller) {
	t.Helper()
	const street = "500112016"
	a := w.Person("team_leader", "second-"+string(incident[len(incident)-4:]), "戊示一", w.Team.Org, []string{street}, nil)
	b := w.Person("inspector", "third-"+string(incident[len(incident)-4:]), "戊示二", w.Team.Org, []string{street}, nil)
	duty := w.As(w.Duty)
	duty.Incident = incident
	team, err := w.Acts.FormTeam(ctx, duty, acts.NewTeam{
		No: 1, Zh: "第1组", En: "Team 1", Members: []visit.Member{{Person: a.Person, Role: visit.Leader}, {Person: b.Person, Role: visit.Plain}},
		Postings: []visit.Posting{{Street: street}}, Why: "汛情", Authorisation: &visit.Authorisation{Issuers: []ledger.ID{w.Commission}, From: w.Time},
	})
	if err != nil {
		t.Fatal(err)
	}
	site, err = w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "堤防" + string(incident[len(incident)-4:]), Type: "S07", Region: "500112016001"})
	if err != nil {
		t.Fatal(err)
	}
	return team, site, w.As(a)
}

// chain takes a finding of a team to a matter of an incident.
func chain(t *testing.T, w *actstest.World, team, site ledger.ID, leader acts.Caller, what visit.What) (ledger.ID, error) {
	t.Helper()
	v, err := w.Acts.StartVisit(ctx, leader, acts.NewVisit{Site: site, Team: team, Inspectors: []ledger.ID{leader.Person}, Methods: []string{"inspection"}, Alone: "汛情紧急"})
	if err != nil {
		return "", err
	}
	f, err := w.Acts.RaiseFinding(ctx, leader, v, acts.FindingForm{What: what, Fact: "2号泵18时起停机，3人值守无人会用。", NoPhoto: "夜间"})
	if err != nil {
		return "", err
	}
	if err := w.Acts.ConfirmFinding(ctx, leader, f, 0); err != nil {
		return "", err
	}
	return w.Acts.HandOverFinding(ctx, leader, f, acts.HandOver{Unit: w.Department, Channel: "written", Requirement: "立即修复。"})
}

// TestFloodPack: a flood runs the whole chain beside the epidemic with what its pack ships, no code of its own
// (R005, R024, R028, design.md 9).
func TestFloodPack(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		w.Matter()
		b := declared("flood", "response", "flood-2026", false)
		b.TriggerAt = w.Time.Add(-12 * time.Minute)
		flood, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), b, acts.When{})
		if err != nil {
			t.Fatal(err)
		}
		team, site, leader := second(t, w, flood)
		id, err := chain(t, w, team, site, leader, visit.What{
			Problem: "F-DRAIN", Severity: "major", Themes: []string{"safe"}, Area: "FA2", Responsibility: "department", Clause: "FK2-1", Item: "FS2-1",
		})
		if err != nil {
			t.Fatal(err)
		}
		m := load(w, id)
		if m.Incident != flood || m.Facets.Problem != "F-DRAIN" || m.Due() == nil {
			t.Errorf("the flood's matter: %+v", m)
		}
		dyke, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "测试河堤", Type: "FS1", Region: "500112016001"})
		if err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *storage.Tx) error {
			f, _, err := visit.LoadFinding(tx, actstest.Tenant, m.Source)
			if f.What.ClauseEdition != "flood-2026@2" {
				t.Errorf("R021 clause of edition %q", f.What.ClauseEdition)
			}
			if err != nil {
				return err
			}
			v, _, err := visit.Load(tx, actstest.Tenant, f.Visit)
			if err != nil {
				return err
			}
			v.Site = dyke
			c, err := w.Acts.Checklist(tx, leader.Actor, v)
			if len(c.Lines) == 0 {
				t.Error("R076 the flood's site has no checklist")
			}
			for _, l := range c.Lines {
				if l.Item.Pack != "flood-2026" {
					t.Errorf("R076 a flood's site is asked for %s of pack %q", l.Item.Code, l.Item.Pack)
				}
			}
			return err
		})
		if err := w.Acts.Receive(ctx, w.As(w.Liaison), id, acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		if f := now(w); f["assigned"] != 2 || f["visits"] != 2 {
			t.Errorf("both incidents stand in figures: %v", f)
		}
		sameAfterRebuild(t, w)
	})
}

// TestExercise: what an exercise does is outside every figure, sites and people included (issue 4: 演练).
func TestExercise(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		w.Matter()
		before := now(w)
		drill, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), declared("drill", "response", "", true), acts.When{})
		if err != nil {
			t.Fatal(err)
		}
		team, site, leader := second(t, w, drill)
		id, err := chain(t, w, team, site, leader, actstest.What())
		if err != nil {
			t.Fatal(err)
		}
		if m := load(w, id); m.Incident != drill {
			t.Errorf("the exercise's matter belongs to %s", m.Incident)
		}
		if err := w.Acts.AuthoriseTeam(ctx, w.As(w.Duty), team, visit.Authorisation{Issuers: []ledger.ID{w.Commission}, From: w.Time}); err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *storage.Tx) error {
			entries, err := w.Acts.L.Types().History(tx, actstest.Tenant, team)
			for _, e := range entries {
				if e.Incident != drill {
					t.Errorf("%s of the exercise's team belongs to %s", e.Type, e.Incident)
				}
			}
			return err
		})
		for name, n := range now(w) {
			if n != before[name] {
				t.Errorf("%s was %d and is %d after an exercise", name, before[name], n)
			}
		}
		w.Read(func(tx *storage.Tx) error { // nor does it weigh in a draw of sites (R076)
			s, _, err := registry.SiteByID(tx, actstest.Tenant, site)
			if err != nil {
				return err
			}
			states, err := registry.SiteStates(tx, actstest.Tenant, []string{registry.Street(s.Region)}, w.Time.Add(time.Hour), 1<<40)
			for _, x := range states {
				if x.ID == site && (x.Visits != 0 || x.Open != 0) {
					t.Errorf("the exercise left %+v at its site", x)
				}
			}
			return err
		})
		w.Read(func(tx *storage.Tx) error {
			i, _, err := registry.CurrentIncident(tx, actstest.Tenant)
			if i.ID != w.Incident {
				t.Errorf("an exercise took the place of the real incident")
			}
			return err
		})
		sameAfterRebuild(t, w)
	})
}

// TestIncidents: declared, phased, stood down by who knows what is open; nothing new is begun after (R005, R006,
// R028).
func TestIncidents(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		w.Matter()
		late := declared("x", "alert", "", false)
		late.TriggerAt = w.Time.Add(time.Hour)
		for name, x := range map[string]struct {
			do   func() error
			want string
		}{
			"by who may not": {func() error {
				_, err := w.Acts.DeclareIncident(ctx, w.As(w.Leader), declared("x", "alert", "", false), acts.When{})
				return err
			}, "access.role"},
			"a phase that is none": {func() error {
				_, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), declared("x", "panic", "", false), acts.When{})
				return err
			}, "unknown-code"},
			"a pack that is none": {func() error {
				_, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), declared("x", "alert", "quake-1999", false), acts.When{})
				return err
			}, "unknown-code"},
			"a code that runs": {func() error {
				_, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), declared("test", "alert", "", false), acts.When{})
				return err
			}, "incident.declared-already"},
			"set off after it":         {func() error { _, err := w.Acts.DeclareIncident(ctx, w.As(w.Duty), late, acts.When{}); return err }, "incident.trigger-later"},
			"the phase it is in":       {func() error { return w.Acts.PhaseIncident(ctx, w.As(w.Duty), w.Incident, "normal") }, "incident.same-phase"},
			"not knowing what is open": {func() error { return w.Acts.StandDown(ctx, w.As(w.Duty), w.Incident, 0) }, "incident.open-matters"},
			"an incident that is none": {func() error { return w.Acts.StandDown(ctx, w.As(w.Duty), "incident-x", 0) }, "not-found"},
		} {
			if err := x.do(); code(err) != x.want {
				t.Errorf("%s: %v, want %q", name, err, x.want)
			}
		}
		if err := w.Acts.PhaseIncident(ctx, w.As(w.Duty), w.Incident, acts.CriticalPhase); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.StandDown(ctx, w.As(w.Duty), w.Incident, 1); err != nil {
			t.Fatal(err)
		}
		end(t, w)
		w.Pass(time.Minute)
		_, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), acts.NewVisit{
			Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person, w.Leader.Person}, Methods: []string{"inspection"},
		})
		if code(err) != "incident.stood-down" {
			t.Errorf("R005 a visit after the stand-down: %v", err)
		}
		gone := w.As(w.Duty)
		gone.Incident = w.Incident
		if _, err := w.Acts.MakeMeeting(ctx, gone, "2022-11-21"); code(err) != "incident.stood-down" {
			t.Errorf("a meeting after the stand-down: %v", err)
		}
		sameAfterRebuild(t, w)
	})
}
