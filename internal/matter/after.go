package matter

import (
	"time"

	"duzhan/internal/ledger"
)

// After is the one place where an entry changes a matter.
func (m Matter) After(e ledger.Entry) Matter {
	at := e.Effective(m.Effective)
	m = m.copied()
	if _, fired := e.Body.(LadderFiredV1); fired { // the machine's reminder changes nothing anybody decided on
		return m
	}
	m.Version++
	m.Effective = at
	switch b := e.Body.(type) {
	case AssignedV1:
		m.begin(e, b.Opening, at)
		m.State = Assigned
		m.addClocks(b.Clocks)
		m.setDue(b.Clocks)
	case OrderIssuedV1:
		m.begin(e, b.Opening, at)
		m.State = Assigned
		m.addClocks(b.Clocks)
		m.setDue(b.Clocks)
	case FixedOnSpotV1:
		m.begin(e, b.Opening, at)
		m.setDue([]Clock{{Kind: ClockRectify, Due: at}})
		m.claim(e.Who, at, b.Clocks)
	case ImportedV1:
		m.begin(e, b.Opening, at)
		m.State = InProgress
		m.NotGiven = b.NotGiven
		m.episode().Due = b.Due
		if b.Claimed {
			m.claim(ledger.Who{}, at, nil) // who claimed it the file does not say
		}
	case FollowedUpV1:
		m.followUp(b, at)
	case ReceivedV1:
		m.State = InProgress
		m.satisfy(ClockReceive, at)
	case RefusedV1:
		m.State = Refused
		m.satisfy(ClockReceive, at)
		m.addClocks(b.Clocks)
	case ReassignedV1:
		m.State = Assigned
		m.Hops++
		m.Tenures = append(m.Tenures, Tenure{From: at, Unit: b.Unit})
		m.satisfy(ClockObjection, at)
		if b.Due != nil {
			m.moveDue(*b.Due)
		}
		m.addClocks(b.Clocks)
	case UpheldV1:
		m.State = Assigned
		m.satisfy(ClockObjection, at)
		m.addClocks(b.Clocks)
	case ExtensionAskedV1:
		m.Extension = &Extension{AskedAt: at, Until: b.Until, By: e.Who.Person}
		m.addClocks(b.Clocks)
	case ExtensionDecidedV1:
		m.Extension = nil
		m.satisfy(ClockExtension, at)
		if b.Granted && b.Until != nil {
			m.Extended = true
			m.moveDue(*b.Until)
			m.addClocks(b.Clocks)
		}
	case ClaimedV1:
		m.claim(e.Who, at, b.Clocks)
	case VerifiedV1:
		m.State = Verified
		m.episode().Verified = &at
		m.satisfy(ClockVerify, at)
	case VerificationFailedV1:
		m.fail(at)
	case StruckOffV1:
		m.State = StruckOff
		m.episode().Closed = &at
		m.addClocks(b.Clocks)
	case LookedBackV1:
		m.satisfy(ClockLookBack, at)
	case ReopenedV1:
		m.State = InProgress
		m.Round++
		m.satisfy(ClockLookBack, at)
		m.ClaimedBy, m.ClaimedUnit = "", ""
		round := Episode{Start: at}
		if !b.Due.IsZero() {
			round.Due = &b.Due
		}
		m.Episodes = append(m.Episodes, round)
		m.addClocks(b.Clocks)
	case PutOnRecordV1:
		m.State = OnRecord
		if b.Until != nil {
			m.Extended = true
			m.moveDue(*b.Until)
		}
		m.addClocks(b.Clocks)
	case WithdrawnV1:
		m.leave(Withdrawn, KindWithdrawn, at)
	case MergedV1:
		m.leave(Duplicate, KindMerged, at)
		m.Master = b.Master
	case UnmergedV1:
		m.State, m.Before = m.Before, ""
		m.Master = ""
		m.Absences[len(m.Absences)-1].Until = &at
	case ExplainedV1:
		text, _ := e.Part("text")
		m.Explained = &Explanation{Day: b.Day, Expected: b.Expected, Text: text}
	case CorrectedV1:
		m.correct(b.Fields)
	}
	return m
}

// copied keeps the matter before apart from the one after: slices are not shared.
func (m Matter) copied() Matter {
	m.Episodes = append([]Episode(nil), m.Episodes...)
	m.Absences = append([]Absence(nil), m.Absences...)
	m.Tenures = append([]Tenure(nil), m.Tenures...)
	m.Clocks = append([]Clock(nil), m.Clocks...)
	return m
}

func (m *Matter) begin(e ledger.Entry, o Opening, at time.Time) {
	m.ID, m.Incident = e.Subject, e.Incident
	m.Origin, m.Source, m.Site = o.Origin, o.Source, o.Site
	m.Number, m.Serial, m.Facets = o.Number, o.Serial, o.Facets
	m.AssignedAt, m.Precision, m.AssignedBy = at, e.Precision, e.Who.Person
	m.Tenures = []Tenure{{From: at, Unit: o.Unit}}
	m.Episodes = []Episode{{Start: at}}
	m.Round = 1
	if o.Origin == OriginFinding {
		return
	}
	for _, p := range e.Parts {
		if p.Name == "fact" || p.Name == "requirement" {
			m.Words = append(m.Words, p)
		}
	}
}

func (m *Matter) episode() *Episode { return &m.Episodes[len(m.Episodes)-1] }

// setDue takes the deadline from the clock of rectification.
func (m *Matter) setDue(clocks []Clock) {
	for _, c := range clocks {
		if c.Kind == ClockRectify {
			due := c.Due
			m.episode().Due = &due
		}
	}
}

// moveDue replaces the deadline. The clock that runs keeps its start; its steps told of the old deadline
// and end, those of the new one come with the clock that the entry carries.
func (m *Matter) moveDue(due time.Time) {
	m.episode().Due = &due
	if c := m.clock(ClockRectify); c != nil {
		c.Due, c.Rule, c.Why, c.Steps = due, RuleDecided, nil, nil
		c.Moves++
	}
}

// addClocks starts clocks; a clock of rectification takes the place of the one that runs.
func (m *Matter) addClocks(clocks []Clock) {
	for _, c := range clocks {
		c.Round = m.Round
		if running := m.clock(ClockRectify); c.Kind == ClockRectify && running != nil {
			c.Moves = running.Moves
			*running = c
			continue
		}
		m.Clocks = append(m.Clocks, c)
	}
}

func (m *Matter) claim(by ledger.Who, at time.Time, clocks []Clock) {
	m.State = FixClaimed
	m.episode().Claim = &at
	m.ClaimedBy, m.ClaimedUnit = by.Person, by.Unit
	m.satisfy(ClockRectify, at)
	m.satisfy(ClockReview, at)
	m.addClocks(clocks)
}

// fail takes the claim back: the matter counts as unrectified throughout.
func (m *Matter) fail(at time.Time) {
	m.State = InProgress
	m.episode().Claim = nil
	m.ClaimedBy, m.ClaimedUnit = "", ""
	m.Round++
	m.satisfy(ClockVerify, at)
	for i := range m.Clocks {
		if c := &m.Clocks[i]; c.Kind == ClockRectify && i == m.newest(ClockRectify) {
			c.Satisfied = nil
		}
	}
}

func (m *Matter) newest(kind string) int {
	for i := len(m.Clocks) - 1; i >= 0; i-- {
		if m.Clocks[i].Kind == kind {
			return i
		}
	}
	return -1
}

// followUp is what an imported later inspection shows: gone is rectified and verified then, found
// again is a claim that did not hold.
func (m *Matter) followUp(b FollowedUpV1, at time.Time) {
	if !b.Passed {
		m.fail(at)
		return
	}
	if m.episode().Claim == nil {
		m.claim(ledger.Who{}, at, nil)
	}
	m.State = Verified
	m.episode().Verified = &at
}

func (m *Matter) leave(to State, kind string, at time.Time) {
	m.Before, m.State = m.State, to
	m.Absences = append(m.Absences, Absence{Kind: kind, From: at})
}

func (m *Matter) satisfy(kind string, at time.Time) {
	if c := m.clock(kind); c != nil {
		c.Satisfied = &at
	}
}

func (m *Matter) correct(c Correction) {
	set := func(field *string, to *string) {
		if to != nil {
			*field = *to
		}
	}
	set(&m.Facets.Street, c.Street)
	set(&m.Facets.Problem, c.Problem)
	set(&m.Facets.Area, c.Area)
	set(&m.Facets.Responsibility, c.Responsibility)
	set(&m.Facets.Severity, c.Severity)
	if len(c.Themes) > 0 {
		m.Facets.Themes = c.Themes
	}
}
