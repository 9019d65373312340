package acts_test

import (
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
)

// received is a matter of a severity that the street signed for.
func received(t *testing.T, w *actstest.World) ledger.ID {
	t.Helper()
	id := w.Matter()
	if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestVerifyingVisit: a verification names a visit of this very site by who verifies, or none.
func TestVerifyingVisit(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := received(t, w)
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		other, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "另一处", Type: "S07", Region: actstest.Community})
		if err != nil {
			t.Fatal(err)
		}
		visits, err := w.Acts.StartVisit(ctx, w.As(w.Leader), acts.NewVisit{
			Site: other, Team: w.Team.ID, Inspectors: []ledger.ID{w.Leader.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查",
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name string
			e    acts.Evidence
			want string
		}{
			{"nothing to show", acts.Evidence{}, "required"},
			{"no such visit", acts.Evidence{Visit: "no-such-visit"}, "visit.unknown"},
			{"of another site", acts.Evidence{Visit: visits}, "matter.verify.other-visit"},
			{"with why not", acts.Evidence{NoPhoto: "夜间拍不清"}, ""},
		} {
			err := w.Acts.Verify(ctx, w.As(w.Leader), id, acts.Doing{Text: "已到位。"}, true, x.e)
			if code(err) != x.want {
				t.Errorf("%s: %v, want %q", x.name, err, x.want)
			}
		}
	})
}

// TestMovedDeadline: when somebody moves a deadline, the ladder of the old one tells nobody any more and the
// new one has its own (vector 13 of standards.md, appendix F).
func TestMovedDeadline(t *testing.T) {
	until := func(w *actstest.World) time.Time { return w.Time.Add(40 * 24 * time.Hour) }
	for name, move := range map[string]func(w *actstest.World, id ledger.ID) error{
		"on record": func(w *actstest.World, id ledger.ID) error {
			if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
				return err
			}
			return w.Acts.PutOnRecord(ctx, w.As(w.Duty), id, acts.Doing{Text: "需协调管网改造。"}, until(w))
		},
		"reassigned": func(w *actstest.World, id ledger.ID) error {
			if err := w.Acts.Refuse(ctx, w.As(w.Secretary), id, acts.Doing{Text: "不属本街道。"}, "not_ours", ""); err != nil {
				return err
			}
			at := until(w)
			return w.Acts.Reassign(ctx, w.As(w.Duty), id, acts.Doing{Text: "转部门办理。"}, w.Department, &at)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := actstest.New(t, storage.SQLite)
			id := w.Matter()
			w.Pass(9 * time.Hour) // half of the time has gone, and fired
			if _, err := w.Acts.FireLadders(ctx, actstest.Tenant); err != nil {
				t.Fatal(err)
			}
			if err := move(w, id); err != nil {
				t.Fatal(err)
			}
			want := until(w)
			w.Pass(48 * time.Hour)
			if n, err := w.Acts.FireLadders(ctx, actstest.Tenant); err != nil || n != 0 {
				t.Errorf("%d steps fired of a deadline that was moved (%v)", n, err)
			}
			m := load(w, id)
			if !m.Due().Equal(want) {
				t.Errorf("due %s, want %s", m.Due(), want)
			}
			for _, c := range m.Clocks {
				if c.Kind == matter.ClockRectify && (c.Rule != matter.RuleDecided || len(c.Why) > 0 || len(c.Steps) == 0) {
					t.Errorf("clock of the new deadline: %+v", c)
				}
			}
			w.Pass(45 * 24 * time.Hour)
			if n, err := w.Acts.FireLadders(ctx, actstest.Tenant); err != nil || n == 0 {
				t.Errorf("%d steps fired of the new deadline (%v)", n, err)
			}
			sameAfterRebuild(t, w)
		})
	}
}

// TestTwoPlaces: whatever times are reported, nobody is on two visits at once (1H-07); a visit that is over
// is reported with its end, in any order.
func TestTwoPlaces(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	w.Pass(10 * time.Hour)
	start := func(from, to time.Duration) error {
		v := acts.NewVisit{Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查"}
		v.Started.At = w.Time.Add(from)
		if to != 0 {
			v.Ended = w.Time.Add(to)
		}
		_, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), v)
		return err
	}
	h := time.Hour
	for _, x := range []struct {
		name     string
		from, to time.Duration
		want     string
	}{
		{"over, reported late", -3 * h, -2 * h, ""},
		{"earlier, reported later", -6 * h, -5 * h, ""},
		{"between the two", -4 * h, -3 * h, ""},
		{"within another", -150 * time.Minute, -130 * time.Minute, "visit.two-places"},
		{"around another", -7 * h, -1 * h, "visit.two-places"},
		{"begun before one that is over, and not ended", -4*h - time.Minute, 0, "visit.two-places"},
		{"under way", -time.Minute, 0, ""},
		{"a second under way", -time.Second, 0, "visit.two-places"},
		{"over, while one is under way", -90 * time.Minute, -80 * time.Minute, ""},
		{"ends before it begins", -70 * time.Minute, -75 * time.Minute, "visit.end-before-start"},
	} {
		if err := start(x.from, x.to); code(err) != x.want {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
	sameAfterRebuild(t, w)
}

// TestRecusal: who declared that he keeps out of a street neither visits it nor confirms, hands over or
// verifies there; others do (R083, practice.md 2.4.07).
func TestRecusal(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		visitID := w.Visit()
		finding := w.Finding(visitID)
		if err := w.Acts.DeclareRecusal(ctx, w.As(w.Inspector), w.Leader.Person, []string{actstest.Street}, ""); code(err) != "access.role" {
			t.Errorf("for somebody else: %v", err)
		}
		if err := w.Acts.DeclareRecusal(ctx, w.As(w.Leader), w.Leader.Person, []string{"兴隆社区"}, ""); code(err) != "region.name-is-no-key" {
			t.Errorf("a name for a region: %v", err)
		}
		if err := w.Acts.DeclareRecusal(ctx, w.As(w.Leader), w.Leader.Person, []string{actstest.Street}, "亲属在该街道任职"); err != nil {
			t.Fatal(err)
		}
		_, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), finding, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
		if code(err) != "access.recused" {
			t.Errorf("hand-over by a recused leader: %v", err)
		}
		id, err := w.Acts.HandOverFinding(ctx, w.As(w.Duty), finding, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Verify(ctx, w.As(w.Leader), id, acts.Doing{Text: "已到位。"}, true, acts.Evidence{NoPhoto: "夜间"}); code(err) != "access.recused" {
			t.Errorf("verified by a recused leader: %v", err)
		}
		if err := w.Acts.Verify(ctx, w.As(w.Inspector), id, acts.Doing{Text: "已到位。"}, true, acts.Evidence{NoPhoto: "夜间"}); err != nil {
			t.Error(err)
		}
		sameAfterRebuild(t, w)
	})
}

// TestMasterOfDuplicates: a duplicate found at another site is listed with its master, and a master is not
// merged away from under it (row 4 of the transition table).
func TestMasterOfDuplicates(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		master, third := w.Matter(), func() ledger.ID {
			w.Pass(time.Hour)
			end(t, w)
			return w.Matter()
		}()
		end(t, w)
		w.Pass(time.Hour)
		other, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "另一处", Type: "S07", Region: actstest.Community})
		if err != nil {
			t.Fatal(err)
		}
		w.Site = other
		duplicate := w.Matter()
		if err := w.Acts.MarkDuplicate(ctx, w.As(w.Duty), duplicate, acts.Doing{}, master); err != nil {
			t.Fatal(err)
		}
		var list []matter.Matter
		w.Read(func(tx *storage.Tx) (err error) {
			list, err = matter.DuplicatesOf(tx, actstest.Tenant, master)
			return err
		})
		if len(list) != 1 || list[0].ID != duplicate {
			t.Errorf("duplicates of the master: %+v", list)
		}
		if err := w.Acts.MarkDuplicate(ctx, w.As(w.Duty), master, acts.Doing{}, third); code(err) != "matter.duplicate.is-master" {
			t.Errorf("a master merged away: %v", err)
		}
		sameAfterRebuild(t, w)
	})
}

// end ends every visit that is under way.
func end(t *testing.T, w *actstest.World) {
	t.Helper()
	for _, id := range open(w) {
		if err := w.Acts.EndVisit(ctx, w.As(w.Inspector), id, 0, acts.When{}); err != nil {
			t.Fatal(err)
		}
	}
}

func open(w *actstest.World) (ids []ledger.ID) {
	w.Read(func(tx *storage.Tx) error {
		return tx.Query(`SELECT id FROM visit WHERE tenant = $1 AND state = 'open'`, []any{actstest.Tenant}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, ledger.ID(id))
			return err
		})
	})
	return ids
}

// TestImportedLookBack: an imported matter is looked back at and reopened; the deadline that would need a
// severity which the file does not have is not given.
func TestImportedLookBack(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	path := write(t, "a.csv", "no,site,day,kind,codes\n"+strings.Join([]string{"1,A,2022-11-01,a,P1", "2,A,2022-11-05,b,none"}, "\n")+"\n")
	if _, err := w.Acts.RunImport(ctx, w.Duty, acts.Import{Path: path, Name: "a.csv", Mapping: parsed(t)}); err != nil {
		t.Fatal(err)
	}
	var id ledger.ID
	w.Read(func(tx *storage.Tx) error {
		p, err := matter.List(tx, actstest.Tenant, matter.Filter{State: string(matter.Verified)})
		if err == nil {
			id = p.Matters[0].ID
		}
		return err
	})
	if err := w.Acts.StrikeOff(ctx, w.As(w.Duty), id, acts.Doing{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Acts.LookBack(ctx, w.As(w.Duty), id, acts.Doing{Text: "正常。"}, "ok"); err != nil {
		t.Errorf("look-back: %v", err)
	}
	if err := w.Acts.Reopen(ctx, w.As(w.Duty), id, acts.Doing{Text: "反弹。"}, "relapse"); err != nil {
		t.Fatal(err)
	}
	if m := load(w, id); m.State != matter.InProgress || m.Due() != nil || m.Round != 2 {
		t.Errorf("reopened: %+v", m)
	}
	sameAfterRebuild(t, w)
}

// TestAnnulVisit: only matters that still count stand in the way of saying that there was no such visit; one
// that was withdrawn or merged does not (R062).
func TestAnnulVisit(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		handOver := func(visit ledger.ID) ledger.ID {
			t.Helper()
			id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), w.Finding(visit), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		master := handOver(w.Visit())
		end(t, w)
		w.Pass(time.Minute)
		visit := w.Visit()
		one, two := handOver(visit), handOver(visit)
		annul := func() string {
			return code(w.Acts.AnnulVisit(ctx, w.As(w.Duty), visit, 0, "登记有误。"))
		}
		if got := annul(); got != "visit.has-matters" {
			t.Errorf("with two matters: %q", got)
		}
		if err := w.Acts.Withdraw(ctx, w.As(w.Duty), one, acts.Doing{Text: "事实不成立。"}); err != nil {
			t.Fatal(err)
		}
		if got := annul(); got != "visit.has-matters" {
			t.Errorf("with one withdrawn: %q", got)
		}
		if err := w.Acts.MarkDuplicate(ctx, w.As(w.Duty), two, acts.Doing{}, master); err != nil {
			t.Fatal(err)
		}
		if got := annul(); got != "" {
			t.Errorf("with one withdrawn and one merged: %q", got)
		}
		if err := w.Acts.UnmarkDuplicate(ctx, w.As(w.Duty), two, acts.Doing{Text: "不是重复。"}); code(err) != "matter.visit-annulled" {
			t.Errorf("what was found on no visit counts again: %v", err)
		}
		sameAfterRebuild(t, w)
	})
}

// TestSheet: what was handed over face to face waits for its signature and, signed offline, keeps its time
// (R105).
func TestSheet(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		unsigned := func() (n int) {
			w.Read(func(tx *storage.Tx) error {
				list, err := matter.Unsigned(tx, actstest.Tenant, []string{actstest.Street}, 10)
				n = len(list)
				return err
			})
			return n
		}
		if unsigned() != 1 {
			t.Fatalf("%d items wait for a signature", unsigned())
		}
		signed := w.Time.Add(10 * time.Minute)
		w.Pass(3 * time.Hour)
		form := acts.SheetForm{
			ID: "sheet-offline-1", Unit: w.StreetOrg, Matters: []ledger.ID{id}, Post: matter.PostSecretary, Signer: "丙示一",
			Signature: w.Upload(w.Leader), At: acts.When{At: signed},
		}
		if _, err := w.Acts.SignSheet(ctx, w.As(w.Inspector), form); code(err) != "access.role" {
			t.Errorf("by an inspector: %v", err)
		}
		if _, err := w.Acts.SignSheet(ctx, w.As(w.Leader), form); err != nil {
			t.Fatal(err)
		}
		if unsigned() != 0 {
			t.Errorf("%d items still wait", unsigned())
		}
		form.ID = "sheet-offline-2"
		if _, err := w.Acts.SignSheet(ctx, w.As(w.Leader), form); code(err) != "sheet.signed-already" {
			t.Errorf("signed twice: %v", err)
		}
		w.Read(func(tx *storage.Tx) error {
			list, err := matter.Sheets(tx, actstest.Tenant, w.StreetOrg, 10)
			if len(list) != 1 || !list[0].At.Equal(signed) || list[0].ID != "sheet-offline-1" {
				t.Errorf("R105 sheets: %+v", list)
			}
			return err
		})
		sameAfterRebuild(t, w)
	})
}
