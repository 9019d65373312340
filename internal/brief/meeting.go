package brief

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// States of a meeting.
const (
	MeetingMade  = "made"
	MeetingOpen  = "open"
	MeetingEnded = "ended"
)

// States of a slot.
const (
	SlotWaiting = "waiting"
	SlotHeard   = "heard"
	SlotExcused = "excused"
)

// Slot (议程) is a team's turn.
type Slot struct {
	Team   ledger.ID    `json:"team"`
	State  string       `json:"state"`
	At     *time.Time   `json:"at,omitempty"`
	Note   *ledger.Part `json:"note,omitempty"`   // difficulties and advice, as the team wrote them
	Reason *ledger.Part `json:"reason,omitempty"` // why it is excused
}

// Instruction (要求) is what the chair demands: with an owner and a deadline it becomes a matter, with or
// without them a point of focus for all teams (R131).
type Instruction struct {
	ID      ledger.ID   `json:"id"`
	By      ledger.ID   `json:"by"`
	At      time.Time   `json:"at"`
	Units   []ledger.ID `json:"units,omitempty"`
	Due     *time.Time  `json:"due,omitempty"`
	Matters []ledger.ID `json:"matters,omitempty"`
	Focus   bool        `json:"focus,omitempty"`
	Text    ledger.Part `json:"text"`
}

// Meeting (调度会) of a night: it hears each team on one frozen snapshot (R128, R129).
type Meeting struct {
	ID           ledger.ID     `json:"id"`
	Incident     ledger.ID     `json:"incident,omitempty"`
	Version      int           `json:"version"`
	Day          string        `json:"day"`
	State        string        `json:"state"`
	Scheduled    time.Time     `json:"scheduled"`
	Chair        ledger.ID     `json:"chair,omitempty"`
	Snapshot     ledger.ID     `json:"snapshot,omitempty"`
	Slots        []Slot        `json:"slots"`
	Instructions []Instruction `json:"instructions,omitempty"`
	OpenedAt     *time.Time    `json:"opened_at,omitempty"`
	EndedAt      *time.Time    `json:"ended_at,omitempty"`
	Effective    time.Time     `json:"effective"`
}

// The entries of meetings. Sealed parts: "note" of a team, "reason" of an excuse, "text" of an instruction.
type (
	// MeetingMadeV1 is entry brief.meeting-made.
	MeetingMadeV1 struct {
		Day       string      `json:"day"`
		Scheduled time.Time   `json:"scheduled"`
		Teams     []ledger.ID `json:"teams"`
	}
	// MeetingFrozenV1 is entry brief.meeting-frozen: the snapshot that the meeting speaks of.
	MeetingFrozenV1 struct {
		Snapshot ledger.ID `json:"snapshot"`
	}
	// MeetingOpenedV1 is entry brief.meeting-opened.
	MeetingOpenedV1 struct {
		Chair ledger.ID `json:"chair"`
	}
	// TeamNotedV1 is entry brief.team-noted: a team's difficulties and advice.
	TeamNotedV1 struct {
		Team ledger.ID `json:"team"`
	}
	// TeamHeardV1 is entry brief.team-heard (听取).
	TeamHeardV1 struct {
		Team ledger.ID `json:"team"`
	}
	// TeamExcusedV1 is entry brief.team-excused (请假).
	TeamExcusedV1 struct {
		Team ledger.ID `json:"team"`
	}
	// InstructedV1 is entry brief.instructed.
	InstructedV1 struct {
		ID      ledger.ID   `json:"id"`
		Units   []ledger.ID `json:"units,omitempty"`
		Due     *time.Time  `json:"due,omitempty"`
		Matters []ledger.ID `json:"matters,omitempty"`
		Focus   bool        `json:"focus,omitempty"`
	}
	// MeetingEndedV1 is entry brief.meeting-ended.
	MeetingEndedV1 struct{}
)

// Kind methods name the entry types; all are version 1.
func (MeetingMadeV1) Kind() (string, int)   { return "brief.meeting-made", 1 }
func (MeetingFrozenV1) Kind() (string, int) { return "brief.meeting-frozen", 1 }
func (MeetingOpenedV1) Kind() (string, int) { return "brief.meeting-opened", 1 }
func (TeamNotedV1) Kind() (string, int)     { return "brief.team-noted", 1 }
func (TeamHeardV1) Kind() (string, int)     { return "brief.team-heard", 1 }
func (TeamExcusedV1) Kind() (string, int)   { return "brief.team-excused", 1 }
func (InstructedV1) Kind() (string, int)    { return "brief.instructed", 1 }
func (MeetingEndedV1) Kind() (string, int)  { return "brief.meeting-ended", 1 }

// After is the one place where an entry changes a meeting.
func (m Meeting) After(e ledger.Entry) Meeting {
	at := e.Effective(m.Effective)
	m.Version++
	m.Effective = at
	m.Slots = slices.Clone(m.Slots)
	part := func(name string) *ledger.Part {
		if p, ok := e.Part(name); ok {
			return &p
		}
		return nil
	}
	switch b := e.Body.(type) {
	case MeetingMadeV1:
		m = Meeting{ID: e.Subject, Incident: e.Incident, Version: 1, Day: b.Day, State: MeetingMade, Scheduled: b.Scheduled, Effective: at}
		for _, t := range b.Teams {
			m.Slots = append(m.Slots, Slot{Team: t, State: SlotWaiting})
		}
	case MeetingFrozenV1:
		m.Snapshot = b.Snapshot
	case MeetingOpenedV1:
		m.State, m.Chair, m.OpenedAt = MeetingOpen, b.Chair, &at
	case TeamNotedV1:
		if s := m.slot(b.Team); s != nil {
			s.Note = part("note")
		}
	case TeamHeardV1:
		if s := m.slot(b.Team); s != nil {
			s.State, s.At = SlotHeard, &at
		}
	case TeamExcusedV1:
		if s := m.slot(b.Team); s != nil {
			s.State, s.At, s.Reason = SlotExcused, &at, part("reason")
		}
	case InstructedV1:
		text, _ := e.Part("text")
		m.Instructions = append(slices.Clone(m.Instructions), Instruction{
			ID: b.ID, By: e.Who.Person, At: at, Units: b.Units, Due: b.Due, Matters: b.Matters, Focus: b.Focus, Text: text,
		})
	case MeetingEndedV1:
		m.State, m.EndedAt = MeetingEnded, &at
	}
	return m
}

func (m *Meeting) slot(team ledger.ID) *Slot {
	for i := range m.Slots {
		if m.Slots[i].Team == team {
			return &m.Slots[i]
		}
	}
	return nil
}

// Slot finds a team's turn.
func (m Meeting) Slot(team ledger.ID) (Slot, bool) {
	if s := m.slot(team); s != nil {
		return *s, true
	}
	return Slot{}, false
}

// MakeMeeting makes the meeting of a night. Tonight is the meeting of the day if there is one.
type MakeMeeting struct {
	ledger.Act
	ID        ledger.ID
	Day       string
	Scheduled time.Time
	Teams     []ledger.ID
	Tonight   Meeting
}

// Decide refuses a second meeting of a day, and one with nobody to hear.
func (c MakeMeeting) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case m.ID != "", c.Tonight.ID != "":
		return nil, ledger.Refuse("meeting.exists", "day", "day", c.Day)
	case len(c.Teams) == 0:
		return nil, ledger.Refuse("meeting.no-teams", "teams")
	}
	return c.Draft(c.ID, MeetingMadeV1{Day: c.Day, Scheduled: c.Scheduled.UTC(), Teams: c.Teams}), nil
}

// FreezeMeeting gives the meeting its snapshot.
type FreezeMeeting struct {
	ledger.Act
	Snapshot ledger.ID
}

// Decide refuses another snapshot: numbers do not move once the pack is made.
func (c FreezeMeeting) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingMade); r != nil {
		return nil, r
	}
	if m.Snapshot != "" {
		return nil, ledger.Refuse("meeting.frozen-already", "snapshot")
	}
	return c.Draft(m.ID, MeetingFrozenV1{Snapshot: c.Snapshot}), nil
}

// in refuses an act on a meeting in another state.
func (m Meeting) in(a ledger.Act, states ...string) *ledger.Refusal {
	if r := a.Stale(m.Version); r != nil {
		return r
	}
	if !slices.Contains(states, m.State) {
		return ledger.Refuse("meeting.wrong-state", "state", "state", m.State)
	}
	return nil
}

// OpenMeeting begins it.
type OpenMeeting struct {
	ledger.Act
	Chair ledger.ID
}

// Decide wants the frozen snapshot: the meeting speaks of one set of numbers.
func (c OpenMeeting) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingMade); r != nil {
		return nil, r
	}
	switch {
	case m.Snapshot == "":
		return nil, ledger.Refuse("meeting.not-frozen", "snapshot")
	case c.Chair == "":
		return nil, ledger.Required("chair")
	}
	return c.Draft(m.ID, MeetingOpenedV1{Chair: c.Chair}), nil
}

// NoteTeam is what a team says of its difficulties and advises.
type NoteTeam struct {
	ledger.Act
	Team ledger.ID
}

// Decide takes it until the meeting has ended; the last one counts.
func (c NoteTeam) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingMade, MeetingOpen); r != nil {
		return nil, r
	}
	if m.slot(c.Team) == nil {
		return nil, ledger.RefuseAs(ledger.Invalid, "team.unknown", "team")
	}
	if r := c.Need("note", "text"); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, TeamNotedV1{Team: c.Team}), nil
}

// Hear stamps that a team was heard, or excuses it with a reason.
type Hear struct {
	ledger.Act
	Team    ledger.ID
	Excused bool
}

// Decide: only in the meeting, each team once, an excuse with its reason (R129).
func (c Hear) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingOpen); r != nil {
		return nil, r
	}
	s := m.slot(c.Team)
	switch {
	case s == nil:
		return nil, ledger.RefuseAs(ledger.Invalid, "team.unknown", "team")
	case s.State != SlotWaiting:
		return nil, ledger.Refuse("meeting.heard-already", "team", "state", s.State)
	}
	if !c.Excused {
		return c.Draft(m.ID, TeamHeardV1{Team: c.Team}), nil
	}
	if r := c.Need("reason", "text"); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, TeamExcusedV1{Team: c.Team}), nil
}

// Instruct records a demand with what it became.
type Instruct struct {
	ledger.Act
	Instruction InstructedV1
}

// Decide: a demand is for somebody by a time, or for all teams' focus (R131).
func (c Instruct) Decide(m Meeting, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingOpen); r != nil {
		return nil, r
	}
	i := c.Instruction
	switch {
	case len(i.Units) == 0 && !i.Focus:
		return nil, ledger.Required("units")
	case len(i.Units) > 0 && i.Due == nil:
		return nil, ledger.Required("due")
	case i.Due != nil && !i.Due.After(now):
		return nil, ledger.RefuseAs(ledger.Invalid, "matter.until-not-later", "due")
	}
	if r := c.Need("text"); r != nil {
		return nil, r
	}
	return c.Draft(m.ID, i), nil
}

// EndMeeting ends it.
type EndMeeting struct{ ledger.Act }

// Decide refuses it while a team was neither heard nor excused, and a second end (R129).
func (c EndMeeting) Decide(m Meeting, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := m.in(c.Act, MeetingOpen); r != nil {
		return nil, r
	}
	waiting := 0
	for _, s := range m.Slots {
		if s.State == SlotWaiting {
			waiting++
		}
	}
	if waiting > 0 {
		return nil, ledger.Refuse("meeting.not-all-heard", "slots", "count", strconv.Itoa(waiting))
	}
	return c.Draft(m.ID, MeetingEndedV1{}), nil
}
