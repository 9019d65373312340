package demo

import (
	"strings"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// plannedOrder is one of the five orders to departments.
type plannedOrder struct {
	area, problem, urgency string
	issued, due            time.Time
	fixed                  int  // of what its self-check finds
	open                   bool // at the end: not replied to yet
}

// planOrders issues an order to each of the five departments from 22 to 24 November. Two are to check all their sites;
// what one of them found is not all fixed at the end.
func (s *scenario) planOrders() {
	for i, p := range []plannedOrder{
		{area: "A1", problem: "P-MARKET", urgency: "moderate", issued: s.day(2, 10, 20), due: s.day(6, 18, 0), fixed: 2, open: true},
		{area: "A4", problem: "P-GUARD", urgency: "moderate", issued: s.day(2, 15, 5), due: s.day(4, 12, 0)},
		{area: "A2", problem: "P-DORM", urgency: "major", issued: s.day(3, 9, 40), due: s.day(5, 12, 0), fixed: 1},
		{area: "A5", problem: "P-SHOP", urgency: "moderate", issued: s.day(3, 16, 30), due: s.day(4, 20, 0)},
		{area: "A3", problem: "P-UTILITY", urgency: "moderate", issued: s.day(4, 11, 15), due: s.day(6, 12, 0), open: true},
	} {
		s.at(p.issued, func() error { return s.order(p, i+1) })
	}
}

func (s *scenario) order(p plannedOrder, n int) error {
	w, dept := s.words.Orders, s.departments[p.area]
	about, err := s.written(p)
	if err != nil {
		return err
	}
	id, err := s.a.DraftOrder(s.ctx, s.as(s.duty), acts.OrderForm{
		Order: matter.Ordered{Area: p.area, Unit: dept.Unit, Problem: p.problem, Urgency: p.urgency, Matters: about, Due: p.due, SelfCheck: w.Sites[p.area] != nil},
		Words: acts.OrderWords{Requirement: w.Requirement[p.area], Basis: w.Basis, Contact: w.Contact, Scope: map[bool]string{true: w.Scope}[w.Sites[p.area] != nil]},
	})
	if err != nil {
		return err
	}
	at := p.issued.Add(25 * time.Minute)
	s.at(at, func() error { return s.a.IssueOrder(s.ctx, s.as(s.principal), id, 0) })
	s.at(at.Add(18*time.Minute), func() error { return s.a.Receive(s.ctx, s.as(dept), id, acts.Doing{}, "", nil) })
	s.at(at.Add(40*time.Minute), func() error {
		var assist []ledger.ID
		if w.Sites[p.area] != nil { // the streets where it was found help
			assist = []ledger.ID{s.streets[n%len(s.streets)].org, s.streets[(n+3)%len(s.streets)].org}
		}
		return s.a.SplitOrder(s.ctx, s.as(dept), id, 0, dept.Unit, assist)
	})
	if w.Sites[p.area] != nil {
		s.at(at.Add(time.Hour), func() error { return s.selfCheck(p, id, dept, at.Add(time.Hour)) })
	}
	if !p.open {
		s.answer(p, id, n, dept)
	}
	return nil
}

// written are the findings of the area handed over in writing by then, at most five.
func (s *scenario) written(p plannedOrder) (list []ledger.ID, err error) {
	return list, s.read(func(tx *storage.Tx) error {
		page, err := matter.List(tx, Tenant, matter.Filter{Origin: string(matter.OriginFinding), Area: p.area, Channel: string(matter.Written)})
		for _, m := range page.Matters {
			if m.State.Counts() && len(list) < 5 {
				list = append(list, m.ID)
			}
		}
		return err
	})
}

// selfCheck lists the department's sites and checks them one by one; a problem is fixed the next morning, if it is.
func (s *scenario) selfCheck(p plannedOrder, id ledger.ID, dept access.Actor, at time.Time) error {
	w := s.words.Orders
	communities, err := data.Communities()
	if err != nil {
		return err
	}
	rows := make([]acts.SiteRow, len(w.Sites[p.area]))
	for i, name := range w.Sites[p.area] {
		rows[i] = acts.SiteRow{Name: name, Region: regionOf(communities, s.streets[i%len(s.streets)].code, i), Type: map[string]string{"A1": "S07", "A2": "S09"}[p.area]}
	}
	if _, err := s.a.ListSites(s.ctx, s.as(dept), id, 0, rows); err != nil {
		return err
	}
	var sites []matter.OrderSite
	if err := s.read(func(tx *storage.Tx) (err error) {
		sites, err = matter.OrderSites(tx, Tenant, id, 0, len(rows))
		return err
	}); err != nil {
		return err
	}
	found := 0
	for i, site := range sites {
		when := at.Add(time.Duration(20+i*25) * time.Minute)
		f := acts.SelfCheckForm{Site: site.Site, Found: i%4 == 2 && found < len(w.Found[p.area])}
		if f.Found {
			f.Fact, f.Requirement, f.What = w.Found[p.area][found], w.Fix, visit.What{Severity: "moderate"}
			fix := found < p.fixed
			found++
			s.at(when, func() error { return s.checkFound(id, dept, f, when, fix) })
			continue
		}
		s.at(when, func() error { return s.a.SelfCheck(s.ctx, s.as(dept), id, f) })
	}
	n, m := len(sites), found
	reported := s.nextMorning(at).Add(3 * time.Hour)
	s.at(reported, func() error { return s.a.ReportSelfCheck(s.ctx, s.as(dept), id, 0, n, m, p.fixed, w.Report) })
	return nil
}

func (s *scenario) nextMorning(at time.Time) time.Time {
	local := at.In(s.zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 8, 10, 0, 0, s.zone)
}

// checkFound enters a problem that a self-check found; the department itself sees to it.
func (s *scenario) checkFound(id ledger.ID, dept access.Actor, f acts.SelfCheckForm, at time.Time, fix bool) error {
	if err := s.a.SelfCheck(s.ctx, s.as(dept), id, f); err != nil {
		return err
	}
	var child ledger.ID
	if err := s.read(func(tx *storage.Tx) error {
		o, _, err := matter.OrderByID(tx, Tenant, id)
		child = o.Found[len(o.Found)-1]
		return err
	}); err != nil {
		return err
	}
	s.at(at.Add(10*time.Minute), func() error { return s.a.Receive(s.ctx, s.as(dept), child, acts.Doing{}, "", nil) })
	if !fix { // it takes longer: a later deadline is asked for and granted
		s.extend(child, dept, at.Add(20*time.Minute), s.end.Add(18*time.Hour))
		return nil
	}
	morning := s.nextMorning(at)
	s.at(at.Add(90*time.Minute), func() error { return s.claim(child, dept) })
	s.at(morning.Add(4*time.Hour), func() error { return s.verify(s.duty, child, s.words.Orders.Verified, true) })
	s.at(morning.Add(5*time.Hour), func() error { return s.a.StrikeOff(s.ctx, s.as(s.principal), child, acts.Doing{}) })
	return nil
}

// answer lets the department reply the day after, and the office verify and strike off.
func (s *scenario) answer(p plannedOrder, id ledger.ID, n int, dept access.Actor) {
	w := s.words.Orders
	at := s.nextMorning(p.issued).Add(7 * time.Hour)
	reference := strings.ReplaceAll(w.Reference, "{n}", string(rune('0'+n)))
	s.at(at, func() error { return s.a.ReplyOrder(s.ctx, s.as(dept), id, acts.Doing{Text: w.Replied}, reference) })
	s.at(at.Add(70*time.Minute), func() error { return s.verify(s.duty, id, w.Verified, true) })
	s.at(at.Add(2*time.Hour), func() error { return s.a.StrikeOff(s.ctx, s.as(s.principal), id, acts.Doing{}) })
}
