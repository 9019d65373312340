package demo

import (
	"slices"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"
)

// planVisits puts a street's visits on its days: its inspectors go in two pairs, one place after another.
func (s *scenario) planVisits(st *street) {
	open := st.open
	for d, n := range st.visits {
		last := d == len(st.visits)-1
		from, to := s.day(d, 8, 0), s.day(d, 17, 40)
		if last {
			to = s.day(d, 17, 10)
		}
		pairs := [][]access.Actor{st.members[:2], st.members[2:4]}
		slot := to.Sub(from) / time.Duration((n+1)/2)
		carry := spread(st.findings[d], n)
		for i := range n {
			start := from.Add(time.Duration(i/2)*slot + time.Duration(s.rnd.Int64N(int64(slot/4)))).Truncate(time.Second)
			length := slot / 2
			pair := pairs[i%2]
			if len(st.members) == 5 && i%2 == 1 && i%3 == 0 {
				pair = []access.Actor{st.members[4], st.members[2]}
			}
			var fates []fate
			for range carry[i] {
				fates = append(fates, s.fate(d, last, &open))
			}
			if d == extraDay && i == n/2 && s.index(st) < 3 { // counted apart, so on top of the golden totals
				fates = append(fates, []fate{withdrawn, merged, withdrawn}[s.index(st)])
			}
			k := s.rnd.IntN(len(st.sites))
			s.at(start, func() error { return s.visit(st, k, pair, start, length, fates) })
		}
	}
}

// extraDay is the day of the findings that are withdrawn or merged.
const extraDay = 2

// spread puts n findings on visits, evenly.
func spread(n, visits int) []int {
	out := make([]int, visits)
	for i := range n {
		out[i*visits/n]++
	}
	return out
}

// fate is what becomes of a finding.
type fate int

const (
	settled   fate = iota // claimed, verified, struck off
	onSpot                // fixed on the spot
	lateFix               // claimed after the deadline
	falseFix              // claimed, failed, claimed again
	extended              // a granted extension
	moved                 // objected to, sent to a department
	upheld                // objected to, kept
	written               // handed over in writing to a department
	claimed               // waits for the verifier
	stillOpen             // one of the five
	withdrawn             // found on top, and withdrawn
	merged                // found on top, and merged into an earlier one
)

// fate draws what becomes of a finding; the last day's finish before the end or are among the open.
func (s *scenario) fate(d int, last bool, open *int) fate {
	if last && *open > 0 {
		*open--
		return stillOpen
	}
	x := s.rnd.IntN(100)
	switch {
	case x < 14:
		return onSpot
	case last && x < 60:
		return claimed
	case last:
		return settled
	case x < 22:
		return lateFix
	case x < 30:
		return falseFix
	case x < 34:
		return extended
	case x < 38:
		return moved
	case x < 41:
		return upheld
	case x < 52:
		return written
	}
	return settled
}

func (s *scenario) visit(st *street, k int, pair []access.Actor, start time.Time, length time.Duration, fates []fate) error {
	by := s.as(pair[0])
	var persons []ledger.ID
	for _, p := range pair {
		persons = append(persons, p.Person)
	}
	id, err := s.a.StartVisit(s.ctx, by, acts.NewVisit{
		Site: st.sites[k], Team: st.team.ID, Inspectors: persons, Methods: []string{s.lists.VisitMethods[s.rnd.IntN(len(s.lists.VisitMethods))].Code},
	})
	if err != nil {
		return err
	}
	for i, f := range fates {
		at := start.Add(length * time.Duration(i+1) / time.Duration(len(fates)+2)).Truncate(time.Second)
		s.at(at, func() error { return s.finding(st, id, k, pair[0], at, f) })
	}
	s.at(start.Add(length*2/3), func() error { return s.a.AnswerItems(s.ctx, by, id, s.answers(st.siteTypes[k], len(fates))) })
	s.at(start.Add(length), func() error { return s.a.EndVisit(s.ctx, by, id, 0, acts.When{}) })
	return nil
}

// what types a finding by the site it was found at.
func (s *scenario) what(st *street, k int, f fate) visit.What {
	p := s.lists.ProblemTypes[s.rnd.IntN(len(s.lists.ProblemTypes))]
	if s.rnd.IntN(3) == 0 { // the report's three examples come more often
		p = s.lists.ProblemTypes[s.rnd.IntN(3)]
	}
	w := visit.What{Problem: p.Code, Themes: []string{p.Theme}, Area: p.Area, Responsibility: p.Responsibility, FixedOnSpot: f == onSpot}
	if s.rnd.IntN(8) == 0 { // both themes
		w.Themes = []string{"still", "supply"}
	}
	for _, item := range s.lists.Items {
		if item.SiteType == st.siteTypes[k] {
			w.Item, w.Clause = item.Code, item.Clause
			if s.rnd.IntN(3) == 0 {
				break
			}
		}
	}
	if code := s.words.ProblemItems[p.Code]; code != "" { // what it is found by, where the problem says that
		item := s.item(code)
		w.Item, w.Clause = item.Code, item.Clause
	}
	if w.Clause == "" {
		w.Clause, w.Item = s.lists.Items[0].Clause, s.lists.Items[0].Code
	}
	switch x := s.rnd.IntN(10); {
	case f == stillOpen && (s.index(st) == falseClaimStreet || s.index(st) == silentStreet):
		w.Severity = "major" // due in two hours: late at the end
	case f == written || f == extended || f == stillOpen || f == lateFix:
		w.Severity = "moderate"
	case x < 4:
		w.Severity = "minor"
	case x < 8:
		w.Severity = "moderate"
	default:
		w.Severity = "major"
	}
	if f == written && w.Area == "" {
		w.Area = s.lists.Areas[s.rnd.IntN(len(s.lists.Areas))].Code
	}
	return w
}

// item is a check item of the catalogue.
func (s *scenario) item(code string) data.Item {
	return s.lists.Items[slices.IndexFunc(s.lists.Items, func(i data.Item) bool { return i.Code == code })]
}

func (s *scenario) finding(st *street, visitID ledger.ID, k int, by access.Actor, at time.Time, f fate) error {
	c := s.as(by)
	form := acts.FindingForm{What: s.what(st, k, f), Place: s.pick(s.words.Places)}
	facts := s.words.Facts[form.What.Problem]
	if facts == nil {
		facts = s.words.Facts[""]
	}
	form.Fact = s.fill(s.pick(facts), at)
	photo, err := s.picture(c)
	if err != nil {
		return err
	}
	form.Photos = []ledger.ID{photo}
	if f == onSpot {
		after, err := s.picture(c)
		if err != nil {
			return err
		}
		form.AfterPhotos = []ledger.ID{after}
	}
	id, err := s.a.RaiseFinding(s.ctx, c, visitID, form)
	if err != nil {
		return err
	}
	confirm := s.between(at.Add(2*time.Minute), at.Add(15*time.Minute))
	s.at(confirm, func() error { return s.a.ConfirmFinding(s.ctx, s.as(st.leader), id, 0) })
	s.at(confirm.Add(time.Minute), func() error { return s.handOver(st, id, form.What, confirm.Add(time.Minute), f) })
	return nil
}

func (s *scenario) handOver(st *street, finding ledger.ID, w visit.What, at time.Time, f fate) error {
	h := acts.HandOver{Unit: st.org, Channel: string(matter.FaceToFace), Requirement: s.pick(s.words.Requirements)}
	owner, by := st.principal, st.leader
	if f == written {
		owner, by = s.departments[w.Area], s.duty
		h.Unit, h.Channel = owner.Unit, string(matter.Written)
	}
	id, err := s.a.HandOverFinding(s.ctx, s.as(by), finding, h)
	if err != nil {
		return err
	}
	switch {
	case f == withdrawn:
		s.at(at.Add(40*time.Minute), func() error { return s.a.Withdraw(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.Withdrawn}) })
		return nil
	case f == merged:
		master := st.newest
		s.at(at.Add(30*time.Minute), func() error { return s.a.MarkDuplicate(s.ctx, s.as(s.duty), id, acts.Doing{}, master) })
		return nil
	}
	st.newest = id
	if f == onSpot {
		return s.settle(st, id, at, s.between(at.Add(time.Hour), at.Add(5*time.Hour)))
	}
	received := s.between(at, at.Add(12*time.Minute))
	switch f {
	case moved, upheld:
		s.object(st, id, received, owner, f)
		return nil
	default:
		s.at(received, func() error { return s.a.Receive(s.ctx, s.as(owner), id, acts.Doing{}, s.name(s.rnd.IntN(400)), nil) })
	}
	s.rectify(st, id, w, at, received, owner, f)
	return nil
}

// object lets the street object; the duty officer decides within the half hour.
func (s *scenario) object(st *street, id ledger.ID, at time.Time, owner access.Actor, f fate) {
	s.at(at, func() error {
		return s.a.Refuse(s.ctx, s.as(owner), id, acts.Doing{Text: s.pick(s.words.Objections)}, "not_ours", "")
	})
	decided := s.between(at.Add(5*time.Minute), at.Add(25*time.Minute))
	next := owner
	s.at(decided, func() error {
		if f == upheld {
			return s.a.Uphold(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.Decisions[1]})
		}
		next = s.departments[s.words.Departments[s.rnd.IntN(len(s.words.Departments))].Area]
		return s.a.Reassign(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.Decisions[0]}, next.Unit, nil)
	})
	received := decided.Add(10 * time.Minute)
	s.at(received, func() error { return s.a.Receive(s.ctx, s.as(next), id, acts.Doing{}, "", nil) })
	s.claimAt(st, id, s.between(received.Add(30*time.Minute), received.Add(3*time.Hour)), func() access.Actor { return next }, 0)
}

// rectify plans the claim.
func (s *scenario) rectify(st *street, id ledger.ID, w visit.What, at, received time.Time, owner access.Actor, f fate) {
	who := func() access.Actor { return owner }
	soon := s.between(received.Add(15*time.Minute), received.Add(100*time.Minute))
	if w.Severity == "minor" || w.Severity == "moderate" {
		soon = s.between(received.Add(20*time.Minute), received.Add(6*time.Hour))
	}
	if latest := s.end.Add(-3 * time.Minute); soon.After(latest) && f != stillOpen {
		soon = s.between(received.Add(time.Minute), latest)
	}
	local := at.In(s.zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, s.zone)
	switch f {
	case lateFix:
		s.at(midnight.Add(-2*time.Hour), func() error {
			return s.a.Urge(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.Urged}, s.rnd.IntN(2) == 0)
		})
		s.claimAt(st, id, midnight.Add(time.Duration(8+s.rnd.IntN(4))*time.Hour), who, 0)
	case falseFix:
		s.claimAt(st, id, soon, who, 1)
	case extended:
		s.extend(id, owner, received.Add(30*time.Minute), midnight.Add(12*time.Hour))
		s.claimAt(st, id, midnight.Add(time.Duration(9+s.rnd.IntN(2))*time.Hour), who, 0)
	case stillOpen:
		s.leaveOpen(st, id, received, owner)
	case claimed:
		s.at(soon, func() error { return s.claim(id, owner) })
	default:
		s.claimAt(st, id, soon, who, 0)
	}
}

func (s *scenario) extend(id ledger.ID, owner access.Actor, at, until time.Time) {
	e := s.words.Extensions[0]
	s.at(at, func() error {
		return s.a.AskExtension(s.ctx, s.as(owner), id, acts.Doing{Text: e.Reason}, e.Progress, until)
	})
	s.at(at.Add(20*time.Minute), func() error {
		return s.a.DecideExtension(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.Granted}, true, nil)
	})
}

// Where the five are, as places in the golden list of streets; the fifth is in progress and in time.
const (
	extendedStreet   = 0
	onRecordStreet   = 1
	falseClaimStreet = 2
	silentStreet     = 6 // received, and nothing since
)

func (s *scenario) index(st *street) int { return slices.Index(s.streets, st) }

// leaveOpen leaves one of the five as it is at the end: two late, one extended, one on record, one in time.
func (s *scenario) leaveOpen(st *street, id ledger.ID, received time.Time, owner access.Actor) {
	switch s.index(st) {
	case extendedStreet:
		s.extend(id, owner, received.Add(20*time.Minute), s.end.Add(18*time.Hour))
	case onRecordStreet:
		s.at(received.Add(30*time.Minute), func() error {
			return s.a.PutOnRecord(s.ctx, s.as(s.duty), id, acts.Doing{Text: s.words.OnRecord}, s.end.Add(7*24*time.Hour))
		})
	case falseClaimStreet: // a claim that did not hold
		s.at(received.Add(20*time.Minute), func() error { return s.claim(id, owner) })
		s.at(received.Add(50*time.Minute), func() error {
			return s.verify(st.members[1], id, s.words.Failed[0], false)
		})
	}
}

// claimAt plans a claim and what follows; fails is how often verification does not find it so.
func (s *scenario) claimAt(st *street, id ledger.ID, at time.Time, who func() access.Actor, fails int) {
	s.at(at, func() error {
		if err := s.claim(id, who()); err != nil {
			return err
		}
		check := s.between(at.Add(40*time.Minute), at.Add(4*time.Hour))
		if fails == 0 {
			return s.settle(st, id, at, check)
		}
		s.at(check, func() error {
			return s.verify(st.members[1], id, s.pick(s.words.Failed), false)
		})
		s.claimAt(st, id, s.between(check.Add(time.Hour), check.Add(5*time.Hour)), who, fails-1)
		return nil
	})
}

func (s *scenario) claim(id ledger.ID, owner access.Actor) error {
	photo, err := s.picture(s.as(owner))
	if err != nil {
		return err
	}
	return s.a.Claim(s.ctx, s.as(owner), id, acts.Doing{Text: s.pick(s.words.Claims)}, []ledger.ID{photo})
}

// verify looks at the place and takes a picture of it.
func (s *scenario) verify(by access.Actor, id ledger.ID, text string, passed bool) error {
	photo, err := s.picture(s.as(by))
	if err != nil {
		return err
	}
	return s.a.Verify(s.ctx, s.as(by), id, acts.Doing{Text: text}, passed, acts.Evidence{Photos: []ledger.ID{photo}})
}

// settle plans verification by another inspector and strike-off by the duty officer, as far as the end
// leaves time; nobody is sent out between 22:00 and 07:00.
func (s *scenario) settle(st *street, id ledger.ID, _, check time.Time) error {
	local := check.In(s.zone)
	if h := local.Hour(); h >= 22 || h < 7 {
		day := local.Day()
		if h >= 22 {
			day++
		}
		check = time.Date(local.Year(), local.Month(), day, 8, s.rnd.IntN(50), 0, 0, s.zone)
	}
	if !check.Before(s.end) {
		return nil
	}
	s.at(check, func() error {
		verifier := st.members[2+s.rnd.IntN(len(st.members)-2)]
		return s.verify(verifier, id, s.pick(s.words.Verified), true)
	})
	strike := s.between(check.Add(10*time.Minute), check.Add(3*time.Hour))
	if !strike.Before(s.end) {
		return nil
	}
	s.at(strike, func() error { return s.a.StrikeOff(s.ctx, s.as(s.duty), id, acts.Doing{}) })
	return nil
}

// answers looks at the checklist of a kind of site; as many items have a problem as there are findings.
func (s *scenario) answers(siteType string, problems int) (out []visit.Answer) {
	for _, item := range s.lists.Items {
		if item.SiteType != siteType {
			continue
		}
		result := "ok"
		if len(out) < problems {
			result = "problem"
		}
		out = append(out, visit.Answer{Item: item.Code, Result: result})
	}
	if len(out) == 0 { // a site of another kind has no list of its own
		out = append(out, visit.Answer{Item: s.lists.Items[0].Code, Result: "ok"})
	}
	return out
}
