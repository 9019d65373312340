package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// MeetingRow is a meeting in lists.
type MeetingRow struct {
	ID        string     `json:"id"`
	Version   int        `json:"version"`
	Day       string     `json:"day"`
	State     string     `json:"state"`
	Scheduled time.Time  `json:"scheduled"`
	Snapshot  *string    `json:"snapshot"`
	Teams     int        `json:"teams"`
	Heard     int        `json:"heard"`
	Excused   int        `json:"excused"`
	OpenedAt  *time.Time `json:"opened_at"`
	EndedAt   *time.Time `json:"ended_at"`
}

// MeetingPage is a meeting with its pack: a page a team, all on one snapshot.
type MeetingPage struct {
	MeetingRow
	Chair        *Person           `json:"chair"`
	AsOf         *time.Time        `json:"as_of"`
	KnownAt      *time.Time        `json:"known_at" doc:"of the snapshot: with as_of it names the figures' lists"`
	Figures      map[string]int64  `json:"figures" doc:"of the district, from the snapshot"`
	Hash         *string           `json:"hash"`
	Slots        []SlotView        `json:"slots"`
	Instructions []InstructionView `json:"instructions"`
	Before       Unready           `json:"before" doc:"what is not ready for the freeze"`
}

// SlotView is a team's turn with its brief.
type SlotView struct {
	Team       TeamRef          `json:"team"`
	TeamID     string           `json:"team_id"`
	State      string           `json:"state"`
	At         *time.Time       `json:"at"`
	Note       *string          `json:"note" doc:"difficulties and advice"`
	Reason     *string          `json:"reason" doc:"why it is excused"`
	Cumulative map[string]int64 `json:"cumulative" doc:"from the snapshot"`
	Today      map[string]int64 `json:"today" doc:"the day up to the snapshot's instant"`
	Open       []MatterRow      `json:"open" doc:"in progress as of the snapshot"`
}

// InstructionView is a demand with what it became.
type InstructionView struct {
	ID      string      `json:"id"`
	By      Person      `json:"by"`
	At      time.Time   `json:"at"`
	Text    *string     `json:"text"`
	Units   []Named     `json:"units"`
	Due     *time.Time  `json:"due"`
	Matters []MatterRef `json:"matters"`
	Focus   bool        `json:"focus"`
}

// Unready is what should be settled before the figures are frozen.
type Unready struct {
	Unconfirmed   int       `json:"unconfirmed" doc:"findings that wait for confirmation or hand-over"`
	ZeroMissing   []TeamRef `json:"zero_missing" doc:"teams without a finding and without a zero report"`
	StatusMissing []Region  `json:"status_missing" doc:"streets whose status of the day is missing"`
	Unexplained   int       `json:"unexplained" doc:"open matters without a reason for the night"`
	VisitsUnended int       `json:"visits_under_way"`
}

// Unit of a demand as sent, and the rest of it.
type instructionBody struct {
	Text  string     `json:"text"`
	Units []string   `json:"units,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
	Focus bool       `json:"focus,omitempty" doc:"a point of all teams' focus"`
}

func (s *API) meetings(h huma.API) {
	get(h, "/meetings", "list-meetings", "Nightly meetings, the last first", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[MeetingRow], error) {
		out := &Items[MeetingRow]{Items: []MeetingRow{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := brief.Meetings(v.tx, actor.Tenant)
			for _, m := range list {
				out.Items = append(out.Items, v.meetingRow(m))
			}
			return err
		})
	})
	get(h, "/meetings/{id}", "get-meeting", "One meeting with its pack", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*MeetingPage, error) {
		return s.meetingPage(ctx, actor, in.ID)
	})
	add(h, "/meetings", "make-meeting", "Make the meeting of a night", func(ctx context.Context, c acts.Caller, b *struct {
		Day string `json:"day" doc:"YYYY-MM-DD"`
	},
	) (*MeetingPage, error) {
		id, err := s.acts.MakeMeeting(ctx, c, b.Day)
		if err != nil {
			return nil, err
		}
		return s.meetingPage(ctx, c.Actor, string(id))
	})
	onMeeting(s, h, "/meetings/{id}/freeze", "freeze-meeting", "Freeze the figures that the meeting speaks of", func(ctx context.Context, c acts.Caller, id ledger.ID, b *versionBody) error {
		return s.acts.FreezeMeeting(ctx, c, id, b.Version)
	})
	onMeeting(s, h, "/meetings/{id}/open", "open-meeting", "Begin the meeting", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Chair   string `json:"chair,omitempty" doc:"who chairs it; empty: who opens it"`
	},
	) error {
		return s.acts.OpenMeeting(ctx, c, id, b.Version, ledger.ID(b.Chair))
	})
	onMeeting(s, h, "/meetings/{id}/note", "note-team", "A team's difficulties and advice", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Team string `json:"team"`
		Text string `json:"text"`
	},
	) error {
		return s.acts.NoteTeam(ctx, c, id, ledger.ID(b.Team), b.Text)
	})
	onMeeting(s, h, "/meetings/{id}/hear", "hear-team", "A team was heard, or is excused with a reason", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Team    string `json:"team"`
		Excused bool   `json:"excused,omitempty"`
		Text    string `json:"text,omitempty" doc:"why it is excused"`
	},
	) error {
		return s.acts.HearTeam(ctx, c, id, ledger.ID(b.Team), b.Excused, b.Text)
	})
	onMeeting(s, h, "/meetings/{id}/instructions", "instruct", "A demand of the chair; for each unit it becomes a matter", func(ctx context.Context, c acts.Caller, id ledger.ID, b *instructionBody) error {
		return s.acts.Instruct(ctx, c, id, acts.NewInstruction{Text: b.Text, Units: ids(b.Units), Due: b.Due, Focus: b.Focus})
	})
	onMeeting(s, h, "/meetings/{id}/end", "end-meeting", "End the meeting", func(ctx context.Context, c acts.Caller, id ledger.ID, b *versionBody) error {
		return s.acts.EndMeeting(ctx, c, id, b.Version)
	})
}

func onMeeting[B any](s *API, h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, path, id, summary, func(ctx context.Context, c acts.Caller, meeting string, b *B) (*MeetingPage, error) {
		if err := fn(ctx, c, ledger.ID(meeting), b); err != nil {
			return nil, err
		}
		return s.meetingPage(ctx, c.Actor, meeting)
	})
}

func (v *viewer) meetingRow(m brief.Meeting) MeetingRow {
	row := MeetingRow{
		ID: string(m.ID), Version: m.Version, Day: m.Day, State: m.State, Scheduled: v.local(m.Scheduled), Teams: len(m.Slots),
		OpenedAt: v.localPtr(m.OpenedAt), EndedAt: v.localPtr(m.EndedAt),
	}
	if m.Snapshot != "" {
		id := string(m.Snapshot)
		row.Snapshot = &id
	}
	for _, s := range m.Slots {
		switch s.State {
		case brief.SlotHeard:
			row.Heard++
		case brief.SlotExcused:
			row.Excused++
		}
	}
	return row
}

func (s *API) meetingPage(ctx context.Context, actor access.Actor, id string) (*MeetingPage, error) {
	out := &MeetingPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		m, found, err := brief.MeetingByID(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil || !found {
			return notFound(err)
		}
		*out = MeetingPage{MeetingRow: v.meetingRow(m), Figures: map[string]int64{}, Slots: []SlotView{}, Instructions: []InstructionView{}}
		if m.Chair != "" {
			chair, err := v.person(m.Chair)
			if err != nil {
				return err
			}
			out.Chair = &chair
		}
		var at *brief.Snapshot
		if m.Snapshot != "" {
			snapshot, _, err := brief.SnapshotByID(v.tx, actor.Tenant, m.Snapshot)
			if err != nil {
				return err
			}
			at = &snapshot
			out.AsOf, out.KnownAt, out.Hash, out.Figures = v.localPtr(&snapshot.AsOf), v.localPtr(&snapshot.KnownAt), &snapshot.Hash, snapshot.Figures
		}
		for _, slot := range m.Slots {
			view, err := v.slotView(slot, at)
			if err != nil {
				return err
			}
			out.Slots = append(out.Slots, view)
		}
		if err := v.instructions(out, m); err != nil {
			return err
		}
		if m.State == brief.MeetingMade {
			return v.unready(&out.Before, m)
		}
		out.Before = Unready{ZeroMissing: []TeamRef{}, StatusMissing: []Region{}}
		return nil
	})
}

// slotView fills in a team's brief from the snapshot; before the freeze it has no numbers.
func (v *viewer) slotView(s brief.Slot, at *brief.Snapshot) (SlotView, error) {
	view := SlotView{TeamID: string(s.Team), State: s.State, At: v.localPtr(s.At), Cumulative: map[string]int64{}, Today: map[string]int64{}, Open: []MatterRow{}}
	var err error
	if view.Team, err = v.team(string(s.Team)); err != nil {
		return view, err
	}
	for _, x := range []struct {
		from *ledger.Part
		to   **string
	}{{s.Note, &view.Note}, {s.Reason, &view.Reason}} {
		if x.from == nil {
			continue
		}
		if *x.to, err = v.openPart(*x.from); err != nil {
			return view, err
		}
	}
	if at == nil {
		return view, nil
	}
	g := figure.Group{Axis: "team", Value: string(s.Team)}
	as := figure.AsOf{T: at.AsOf, Known: at.Known}
	if view.Cumulative, err = figure.Figures(v.tx, v.actor.Tenant, as, at.Origin, g); err != nil {
		return view, err
	}
	local := at.AsOf.In(v.zone)
	morning := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, v.zone).Add(-time.Microsecond)
	before, err := figure.Figures(v.tx, v.actor.Tenant, figure.AsOf{T: morning, Known: at.Known}, at.Origin, g)
	if err != nil {
		return view, err
	}
	for name, n := range view.Cumulative {
		view.Today[name] = n - before[name]
	}
	d, _ := figure.Define("in_progress")
	open, err := figure.Behind(v.tx, v.actor.Tenant, as, d, at.Origin, g, "", 20)
	for _, c := range open {
		m, found, err := matter.Load(v.tx, v.actor.Tenant, c.Subject)
		if err != nil || !found {
			return view, err
		}
		row, err := v.matterRow(m)
		if err != nil {
			return view, err
		}
		view.Open = append(view.Open, row)
	}
	return view, err
}

func (v *viewer) instructions(out *MeetingPage, m brief.Meeting) error {
	for _, i := range m.Instructions {
		by, err := v.person(i.By)
		if err != nil {
			return err
		}
		view := InstructionView{ID: string(i.ID), By: by, At: v.local(i.At), Units: []Named{}, Due: v.localPtr(i.Due), Matters: []MatterRef{}, Focus: i.Focus}
		if view.Text, err = v.openPart(i.Text); err != nil {
			return err
		}
		for _, u := range i.Units {
			unit, err := v.org(u)
			if err != nil {
				return err
			}
			view.Units = append(view.Units, unit)
		}
		for _, id := range i.Matters {
			x, _, err := matter.Load(v.tx, v.actor.Tenant, id)
			if err != nil {
				return err
			}
			view.Matters = append(view.Matters, MatterRef{ID: string(id), Number: x.Number})
		}
		out.Instructions = append(out.Instructions, view)
	}
	return nil
}

// unready says what should be settled before the freeze.
func (v *viewer) unready(out *Unready, m brief.Meeting) error {
	*out = Unready{ZeroMissing: []TeamRef{}, StatusMissing: []Region{}}
	from, to, err := v.a.DayOf(v.tx.Context(), v.actor.Tenant, m.Day)
	if err != nil {
		return err
	}
	if out.Unconfirmed, _, err = visit.OpenFindings(v.tx, v.actor.Tenant, nil, v.now); err != nil {
		return err
	}
	under, err := visit.List(v.tx, v.actor.Tenant, visit.Filter{State: visit.Started, Limit: 1})
	if err != nil {
		return err
	}
	out.VisitsUnended = under.Found
	sheets, err := visit.DaySheets(v.tx, v.actor.Tenant, m.Day, from, to)
	if err != nil {
		return err
	}
	statuses, err := brief.StatusesOn(v.tx, v.actor.Tenant, m.Day)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, s := range statuses {
		told[s.Street] = true
	}
	noon := from.Add(12 * time.Hour)
	for _, slot := range m.Slots {
		if s := sheets[slot.Team]; s.Findings == 0 && !s.Zero {
			team, err := v.team(string(slot.Team))
			if err != nil {
				return err
			}
			out.ZeroMissing = append(out.ZeroMissing, team)
		}
		t, _, err := visit.TeamByID(v.tx, v.actor.Tenant, slot.Team)
		if err != nil {
			return err
		}
		for _, p := range t.Postings {
			if !t.PostedTo(p.Street, noon) || told[p.Street] {
				continue
			}
			told[p.Street] = true
			street, err := v.region(p.Street)
			if err != nil {
				return err
			}
			out.StatusMissing = append(out.StatusMissing, street)
		}
	}
	nights, err := v.nights(m.Day)
	for _, n := range nights {
		if n.Text == nil {
			out.Unexplained++
		}
	}
	return err
}

// NightRow is a matter that stays over a night, with its reason and its time, or without.
type NightRow struct {
	MatterRow
	Text     *string    `json:"reason" doc:"null: nobody said why"`
	Expected *time.Time `json:"expected_at"`
	By       *Person    `json:"by"`
}

// nights lists the matters that are in progress now, with what was said for the night that ends a day.
func (v *viewer) nights(day string) ([]NightRow, error) {
	streets, units := v.actor.Jurisdiction()
	page, err := matter.List(v.tx, v.actor.Tenant, matter.Filter{Unrectified: true, Streets: streets, Units: units, Sort: "due", Limit: 500})
	if err != nil {
		return nil, err
	}
	said, err := matter.Nights(v.tx, v.actor.Tenant, day)
	if err != nil {
		return nil, err
	}
	rows := []NightRow{}
	for _, m := range page.Matters {
		row, err := v.matterRow(m)
		if err != nil {
			return nil, err
		}
		night := NightRow{MatterRow: row}
		if n, ok := said[m.ID]; ok {
			if night.Text, err = v.openPart(n.Text); err != nil {
				return nil, err
			}
			by, err := v.person(n.By)
			if err != nil {
				return nil, err
			}
			night.Expected, night.By = v.localPtr(&n.Expected), &by
		}
		rows = append(rows, night)
	}
	return rows, nil
}

// StatusView is how a street is on a day.
type StatusView struct {
	Street   Region     `json:"street"`
	Status   string     `json:"status" doc:"empty: nobody said"`
	Evidence *string    `json:"evidence"`
	By       *Person    `json:"by"`
	At       *time.Time `json:"at"`
	Leader   *Person    `json:"leader" doc:"who answers for the street"`
}

// SheetView is what a team did on a day.
type SheetView struct {
	Team     TeamRef `json:"team"`
	TeamID   string  `json:"team_id"`
	Visits   int     `json:"visits"`
	Findings int     `json:"findings"`
	Zero     bool    `json:"zero"`
	Missing  bool    `json:"missing" doc:"no finding and no zero report"`
}

// NightPage is a day as it ends.
type NightPage struct {
	Day     string       `json:"day"`
	Matters []NightRow   `json:"matters"`
	Streets []StatusView `json:"streets"`
	Sheets  []SheetView  `json:"sheets"`
}

// night registers what a day ends with: what stays over, how the streets are, what each team did.
func (s *API) night(h huma.API) {
	get(h, "/nights/{day}", "get-night", "What a day ends with: matters that stay over, street by street, team by team", func(ctx context.Context, actor access.Actor, in *struct {
		Day string `path:"day" maxLength:"10" doc:"YYYY-MM-DD, or today"`
	},
	) (*NightPage, error) {
		return s.nightPage(ctx, actor, in.Day)
	})
	post(h, "/teams/{id}/zero-reports", "report-zero", "A team found nothing on a day (零报告)", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Day string `json:"day"`
	},
	) (*NightPage, error) {
		if err := s.acts.ReportZero(ctx, c, ledger.ID(id), b.Day); err != nil {
			return nil, err
		}
		return s.nightPage(ctx, c.Actor, b.Day)
	})
	post(h, "/streets/{id}/statuses", "report-status", "How a street is on a day, with evidence", func(ctx context.Context, c acts.Caller, street string, b *struct {
		Day      string `json:"day"`
		Status   string `json:"status" enum:"good,watch,bad"`
		Evidence string `json:"evidence"`
	},
	) (*NightPage, error) {
		if err := s.acts.ReportStatus(ctx, c, street, b.Day, b.Status, b.Evidence); err != nil {
			return nil, err
		}
		return s.nightPage(ctx, c.Actor, b.Day)
	})
}

func (s *API) nightPage(ctx context.Context, actor access.Actor, day string) (*NightPage, error) {
	out := &NightPage{Streets: []StatusView{}, Sheets: []SheetView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		if day == "today" {
			day = v.now.In(v.zone).Format(time.DateOnly)
		}
		from, to, err := s.acts.DayOf(ctx, actor.Tenant, day)
		if err != nil {
			return err
		}
		out.Day = day
		if out.Matters, err = v.nights(day); err != nil {
			return err
		}
		teams, err := visit.Teams(v.tx, actor.Tenant)
		if err != nil {
			return err
		}
		if err := v.sheets(out, teams, day, from, to); err != nil {
			return err
		}
		return v.statuses(out, teams, day, from)
	})
}

func (v *viewer) sheets(out *NightPage, teams []visit.Team, day string, from, to time.Time) error {
	sheets, err := visit.DaySheets(v.tx, v.actor.Tenant, day, from, to)
	if err != nil {
		return err
	}
	for _, t := range teams {
		s := sheets[t.ID]
		ref, err := v.team(string(t.ID))
		if err != nil {
			return err
		}
		out.Sheets = append(out.Sheets, SheetView{
			Team: ref, TeamID: string(t.ID), Visits: s.Visits, Findings: s.Findings, Zero: s.Zero, Missing: s.Findings == 0 && !s.Zero,
		})
	}
	return nil
}

// statuses lists every street where a team is on the day, told or not.
func (v *viewer) statuses(out *NightPage, teams []visit.Team, day string, from time.Time) error {
	told, err := brief.StatusesOn(v.tx, v.actor.Tenant, day)
	if err != nil {
		return err
	}
	by := map[string]brief.Status{}
	for _, s := range told {
		by[s.Street] = s
	}
	noon := from.Add(12 * time.Hour)
	seen := map[string]bool{}
	for _, t := range teams {
		for _, p := range t.Postings {
			if seen[p.Street] || !t.PostedTo(p.Street, noon) || !v.actor.Sees(access.Place{Street: p.Street}) {
				continue
			}
			seen[p.Street] = true
			street, err := v.region(p.Street)
			if err != nil {
				return err
			}
			view := StatusView{Street: street}
			if s, ok := by[p.Street]; ok {
				person, err := v.person(s.By)
				if err != nil {
					return err
				}
				view.Status, view.By, view.At = s.Status, &person, v.localPtr(&s.At)
				if view.Evidence, err = v.openPart(s.Evidence); err != nil {
					return err
				}
			}
			out.Streets = append(out.Streets, view)
		}
	}
	return nil
}
