package acts_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// addSites registers n sites of the world's street in a few commands; every fourth has no coordinates.
func addSites(t *testing.T, w *actstest.World, n int) (ids []ledger.ID) {
	t.Helper()
	types := []string{"S01", "S02", "S04", "S07", "S10", "S99"}
	for from := 0; from < n; from += 2000 {
		err := w.Acts.L.Do(ctx, actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
			for i := from; i < min(n, from+2000); i++ {
				id := ledger.NewID()
				ids = append(ids, id)
				s := registry.Site{Name: fmt.Sprintf("测试点位%05d", i), Type: types[i%len(types)], Region: actstest.Community}
				if i%4 > 0 {
					lon, lat := 106.5+float64(i%97)/1000, 29.7+float64(i%89)/1000
					s.Lon, s.Lat = &lon, &lat
				}
				if err := tx.Append(ledger.Draft{Subject: id, Body: registry.SiteRegisteredV1{Site: s}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func sampling(w *actstest.World, id ledger.ID) (s visit.Sampling) {
	w.Read(func(tx *storage.Tx) (err error) {
		s, err = w.Acts.SamplingByID(tx, w.Auditor, id)
		return err
	})
	return s
}

func redraw(w *actstest.World, id ledger.ID) (r acts.Redraw) {
	w.Read(func(tx *storage.Tx) (err error) {
		r, err = w.Acts.RedrawSampling(tx, w.Auditor, id)
		return err
	})
	return r
}

// TestSamplingDrawnAgain: whatever happens after a draw, the same sites are drawn again from the ledger; what happened
// before it is in it (R076).
func TestSamplingDrawnAgain(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		rnd := rand.New(rand.NewPCG(7, 7))
		sites := append(addSites(t, w, 40), w.Site)
		var plans []ledger.ID
		var visits []ledger.ID
		weight := 1
		day := func() string { return w.Time.In(actstest.Zone).Format(time.DateOnly) }
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		happens := []func(){
			func() { // a visit, perhaps of a site with findings
				id, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), acts.NewVisit{
					Site: sites[rnd.IntN(len(sites))], Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "抽查",
				})
				do(err)
				if rnd.IntN(2) == 0 {
					_, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), w.Finding(id), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
					do(err)
				} else {
					visits = append(visits, id)
				}
				do(w.Acts.EndVisit(ctx, w.As(w.Inspector), id, 0, acts.When{}))
			},
			func() { // one that was none
				if len(visits) > 0 {
					do(w.Acts.AnnulVisit(ctx, w.As(w.Duty), visits[0], 0, "误登记。"))
					visits = visits[1:]
				}
			},
			func() { sites = append(sites, addSites(t, w, 3)...) },
			func() { w.Pass(time.Duration(rnd.IntN(30)) * time.Hour) },
			func() { // another weight
				weight = weight%9 + 1
				_, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), 0, map[string][]acts.Listed{"site_types": weighed(t, w, "S10", weight)})
				do(err)
			},
			func() { // another focus
				id, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), acts.PublicationForm{
					Body:  plan.DraftedV1{Kind_: plan.Focus, Day: day(), Items: []plan.Item{{Code: "1", Check: "S07-1", Source: &plan.Source{Kind: "figures", Ref: "assigned"}}}},
					Words: acts.Words{Title: "重点", Items: map[string]string{"1": "保供"}},
				})
				do(err)
				w.Pass(2 * time.Minute)
				do(w.Acts.IssuePublication(ctx, w.As(w.Duty), id, acts.IssueForm{}))
			},
		}
		for range 12 {
			for range 4 {
				w.Pass(time.Minute)
				happens[rnd.IntN(len(happens))]()
			}
			id, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, day(), 1+rnd.IntN(20))
			do(err)
			plans = append(plans, id)
		}
		frames := map[string]bool{}
		for _, id := range plans {
			s, r := sampling(w, id), redraw(w, id)
			if !r.Same || !r.SameFrame || r.Sites != s.Lot.Sites || r.Frame != s.Lot.Frame {
				t.Errorf("plan of position %d: drawn again %+v", s.Serial, r)
			}
			frames[s.Lot.Frame] = true
		}
		if len(frames) < len(plans)/2 {
			t.Errorf("only %d frames in %d draws: what happens does not change them", len(frames), len(plans))
		}
		sameAfterRebuild(t, w)
	})
}

// weighed are the types of sites with one at another weight.
func weighed(t *testing.T, w *actstest.World, code string, weight int) []acts.Listed {
	t.Helper()
	var own acts.OwnCatalogue
	w.Read(func(tx *storage.Tx) (err error) {
		own, err = w.Acts.OwnCatalogue(tx, actstest.Tenant)
		return err
	})
	list := slices.Clone(own.Lists["site_types"])
	for i := range list {
		if list[i].Code == code {
			list[i].Weight = weight
		}
	}
	return list
}

// TestSampling: what a site's weight is made of comes from the ledger, who may draw, change, accept and read a plan,
// and that a new version leaves the old one as it was (R076).
func TestSampling(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		sites := addSites(t, w, 12)
		matterID := w.Matter() // at the world's own site
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), matterID, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err == nil {
			t.Fatal("a claim before receipt")
		}
		if err := w.Acts.Receive(ctx, w.As(w.Secretary), matterID, acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		early, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, w.Time.In(actstest.Zone).Format(time.DateOnly), 13)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range sampling(w, early).Drawn {
			if p.Site == w.Site && (p.Open != 1 || p.Late != 0) {
				t.Errorf("R076 the site before the matter is due: %+v", p)
			}
		}
		w.Pass(72*time.Hour + time.Minute)
		day := w.Time.In(actstest.Zone).Format(time.DateOnly)
		find := func(s visit.Sampling, id ledger.ID) (p visit.Pick) {
			for _, x := range s.Drawn {
				if x.Site == id {
					p = x
				}
			}
			return p
		}
		for _, c := range []struct {
			name, rule, field string
			by                acts.Caller
			day               string
			n                 int
		}{
			{"who is inspected", "access.role", "act", w.As(w.Secretary), day, 3},
			{"no day", "input.format", "day", w.As(w.Leader), "明日", 3},
			{"yesterday", "sampling.day-past", "day", w.As(w.Leader), "2022-11-20", 3},
			{"nothing", "sampling.size", "n", w.As(w.Leader), day, 0},
			{"too many", "sampling.size", "n", w.As(w.Leader), day, 61},
		} {
			if _, err := w.Acts.DrawSampling(ctx, c.by, w.Team.ID, c.day, c.n); code(err) != c.rule || field(err) != c.field {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		first, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, day, 13)
		if err != nil {
			t.Fatal(err)
		}
		s := sampling(w, first)
		if own := find(s, w.Site); own.Days != 3 || own.Open != 1 || own.Late != 1 || own.Failed != 0 {
			t.Errorf("R076 the site with a late matter: %+v", own)
		}
		if other := find(s, sites[0]); other.Days != -1 || other.Open != 0 {
			t.Errorf("R076 a site nobody visited: %+v", other)
		}
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), matterID, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Verify(ctx, w.As(w.Leader), matterID, acts.Doing{Text: "仍无人值守。"}, false, acts.Evidence{Photos: []ledger.ID{w.Upload(w.Leader)}}); err != nil {
			t.Fatal(err)
		}
		second, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, day, 13)
		if err != nil {
			t.Fatal(err)
		}
		if own := find(sampling(w, second), w.Site); own.Failed != 1 || own.Open != 1 {
			t.Errorf("R076 a failed verification: %+v", own)
		}
		if err := w.Acts.ChangeSampling(ctx, w.As(w.Leader), first, 0, sites[0], true, ""); code(err) != "required" || field(err) != "text" {
			t.Errorf("no reason: %v", err)
		}
		if err := w.Acts.ChangeSampling(ctx, w.As(w.Leader), first, 0, ledger.NewID(), false, "补充。"); code(err) != "site.unknown" || field(err) != "site" {
			t.Errorf("no such site: %v", err)
		}
		if err := w.Acts.ChangeSampling(ctx, w.As(w.Leader), first, 0, sites[0], true, "已停业。"); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.AcceptSampling(ctx, w.As(w.Inspector), first, 0); code(err) != "access.role" {
			t.Errorf("an inspector accepts: %v", err)
		}
		if err := w.Acts.AcceptSampling(ctx, w.As(w.Secretary), first, 0); code(err) != "access.role" && code(err) != "not-found" {
			t.Errorf("who is inspected accepts: %v", err)
		}
		for _, id := range []ledger.ID{first, second} {
			if err := w.Acts.AcceptSampling(ctx, w.As(w.Leader), id, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Acts.ChangeSampling(ctx, w.As(w.Leader), first, 0, sites[1], true, "已停业。"); code(err) != "sampling.replaced" {
			t.Errorf("the old version changed: %v", err)
		}
		if old := sampling(w, first); old.State != visit.SamplingAccepted || len(old.Planned()) != 12 || old.No != 1 {
			t.Errorf("the old version: %+v", old)
		}
		w.Read(func(tx *storage.Tx) error {
			if _, err := w.Acts.SamplingByID(tx, w.Secretary, second); code(err) != "access.role" {
				t.Errorf("who is inspected reads where inspectors will come: %v", err)
			}
			versions, streets, err := w.Acts.SamplingsOf(tx, w.Inspector, w.Team, day, actstest.Zone)
			if err != nil || len(versions) != 2 || versions[0].ID != second || len(streets) != 1 {
				t.Errorf("versions %+v of %v: %v", versions, streets, err)
			}
			force, _ := visit.SamplingInForce(versions)
			if force.ID != second {
				t.Errorf("in force: %s", force.ID)
			}
			return nil
		})
		if _, err := w.Acts.StartVisit(ctx, w.As(w.Leader), acts.NewVisit{
			Site: sites[2], Team: w.Team.ID, Inspectors: []ledger.ID{w.Leader.Person}, Methods: []string{"inspection"}, Alone: "抽查",
		}); err != nil {
			t.Fatal(err)
		}
		w.Pass(time.Minute)
		w.Read(func(tx *storage.Tx) error {
			s, _, _ := visit.SamplingByID(tx, actstest.Tenant, second)
			done, err := visit.VisitedOn(tx, actstest.Tenant, w.Team.ID, day)
			if err != nil || len(done) != 1 {
				t.Errorf("visited today: %v %v", done, err)
			}
			list, err := w.Acts.SamplingCoverage(tx, actstest.Tenant, s.Lot.Streets, w.Time, s.Planned(), done)
			sum := acts.TypeCoverage{}
			for _, c := range list {
				sum.Sites, sum.Visited, sum.Never, sum.Planned, sum.Done = sum.Sites+c.Sites, sum.Visited+c.Visited, sum.Never+c.Never, sum.Planned+c.Planned, sum.Done+c.Done
			}
			if err != nil || len(list) != 6 || sum != (acts.TypeCoverage{Sites: 13, Visited: 2, Never: 11, Planned: 13, Done: 1}) {
				t.Errorf("R076 coverage per type: %+v of %+v: %v", sum, list, err)
			}
			start, legs, err := w.Acts.DayRoute(tx, actstest.Tenant, s)
			if err != nil || len(legs) != 13 || start == nil || start.Type != "S01" || legs[len(legs)-1].Lon != nil {
				t.Errorf("route from %+v: %v %v", start, legs, err)
			}
			return nil
		})
		for _, id := range open(w) {
			if err := w.Acts.EndVisit(ctx, w.As(w.Leader), id, 0, acts.When{}); err != nil {
				t.Fatal(err)
			}
		}
		sameAfterRebuild(t, w)
	})
}

// TestSamplingFocuses: today's focus weighs most, that of a day before less, one replaced since then no more (R076).
func TestSamplingFocuses(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		addSites(t, w, 12)
		focus := func(check string) {
			publish(t, w, acts.PublicationForm{
				Body: plan.DraftedV1{
					Kind_: plan.Focus, Day: w.Time.In(actstest.Zone).Format(time.DateOnly),
					Items: []plan.Item{{Code: "1", Check: check, Source: &plan.Source{Kind: "figures", Ref: "assigned"}}},
				},
				Words: acts.Words{Title: "重点", Items: map[string]string{"1": "点"}},
			}, acts.IssueForm{})
		}
		focus("S10-1")
		w.Pass(20 * time.Hour)
		focus("S07-1")
		w.Pass(5 * time.Hour)
		draw := func() map[string]int {
			id, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, w.Time.In(actstest.Zone).Format(time.DateOnly), visit.MaxSample)
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]int{}
			w.Read(func(tx *storage.Tx) error {
				for _, p := range sampling(w, id).Drawn {
					site, _, err := registry.SiteByID(tx, actstest.Tenant, p.Site)
					if err != nil {
						return err
					}
					out[site.Type] = p.Focus
				}
				return nil
			})
			return out
		}
		if got := draw(); got["S07"] != 2 || got["S10"] != 1 || got["S01"] != 0 {
			t.Errorf("R076 25 hours after the first focus: %v", got)
		}
		w.Pass(20 * time.Hour)
		if got := draw(); got["S07"] != 2 || got["S10"] != 0 {
			t.Errorf("R076 25 hours after the second: %v", got)
		}
	})
}

// TestSamplingOfTenThousand: a draw from 10,000 sites, drawn again.
func TestSamplingOfTenThousand(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	addSites(t, w, 10_000)
	id, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, "2022-11-21", visit.MaxSample)
	if err != nil {
		t.Fatal(err)
	}
	s, r := sampling(w, id), redraw(w, id)
	if s.Lot.Sites != 10_001 || len(s.Drawn) != visit.MaxSample || !r.Same {
		t.Errorf("%d of %d sites, the same again: %v", len(s.Drawn), s.Lot.Sites, r.Same)
	}
}

// TestSupplyTransfer: a focus on the transfer of supplies makes the drop points the ones to look at, and there how long goods
// lie is checked and found as a problem of that very item (R034).
func TestSupplyTransfer(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		drop, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "3栋堆放点", Type: "S08", Region: actstest.Community})
		if err != nil {
			t.Fatal(err)
		}
		publish(t, w, acts.PublicationForm{
			Body:  plan.DraftedV1{Kind_: plan.Focus, Day: "2022-11-20", Items: []plan.Item{{Code: "1", Check: "S08-2", Clause: "K08-2", Source: &plan.Source{Kind: "figures", Ref: "assigned"}}}},
			Words: acts.Words{Title: "物资转运", Items: map[string]string{"1": "物资积压超过4小时"}},
		}, acts.IssueForm{})
		w.Pass(time.Minute)
		id, err := w.Acts.DrawSampling(ctx, w.As(w.Leader), w.Team.ID, "2022-11-20", 9)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range sampling(w, id).Drawn {
			if want := map[bool]int{true: 2, false: 0}[p.Site == drop]; p.Focus != want {
				t.Errorf("R034 %+v has the focus %d, want %d", p, p.Focus, want)
			}
		}
		v, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), acts.NewVisit{Site: drop, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "抽查"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.AnswerItems(ctx, w.As(w.Inspector), v, []visit.Answer{{Item: "S08-2", Result: "problem"}}); err != nil {
			t.Fatal(err)
		}
		what := actstest.What()
		what.Problem, what.Item, what.Clause = "P-BACKLOG", "S08-2", "K08-2"
		f, err := w.Acts.RaiseFinding(ctx, w.As(w.Inspector), v, acts.FindingForm{What: what, Fact: "3栋楼下蔬菜12袋积压5小时无人转运。", NoPhoto: "夜间"})
		if err != nil {
			t.Fatal(err)
		}
		w.Read(func(tx *storage.Tx) error {
			x, _, err := visit.LoadFinding(tx, actstest.Tenant, f)
			if x.Site != drop || x.What.Item != "S08-2" || x.What.ClauseEdition == "" {
				t.Errorf("R034 the finding: %+v", x)
			}
			return err
		})
		end(t, w)
	})
}
