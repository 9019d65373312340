package brief

import (
	"testing"
	"time"

	"duzhan/internal/ledger"

	"pgregory.net/rapid"
)

var start = time.Date(2022, 11, 25, 13, 0, 0, 0, time.UTC)

func with(names ...string) ledger.Act {
	a := ledger.Act{Person: "chair"}
	for _, n := range names {
		a.Parts = append(a.Parts, ledger.Part{Name: n, Hash: "sha256:x"})
	}
	return a
}

type command interface {
	Decide(Meeting, time.Time) ([]ledger.Draft, *ledger.Refusal)
}

func do(m Meeting, c command) (Meeting, string) {
	drafts, r := c.Decide(m, start)
	if r != nil {
		return m, r.Code
	}
	for _, d := range drafts {
		m = m.After(ledger.Entry{Subject: d.Subject, OccurredAt: start, RecordedAt: start, Parts: d.Parts, Body: d.Body, Who: ledger.Who{Person: "chair"}})
	}
	return m, ""
}

func made() Meeting {
	m, _ := do(Meeting{}, MakeMeeting{ID: "meeting-1", Day: "2022-11-25", Scheduled: start, Teams: []ledger.ID{"t1", "t2", "t3"}})
	return m
}

// TestMeeting takes a meeting through its night: one a day, frozen before it begins, everybody heard or excused
// with a reason before it ends, once (R128, R129, R131).
func TestMeeting(t *testing.T) {
	due := start.Add(12 * time.Hour)
	m := made()
	for _, x := range []struct {
		name string
		c    command
		want string
	}{
		{"R128 a second one of the day", MakeMeeting{ID: "meeting-2", Day: "2022-11-25", Teams: []ledger.ID{"t1"}, Tonight: m}, "meeting.exists"},
		{"begun before the figures are frozen", OpenMeeting{Act: with(), Chair: "chair"}, "meeting.not-frozen"},
		{"a team heard before it begins", Hear{Act: with(), Team: "t1"}, "meeting.wrong-state"},
		{"R130 a team's advice", NoteTeam{Act: with("note"), Team: "t1"}, ""},
		{"R130 advice without words", NoteTeam{Act: with(), Team: "t1"}, "required"},
		{"advice of a team that is not posted", NoteTeam{Act: with("note"), Team: "t9"}, "team.unknown"},
		{"frozen", FreezeMeeting{Act: with(), Snapshot: "snapshot-1"}, ""},
		{"frozen again", FreezeMeeting{Act: with(), Snapshot: "snapshot-2"}, "meeting.frozen-already"},
		{"begun by nobody", OpenMeeting{Act: with()}, "required"},
		{"begun", OpenMeeting{Act: with(), Chair: "chair"}, ""},
		{"R129 ended with all waiting", EndMeeting{with()}, "meeting.not-all-heard"},
		{"R129 heard", Hear{Act: with(), Team: "t1"}, ""},
		{"R129 heard again", Hear{Act: with(), Team: "t1"}, "meeting.heard-already"},
		{"R129 a team that is not posted", Hear{Act: with(), Team: "t9"}, "team.unknown"},
		{"R129 excused without a reason", Hear{Act: with(), Team: "t2", Excused: true}, "required"},
		{"R129 excused", Hear{Act: with("reason"), Team: "t2", Excused: true}, ""},
		{"R129 ended with one waiting", EndMeeting{with()}, "meeting.not-all-heard"},
		{"R131 a demand of nobody", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i1"}}, "required"},
		{"R131 a demand without a deadline", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i1", Units: []ledger.ID{"u1"}}}, "required"},
		{"R131 a demand for yesterday", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i1", Units: []ledger.ID{"u1"}, Due: &start}}, "matter.until-not-later"},
		{"R131 a demand with owner and deadline", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i1", Units: []ledger.ID{"u1"}, Due: &due}}, ""},
		{"R023 a demand for all teams' focus", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i2", Focus: true}}, ""},
		{"R129 the last heard", Hear{Act: with(), Team: "t3"}, ""},
		{"an older version", EndMeeting{ledger.Act{Seen: 1}}, "stale"},
		{"R129 ended", EndMeeting{with()}, ""},
		{"ended twice", EndMeeting{with()}, "meeting.wrong-state"},
		{"a demand after the end", Instruct{Act: with("text"), Instruction: InstructedV1{ID: "i3", Focus: true}}, "meeting.wrong-state"},
	} {
		var got string
		if m, got = do(m, x.c); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	if m.State != MeetingEnded || len(m.Instructions) != 2 || m.Slots[1].Reason == nil || m.Snapshot != "snapshot-1" {
		t.Errorf("at the end: %+v", m)
	}
}

// TestNoTeamIsSkipped: whatever is done in whatever order, a meeting that has ended has heard or excused every
// team, each once, on one frozen snapshot (R129).
func TestNoTeamIsSkipped(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := made()
		for range 30 {
			team := rapid.SampledFrom([]ledger.ID{"t1", "t2", "t3", "t9"}).Draw(rt, "team")
			before := m
			m, _ = do(m, rapid.SampledFrom([]command{
				FreezeMeeting{Act: with(), Snapshot: "snapshot-1"},
				OpenMeeting{Act: with(), Chair: "chair"},
				Hear{Act: with(), Team: team},
				Hear{Act: with("reason"), Team: team, Excused: true},
				EndMeeting{with()},
				NoteTeam{Act: with("note"), Team: team},
			}).Draw(rt, "command"))
			for i, s := range before.Slots {
				if s.State != SlotWaiting && m.Slots[i].State != s.State {
					rt.Fatal("a stamp changed")
				}
			}
		}
		if m.State != MeetingEnded {
			return
		}
		for _, s := range m.Slots {
			if s.State == SlotWaiting || m.Snapshot == "" || s.At == nil {
				rt.Fatalf("ended with %+v", m)
			}
		}
	})
}

// TestRelease: a release passes, is signed and goes out only when everybody whose name stands in it agreed, and not before
// its time; a report within the offices needs neither (R004).
func TestRelease(t *testing.T) {
	at := start
	later := start.Add(time.Hour)
	var r Report
	act := func(p ledger.ID) ledger.Act {
		a := with("text")
		a.Person = p
		return a
	}
	run := func(c interface {
		Decide(Report, time.Time) ([]ledger.Draft, *ledger.Refusal)
	},
	) string {
		drafts, refusal := c.Decide(r, at)
		if refusal != nil {
			return refusal.Code + " " + refusal.Field
		}
		for _, d := range drafts {
			r = r.After(ledger.Entry{Subject: d.Subject, OccurredAt: at, RecordedAt: at, Parts: d.Parts, Body: d.Body, Who: ledger.Who{Person: "a"}})
		}
		return ""
	}
	write := func(kind string) WriteReport {
		return WriteReport{Act: act("a"), ID: "r1", Kind: kind, Snapshot: "s1"}
	}
	named := []ledger.ID{"p1", "p2"}
	review := Review{Act: act("b"), Passed: true, Named: named}
	sign := Sign{Act: act("c"), Named: named}
	send := Send{Act: act("b"), Hash: "h", Named: named}
	says := func(p ledger.ID, how string) RecordConsent { return RecordConsent{Act: act("a"), Person: p, How: how} }
	for _, x := range []struct {
		name string
		do   func() string
		want string
	}{
		{"a daily report", func() string { return run(write(Daily)) }, ""},
		{"needs no consent", func() string { return run(says("p1", ConsentWritten)) }, "report.release-only kind"},
		{"needs no time", func() string { return run(SetEmbargo{Act: act("a"), Until: later}) }, "report.release-only kind"},
		{"a release", func() string { return run(write(Release)) }, ""},
		{"nobody was asked", func() string { return run(review) }, "report.no-consent consents"},
		{"an unknown answer", func() string { return run(says("p1", "perhaps")) }, "unknown-code how"},
		{"one agreed", func() string { return run(says("p1", ConsentWritten)) }, ""},
		{"one is not enough", func() string { return run(review) }, "report.no-consent consents"},
		{"the other is somebody else", func() string { return run(says("p2", NotPerson)) }, ""},
		{"written again, the answers stay", func() string { return run(write(Release)) }, ""},
		{"passes", func() string { return run(review) }, ""},
		{"one takes it back", func() string { return run(says("p1", ConsentRefused)) }, ""},
		{"not signed", func() string { return run(sign) }, "report.no-consent consents"},
		{"agreed by word", func() string { return run(says("p1", ConsentSpoken)) }, ""},
		{"an embargo in the past", func() string { return run(SetEmbargo{Act: act("a"), Until: at}) }, "report.embargo-past until"},
		{"an embargo", func() string { return run(SetEmbargo{Act: act("a"), Until: later}) }, ""},
		{"signed", func() string { return run(sign) }, ""},
		{"before its time", func() string { return run(send) }, "report.embargoed embargo"},
		{"at once after all", func() string { return run(SetEmbargo{Act: act("a")}) }, ""},
		{"until later", func() string { return run(SetEmbargo{Act: act("a"), Until: later}) }, ""},
		{"taken back when signed", func() string { return run(says("p2", ConsentRefused)) }, ""},
		{"does not go out", func() string { at = later; return run(send) }, "report.no-consent consents"},
		{"agreed", func() string { return run(says("p2", ConsentSpoken)) }, ""},
		{"goes out at its time", func() string { return run(send) }, ""},
		{"nothing is said when it is out", func() string { return run(says("p2", ConsentRefused)) }, "report.wrong-state state"},
		{"nor timed", func() string { return run(SetEmbargo{Act: act("a")}) }, "report.wrong-state state"},
	} {
		if got := x.do(); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	if r.State != ReportSent || r.Embargo == nil || len(r.Consents) != 2 {
		t.Errorf("in the end: %+v", r)
	}
}

// TestReport: a report rests on a frozen snapshot, is reviewed and signed by others than its author, sent
// once, received once (R004, R132, R201).
func TestReport(t *testing.T) {
	var r Report
	run := func(c interface {
		Decide(Report, time.Time) ([]ledger.Draft, *ledger.Refusal)
	}, by ledger.ID,
	) string {
		drafts, refusal := c.Decide(r, start)
		if refusal != nil {
			return refusal.Code
		}
		for _, d := range drafts {
			r = r.After(ledger.Entry{Subject: d.Subject, OccurredAt: start, RecordedAt: start, Parts: d.Parts, Body: d.Body, Who: ledger.Who{Person: by}})
		}
		return ""
	}
	by := func(p ledger.ID, parts ...string) ledger.Act {
		a := with(parts...)
		a.Person = p
		return a
	}
	for _, x := range []struct {
		name string
		do   func() string
		want string
	}{
		{"R132 from an unfrozen draft", func() string { return run(WriteReport{Act: by("a", "text"), ID: "r1", Kind: Daily}, "a") }, "report.not-frozen"},
		{"without words", func() string { return run(WriteReport{Act: by("a"), ID: "r1", Kind: Daily, Snapshot: "s1"}, "a") }, "required"},
		{"drafted", func() string {
			return run(WriteReport{Act: by("a", "text"), ID: "r1", Kind: Release, Snapshot: "s1"}, "a")
		}, ""},
		{"signed before the review", func() string { return run(Sign{Act: by("c")}, "c") }, "report.wrong-state"},
		{"sent before it is signed", func() string { return run(Send{Act: by("a"), Hash: "h"}, "a") }, "report.wrong-state"},
		{"R201 reviewed by its author", func() string { return run(Review{Act: by("a"), Passed: true}, "a") }, "report.own-work"},
		{"sent back without a reason", func() string { return run(Review{Act: by("b")}, "b") }, "required"},
		{"sent back", func() string { return run(Review{Act: by("b", "reason")}, "b") }, ""},
		{"written again", func() string {
			return run(WriteReport{Act: by("a", "text"), ID: "r1", Kind: Release, Snapshot: "s1"}, "a")
		}, ""},
		{"reviewed", func() string { return run(Review{Act: by("b"), Passed: true}, "b") }, ""},
		{"written after the review", func() string {
			return run(WriteReport{Act: by("a", "text"), ID: "r1", Kind: Release, Snapshot: "s1"}, "a")
		}, "report.wrong-state"},
		{"R201 signed by its author", func() string { return run(Sign{Act: by("a")}, "a") }, "report.own-work"},
		{"signed", func() string { return run(Sign{Act: by("c")}, "c") }, ""},
		{"1H-05 released by its author", func() string { return run(Send{Act: by("a"), Hash: "h"}, "a") }, "report.own-work"},
		{"R132 received before it is sent", func() string { return run(ReceiveReport{by("l")}, "l") }, "report.wrong-state"},
		{"sent", func() string { return run(Send{Act: by("b"), Hash: "h"}, "b") }, ""},
		{"sent twice", func() string { return run(Send{Act: by("b"), Hash: "h"}, "b") }, "report.wrong-state"},
		{"R132 received", func() string { return run(ReceiveReport{by("l")}, "l") }, ""},
		{"R132 commented", func() string { return run(AddComment{by("l", "text")}, "l") }, ""},
	} {
		if got := x.do(); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
	if r.Hash != "h" || len(r.Comments) != 1 || r.State != ReportReceived {
		t.Errorf("at the end: %+v", r)
	}
}
