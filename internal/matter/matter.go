// Package matter (交办) owns what somebody must settle by a time: matters (事项), their states, rounds,
// clocks and counts. It refuses to know who may act (access), how a matter came to be (visit, appeal),
// how rows are kept (storage) and how a message travels (notify).
package matter

import (
	"slices"
	"time"

	"duzhan/internal/due"
	"duzhan/internal/ledger"
)

// State (状态) of a matter; the codes are those of the transition table.
type State string

// The states of the transition table.
const (
	Assigned   State = "assigned"    // 已交办
	Refused    State = "refused"     // 异议
	InProgress State = "in_progress" // 整改中
	FixClaimed State = "fix_claimed" // 已反馈待核查
	Verified   State = "verified"    // 核查通过
	StruckOff  State = "struck_off"  // 已销号
	OnRecord   State = "on_record"   // 挂账
	Duplicate  State = "duplicate"   // 重复
	Withdrawn  State = "withdrawn"   // 撤销
)

// Open tells whether something is still to be done.
func (s State) Open() bool { return s != StruckOff && s != Duplicate && s != Withdrawn && s != "" }

// Counts tells whether the matter stands among those handed over: it is neither withdrawn nor merged.
func (s State) Counts() bool { return s != Duplicate && s != Withdrawn && s != "" }

// States lists all states in the order of the chain.
var States = []State{Assigned, Refused, InProgress, OnRecord, FixClaimed, Verified, StruckOff, Duplicate, Withdrawn}

// Origin says what a matter came from; figures keep origins apart.
type Origin string

// The origins there are.
const (
	OriginFinding     Origin = "finding"     // of an inspection team, or of an imported inspection
	OriginInstruction Origin = "instruction" // a demand of the nightly meeting
)

// Channel (交办方式) by which a matter was handed over.
type Channel string

// The channels of hand-over.
const (
	FaceToFace Channel = "face_to_face" // 当面交办
	Written    Channel = "written"      // 书面交办
	OnSpot     Channel = "on_spot"      // 即查即改
)

// Facets (口径) are what a matter is counted by.
type Facets struct {
	Street         string   `json:"street,omitempty"` // region code of where it was found
	Team           string   `json:"team,omitempty"`
	Channel        Channel  `json:"channel"`
	Themes         []string `json:"themes,omitempty"`
	Area           string   `json:"area,omitempty"`
	Responsibility string   `json:"responsibility,omitempty"`
	Problem        string   `json:"problem"`
	Severity       string   `json:"severity,omitempty"`
	Day            string   `json:"day"` // of the hand-over, YYYY-MM-DD in the tenant's zone
}

// Clock kinds.
const (
	ClockHandOver  = "hand_over" // 交办, of a finding
	ClockReceive   = "receive"   // 签收
	ClockRectify   = "rectify"   // 整改
	ClockVerify    = "verify"    // 核查
	ClockObjection = "objection" // 异议裁定
	ClockExtension = "extension" // 延期审批
	ClockReview    = "review"    // 挂账复查
	ClockLookBack  = "look_back" // 回头看
)

// RuleDecided stands for the rule of a deadline that somebody decided.
const RuleDecided = "decided"

// Step is a step of the ladder (催办阶梯): at a time, tell an audience.
type Step struct {
	Code     string    `json:"step"`
	At       time.Time `json:"at"`
	Audience []string  `json:"to"`
}

// Clock is a deadline as decided: apply computes nothing. It never pauses.
type Clock struct {
	Kind      string       `json:"kind"`
	Start     time.Time    `json:"start"`
	Due       time.Time    `json:"due"`
	Rule      string       `json:"rule"` // pack@version#rule
	Why       []due.Reason `json:"why,omitempty"`
	Steps     []Step       `json:"steps,omitempty"`
	Satisfied *time.Time   `json:"satisfied,omitempty"`
	Round     int          `json:"round,omitempty"`
	Moves     int          `json:"moves,omitempty"` // how often the deadline was replaced
}

// Episode is the time from a hand-over or a reopening to the next reopening.
type Episode struct {
	Start    time.Time  `json:"start"`
	Due      *time.Time `json:"due,omitempty"` // nil: not given
	Claim    *time.Time `json:"claim,omitempty"`
	Verified *time.Time `json:"verified,omitempty"`
	Closed   *time.Time `json:"closed,omitempty"`
}

// Absence is a time in which a matter does not count: withdrawn, or merged into another.
type Absence struct {
	Kind  string     `json:"kind"` // withdrawn, merged
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty"`
}

// Tenure says from when a unit must act.
type Tenure struct {
	From time.Time `json:"from"`
	Unit ledger.ID `json:"unit"`
}

// Explanation is why a matter stays over the night that ends a day, and until when it is expected.
type Explanation struct {
	Day      string      `json:"day"`
	Expected time.Time   `json:"expected"`
	Text     ledger.Part `json:"text"`
}

// Extension asked for and not decided.
type Extension struct {
	AskedAt time.Time `json:"asked_at"`
	Until   time.Time `json:"until"`
	By      ledger.ID `json:"by"`
}

// Matter (事项) is what a command is decided on: the fold of its entries, no handle to anything.
type Matter struct {
	ID       ledger.ID `json:"id"`
	Incident ledger.ID `json:"incident,omitempty"`
	Version  int       `json:"version"` // number of its entries
	Origin   Origin    `json:"origin"`
	Source   ledger.ID `json:"source"` // the finding, appeal, … it came from
	Site     ledger.ID `json:"site,omitempty"`
	State    State     `json:"state"`
	Number   string    `json:"number"`
	Serial   int64     `json:"serial"`
	Facets   Facets    `json:"facets"`
	// Words are the parts that say what it is about, of a matter that no finding of a visit stands behind.
	Words    []ledger.Part `json:"words,omitempty"`
	NotGiven []string      `json:"not_given,omitempty"` // facts that an import did not have

	AssignedAt time.Time        `json:"assigned_at"`
	Precision  ledger.Precision `json:"precision,omitempty"` // of AssignedAt
	AssignedBy ledger.ID        `json:"assigned_by,omitempty"`
	Tenures    []Tenure         `json:"tenures,omitempty"`
	Episodes   []Episode        `json:"episodes"`
	Absences   []Absence        `json:"absences,omitempty"`
	Clocks     []Clock          `json:"clocks,omitempty"`
	Extension  *Extension       `json:"extension,omitempty"`
	Extended   bool             `json:"extended,omitempty"`
	Explained  *Explanation     `json:"explained,omitempty"` // the last one

	ClaimedBy   ledger.ID `json:"claimed_by,omitempty"`
	ClaimedUnit ledger.ID `json:"claimed_unit,omitempty"`
	Round       int       `json:"round"`
	Hops        int       `json:"hops,omitempty"`
	Master      ledger.ID `json:"master,omitempty"`
	Before      State     `json:"before,omitempty"` // the state to return to
	Effective   time.Time `json:"effective"`        // of its newest entry
}

// Responsible is the unit that must rectify (责任单位).
func (m Matter) Responsible() ledger.ID {
	if len(m.Tenures) == 0 {
		return ""
	}
	return m.Tenures[len(m.Tenures)-1].Unit
}

// Episode is the one under way.
func (m Matter) Episode() Episode {
	if len(m.Episodes) == 0 {
		return Episode{}
	}
	return m.Episodes[len(m.Episodes)-1]
}

// Due is the deadline of rectification; nil if not given.
func (m Matter) Due() *time.Time { return m.Episode().Due }

// Claimed tells whether a claim of rectification stands.
func (m Matter) Claimed() bool { return m.Episode().Claim != nil }

// Late tells whether rectification was or is late at a time.
func (m Matter) Late(at time.Time) bool {
	for _, e := range m.Episodes {
		if _, _, late := e.overdue(); late && e.Due.Before(at) && !m.absentAt(*e.Due) {
			return true
		}
	}
	return false
}

func (m Matter) absentAt(t time.Time) bool {
	return slices.ContainsFunc(m.Absences, func(a Absence) bool {
		return !t.Before(a.From) && (a.Until == nil || t.Before(*a.Until))
	})
}

// MinutesLate is for how many minutes rectification was or is late by a time, over all rounds (2.5.01).
func (m Matter) MinutesLate(by time.Time) int {
	var late time.Duration
	for _, e := range m.Episodes {
		from, until, is := e.overdue()
		end := by
		if until != nil && until.Before(by) {
			end = *until
		}
		for _, a := range m.Absences { // it stops where the matter stops to count
			if a.Until == nil && a.From.Before(end) {
				end = a.From
			}
		}
		if is && end.After(from) {
			late += end.Sub(from)
		}
	}
	return int(late / time.Minute)
}

// overdue is the time in which the episode was late; until is nil while it still is.
func (e Episode) overdue() (from time.Time, until *time.Time, late bool) {
	if e.Due == nil || (e.Claim != nil && !e.Claim.After(*e.Due)) {
		return time.Time{}, nil, false
	}
	return *e.Due, e.Claim, true
}

// clock finds the newest unsatisfied clock of a kind.
func (m Matter) clock(kind string) *Clock {
	for i := len(m.Clocks) - 1; i >= 0; i-- {
		if m.Clocks[i].Kind == kind && m.Clocks[i].Satisfied == nil {
			return &m.Clocks[i]
		}
	}
	return nil
}

// Pending says what the matter waits for, as a code of the act that comes next; empty if nothing.
func (m Matter) Pending() string {
	switch {
	case m.Extension != nil:
		return "decide_extension"
	case m.State == Assigned:
		return "receive"
	case m.State == Refused:
		return "decide_objection"
	case m.Origin == OriginOrder && (m.State == InProgress || m.State == OnRecord):
		return "reply"
	case m.State == InProgress, m.State == OnRecord:
		return "claim"
	case m.State == FixClaimed:
		return "verify"
	case m.State == Verified:
		return "strike_off"
	case m.State == StruckOff && m.clock(ClockLookBack) != nil:
		return "look_back"
	}
	return ""
}

// waitsOn names the clock of what a matter waits for.
var waitsOn = map[string]string{
	"receive": ClockReceive, "claim": ClockRectify, "reply": ClockRectify, "verify": ClockVerify, "decide_objection": ClockObjection,
	"decide_extension": ClockExtension, "look_back": ClockLookBack,
}

// Waiting is the clock that runs for who must act next; nil if none does.
func (m Matter) Waiting() *Clock { return m.clock(waitsOn[m.Pending()]) }
