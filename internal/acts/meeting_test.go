package acts_test

import (
	"slices"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/brief"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
)

// TestNight goes through a night: reasons for what stays over, a zero report, how the street is, a meeting on
// one snapshot, a demand that becomes a matter, a report upward (R019, R023, R048, R070, R104, R126, R128-R132).
func TestNight(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		leader := w.Leader
		leader.Teams = []string{string(w.Team.ID)}
		principal := w.Person("commission_principal", "principal", "甲示三", w.Commission, nil, nil)
		top := w.Person("district_leader", "top", "甲示四", w.Commission, nil, nil)
		id := received(t, w)
		w.Time = time.Date(2022, 11, 20, 19, 0, 0, 0, actstest.Zone)
		const day = "2022-11-20"
		var meeting, report ledger.ID
		tomorrow := w.Time.Add(15 * time.Hour)
		steps := []struct {
			name string
			do   func() error
			want string
		}{
			{"R104 zero beside a finding", func() error { return w.Acts.ReportZero(ctx, w.As(leader), w.Team.ID, day) }, "team.not-zero"},
			{"R104 zero of another team", func() error { return w.Acts.ReportZero(ctx, w.As(w.Secretary), w.Team.ID, day) }, "access.role"},
			{"R104 zero the day before", func() error { return w.Acts.ReportZero(ctx, w.As(leader), w.Team.ID, "2022-11-19") }, ""},
			{"R104 zero twice", func() error { return w.Acts.ReportZero(ctx, w.As(leader), w.Team.ID, "2022-11-19") }, "team.reported-already"},
			{"R104 zero of tomorrow", func() error { return w.Acts.ReportZero(ctx, w.As(leader), w.Team.ID, "2022-11-21") }, "time.in-future"},
			{"a day that is none", func() error { return w.Acts.ReportZero(ctx, w.As(leader), w.Team.ID, "11月20日") }, "input.format"},
			{"R070 no reason", func() error { return w.Acts.Explain(ctx, w.As(w.Secretary), id, acts.Doing{}, "", tomorrow) }, "required"},
			{"R070 no time", func() error {
				return w.Acts.Explain(ctx, w.As(w.Secretary), id, acts.Doing{Text: "待料。"}, "", time.Time{})
			}, "required"},
			{"R070 a time that has gone", func() error {
				return w.Acts.Explain(ctx, w.As(w.Secretary), id, acts.Doing{Text: "待料。"}, "", w.Time.Add(-time.Hour))
			}, "matter.until-not-later"},
			{"R070 reason and time", func() error {
				return w.Acts.Explain(ctx, w.As(w.Secretary), id, acts.Doing{Text: "待料。"}, "", tomorrow)
			}, ""},
			{"R126 no evidence", func() error { return w.Acts.ReportStatus(ctx, w.As(leader), actstest.Street, day, "good", "") }, "required"},
			{"R126 nobody posted", func() error {
				return w.Acts.ReportStatus(ctx, w.As(w.Duty), "500112016", day, "good", "巡查无聚集")
			}, "status.nobody-posted"},
			{"R126 a status that is none", func() error {
				return w.Acts.ReportStatus(ctx, w.As(leader), actstest.Street, day, "fine", "巡查无聚集")
			}, "unknown-code"},
			{"R126 the street", func() error {
				return w.Acts.ReportStatus(ctx, w.As(leader), actstest.Street, day, "good", "巡查无聚集")
			}, ""},
			{"R128 the meeting", func() (err error) { meeting, err = w.Acts.MakeMeeting(ctx, w.As(w.Duty), day); return err }, ""},
			{"R128 a second of the night", func() error { _, err := w.Acts.MakeMeeting(ctx, w.As(w.Duty), day); return err }, "meeting.exists"},
			{"R130 advice of another team", func() error { return w.Acts.NoteTeam(ctx, w.As(w.Leader), meeting, w.Team.ID, "人手不足") }, "not-found"},
			{"R130 advice", func() error { return w.Acts.NoteTeam(ctx, w.As(leader), meeting, w.Team.ID, "人手不足") }, ""},
			{"frozen", func() error { return w.Acts.FreezeMeeting(ctx, w.As(w.Duty), meeting, 0) }, ""},
			{"begun", func() error { return w.Acts.OpenMeeting(ctx, w.As(principal), meeting, 0, "") }, ""},
			{"R129 heard", func() error { return w.Acts.HearTeam(ctx, w.As(principal), meeting, w.Team.ID, false, "") }, ""},
			{"R131 a demand", func() error {
				return w.Acts.Instruct(ctx, w.As(principal), meeting, acts.NewInstruction{Text: "明日重点查保供超市", Units: []ledger.ID{w.StreetOrg, w.Department}, Due: &tomorrow, Focus: true})
			}, ""},
			{"R131 of a unit that is none", func() error {
				return w.Acts.Instruct(ctx, w.As(principal), meeting, acts.NewInstruction{Text: "x", Units: []ledger.ID{"nobody-01"}, Due: &tomorrow})
			}, "unit.unknown"},
			{"ended", func() error { return w.Acts.EndMeeting(ctx, w.As(principal), meeting, 0) }, ""},
			{"ended twice", func() error { return w.Acts.EndMeeting(ctx, w.As(principal), meeting, 0) }, "meeting.wrong-state"},
			{"R132 a report of no snapshot", func() error {
				_, err := w.Acts.WriteReport(ctx, w.As(w.Duty), acts.ReportForm{Kind: brief.Daily, Snapshot: "snapshot-x", Text: "今日情况"})
				return err
			}, "report.not-frozen"},
			{"R132 a report to nobody there is", func() error {
				_, err := w.Acts.WriteReport(ctx, w.As(w.Duty), acts.ReportForm{Kind: brief.Daily, Snapshot: night(w, meeting).Snapshot, To: "nobody-01", Text: "今日情况"})
				return err
			}, "unit.unknown"},
			{"R132 drafted", func() (err error) {
				report, err = w.Acts.WriteReport(ctx, w.As(w.Duty), acts.ReportForm{Kind: brief.Daily, Snapshot: night(w, meeting).Snapshot, To: w.Department, Text: "今日情况"})
				return err
			}, ""},
			{"R201 reviewed by the author", func() error { return w.Acts.ReviewReport(ctx, w.As(w.Duty), report, 0, true, "") }, "report.own-work"},
			{"R132 reviewed", func() error { return w.Acts.ReviewReport(ctx, w.As(principal), report, 0, true, "") }, ""},
			{"R132 signed by who may not", func() error { return w.Acts.SignReport(ctx, w.As(w.Duty), report, 0) }, "access.role"},
			{"R132 signed", func() error { return w.Acts.SignReport(ctx, w.As(principal), report, 0) }, ""},
			{"R132 sent", func() error { return w.Acts.SendReport(ctx, w.As(w.Duty), report, 0) }, ""},
			{"R132 received", func() error { return w.Acts.ReceiveReport(ctx, w.As(top), report) }, ""},
			{"R132 commented", func() error { return w.Acts.CommentReport(ctx, w.As(top), report, "抓紧落实") }, ""},
		}
		for _, s := range steps {
			w.Pass(time.Second)
			if err := s.do(); code(err) != s.want {
				t.Fatalf("%s: %v, want %q", s.name, err, s.want)
			}
		}
		m := night(w, meeting)
		if len(m.Instructions) != 1 || len(m.Instructions[0].Matters) != 2 {
			t.Fatalf("instructions: %+v", m.Instructions)
		}
		for i, owner := range []ledger.ID{w.StreetOrg, w.Department} {
			x := load(w, m.Instructions[0].Matters[i])
			if x.Origin != matter.OriginInstruction || x.Responsible() != owner || !x.Due().Equal(tomorrow) || x.State != matter.Assigned {
				t.Errorf("R131 the demand became %+v", x)
			}
		}
		w.Read(func(tx *storage.Tx) error {
			nights, err := matter.Nights(tx, actstest.Tenant, day)
			if len(nights) != 1 || !nights[id].Expected.Equal(tomorrow) {
				t.Errorf("R070 nights: %+v", nights)
			}
			return err
		})
		if f := now(w); f["assigned"] != 1 { // demands are counted apart from findings
			t.Errorf("assigned findings: %d", f["assigned"])
		}
		sameAfterRebuild(t, w)
	})
}

// TestReleaseNames: who is named in a release is found by the names on the register, and only while they can be read;
// within the offices nobody is asked (R004, R201).
func TestReleaseNames(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		principal := w.Person("commission_principal", "principal", "丁示九", w.StreetOrg, nil, nil)
		text := "乙示一所在的组当日走访，丁示九听取汇报。"
		snapshot, err := w.Acts.Freeze(ctx, w.As(w.Duty), w.Time)
		if err != nil {
			t.Fatal(err)
		}
		write := func(kind string) ledger.ID {
			t.Helper()
			id, err := w.Acts.WriteReport(ctx, w.As(w.Duty), acts.ReportForm{Kind: kind, Snapshot: snapshot, Text: text})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		named := func(id ledger.ID) (out []ledger.ID) {
			w.Read(func(tx *storage.Tx) error {
				r, _, err := brief.ReportByID(tx, actstest.Tenant, id)
				if err != nil {
					return err
				}
				out, err = w.Acts.Named(tx, actstest.Tenant, r)
				return err
			})
			slices.Sort(out)
			return out
		}
		want := []ledger.ID{w.Leader.Person, principal.Person}
		slices.Sort(want)
		daily, release := write(brief.Daily), write(brief.Release)
		if got := named(release); !slices.Equal(got, want) {
			t.Errorf("R004 named: %v, want %v", got, want)
		}
		if got := named(daily); got != nil {
			t.Errorf("a daily report asks about names: %v", got)
		}
		for _, s := range []struct {
			name string
			do   func() error
			want string
		}{
			{"daily passes", func() error { return w.Acts.ReviewReport(ctx, w.As(principal), daily, 0, true, "") }, ""},
			{"R004 a name without consent", func() error { return w.Acts.ReviewReport(ctx, w.As(principal), release, 0, true, "") }, "report.no-consent"},
			{"of nobody", func() error {
				return w.Acts.RecordConsent(ctx, w.As(w.Duty), release, 0, "nobody-01", brief.ConsentWritten)
			}, "person.unknown"},
			{"by who writes no reports", func() error {
				return w.Acts.RecordConsent(ctx, w.As(w.Inspector), release, 0, want[0], brief.ConsentWritten)
			}, "access.role"},
			{"one", func() error {
				return w.Acts.RecordConsent(ctx, w.As(w.Duty), release, 0, want[0], brief.ConsentWritten)
			}, ""},
			{"stale", func() error {
				return w.Acts.RecordConsent(ctx, w.As(w.Duty), release, 1, want[1], brief.ConsentWritten)
			}, "stale"},
			{"both", func() error {
				return w.Acts.RecordConsent(ctx, w.As(w.Duty), release, 2, want[1], brief.ConsentSpoken)
			}, ""},
			{"embargo", func() error {
				return w.Acts.SetEmbargo(ctx, w.As(w.Duty), release, 0, w.Time.Add(time.Hour))
			}, ""},
			{"passes", func() error { return w.Acts.ReviewReport(ctx, w.As(principal), release, 0, true, "") }, ""},
			{"is signed", func() error { return w.Acts.SignReport(ctx, w.As(principal), release, 0) }, ""},
			{"R201 not released by its author", func() error { return w.Acts.SendReport(ctx, w.As(w.Duty), release, 0) }, "report.own-work"},
			{"not before its time", func() error { return w.Acts.SendReport(ctx, w.As(principal), release, 0) }, "report.embargoed"},
			{"at its time", func() error { w.Pass(time.Hour); return w.Acts.SendReport(ctx, w.As(principal), release, 0) }, ""},
		} {
			w.Pass(time.Second)
			if err := s.do(); code(err) != s.want {
				t.Fatalf("%s: %v, want %q", s.name, err, s.want)
			}
		}
		sameAfterRebuild(t, w)
	})
}

func night(w *actstest.World, id ledger.ID) (m brief.Meeting) {
	w.Read(func(tx *storage.Tx) (err error) {
		m, _, err = brief.MeetingByID(tx, actstest.Tenant, id)
		return err
	})
	return m
}

// TestMeetingMakesItself: in the critical phase there is a meeting every night after the cut-off, one, weekends
// included (R006, R128).
func TestMeetingMakesItself(t *testing.T) {
	w := actstest.NewPhase(t, storage.SQLite, acts.CriticalPhase)
	n := 0
	for h := 0; h < 24*7; h++ { // a week, hour by hour
		made, err := w.Acts.EnsureMeeting(ctx, actstest.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		if made {
			n++
		}
		w.Pass(time.Hour)
	}
	if n != 7 {
		t.Errorf("%d meetings in seven nights", n)
	}
	calm := actstest.New(t, storage.SQLite)
	calm.Pass(12 * time.Hour)
	if made, err := calm.Acts.EnsureMeeting(ctx, actstest.Tenant); made || err != nil {
		t.Errorf("a meeting in no critical phase: %v", err)
	}
}
