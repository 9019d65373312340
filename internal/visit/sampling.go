package visit

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// States of a sampling plan. Of the accepted ones of a team and day the newest is in force; the others stay as they are.
const (
	SamplingDrawn    = "drawn"
	SamplingAccepted = "accepted"
)

// MaxSample bounds how many sites one draw gives.
const MaxSample = 60

// MethodWeighted is how sites are drawn; a changed method gets another name, so that old draws can be made again.
const MethodWeighted = "weighted-1"

// Pick is a site of the frame with its weight and what made it.
type Pick struct {
	Site   ledger.ID `json:"site"`
	Weight int64     `json:"weight"`
	Days   int       `json:"days"` // whole days since the last visit; -1: never
	Open   int64     `json:"open,omitempty"`
	Late   int64     `json:"late,omitempty"`
	Failed int64     `json:"failed,omitempty"`
	Focus  int       `json:"focus,omitempty"` // 2: of today's focus, 1: of yesterday's only
}

// Lot is everything that a draw is made from: who knows it and the ledger draws the same sites again.
type Lot struct {
	Method      string    `json:"method"`
	Seed        string    `json:"seed"` // 32 bytes in hexadecimal
	At          time.Time `json:"at"`   // what had happened by then,
	Known       int64     `json:"known"`
	Catalogue   string    `json:"catalogue"` // catalogue@version, of each: where the weights of types stand
	Focus       ledger.ID `json:"focus,omitempty"`
	FocusBefore ledger.ID `json:"focus_before,omitempty"`
	Streets     []string  `json:"streets"`
	Sites       int       `json:"sites"` // in the frame
	Frame       string    `json:"frame"` // SHA-256 of the frame
	N           int       `json:"n"`     // asked for
}

// Weights are what the catalogue and the focuses say of types of sites.
type Weights struct {
	Types       map[string]int64 // of the type times that of its key link; 1 if not named
	Focus       map[string]bool  // types that today's focus looks at
	FocusBefore map[string]bool
}

// FrameOf gives every site its weight: that of its type, times how long nobody was there, times what is open, late or
// did not hold there, times whether a focus looks at its type. It knows sites and no people.
func FrameOf(states []registry.SiteState, w Weights, at time.Time) []Pick {
	out := make([]Pick, 0, len(states))
	for _, s := range states {
		p := Pick{Site: s.ID, Days: -1, Open: max(s.Open, 0), Late: max(s.Late, 0), Failed: max(s.Failed, 0)}
		if s.Visits > 0 {
			p.Days = int(at.Sub(s.Last) / (24 * time.Hour))
		}
		switch {
		case w.Focus[s.Type]:
			p.Focus = 2
		case w.FocusBefore[s.Type]:
			p.Focus = 1
		}
		kind := w.Types[s.Type]
		if kind == 0 {
			kind = 1
		}
		p.Weight = kind * restWeight(p.Days) * (4 + 2*min(p.Open, 3) + 2*min(p.Late, 3) + 4*min(p.Failed, 2)) * int64(2+p.Focus)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Pick) int { return cmp.Compare(a.Site, b.Site) })
	return out
}

func restWeight(days int) int64 {
	for _, step := range []struct {
		days   int
		weight int64
	}{{14, 6}, {7, 5}, {3, 3}, {1, 2}, {0, 1}} {
		if days >= step.days {
			return step.weight
		}
	}
	return 8 // never
}

// FrameDigest is the SHA-256 of a frame: a line "site weight" for each site, by id.
func FrameDigest(frame []Pick) string {
	h := sha256.New()
	for _, p := range frame {
		fmt.Fprintf(h, "%s %d\n", p.Site, p.Weight)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// DrawSites draws n sites of a frame without putting any back, each time by weight. The numbers are the first eight
// bytes of SHA-256(seed, counter), so that anybody can draw the same without this program.
func DrawSites(seed []byte, frame []Pick, n int) []Pick {
	left := slices.Clone(frame)
	counter := uint64(0)
	below := func(total uint64) uint64 {
		limit := total * (^uint64(0) / total) // above it the small remainders would come more often
		for {
			h := sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(seed), counter))
			counter++
			if r := binary.BigEndian.Uint64(h[:8]); r < limit {
				return r % total
			}
		}
	}
	total := uint64(0)
	for _, p := range left {
		total += uint64(p.Weight)
	}
	var out []Pick
	for len(out) < n && len(left) > 0 {
		r := below(total)
		i := 0
		for ; r >= uint64(left[i].Weight); i++ {
			r -= uint64(left[i].Weight)
		}
		out = append(out, left[i])
		total -= uint64(left[i].Weight)
		left = slices.Delete(left, i, i+1)
	}
	return out
}

// SamplingChange is a site that somebody put into a plan or took out, with the reason.
type SamplingChange struct {
	Site   ledger.ID   `json:"site"`
	Out    bool        `json:"out,omitempty"`
	By     ledger.ID   `json:"by"`
	At     time.Time   `json:"at"`
	Reason ledger.Part `json:"reason"`
}

// Sampling (抽样计划) is a version of what sites a team visits on a day, drawn by weight and accepted by its leader.
type Sampling struct {
	ID         ledger.ID        `json:"id"`
	Incident   ledger.ID        `json:"incident,omitempty"`
	Version    int              `json:"version"` // number of its entries
	Serial     int64            `json:"serial"`  // position of its first entry
	State      string           `json:"state"`
	Team       ledger.ID        `json:"team"`
	Day        string           `json:"day"`
	No         int              `json:"no"` // of the team and day, from 1
	Lot        Lot              `json:"lot"`
	Drawn      []Pick           `json:"drawn"`
	Changes    []SamplingChange `json:"changes,omitempty"`
	DrawnBy    ledger.ID        `json:"drawn_by"`
	DrawnAt    time.Time        `json:"drawn_at"`
	AcceptedBy ledger.ID        `json:"accepted_by,omitempty"`
	AcceptedAt *time.Time       `json:"accepted_at,omitempty"`
}

// Planned are the sites of the plan as it stands: those drawn and put in, without those taken out.
func (s Sampling) Planned() []ledger.ID {
	out := make([]ledger.ID, 0, len(s.Drawn)+len(s.Changes))
	for _, p := range s.Drawn {
		out = append(out, p.Site)
	}
	for _, c := range s.Changes {
		if c.Out {
			out = slices.DeleteFunc(out, func(id ledger.ID) bool { return id == c.Site })
		} else {
			out = append(out, c.Site)
		}
	}
	return out
}

// The entries of sampling plans. Sealed part: "reason" of a change.
type (
	// SamplingDrawnV1 is entry visit.sampling-drawn: a proposal, with everything to draw it again.
	SamplingDrawnV1 struct {
		Team  ledger.ID `json:"team"`
		Day   string    `json:"day"`
		No    int       `json:"no"`
		Lot   Lot       `json:"lot"`
		Drawn []Pick    `json:"drawn"`
	}
	// SamplingChangedV1 is entry visit.sampling-changed.
	SamplingChangedV1 struct {
		Site ledger.ID `json:"site"`
		Out  bool      `json:"out,omitempty"`
	}
	// SamplingAcceptedV1 is entry visit.sampling-accepted.
	SamplingAcceptedV1 struct{}
)

// Kind methods name the entry types; all are version 1.
func (SamplingDrawnV1) Kind() (string, int)    { return "visit.sampling-drawn", 1 }
func (SamplingChangedV1) Kind() (string, int)  { return "visit.sampling-changed", 1 }
func (SamplingAcceptedV1) Kind() (string, int) { return "visit.sampling-accepted", 1 }

// After is the one place where an entry changes a sampling plan.
func (s Sampling) After(e ledger.Entry) Sampling {
	at := e.RecordedAt
	s.Version++
	switch b := e.Body.(type) {
	case SamplingDrawnV1:
		s = Sampling{
			ID: e.Subject, Incident: e.Incident, Version: 1, Serial: e.Pos, State: SamplingDrawn, Team: b.Team, Day: b.Day, No: b.No, Lot: b.Lot,
			Drawn: b.Drawn, DrawnBy: e.Who.Person, DrawnAt: at,
		}
	case SamplingChangedV1:
		reason, _ := e.Part("reason")
		s.Changes = append(slices.Clone(s.Changes), SamplingChange{Site: b.Site, Out: b.Out, By: e.Who.Person, At: at, Reason: reason})
	case SamplingAcceptedV1:
		s.State, s.AcceptedBy, s.AcceptedAt = SamplingAccepted, e.Who.Person, &at
	}
	return s
}

// DrawSampling proposes sites for a team and a day.
type DrawSampling struct {
	ledger.Act
	ID         ledger.ID
	Team       Team
	Day, Today string
	No         int
	Lot        Lot
	Frame      []Pick
}

// Decide wants a member of a team that is posted somewhere that day, a day that is not over and sites to draw from.
func (c DrawSampling) Decide(s Sampling, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case s.State != "":
		return nil, ledger.Refuse("sampling.exists", "id")
	case !c.Team.Has(c.Person, now):
		return nil, ledger.RefuseAs(ledger.Forbidden, "visit.not-a-member", "person")
	case c.Day < c.Today:
		return nil, ledger.RefuseAs(ledger.Invalid, "sampling.day-past", "day")
	case c.Lot.N < 1 || c.Lot.N > MaxSample:
		return nil, ledger.RefuseAs(ledger.Invalid, "sampling.size", "n", "max", strconv.Itoa(MaxSample))
	case len(c.Lot.Streets) == 0:
		return nil, ledger.RefuseAs(ledger.Invalid, "sampling.not-posted", "day", "day", c.Day)
	case len(c.Frame) == 0:
		return nil, ledger.RefuseAs(ledger.Invalid, "sampling.no-sites", "n")
	}
	seed, err := hex.DecodeString(c.Lot.Seed)
	if err != nil || len(seed) != sha256.Size {
		return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "seed")
	}
	lot := c.Lot
	lot.Method, lot.Sites, lot.Frame = MethodWeighted, len(c.Frame), FrameDigest(c.Frame)
	return c.Draft(c.ID, SamplingDrawnV1{Team: c.Team.ID, Day: c.Day, No: c.No, Lot: lot, Drawn: DrawSites(seed, c.Frame, lot.N)}), nil
}

// Again draws the plan's sites again from a frame and tells whether it is the frame and the draw of then.
func (s Sampling) Again(frame []Pick) (drawn []Pick, sameFrame, same bool) {
	seed, err := hex.DecodeString(s.Lot.Seed)
	if err != nil || s.Lot.Method != MethodWeighted {
		return nil, false, false
	}
	drawn = DrawSites(seed, frame, s.Lot.N)
	return drawn, FrameDigest(frame) == s.Lot.Frame, slices.Equal(drawn, s.Drawn)
}

// ChangeSampling puts a site into a plan or takes it out.
type ChangeSampling struct {
	ledger.Act
	Team   Team
	Today  string
	Newer  bool // a newer version was accepted
	Site   registry.Site
	Out    bool
	InArea bool // the site lies in a street of the plan
}

// Decide wants a member's hand, a reason, and a plan that is still to be followed.
func (c ChangeSampling) Decide(s Sampling, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := s.changeable(c.Act, c.Team, c.Today, c.Newer, now); r != nil {
		return nil, r
	}
	planned := slices.Contains(s.Planned(), c.Site.ID)
	switch {
	case c.Out && !planned:
		return nil, ledger.Refuse("sampling.not-planned", "site")
	case !c.Out && planned:
		return nil, ledger.Refuse("sampling.planned", "site")
	case !c.Out && !c.InArea:
		return nil, ledger.RefuseAs(ledger.Invalid, "sampling.elsewhere", "site")
	}
	if r := c.Need("reason", "text"); r != nil {
		return nil, r
	}
	return c.Draft(s.ID, SamplingChangedV1{Site: c.Site.ID, Out: c.Out}), nil
}

func (s Sampling) changeable(a ledger.Act, t Team, today string, newer bool, now time.Time) *ledger.Refusal {
	if r := a.Stale(s.Version); r != nil {
		return r
	}
	switch {
	case !t.Has(a.Person, now):
		return ledger.RefuseAs(ledger.Forbidden, "visit.not-a-member", "person")
	case s.Day < today:
		return ledger.RefuseAs(ledger.Invalid, "sampling.day-past", "day")
	case newer:
		return ledger.Refuse("sampling.replaced", "state")
	}
	return nil
}

// AcceptSampling takes a plan as what the team does.
type AcceptSampling struct {
	ledger.Act
	Team  Team
	Today string
	Newer bool
}

// Decide wants the leader's own hand, once, and something to visit.
func (c AcceptSampling) Decide(s Sampling, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := s.changeable(c.Act, c.Team, c.Today, c.Newer, now); r != nil {
		return nil, r
	}
	leads := slices.ContainsFunc(c.Team.Members, func(m Member) bool {
		return m.Person == c.Person && m.Role == Leader && within(m.From, m.To, now)
	})
	switch {
	case s.State != SamplingDrawn:
		return nil, ledger.Refuse("sampling.accepted", "state")
	case !leads:
		return nil, ledger.RefuseAs(ledger.Forbidden, "sampling.not-the-leader", "person")
	case len(s.Planned()) == 0:
		return nil, ledger.Refuse("sampling.no-sites", "n")
	}
	return c.Draft(s.ID, SamplingAcceptedV1{}), nil
}

func applySampling(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := SamplingByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	s := before.After(e)
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO sampling (tenant, id, serial, team, day, no, state, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		e.Tenant, string(s.ID), s.Serial, string(s.Team), s.Day, s.No, s.State, body)
	return err
}

// SamplingByID finds a sampling plan.
func SamplingByID(tx *storage.Tx, tenant string, id ledger.ID) (s Sampling, found bool, err error) {
	found, err = storage.One(tx, &s, `SELECT body FROM sampling WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return s, found, err
}

// Samplings lists the versions of a team's plan for a day, newest first.
func Samplings(tx *storage.Tx, tenant string, team ledger.ID, day string) ([]Sampling, error) {
	return storage.All[Sampling](tx, `SELECT body FROM sampling WHERE tenant = $1 AND team = $2 AND day = $3 ORDER BY no DESC`, tenant, string(team), day)
}

// SamplingInForce is the accepted version with the highest number among versions of one team and day.
func SamplingInForce(versions []Sampling) (s Sampling, found bool) {
	for _, v := range versions {
		if v.State == SamplingAccepted && v.No > s.No {
			s, found = v, true
		}
	}
	return s, found
}

// VisitedOn gives the first visit of each site that a team visited on a day (YYYY-MM-DD), annulled ones left out.
func VisitedOn(tx *storage.Tx, tenant string, team ledger.ID, day string) (map[ledger.ID]Visit, error) {
	list, err := storage.All[Visit](tx, `SELECT body FROM visit WHERE tenant = $1 AND team = $2 AND day = $3 AND state <> $4 ORDER BY at DESC, id`,
		tenant, string(team), day, Annulled)
	out := map[ledger.ID]Visit{}
	for _, v := range list {
		out[v.Site] = v
	}
	return out, err
}
