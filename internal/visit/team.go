package visit

import (
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
)

// Roles in a team.
const (
	Leader  = "leader"
	Deputy  = "deputy"
	Liaison = "liaison"
	Plain   = "inspector"
)

// MinStrength is the fewest people of a team, and of a visit that nobody explains (R084, R204).
const MinStrength = 2

// Member (组员) of a team over time.
type Member struct {
	Person       ledger.ID `json:"person"`
	Role         string    `json:"role"` // leader, deputy, liaison, inspector
	From         time.Time `json:"from"`
	To           time.Time `json:"to,omitzero"`
	Joined       time.Time `json:"joined,omitzero"`       // when the entry counts
	Acknowledged time.Time `json:"acknowledged,omitzero"` // the order to join (R007)
	Mustered     time.Time `json:"mustered,omitzero"`     // he was there
}

// Posting (驻点) of a team to a street over time. Why this street is a sealed part of its entry (R086).
type Posting struct {
	Street string    `json:"street"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
}

// Authorisation (授权) of a team: who issued it, for which streets and how long (R079, R081).
type Authorisation struct {
	Number  string      `json:"number"`
	Series  string      `json:"series"`
	Year    int         `json:"year"`
	Serial  int64       `json:"serial"`
	Issuers []ledger.ID `json:"issuers"`
	Streets []string    `json:"streets,omitempty"` // empty: the whole district
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to,omitzero"`
}

// Team (督导组).
type Team struct {
	ID             ledger.ID       `json:"id"`
	No             int64           `json:"no"`
	Zh             string          `json:"zh"`
	En             string          `json:"en"`
	Org            ledger.ID       `json:"org"`
	Incident       ledger.ID       `json:"incident,omitempty"`
	FormedAt       time.Time       `json:"formed_at"`
	Members        []Member        `json:"members,omitempty"`
	Postings       []Posting       `json:"postings,omitempty"`
	Reasons        []ledger.Part   `json:"reasons,omitempty"` // why each posting, in their order
	Authorisations []Authorisation `json:"authorisations,omitempty"`
}

func within(from, to, at time.Time) bool {
	return !at.Before(from) && (to.IsZero() || at.Before(to))
}

// overlap tells whether two spans share a moment; a zero end is open.
func overlap(from, to, otherFrom, otherTo time.Time) bool {
	return (otherTo.IsZero() || from.Before(otherTo)) && (to.IsZero() || otherFrom.Before(to))
}

// PostedTo tells whether the team was posted to a street at a time.
func (t Team) PostedTo(street string, at time.Time) bool {
	return slices.ContainsFunc(t.Postings, func(p Posting) bool { return p.Street == street && within(p.From, p.To, at) })
}

// StreetsBetween are the streets that the team is posted to at some time between two, sorted.
func (t Team) StreetsBetween(from, to time.Time) []string {
	var out []string
	for _, p := range t.Postings {
		if overlap(p.From, p.To, from, to) {
			out = append(out, p.Street)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Has tells whether a person was a member at a time.
func (t Team) Has(person ledger.ID, at time.Time) bool {
	return slices.ContainsFunc(t.Members, func(m Member) bool { return m.Person == person && within(m.From, m.To, at) })
}

// Strength is how many people the team has at a time.
func (t Team) Strength(at time.Time) int {
	n := 0
	for _, m := range t.Members {
		if within(m.From, m.To, at) {
			n++
		}
	}
	return n
}

// Authorised tells whether a document lets the team visit a street at a time.
func (t Team) Authorised(street string, at time.Time) bool {
	return slices.ContainsFunc(t.Authorisations, func(a Authorisation) bool {
		return within(a.From, a.To, at) && (len(a.Streets) == 0 || slices.Contains(a.Streets, street))
	})
}

// FormTeam forms a team with its people (组建). Others are the teams there are.
type FormTeam struct {
	ledger.Act
	ID       ledger.ID
	Incident ledger.ID
	No       int64
	Zh, En   string
	Org      ledger.ID
	Issuers  []ledger.ID
	Members  []Member
	Others   []Team
}

// Decide: one leader, everybody once and in no other team then, and two at the least (R082, R084).
func (c FormTeam) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if t.ID != "" {
		return nil, ledger.Refuse("team.exists", "id")
	}
	if c.No <= 0 {
		return nil, ledger.Required("no")
	}
	for _, o := range c.Others {
		if o.No == c.No && o.Incident == c.Incident {
			return nil, ledger.Refuse("team.number-taken", "no", "no", strconv.FormatInt(c.No, 10))
		}
	}
	if len(c.Members) < MinStrength {
		return nil, ledger.RefuseAs(ledger.Invalid, "team.too-few", "members", "min", strconv.Itoa(MinStrength))
	}
	leaders := 0
	for i, m := range c.Members {
		if m.Role == Leader {
			leaders++
		}
		if slices.ContainsFunc(c.Members[:i], func(o Member) bool { return o.Person == m.Person }) {
			return nil, ledger.RefuseAs(ledger.Invalid, "visit.person-twice", "members")
		}
		if r := memberFree(m, c.Others); r != nil {
			return nil, r
		}
	}
	if leaders != 1 {
		return nil, ledger.RefuseAs(ledger.Invalid, "team.one-leader", "members", "count", strconv.Itoa(leaders))
	}
	drafts := c.Draft(c.ID, TeamFormedV1{No: c.No, Zh: c.Zh, En: c.En, Org: c.Org, Issuers: c.Issuers})
	for _, m := range c.Members {
		m := c.Draft(c.ID, MemberJoinedV1{Member: m})
		m[0].Parts = nil
		drafts = append(drafts, m...)
	}
	return drafts, nil
}

// memberFree refuses an unknown role, and a person who is in another team then.
func memberFree(m Member, others []Team) *ledger.Refusal {
	if !slices.Contains([]string{Leader, Deputy, Liaison, Plain}, m.Role) {
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "members", "field", "members")
	}
	for _, o := range others {
		for _, x := range o.Members {
			if x.Person == m.Person && overlap(m.From, m.To, x.From, x.To) {
				return ledger.Refuse("team.person-elsewhere", "members", "team", strconv.FormatInt(o.No, 10))
			}
		}
	}
	return nil
}

// Join adds somebody to a team.
type Join struct {
	ledger.Act
	Member Member
	Others []Team
}

// Decide refuses a second leader, and who is in a team already.
func (c Join) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if t.Has(c.Member.Person, c.Member.From) {
		return nil, ledger.RefuseAs(ledger.Invalid, "visit.person-twice", "person")
	}
	if c.Member.Role == Leader && slices.ContainsFunc(t.Members, func(m Member) bool {
		return m.Role == Leader && overlap(m.From, m.To, c.Member.From, c.Member.To)
	}) {
		return nil, ledger.RefuseAs(ledger.Invalid, "team.one-leader", "role", "count", "2")
	}
	if r := memberFree(c.Member, c.Others); r != nil {
		return nil, r
	}
	return c.Draft(t.ID, MemberJoinedV1{Member: c.Member}), nil
}

// Leave ends a person's time in a team.
type Leave struct {
	ledger.Act
	Leaver ledger.ID
}

// Decide refuses to leave a team without its leader or too weak for a visit (R204).
func (c Leave) Decide(t Team, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	at := c.Effective(now, time.Time{})
	i := slices.IndexFunc(t.Members, func(m Member) bool { return m.Person == c.Leaver && within(m.From, m.To, at) })
	switch {
	case i < 0:
		return nil, ledger.RefuseAs(ledger.Invalid, "visit.not-a-member", "person")
	case t.Members[i].Role == Leader:
		return nil, ledger.Refuse("team.one-leader", "person", "count", "0")
	case t.Strength(at) <= MinStrength:
		return nil, ledger.Refuse("team.too-few", "person", "min", strconv.Itoa(MinStrength))
	}
	return c.Draft(t.ID, MemberLeftV1{Person: c.Leaver, To: at}), nil
}

// Post sends a team to a street (驻点).
type Post struct {
	ledger.Act
	Posting Posting
	Others  []Team
	Shared  bool // said on purpose: another team is there too
}

// Decide wants the reason for this street, and refuses a second team there unless it is meant (R086, R096).
func (c Post) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Need("reason", "text"); r != nil {
		return nil, r
	}
	if !c.Posting.To.IsZero() && !c.Posting.To.After(c.Posting.From) {
		return nil, ledger.RefuseAs(ledger.Invalid, "team.end-before-start", "to")
	}
	for _, o := range append(c.Others, t) {
		for _, p := range o.Postings {
			if p.Street == c.Posting.Street && overlap(p.From, p.To, c.Posting.From, c.Posting.To) && (o.ID == t.ID || !c.Shared) {
				return nil, ledger.Refuse("team.street-taken", "street", "team", strconv.FormatInt(o.No, 10))
			}
		}
	}
	return c.Draft(t.ID, PostedV1{Posting: c.Posting}), nil
}

// Authorise gives a team the document without which no visit starts (R079).
type Authorise struct {
	ledger.Act
	Authorisation Authorisation
}

// Decide wants issuers and a period.
func (c Authorise) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	a := c.Authorisation
	switch {
	case len(a.Issuers) == 0:
		return nil, ledger.Required("issuers")
	case a.From.IsZero():
		return nil, ledger.Required("from")
	case !a.To.IsZero() && !a.To.After(a.From):
		return nil, ledger.RefuseAs(ledger.Invalid, "team.end-before-start", "to")
	}
	return c.Draft(t.ID, AuthorisedV1{Authorisation: a}), nil
}

// Report is a member's answer to the order to join: he has it, or he is there (R007).
type Report struct {
	ledger.Act
	Mustered bool
}

// Decide takes it once from a member; who is there has the order.
func (c Report) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	i := slices.IndexFunc(t.Members, func(m Member) bool { return m.Person == c.Person && m.To.IsZero() })
	switch {
	case i < 0:
		return nil, ledger.RefuseAs(ledger.Forbidden, "visit.not-a-member", "person")
	case c.Mustered && !t.Members[i].Mustered.IsZero(), !c.Mustered && !t.Members[i].Acknowledged.IsZero():
		return nil, ledger.Refuse("team.reported-already", "person")
	}
	return c.Draft(t.ID, ReportedV1{Person: c.Person, Mustered: c.Mustered}), nil
}

// After is the one place where an entry changes a team.
func (t Team) After(e ledger.Entry) Team {
	t.Members = slices.Clone(t.Members)
	switch b := e.Body.(type) {
	case TeamFormedV1:
		t = Team{ID: e.Subject, No: b.No, Zh: b.Zh, En: b.En, Org: b.Org, Incident: e.Incident, FormedAt: e.Effective(time.Time{})}
	case MemberJoinedV1:
		b.Joined = e.Effective(t.FormedAt)
		t.Members = append(t.Members, b.Member)
	case MemberLeftV1:
		for i, m := range t.Members {
			if m.Person == b.Person && m.To.IsZero() {
				t.Members[i].To = b.To
			}
		}
	case PostedV1:
		reason, _ := e.Part("reason")
		t.Postings, t.Reasons = append(slices.Clone(t.Postings), b.Posting), append(slices.Clone(t.Reasons), reason)
	case AuthorisedV1:
		t.Authorisations = append(slices.Clone(t.Authorisations), b.Authorisation)
	case ReportedV1:
		at := e.Effective(t.FormedAt)
		for i, m := range t.Members {
			if m.Person != b.Person {
				continue
			}
			if m.Acknowledged.IsZero() {
				t.Members[i].Acknowledged = at
			}
			if b.Mustered {
				t.Members[i].Mustered = at
			}
		}
	}
	return t
}

// ReportZero says that a team found nothing on a day (零报告).
type ReportZero struct {
	ledger.Act
	Day      string
	Today    string
	Findings int // of the team on that day, rejected ones left out
	Reported bool
}

// Decide refuses it beside a finding, twice, and for a day that is still to come (R104).
func (c ReportZero) Decide(t Team, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case c.Day > c.Today:
		return nil, ledger.RefuseAs(ledger.Invalid, "time.in-future", "day", "minutes", "0")
	case c.Findings > 0:
		return nil, ledger.Refuse("team.not-zero", "day", "count", strconv.Itoa(c.Findings))
	case c.Reported:
		return nil, ledger.Refuse("team.reported-already", "day")
	}
	return c.Draft(t.ID, ZeroReportedV1{Day: c.Day}), nil
}
