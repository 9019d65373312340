package acts_test

import (
	"strings"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// flags lists the open flags, oldest first, by kind and what they are about.
func flags(w *actstest.World) (out []plan.Flag) {
	w.Read(func(tx *storage.Tx) error {
		list, err := plan.Flags(tx, actstest.Tenant, plan.FlagOpen, 100)
		for i := len(list) - 1; i >= 0; i-- {
			out = append(out, list[i])
		}
		return err
	})
	return out
}

// TestSamePicture: the same pixels on two rectifications are flagged, whoever sends them under whatever name; a
// person decides, and not the one whose act it was (R043).
func TestSamePicture(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		visit := w.Visit()
		handOver := func() ledger.ID {
			id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), w.Finding(visit), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
				t.Fatal(err)
			}
			return id
		}
		one, two := handOver(), handOver()
		if got := flags(w); len(got) != 0 {
			t.Fatalf("flags before anything is odd: %+v", got)
		}
		// the world's picture is always the same one
		for _, id := range []ledger.ID{one, two} {
			if err := w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改到位。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
				t.Fatal(err)
			}
			w.Pass(time.Minute)
		}
		got := flags(w)
		if len(got) != 1 || got[0].Kind != plan.SamePicture || got[0].About.ID != two || got[0].Other.ID != one || got[0].By != w.Secretary.Person {
			t.Fatalf("R043 flags: %+v", got)
		}
		if m := load(w, two); m.Episode().Claim == nil {
			t.Error("a flag took the claim back")
		}
		decide := func(who access.Actor, reason string) string {
			return code(w.Acts.DecideFlag(ctx, w.As(who), got[0].ID, 0, true, reason))
		}
		for _, x := range []struct {
			who          access.Actor
			reason, want string
		}{{w.Secretary, "不是", "access.role"}, {w.Duty, "", "required"}, {w.Duty, "两处照片相同，已约谈。", ""}, {w.Duty, "再来", "flag.decided"}} {
			if c := decide(x.who, x.reason); c != x.want {
				t.Errorf("%s decides with %q: %q, want %q", x.who.Login, x.reason, c, x.want)
			}
		}
		if c := code(w.Acts.DecideFlag(ctx, w.As(w.Duty), "none", 0, true, "x")); c != "not-found" {
			t.Errorf("no flag: %q", c)
		}
		sameAfterRebuild(t, w)
	})
}

// TestOwnFlag: nobody clears what he did himself.
func TestOwnFlag(t *testing.T) {
	_, r := plan.DecideFlag{Act: ledger.Act{Person: "p1", Parts: []ledger.Part{{Name: "reason"}}}}.Decide(plan.Flag{State: plan.FlagOpen, By: "p1"}, time.Time{})
	if r == nil || r.Code != "flag.own-act" {
		t.Errorf("decided by whose act it was: %v", r)
	}
}

// TestBackDated: what is reported a day late, or for before a deadline that has passed, is flagged and stands (R043).
func TestBackDated(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		due := *load(w, id).Due()
		if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		if len(flags(w)) != 0 {
			t.Fatalf("flags: %+v", flags(w))
		}
		w.Time = due.Add(time.Hour)
		claim := acts.Doing{Text: "已整改到位。", When: acts.When{At: due.Add(-time.Minute)}}
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), id, claim, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		got := flags(w)
		if len(got) != 1 || got[0].Kind != plan.BackDated || got[0].Numbers["past_due"] != 60 || got[0].Numbers["minutes"] != 61 {
			t.Errorf("R043 flags: %+v", got)
		}
		end(t, w)
		w.Pass(time.Minute)
		v := w.Visit()
		w.Pass(24 * time.Hour)
		f := acts.FindingForm{ID: ledger.NewID(), What: actstest.What(), Fact: "2单元门口15人聚集。", NoPhoto: "夜间", Occurred: acts.When{At: w.Time.Add(-24 * time.Hour)}}
		if _, err := w.Acts.RaiseFinding(ctx, w.As(w.Inspector), v, f); err != nil {
			t.Fatal(err)
		}
		if got := flags(w); len(got) != 2 || got[1].About.ID != f.ID {
			t.Errorf("R043 a finding of the day before: %+v", got)
		}
	})
}

// TestImpossibleTravel: nobody comes faster from one site to the next than a car on the road (R043).
func TestImpossibleTravel(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		at := func(v float64) *float64 { return &v }
		site := func(name string, lon, lat *float64) ledger.ID {
			id, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: name, Type: "S07", Region: actstest.Community, Lon: lon, Lat: lat})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		near, far := site("近处", at(106.5), at(29.6)), site("远处", at(106.5), at(29.8)) // 22.2 km north
		visit := func(place ledger.ID, from time.Time, minutes int) ledger.ID {
			t.Helper()
			id, err := w.Acts.StartVisit(ctx, w.As(w.Leader), acts.NewVisit{
				Site: place, Team: w.Team.ID, Inspectors: []ledger.ID{w.Leader.Person, w.Inspector.Person}, Methods: []string{"inspection"},
				Started: acts.When{At: from}, Ended: from.Add(time.Duration(minutes) * time.Minute),
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		start := w.Time
		w.Pass(6 * time.Hour)
		visit(near, start, 10)
		visit(far, start.Add(25*time.Minute), 10) // 15 minutes for 22 km: 89 km/h
		if got := flags(w); len(got) != 0 {
			t.Fatalf("a drive is flagged: %+v", got)
		}
		third := visit(near, start.Add(40*time.Minute), 10) // 5 minutes back
		got := flags(w)
		if len(got) != 1 || got[0].Kind != plan.ImpossibleTravel || got[0].About.ID != third || got[0].Numbers["minutes"] != 5 || got[0].Numbers["metres"]/100 != 222 {
			t.Fatalf("R043 flags: %+v", got)
		}
		// one that is reported later, between two that stand
		visit(far, start.Add(52*time.Minute), 1)
		if got := flags(w); len(got) != 2 {
			t.Errorf("a late report: %+v", got)
		}
	})
}

// TestIntercession: who was asked registers who asked and what; it is annotated and never taken back, read by the
// commission and by whom it came from, and not by others (R044).
func TestIntercession(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		form := func() acts.IntercessionForm {
			return acts.IntercessionForm{AboutKind: "matter", About: id, Channel: "phone", Words: plan.IntercessionWords{Who: "壬示一", Unit: "某单位", What: "询问能否晚两天整改"}}
		}
		for _, c := range []struct {
			change      func(*acts.IntercessionForm)
			code, field string
		}{
			{func(f *acts.IntercessionForm) { f.Words.Who = "" }, "required", "who"},
			{func(f *acts.IntercessionForm) { f.Words.What = " " }, "required", "what"},
			{func(f *acts.IntercessionForm) { f.Channel = "" }, "required", "channel"},
			{func(f *acts.IntercessionForm) { f.Channel = "pigeon" }, "unknown-code", "channel"},
			{func(f *acts.IntercessionForm) { f.AboutKind = "person" }, "unknown-code", "about_kind"},
			{func(f *acts.IntercessionForm) { f.About = "nothing" }, "not-found", "about"},
			{func(f *acts.IntercessionForm) { f.At.At = w.Time.Add(time.Hour) }, "time.in-future", "occurred_at"},
		} {
			f := form()
			c.change(&f)
			if _, err := w.Acts.Intercede(ctx, w.As(w.Leader), f); code(err) != c.code || field(err) != c.field {
				t.Errorf("%q at %q, want %q at %q", code(err), field(err), c.code, c.field)
			}
		}
		one, err := w.Acts.Intercede(ctx, w.As(w.Leader), form())
		if err != nil {
			t.Fatal(err)
		}
		again := form()
		again.ID = one
		if _, err := w.Acts.Intercede(ctx, w.As(w.Leader), again); code(err) != "intercession.exists" {
			t.Errorf("registered over another: %v", err)
		}
		for _, c := range []struct {
			who  access.Actor
			n    int
			code string
		}{{w.Leader, 1, ""}, {w.Duty, 1, ""}, {w.Inspector, 0, "not-found"}, {w.Secretary, 0, "not-found"}} {
			w.Read(func(tx *storage.Tx) error {
				list, err := w.Acts.Intercessions(tx, c.who)
				if len(list) != c.n {
					t.Errorf("%s reads %d, want %d", c.who.Login, len(list), c.n)
				}
				return err
			})
			if got := code(w.Acts.AnnotateIntercession(ctx, w.As(c.who), one, "已提醒")); got != c.code {
				t.Errorf("%s annotates: %q, want %q", c.who.Login, got, c.code)
			}
		}
		if err := w.Acts.AnnotateIntercession(ctx, w.As(w.Duty), one, ""); code(err) != "required" {
			t.Errorf("annotated without words: %v", err)
		}
		w.Read(func(tx *storage.Tx) error {
			i, _, err := plan.IntercessionByID(tx, actstest.Tenant, one)
			if len(i.Notes) != 2 {
				t.Errorf("R044 %d notes", len(i.Notes))
			}
			words, _, err2 := w.Acts.IntercessionWords(tx, actstest.Tenant, i)
			if words.Who != "壬示一" || err2 != nil {
				t.Errorf("R044 words %+v, %v", words, err2)
			}
			return err
		})
		for _, c := range w.Acts.L.Types() { // nothing there is takes one away
			if strings.Contains(c.Type, "interce") && c.Type != "plan.interceded" {
				t.Errorf("R044 entry %s", c.Type)
			}
		}
		sameAfterRebuild(t, w)
	})
}
