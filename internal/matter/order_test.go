package matter

import (
	"testing"
	"time"

	"duzhan/internal/ledger"

	"pgregory.net/rapid"
)

const department, office ledger.ID = "unit-department", "unit-office"

// orderRun is an order with its matter and what its self-check found, by the ledger's times.
type orderRun struct {
	o        Order
	m        Matter
	children []Matter
	sites    map[ledger.ID]string
	now      time.Time
	pos      int64
}

func (r *orderRun) apply(who ledger.Act, drafts []ledger.Draft) {
	for _, d := range drafts {
		r.now = r.now.Add(time.Microsecond)
		e := ledger.Entry{
			Pos: r.pos, Subject: d.Subject, OccurredAt: r.now, RecordedAt: r.now, Who: ledger.Who{Person: who.Person, Unit: who.Unit}, Parts: d.Parts, Body: d.Body,
		}
		r.pos++
		switch b := d.Body.(type) {
		case OrderSitesListedV1:
			for _, s := range b.Sites {
				r.sites[s] = ""
			}
		case OrderSiteCheckedV1:
			r.sites[b.Site] = SiteOK
			if b.Matter != "" {
				r.sites[b.Site] = SiteFound
				r.children = append(r.children, Matter{ID: b.Matter, State: Assigned, Origin: OriginSelfCheck, Episodes: []Episode{{Start: r.now}}})
			}
		}
		if !ofOrder(d.Body) {
			r.m = r.m.After(e)
		}
		r.o = r.o.After(e)
	}
}

func (r *orderRun) order(who ledger.Act, c OrderCommand) *ledger.Refusal {
	drafts, refusal := c.Decide(r.o, r.now)
	if (refusal == nil) == (len(drafts) == 0) {
		panic("entries and refusal must exclude each other")
	}
	r.apply(who, drafts)
	return refusal
}

func (r *orderRun) matter(who ledger.Act, c Command) *ledger.Refusal {
	drafts, refusal := c.Decide(r.m, r.now)
	r.apply(who, drafts)
	return refusal
}

func by(person, unit ledger.ID) ledger.Act {
	return ledger.Act{Person: person, Unit: unit, Parts: parts("requirement", "text")}
}

func draftOf(change func(*DraftOrder)) DraftOrder {
	c := DraftOrder{
		Act: by("drafter", desk), ID: "order-1", Exists: true, Competent: true, Day: "2022-11-20",
		Order: Ordered{Area: "A1", Unit: department, Urgency: "moderate", Due: start.Add(48 * time.Hour), SelfCheck: true},
	}
	if change != nil {
		change(&c)
	}
	return c
}

func issueOf(person ledger.ID) IssueOrder {
	return IssueOrder{
		Act: by(person, desk), Exists: true, Competent: true, Day: "2022-11-20", Hash: "sha256:x",
		Opening: Opening{Origin: OriginOrder, Unit: department, Number: "1", Serial: 1, Facets: Facets{Channel: Written}},
		Clocks:  []Clock{{Kind: ClockReceive, Start: start, Due: start.Add(2 * time.Hour)}, {Kind: ClockRectify, Start: start, Due: start.Add(48 * time.Hour)}},
	}
}

func drafted() *orderRun {
	r := &orderRun{now: start, sites: map[ledger.ID]string{}}
	r.order(by("drafter", desk), draftOf(nil))
	return r
}

func issued() *orderRun {
	r := drafted()
	r.order(by("signer", desk), issueOf("signer"))
	return r
}

func working() *orderRun {
	r := issued()
	r.matter(by("liaison", department), Receive{Act: by("liaison", department)})
	return r
}

func listed() *orderRun {
	r := working()
	r.order(by("liaison", department), ListSites{Act: by("liaison", department), Matter: r.m, Sites: []ledger.ID{"s1", "s2", "s3"}})
	return r
}

func (r *orderRun) check(site, child ledger.ID) *ledger.Refusal {
	act := by("liaison", department)
	result, listed := r.sites[site]
	return r.order(act, CheckSite{Act: act, Matter: r.m, Site: site, Listed: listed, Result: result, Child: child})
}

// checked has three sites checked, one problem found.
func checkedRun() *orderRun {
	r := listed()
	r.check("s1", "")
	r.check("s2", "child-1")
	r.check("s3", "")
	return r
}

func (r *orderRun) report(checked, found, fixed int) *ledger.Refusal {
	act := by("liaison", department)
	return r.order(act, ReportSelfCheck{Act: act, Matter: r.m, Children: r.children, Checked: checked, Found: found, Fixed: fixed})
}

// TestOrderRefusals: each rule of an order refuses by its code and names the field (R107-R116, R122, R201).
func TestOrderRefusals(t *testing.T) {
	dept, other := by("liaison", department), by("clerk", office)
	finding := Matter{ID: "m1", Origin: OriginFinding, State: InProgress, Number: "7", Facets: Facets{Area: "A2"}}
	draft := func(change func(*DraftOrder)) func() *ledger.Refusal {
		return func() *ledger.Refusal {
			return (&orderRun{now: start, sites: map[ledger.ID]string{}}).order(by("drafter", desk), draftOf(change))
		}
	}
	split := func(r *orderRun, act ledger.Act, lead ledger.ID, assist ...ledger.ID) func() *ledger.Refusal {
		return func() *ledger.Refusal {
			return r.order(act, Split{Act: act, Matter: r.m, Lead: lead, Assist: assist})
		}
	}
	list := func(r *orderRun, act ledger.Act, sites ...ledger.ID) func() *ledger.Refusal {
		return func() *ledger.Refusal { return r.order(act, ListSites{Act: act, Matter: r.m, Sites: sites}) }
	}
	reply := func(r *orderRun, act ledger.Act) func() *ledger.Refusal {
		return func() *ledger.Refusal { return r.matter(act, ReplyOrder{Act: act, Order: r.o}) }
	}
	issue := func(change func(*IssueOrder)) func() *ledger.Refusal {
		return func() *ledger.Refusal {
			c := issueOf("signer")
			change(&c)
			return drafted().order(c.Act, c)
		}
	}
	withdrawnChild := checkedRun()
	withdrawnChild.children[0].State = Withdrawn
	noCheck := &orderRun{now: start, sites: map[ledger.ID]string{}}
	noCheck.order(by("drafter", desk), draftOf(func(c *DraftOrder) { c.Order.SelfCheck = false }))
	noCheck.order(by("signer", desk), issueOf("signer"))
	noCheck.matter(dept, Receive{Act: dept})
	extending := working()
	extending.matter(carried("liaison", department), AskExtension{Act: carried("liaison", department), NewDue: start.Add(96 * time.Hour)})
	for _, x := range []struct {
		name        string
		do          func() *ledger.Refusal
		code, field string
	}{
		{"R113 no department", draft(func(c *DraftOrder) { c.Order.Unit = "" }), "required", "unit"},
		{"no urgency", draft(func(c *DraftOrder) { c.Order.Urgency = "" }), "required", "urgency"},
		{"no deadline", draft(func(c *DraftOrder) { c.Order.Due = time.Time{} }), "required", "due"},
		{"no requirement", draft(func(c *DraftOrder) { c.Parts = nil }), "required", "requirement"},
		{"a deadline that has gone", draft(func(c *DraftOrder) { c.Order.Due = start.Add(-time.Hour) }), "matter.until-not-later", "due"},
		{"R113 a department that did not exist that day", draft(func(c *DraftOrder) { c.Exists = false }), "unit.not-valid-then", "unit"},
		{"R113 not of the area that day", draft(func(c *DraftOrder) { c.Competent = false }), "order.not-competent", "unit"},
		{"of no area: competence is not asked", draft(func(c *DraftOrder) { c.Competent, c.Order.Area = false, "" }), "", ""},
		{"a copy to the addressee", draft(func(c *DraftOrder) { c.Order.Copies = []ledger.ID{department} }), "order.copy-to-addressee", "copies"},
		{"R107 a finding of another area", draft(func(c *DraftOrder) { c.Order.Matters, c.Findings = []ledger.ID{"m1"}, []Matter{finding} }), "order.other-area", "matters[0]"},
		{"a matter twice", draft(func(c *DraftOrder) {
			one := finding
			one.Facets.Area = "A1"
			c.Order.Matters, c.Findings = []ledger.ID{"m1", "m1"}, []Matter{one, one}
		}), "order.matter-twice", "matters[1]"},
		{"about another order", draft(func(c *DraftOrder) { c.Findings = []Matter{{ID: "m2", Origin: OriginOrder, State: InProgress}} }), "order.no-finding", "matters[0]"},
		{"drafted again when issued", func() *ledger.Refusal { return issued().order(by("drafter", desk), draftOf(nil)) }, "order.issued-already", "id"},
		{"drafted on an old version", func() *ledger.Refusal {
			return drafted().order(by("drafter", desk), draftOf(func(c *DraftOrder) { c.Seen = 9 }))
		}, "stale", "version"},
		{"R201 signed by its drafter", issue(func(c *IssueOrder) { c.Person = "drafter" }), "order.own-draft", "by"},
		{"R113 the department is gone by the day of issue", issue(func(c *IssueOrder) { c.Exists = false }), "unit.not-valid-then", "unit"},
		{"R113 the area is another's by the day of issue", issue(func(c *IssueOrder) { c.Competent = false }), "order.not-competent", "unit"},
		{"issued on an old version", issue(func(c *IssueOrder) { c.Seen = 9 }), "stale", "version"},
		{"issued when the deadline has gone", func() *ledger.Refusal {
			r := drafted()
			r.now = start.Add(72 * time.Hour)
			return r.order(by("signer", desk), issueOf("signer"))
		}, "matter.until-not-later", "due"},
		{"issued twice", func() *ledger.Refusal { return issued().order(by("signer", desk), issueOf("signer")) }, "order.issued-already", "id"},
		{"R122 split before it is issued", split(drafted(), dept, office), "order.not-issued", "id"},
		{"R122 split before it is received", split(issued(), dept, office), "order.not-in-progress", "id"},
		{"R122 split by another unit", split(working(), other, office), "matter.not-responsible", "unit"},
		{"R122 nobody leads", split(working(), dept, ""), "required", "lead"},
		{"R122 who leads assists too", split(working(), dept, office, office), "order.lead-assists", "assist"},
		{"R122 assists twice", split(working(), dept, office, "unit-x", "unit-x"), "order.assists-twice", "assist"},
		{"R122 one leads, two assist", split(working(), dept, department, office, "unit-x"), "", ""},
		{"R116 sites by a unit that is not of it", list(working(), other, "s1"), "order.other-unit", "unit"},
		{"R116 no sites", list(working(), dept), "required", "rows"},
		{"R116 no self-check was asked for", list(noCheck, dept, "s1"), "order.no-self-check", "id"},
		{"R116 a site that is not listed", func() *ledger.Refusal { return listed().check("s9", "") }, "order.site-not-listed", "site"},
		{"R116 a site twice", func() *ledger.Refusal { return checkedRun().check("s1", "child-2") }, "order.site-checked-already", "site"},
		{"R116 nothing checked", func() *ledger.Refusal { return checkedRun().report(0, 0, 0) }, "required", "checked"},
		{"R116 found > checked", func() *ledger.Refusal { return checkedRun().report(3, 4, 0) }, "order.found-over-checked", "found"},
		{"R116 found below zero", func() *ledger.Refusal { return checkedRun().report(3, -1, 0) }, "order.found-over-checked", "found"},
		{"R116 fixed > found", func() *ledger.Refusal { return checkedRun().report(3, 1, 2) }, "order.fixed-over-found", "fixed"},
		{"R116 fewer checked than the sites say", func() *ledger.Refusal { return checkedRun().report(2, 1, 0) }, "order.checked-under-sites", "checked"},
		{"R116 more checked than were listed", func() *ledger.Refusal { return checkedRun().report(4, 1, 0) }, "order.checked-over-listed", "checked"},
		{"R116 found is not the child findings", func() *ledger.Refusal { return checkedRun().report(3, 2, 0) }, "order.found-not-children", "found"},
		{"R116 a child finding that is not told", func() *ledger.Refusal { return checkedRun().report(3, 0, 0) }, "order.found-not-children", "found"},
		{"R116 fixed that nobody claimed", func() *ledger.Refusal { return checkedRun().report(3, 1, 1) }, "order.fixed-over-claimed", "fixed"},
		{"R116 a withdrawn child was none", func() *ledger.Refusal { return withdrawnChild.report(3, 0, 0) }, "", ""},
		{"R116 n, m, k", func() *ledger.Refusal { return checkedRun().report(3, 1, 0) }, "", ""},
		{"R116 reply without the numbers", reply(working(), dept), "order.no-report", "text"},
		{"R116 reply of an order without self-check", reply(noCheck, dept), "", ""},
		{"reply by another unit", reply(working(), other), "matter.not-responsible", "unit"},
		{"reply before it is received", reply(issued(), dept), "matter.forbidden-transition", "act"},
		{"reply while an extension is asked for", reply(extending, dept), "matter.extension.pending", "act"},
		{"reply of a finding", func() *ledger.Refusal {
			r := assigned(start.Add(time.Hour))
			return r.do(ReplyOrder{Act: carried("secretary", street)})
		}, "matter.forbidden-transition", "act"},
		{"an order is replied to, not claimed", func() *ledger.Refusal {
			return working().matter(dept, Claim{Act: carried("liaison", department)})
		}, "order.reply-instead", "act"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := x.do()
			switch {
			case x.code == "" && r != nil:
				t.Errorf("refused: %s at %s", r.Code, r.Field)
			case x.code != "" && (r == nil || r.Code != x.code || r.Field != x.field):
				t.Errorf("got %+v, want %s at %s", r, x.code, x.field)
			}
		})
	}
}

// TestOrderEnds: an order is struck off when it is replied to and verified by another unit, and nothing that its
// self-check found is left (R115, R116, 1H-05).
func TestOrderEnds(t *testing.T) {
	r := checkedRun()
	dept := carried("liaison", department)
	r.report(3, 1, 0)
	if refusal := r.matter(dept, ReplyOrder{Act: dept, Order: r.o}); refusal != nil {
		t.Fatal(refusal)
	}
	if r.o.Reply == nil || r.m.State != FixClaimed {
		t.Errorf("replied: %+v, %s", r.o.Reply, r.m.State)
	}
	verify := Verify{Act: carried("duty", desk), Passed: true}
	if refusal := r.matter(dept, Verify{Act: dept, Passed: true}); refusal == nil || refusal.Code != "matter.verify.own-work" {
		t.Errorf("verified by the department itself: %+v", refusal)
	}
	if refusal := r.matter(dept, StrikeOff{Act: carried("duty", desk)}); refusal == nil {
		t.Error("struck off unverified")
	}
	if refusal := r.matter(verify.Act, verify); refusal != nil {
		t.Fatal(refusal)
	}
	tally := r.o.Tally(r.children)
	if refusal := r.matter(verify.Act, StrikeOff{Act: verify.Act, Unfixed: tally.Found - tally.Fixed}); refusal == nil || refusal.Code != "order.children-unfixed" {
		t.Errorf("struck off with a child unfixed: %+v", refusal)
	}
	r.children[0].Episodes[0].Claim = &r.now
	tally = r.o.Tally(r.children)
	if tally != (Tally{Listed: 3, Checked: 3, Found: 1, Fixed: 1}) {
		t.Errorf("tally %+v", tally)
	}
	if refusal := r.matter(verify.Act, StrikeOff{Act: verify.Act, Unfixed: tally.Found - tally.Fixed}); refusal != nil {
		t.Error(refusal)
	}
}

// TestFoundNeverExceedsChecked: whatever is listed, checked, fixed, withdrawn and reported, in whatever order, fixed ≤
// found ≤ checked, and checked ≤ listed once there is a list (R116).
func TestFoundNeverExceedsChecked(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := working()
		n := 0
		rt.Repeat(map[string]func(*rapid.T){
			"list": func(rt *rapid.T) {
				act := by("liaison", department)
				var sites []ledger.ID
				for range rapid.IntRange(1, 4).Draw(rt, "sites") {
					n++
					sites = append(sites, ledger.ID("s"+string(rune('a'+n%26))+string(rune('a'+n/26))))
				}
				r.order(act, ListSites{Act: act, Matter: r.m, Sites: sites})
			},
			"check": func(rt *rapid.T) {
				site := ledger.ID("s" + string(rune('a'+rapid.IntRange(0, 25).Draw(rt, "site"))) + "a")
				child := ledger.ID("")
				if rapid.Bool().Draw(rt, "found") {
					child = "child-of-" + site
				}
				r.check(site, child)
			},
			"fix": func(rt *rapid.T) {
				if len(r.children) == 0 {
					rt.Skip()
				}
				at := r.now
				r.children[rapid.IntRange(0, len(r.children)-1).Draw(rt, "child")].Episodes[0].Claim = &at
			},
			"withdraw": func(rt *rapid.T) {
				if len(r.children) == 0 {
					rt.Skip()
				}
				r.children[rapid.IntRange(0, len(r.children)-1).Draw(rt, "child")].State = Withdrawn
			},
			"report": func(rt *rapid.T) {
				k := rapid.IntRange(0, 8)
				r.report(k.Draw(rt, "checked"), k.Draw(rt, "found"), k.Draw(rt, "fixed"))
			},
			"": func(rt *rapid.T) {
				x := r.o.Tally(r.children)
				if x.Fixed > x.Found || x.Found > x.Checked || x.Listed > 0 && r.o.Checked > x.Listed {
					rt.Fatalf("listed, checked, found, fixed: %+v", x)
				}
				if p := r.o.Report; p != nil && (p.Found > p.Checked || p.Fixed > p.Found) {
					rt.Fatalf("reported %+v", *p)
				}
			},
		})
	})
}
