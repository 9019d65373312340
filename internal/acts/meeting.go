package acts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/brief"
	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// Defaults of a night (roles.md 6.0) [D].
const (
	// MeetingHour is when the nightly meeting begins, local.
	MeetingHour = 21
	// CutOffHour is as of which hour its snapshot is frozen, local.
	CutOffHour = 18
	// seriesInstructed numbers the matters that instructions become.
	seriesInstructed = "渝督办"
	// CriticalPhase of an incident has a meeting made every night (R006).
	CriticalPhase = "critical"
)

// midnight is the first instant of a day in a zone.
func midnight(day string, zone *time.Location) (time.Time, *ledger.Refusal) {
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return at, ledger.RefuseAs(ledger.Invalid, "input.format", "day")
	}
	return at, nil
}

// DayOf gives the first instant of a day and of the next.
func (a *Acts) DayOf(ctx context.Context, tenant, day string) (from, to time.Time, err error) {
	zone, err := a.Zone(ctx, tenant)
	if err != nil {
		return from, to, err
	}
	from, r := midnight(day, zone)
	return from, from.AddDate(0, 0, 1), orRefusal(nil, r)
}

// postedOn lists the teams that are posted somewhere at a time, by number.
func postedOn(tx *storage.Tx, tenant string, at time.Time) ([]visit.Team, error) {
	teams, err := visit.Teams(tx, tenant)
	return slices.DeleteFunc(teams, func(t visit.Team) bool {
		return !slices.ContainsFunc(t.Postings, func(p visit.Posting) bool { return t.PostedTo(p.Street, at) })
	}), err
}

// MakeMeeting makes the meeting of a night, with a turn for each team that is posted then.
func (a *Acts) MakeMeeting(ctx context.Context, c Caller, day string) (ledger.ID, error) {
	id := c.newID("meeting")
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("meeting"); r != nil {
			return r
		}
		return a.makeMeeting(tx, id, day, zone)
	})
}

func (a *Acts) makeMeeting(tx *ledger.Tx, id ledger.ID, day string, zone *time.Location) error {
	from, refusal := midnight(day, zone)
	if refusal != nil {
		return refusal
	}
	scheduled := from.Add(MeetingHour * time.Hour)
	teams, err := postedOn(tx.Tx, tx.Tenant, scheduled)
	if err != nil {
		return err
	}
	tonight, _, err := brief.MeetingOn(tx.Tx, tx.Tenant, tx.Incident, day)
	if err != nil {
		return err
	}
	cmd := brief.MakeMeeting{Act: ledger.Act{Person: tx.Who.Person, Unit: tx.Who.Unit}, ID: id, Day: day, Scheduled: scheduled, Tonight: tonight}
	for _, t := range teams {
		cmd.Teams = append(cmd.Teams, t.ID)
	}
	drafts, refusal := cmd.Decide(brief.Meeting{}, tx.Now())
	return decided(tx, drafts, refusal)
}

// EnsureMeeting makes tonight's meeting if the incident's phase asks for one and there is none yet (R006,
// R128): the server calls it, nobody has to.
func (a *Acts) EnsureMeeting(ctx context.Context, tenant string) (made bool, err error) {
	zone, err := a.Zone(ctx, tenant)
	if err != nil {
		return false, err
	}
	c := Caller{Actor: access.Actor{Tenant: tenant}}
	return made, a.do(ctx, c, func(tx *ledger.Tx) error {
		incident, found, err := registry.CurrentIncident(tx.Tx, tenant)
		if err != nil || !found || incident.Phase != CriticalPhase {
			return err
		}
		local := tx.Now().In(zone)
		day := local.Format(time.DateOnly)
		if local.Hour() < CutOffHour {
			return nil
		}
		if _, found, err := brief.MeetingOn(tx.Tx, tenant, tx.Incident, day); err != nil || found {
			return err
		}
		if teams, err := postedOn(tx.Tx, tenant, tx.Now()); err != nil || len(teams) == 0 {
			return err
		}
		made = true
		return a.makeMeeting(tx, ledger.NewID(), day, zone)
	})
}

func (a *Acts) onMeeting(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, brief.Meeting, *time.Location) ([]ledger.Draft, *ledger.Refusal, error)) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can(act); r != nil {
			return r
		}
		m, err := existing(brief.MeetingByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		tx.Incident = m.Incident
		drafts, refusal, err := fn(tx, m, zone)
		if err != nil {
			return err
		}
		return decided(tx, drafts, refusal)
	})
}

// FreezeMeeting freezes the figures as of the cut-off of the meeting's day and gives them to the meeting.
func (a *Acts) FreezeMeeting(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	snapshot := c.newID("snapshot")
	return a.onMeeting(ctx, c, id, "snapshot", func(tx *ledger.Tx, m brief.Meeting, zone *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		from, _ := midnight(m.Day, zone)
		at := from.Add(CutOffHour * time.Hour)
		drafts, refusal := brief.FreezeMeeting{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Snapshot: snapshot}.Decide(m, tx.Now())
		if refusal != nil {
			return nil, refusal, nil
		}
		if at.After(tx.Now()) {
			return nil, ledger.Refuse("meeting.before-cut-off", "day", "at", at.Format("15:04")), nil
		}
		return drafts, nil, a.freeze(tx, snapshot, at)
	})
}

// OpenMeeting begins a meeting; who opens it chairs it unless somebody else is named.
func (a *Acts) OpenMeeting(ctx context.Context, c Caller, id ledger.ID, seen int, chair ledger.ID) error {
	return a.onMeeting(ctx, c, id, "meeting", func(tx *ledger.Tx, m brief.Meeting, _ *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		if chair == "" {
			chair = c.Person
		}
		if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, chair); err != nil || !found {
			return nil, ledger.RefuseAs(ledger.Invalid, "person.unknown", "chair"), err
		}
		drafts, refusal := brief.OpenMeeting{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Chair: chair}.Decide(m, tx.Now())
		return drafts, refusal, nil
	})
}

// NoteTeam is what a team says of its difficulties and advises; its leader writes it.
func (a *Acts) NoteTeam(ctx context.Context, c Caller, id, team ledger.ID, text string) error {
	return a.onMeeting(ctx, c, id, "meeting.note", func(tx *ledger.Tx, m brief.Meeting, _ *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		if c.Can("meeting") != nil && !slices.Contains(c.Teams, string(team)) {
			return nil, ledger.RefuseAs(ledger.NotFound, "not-found", ""), nil
		}
		act, err := a.withText(tx, c, 0, "note", "text", text)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.NoteTeam{Act: act, Team: team}.Decide(m, tx.Now())
		return drafts, refusal, nil
	})
}

// withText is an act of the caller that carries a sealed text, if there is one.
func (a *Acts) withText(tx *ledger.Tx, c Caller, seen int, part, field, text string) (ledger.Act, error) {
	act := ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}
	var err error
	act.Parts, err = a.sealText(tx, part, field, text, false)
	return act, err
}

// HearTeam stamps that a team was heard, or excuses it with a reason.
func (a *Acts) HearTeam(ctx context.Context, c Caller, id, team ledger.ID, excused bool, reason string) error {
	return a.onMeeting(ctx, c, id, "meeting", func(tx *ledger.Tx, m brief.Meeting, _ *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		act, err := a.withText(tx, c, 0, "reason", "text", reason)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.Hear{Act: act, Team: team, Excused: excused}.Decide(m, tx.Now())
		return drafts, refusal, nil
	})
}

// EndMeeting ends a meeting.
func (a *Acts) EndMeeting(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onMeeting(ctx, c, id, "meeting", func(tx *ledger.Tx, m brief.Meeting, _ *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		drafts, refusal := brief.EndMeeting{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}}.Decide(m, tx.Now())
		return drafts, refusal, nil
	})
}

// NewInstruction is a demand of the chair.
type NewInstruction struct {
	Text  string
	Units []ledger.ID
	Due   *time.Time
	Focus bool
}

// Instruct records a demand; for each unit that must act it becomes a matter with a number and the deadline,
// by the same engine as every other (R023, R131).
func (a *Acts) Instruct(ctx context.Context, c Caller, id ledger.ID, in NewInstruction) error {
	instruction := c.newID("instruction")
	return a.onMeeting(ctx, c, id, "meeting", func(tx *ledger.Tx, m brief.Meeting, zone *time.Location) ([]ledger.Draft, *ledger.Refusal, error) {
		act, err := a.withText(tx, c, 0, "text", "text", in.Text)
		if err != nil {
			return nil, nil, err
		}
		cmd := brief.Instruct{Act: act, Instruction: brief.InstructedV1{ID: instruction, Units: in.Units, Due: in.Due, Focus: in.Focus}}
		for i := range in.Units {
			cmd.Instruction.Matters = append(cmd.Instruction.Matters, c.newID(fmt.Sprintf("matter-%d", i)))
		}
		drafts, refusal := cmd.Decide(m, tx.Now())
		if refusal != nil {
			return nil, refusal, nil
		}
		for i, unit := range in.Units {
			if refusal, err := a.assignInstruction(tx, act, cmd.Instruction, i, unit, zone); err != nil || refusal != nil {
				return nil, refusal, err
			}
		}
		return drafts, nil, nil
	})
}

func (a *Acts) assignInstruction(tx *ledger.Tx, act ledger.Act, in brief.InstructedV1, i int, unit ledger.ID, zone *time.Location) (*ledger.Refusal, error) {
	if r, err := a.unitKnown(tx, tx.Tenant, unit, "unit", tx.Now().In(zone).Format(time.DateOnly)); err != nil || r != nil {
		return r, err
	}
	org, _, err := registry.OrgByID(tx.Tx, tx.Tenant, unit)
	if err != nil {
		return nil, err
	}
	now := tx.Now()
	t, err := a.termsAt(tx.Tx, tx.Tenant, now, zone)
	if err != nil {
		return nil, err
	}
	n, err := document.Next(tx.Tx, tx.Tenant, seriesInstructed, now.In(zone).Year())
	if err != nil {
		return nil, err
	}
	opening := matter.Opening{
		Origin: matter.OriginInstruction, Source: in.ID, Unit: unit, Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
		Facets: matter.Facets{Street: street(org), Channel: matter.Written, Severity: "moderate", Day: now.In(zone).Format(time.DateOnly)},
	}
	requirement := ledger.Act{Person: act.Person, Unit: act.Unit}
	for _, p := range act.Parts { // the words of the demand are what the unit must do
		p.Name = "requirement"
		requirement.Parts = append(requirement.Parts, p)
	}
	clocks := append(t.clocks(matter.ClockReceive, now, "moderate"), t.clock(matter.ClockRectify, now, in.Due.UTC(), matter.RuleDecided, nil))
	drafts, refusal := matter.Assign{Act: requirement, ID: in.Matters[i], Opening: opening, Clocks: clocks}.Decide(matter.Matter{}, now)
	if refusal != nil {
		return refusal, nil
	}
	return nil, tx.Append(drafts...)
}

// street is the street that an organisation stands for; a department's matters lie in none.
func street(o registry.Org) string {
	if o.Kind == "street" {
		return o.Region
	}
	return ""
}

// Explain says why a matter stays over a night and when it will be done.
func (a *Acts) Explain(ctx context.Context, c Caller, id ledger.ID, d Doing, day string, expected time.Time) error {
	return a.run(ctx, c, id, "explain", d, nil, func(tx *ledger.Tx, _ matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		if day == "" {
			day = at.In(t.zone).Format(time.DateOnly)
		}
		if _, r := midnight(day, t.zone); r != nil {
			return nil, r
		}
		return matter.Explain{Act: act, Day: day, Expected: expected}, nil
	})
}

// ReportZero says that a team found nothing on a day.
func (a *Acts) ReportZero(ctx context.Context, c Caller, team ledger.ID, day string) error {
	return a.onTeam(ctx, c, team, "zero_report", func(tx *ledger.Tx, t visit.Team, zone *time.Location) error {
		if c.Can("meeting") != nil && !t.Has(c.Person, tx.Now()) {
			return ledger.RefuseAs(ledger.NotFound, "not-found", "")
		}
		from, r := midnight(day, zone)
		if r != nil {
			return r
		}
		sheets, err := visit.DaySheets(tx.Tx, c.Tenant, day, from, from.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		drafts, refusal := visit.ReportZero{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit}, Day: day, Today: tx.Now().In(zone).Format(time.DateOnly),
			Findings: sheets[team].Findings, Reported: sheets[team].Zero,
		}.Decide(t, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ReportStatus says how a street is on a day, with evidence.
func (a *Acts) ReportStatus(ctx context.Context, c Caller, streetCode, day, status, evidence string) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.May("status", access.Place{Street: streetCode}); r != nil {
			return r
		}
		from, r := midnight(day, zone)
		if r != nil {
			return r
		}
		teams, err := visit.Teams(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		act, err := a.withText(tx, c, 0, "evidence", "evidence", evidence)
		if err != nil {
			return err
		}
		drafts, refusal := brief.ReportStatus{
			Act: act, Street: streetCode, Day: day, Status: status, Today: tx.Now().In(zone).Format(time.DateOnly),
			Posted: slices.ContainsFunc(teams, func(t visit.Team) bool { return t.PostedTo(streetCode, from.Add(12*time.Hour)) }),
		}.Decide(brief.Status{}, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ReportForm is a report as drafted.
type ReportForm struct {
	ID       ledger.ID
	Seen     int
	Kind     string
	Snapshot ledger.ID
	To       ledger.ID
	Text     string
}

// WriteReport drafts a report on a frozen snapshot, or writes a draft again.
func (a *Acts) WriteReport(ctx context.Context, c Caller, f ReportForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("report")
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("report.write"); r != nil {
			return r
		}
		if f.Snapshot != "" {
			if _, found, err := brief.SnapshotByID(tx.Tx, c.Tenant, f.Snapshot); err != nil || !found {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "report.not-frozen", "snapshot"))
			}
		}
		if f.To != "" {
			if _, found, err := registry.OrgByID(tx.Tx, c.Tenant, f.To); err != nil || !found {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "to"))
			}
		}
		before, _, err := brief.ReportByID(tx.Tx, c.Tenant, f.ID)
		if err != nil {
			return err
		}
		text, r := cleanText("text", f.Text, true)
		if r != nil {
			return r
		}
		act := ledger.Act{Person: c.Person, Unit: c.Unit, Seen: f.Seen}
		if act.Parts, err = a.V.Seal(tx, scope(tx), vault.Document, vault.Content{Name: "text", Bytes: []byte(text)}); err != nil {
			return err
		}
		drafts, refusal := brief.WriteReport{Act: act, ID: f.ID, Kind: f.Kind, Snapshot: f.Snapshot, To: f.To}.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func (a *Acts) onReport(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, brief.Report) ([]ledger.Draft, *ledger.Refusal, error)) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can(act); r != nil {
			return r
		}
		r, err := existing(brief.ReportByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		tx.Incident = r.Incident
		drafts, refusal, err := fn(tx, r)
		if err != nil {
			return err
		}
		return decided(tx, drafts, refusal)
	})
}

// ReviewReport passes a draft or sends it back with a reason.
func (a *Acts) ReviewReport(ctx context.Context, c Caller, id ledger.ID, seen int, passed bool, reason string) error {
	return a.onReport(ctx, c, id, "report.review", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		act, err := a.withText(tx, c, seen, "reason", "text", reason)
		if err != nil {
			return nil, nil, err
		}
		named, err := a.Named(tx.Tx, c.Tenant, r)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.Review{Act: act, Passed: passed, Named: named}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// SignReport is the leader's signature.
func (a *Acts) SignReport(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onReport(ctx, c, id, "report.sign", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		named, err := a.Named(tx.Tx, c.Tenant, r)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.Sign{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Named: named}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// SendReport sends what was signed; the hash is over its words and its snapshot's hash.
func (a *Acts) SendReport(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onReport(ctx, c, id, "report.send", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		snapshot, _, err := brief.SnapshotByID(tx.Tx, c.Tenant, r.Snapshot)
		if err != nil {
			return nil, nil, err
		}
		hash, err := json.Marshal([]string{string(r.ID), r.Kind, r.Text.Hash, snapshot.Hash})
		if err != nil {
			return nil, nil, err
		}
		named, err := a.Named(tx.Tx, c.Tenant, r)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.Send{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Hash: brief.HashOf(hash), Named: named}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// Named gives whose names stand in a release: people who hold a post, by the names they are registered under. A report
// within the offices names whom it must.
func (a *Acts) Named(tx *storage.Tx, tenant string, r brief.Report) (named []ledger.ID, err error) {
	if r.Kind != brief.Release {
		return nil, nil
	}
	text, gone, err := a.Open(tx, tenant, r.Text)
	if err != nil || gone {
		return nil, err
	}
	var people []ledger.ID
	if err := registry.EachPost(tx, tenant, a.L.Now(tenant), func(person ledger.ID, _ registry.Post) {
		if len(people) == 0 || people[len(people)-1] != person {
			people = append(people, person)
		}
	}); err != nil {
		return nil, err
	}
	for _, p := range people {
		name, err := a.Name(tx, tenant, p)
		if err != nil {
			return nil, err
		}
		if name != "" && bytes.Contains(text, []byte(name)) {
			named = append(named, p)
		}
	}
	return named, nil
}

// RecordConsent records what somebody said to his name in a release.
func (a *Acts) RecordConsent(ctx context.Context, c Caller, id ledger.ID, seen int, person ledger.ID, how string) error {
	return a.onReport(ctx, c, id, "report.write", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, person); err != nil || !found {
			return nil, ledger.RefuseAs(ledger.Invalid, "person.unknown", "person"), err
		}
		drafts, refusal := brief.RecordConsent{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Person: person, How: how}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// SetEmbargo says when a release may go out; the zero time: at once.
func (a *Acts) SetEmbargo(ctx context.Context, c Caller, id ledger.ID, seen int, until time.Time) error {
	return a.onReport(ctx, c, id, "report.write", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		drafts, refusal := brief.SetEmbargo{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Until: until}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// ReceiveReport is the receipt of the office above.
func (a *Acts) ReceiveReport(ctx context.Context, c Caller, id ledger.ID) error {
	return a.onReport(ctx, c, id, "report.comment", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		drafts, refusal := brief.ReceiveReport{Act: ledger.Act{Person: c.Person, Unit: c.Unit}}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}

// CommentReport records a leader's words on a report.
func (a *Acts) CommentReport(ctx context.Context, c Caller, id ledger.ID, text string) error {
	return a.onReport(ctx, c, id, "report.comment", func(tx *ledger.Tx, r brief.Report) ([]ledger.Draft, *ledger.Refusal, error) {
		act, err := a.withText(tx, c, 0, "text", "text", text)
		if err != nil {
			return nil, nil, err
		}
		drafts, refusal := brief.AddComment{Act: act}.Decide(r, tx.Now())
		return drafts, refusal, nil
	})
}
