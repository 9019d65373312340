package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/brief"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// planNights puts what the office issues and each night's work on their days. The last day ends with the
// scenario, at the cut-off: its meeting is made and frozen, and waits to be held.
func (s *scenario) planNights() {
	s.at(Start().Add(15*time.Minute), s.publishFirst)
	last := len(s.gold.ByDay) - 1
	for d := range s.gold.ByDay {
		s.at(s.day(d-1, 22, 30), func() error { return s.issueFocus(d) })
		for i := range s.streets {
			s.at(s.between(s.day(d, 17, 0), s.day(d, 17, 40)), func() error { return s.tellStreet(i, d) })
		}
		made, frozen := s.day(d, 18, 5), s.day(d, 19, 30)
		if d == last {
			made, frozen = s.day(d, 18, 0).Add(10*time.Second), s.day(d, 18, 0).Add(30*time.Second)
		}
		s.at(made, func() error {
			id, err := s.a.MakeMeeting(s.ctx, s.as(s.duty), s.date(d))
			s.meetings[d] = id
			return err
		})
		s.at(frozen, func() error { return s.a.FreezeMeeting(s.ctx, s.as(s.duty), s.meetings[d], 0) })
		if d == last {
			s.at(s.day(d, 17, 58), func() error { return s.explainNight(d) })
			continue
		}
		s.planMeeting(d)
		s.at(s.day(d, 23, 30), func() error { return s.explainNight(d) })
	}
}

func (s *scenario) date(d int) string { return s.day(d, 12, 0).Format(time.DateOnly) }

// publish drafts and issues by the duty officer, approved by the principal.
func (s *scenario) publish(f acts.PublicationForm, i acts.IssueForm) (ledger.ID, error) {
	id, err := s.a.DraftPublication(s.ctx, s.as(s.duty), f)
	if err != nil {
		return "", err
	}
	return id, s.a.IssuePublication(s.ctx, s.as(s.principal), id, i)
}

// publishFirst issues the directive, the plan, the rules and the notice of the first evening.
func (s *scenario) publishFirst() error {
	w := s.words.Nights
	d := acts.PublicationForm{Body: plan.DraftedV1{Kind_: plan.Directive, Level: "centre"}, Words: acts.Words{Title: w.Directive.Title, Items: map[string]string{}}}
	for n := 1; n <= w.Directive.Items; n++ {
		code := fmt.Sprintf("C%02d", n)
		d.Body.Items = append(d.Body.Items, plan.Item{Code: code})
		d.Words.Items[code] = strings.ReplaceAll(w.Directive.Clause, "{n}", fmt.Sprint(n))
	}
	var err error
	if s.directive, err = s.publish(d, acts.IssueForm{Number: w.Directive.Number, Effective: time.Date(2022, 11, 11, 0, 0, 0, 0, s.zone)}); err != nil {
		return err
	}
	p := acts.PublicationForm{
		Body:  plan.DraftedV1{Kind_: plan.Edition, Edition: plan.Trial, Mode: "whole_process", Type: "special", Political: true},
		Words: acts.Words{Title: w.Plan.Title, Objectives: []string{w.Plan.Objective}, Items: w.Plan.Points},
	}
	for i, point := range []string{"duty", "transport", "vulnerable"} {
		p.Body.Items = append(p.Body.Items, plan.Item{Code: point})
		for k, item := range s.lists.Items {
			if k%3 == i && k < 18 {
				p.Body.Items = append(p.Body.Items, plan.Item{
					Code: fmt.Sprintf("%s-%d", point, k), Parent: point, Check: item.Code, Clause: fmt.Sprintf("%s#C%02d", s.directive, k+1),
				})
			}
		}
	}
	if _, err := s.publish(p, acts.IssueForm{}); err != nil {
		return err
	}
	r := acts.PublicationForm{Body: plan.DraftedV1{Kind_: plan.Rules}, Words: acts.Words{Title: w.Rules.Title, Items: map[string]string{}}}
	for n := 1; n <= plan.RuleCount; n++ {
		code := fmt.Sprintf("X%02d", n)
		r.Body.Items = append(r.Body.Items, plan.Item{Code: code})
		if n <= len(w.Rules.Known) {
			r.Words.Items[code] = w.Rules.Known[n-1]
		}
	}
	rules, err := s.publish(r, acts.IssueForm{})
	if err != nil {
		return err
	}
	notice, err := s.publish(acts.PublicationForm{
		Body:  plan.DraftedV1{Kind_: plan.Notice, Recipients: s.commissions},
		Words: acts.Words{Title: w.Notice.Title, Text: w.Notice.Text},
	}, acts.IssueForm{})
	if err != nil {
		return err
	}
	s.planReceipts(rules, notice)
	return nil
}

// planReceipts lets the teams' people acknowledge the rules, and the commissions of the towns and streets read the
// notice and report it done (R030); one of the people and some of the commissions have not yet.
func (s *scenario) planReceipts(rules, notice ledger.ID) {
	for i, st := range s.streets {
		for k, m := range st.members {
			if i == len(s.streets)-1 && k == len(st.members)-1 {
				continue
			}
			s.at(s.between(Start().Add(30*time.Minute), Start().Add(4*time.Hour)), func() error {
				return s.a.ReceiptPublication(s.ctx, s.as(m), rules, plan.Acknowledged)
			})
		}
	}
	for i := range s.commissions {
		if i%7 == 6 {
			continue
		}
		read := Start().Add(time.Duration(40+i*11) * time.Minute)
		s.at(read, func() error { return s.a.ReceiptPublication(s.ctx, s.as(s.grass[i]), notice, plan.Read) })
		if i%2 == 0 {
			s.at(read.Add(16*time.Hour), func() error { return s.a.ReceiptPublication(s.ctx, s.as(s.grass[i]), notice, plan.Done) })
		}
	}
}

// issueFocus issues the focus of a day the evening before; a new point comes each day, and the oldest goes.
func (s *scenario) issueFocus(d int) error {
	f := acts.PublicationForm{
		Of:    s.focus,
		Body:  plan.DraftedV1{Kind_: plan.Focus, Day: s.date(d)},
		Words: acts.Words{Title: s.day(d, 0, 0).Format("1月2日") + "督查重点（演示）", Items: map[string]string{}},
	}
	for n := max(0, d-2); n <= d; n++ {
		code := fmt.Sprintf("F%d", n+1)
		point := s.words.Nights.Focus[n%len(s.words.Nights.Focus)]
		check := s.item(point.Check)
		f.Body.Items = append(f.Body.Items, plan.Item{
			Code: code, Aspect: point.Aspect, Check: check.Code, Clause: check.Clause,
			Source: &plan.Source{Kind: "directive", Ref: fmt.Sprintf("%s#C%02d", s.directive, n+1)},
		})
		f.Words.Items[code] = point.Text
	}
	if err := s.proposed(&f, d); err != nil {
		return err
	}
	id, err := s.publish(f, acts.IssueForm{Effective: s.day(d, 0, 0)})
	s.focus = id
	return err
}

// proposed takes the first two points that the day's figures propose into the focus of the next (R118).
func (s *scenario) proposed(f *acts.PublicationForm, d int) error {
	return s.a.L.DB().Read(s.ctx, func(tx *storage.Tx) error {
		_, list, err := s.a.FocusProposals(tx, s.duty, s.date(d), s.clock.now, s.zone)
		for _, p := range list {
			i := slices.IndexFunc(s.lists.ProblemTypes, func(x data.ProblemType) bool { return x.Code == p.Code })
			if i < 0 || len(f.Body.Items) >= 5 {
				continue
			}
			p.Item.Code = p.Code
			f.Body.Items = append(f.Body.Items, p.Item)
			f.Words.Items[p.Item.Code] = strings.NewReplacer("{name}", s.lists.ProblemTypes[i].ZH, "{n}", fmt.Sprint(p.N)).Replace(s.words.Nights.Proposed)
		}
		return err
	})
}

func (s *scenario) tellStreet(i, d int) error {
	st := s.streets[i]
	status := "good"
	if (i+d)%7 == 3 {
		status = "watch"
	}
	return s.a.ReportStatus(s.ctx, s.as(st.leader), st.code, s.date(d), status, s.pick(s.words.Nights.Evidence))
}

// planMeeting holds the meeting of a night: notes, every team heard or excused, a demand, the report upward.
func (s *scenario) planMeeting(d int) {
	w := s.words.Nights
	for i, st := range s.streets {
		s.at(s.day(d, 19, 40).Add(time.Duration(i)*4*time.Minute), func() error {
			return s.a.NoteTeam(s.ctx, s.as(s.leaderOf(st)), s.meetings[d], st.team.ID, w.Notes[(i+d)%len(w.Notes)])
		})
	}
	s.at(s.day(d, 21, 0), func() error { return s.a.OpenMeeting(s.ctx, s.as(s.principal), s.meetings[d], 0, "") })
	for i, st := range s.streets {
		s.at(s.day(d, 21, 3).Add(time.Duration(i)*4*time.Minute), func() error {
			if d == 2 && i == 5 {
				return s.a.HearTeam(s.ctx, s.as(s.principal), s.meetings[d], st.team.ID, true, w.Excuse)
			}
			return s.a.HearTeam(s.ctx, s.as(s.principal), s.meetings[d], st.team.ID, false, "")
		})
	}
	s.at(s.day(d, 21, 42), func() error {
		in := acts.NewInstruction{Text: w.Instruction[d%len(w.Instruction)], Focus: true}
		if d == 1 { // one goes to a department as well, with a deadline
			due := s.day(d+1, 18, 0)
			in.Units, in.Due = []ledger.ID{s.departments["A1"].Unit}, &due
		}
		if err := s.a.Instruct(s.ctx, s.as(s.principal), s.meetings[d], in); err != nil {
			return err
		}
		return s.settleInstruction(d)
	})
	s.at(s.day(d, 21, 50), func() error { return s.a.EndMeeting(s.ctx, s.as(s.principal), s.meetings[d], 0) })
	for _, st := range s.streets {
		s.at(s.day(d, 20, 10).Add(time.Duration(s.index(st))*time.Minute), func() error { return s.signSheet(st) })
	}
	s.planReport(d)
}

// signSheet hands over face to face, in the evening, what the street has not signed for yet (R105).
func (s *scenario) signSheet(st *street) error {
	var list []ledger.ID
	if err := s.read(func(tx *storage.Tx) error {
		unsigned, err := matter.Unsigned(tx, Tenant, []string{st.code}, 100)
		for _, m := range unsigned {
			if m.Responsible() == st.org {
				list = append(list, m.ID)
			}
		}
		return err
	}); err != nil || len(list) == 0 {
		return err
	}
	signature, err := s.picture(s.as(st.leader))
	if err != nil {
		return err
	}
	_, err = s.a.SignSheet(s.ctx, s.as(st.leader), acts.SheetForm{
		Unit: st.org, Matters: list, Post: matter.PostSecretary, Signer: s.name(s.index(st) * 31), Signature: signature,
	})
	return err
}

// leaderOf is a team's leader with his team, as his account has it.
func (s *scenario) leaderOf(st *street) access.Actor {
	l := st.leader
	l.Teams = []string{string(st.team.ID)}
	return l
}

// settleInstruction lets the department do what the meeting demanded.
func (s *scenario) settleInstruction(d int) error {
	var m brief.Meeting
	if err := s.read(func(tx *storage.Tx) (err error) {
		m, _, err = brief.MeetingByID(tx, Tenant, s.meetings[d])
		return err
	}); err != nil {
		return err
	}
	for _, id := range slices.Concat(matters(m.Instructions)...) {
		dept := s.departments["A1"]
		s.at(s.day(d, 22, 5), func() error { return s.a.Receive(s.ctx, s.as(dept), id, acts.Doing{}, "", nil) })
		s.at(s.day(d+1, 15, 20), func() error { return s.claim(id, dept) })
		s.at(s.day(d+1, 16, 40), func() error { return s.verify(s.duty, id, s.pick(s.words.Verified), true) })
		s.at(s.day(d+1, 17, 10), func() error { return s.a.StrikeOff(s.ctx, s.as(s.principal), id, acts.Doing{}) })
	}
	return nil
}

func matters(list []brief.Instruction) (out [][]ledger.ID) {
	for _, i := range list {
		out = append(out, i.Matters)
	}
	return out
}

func (s *scenario) read(fn func(*storage.Tx) error) error { return s.a.L.DB().Read(s.ctx, fn) }

// planReport sends the day's report upward before midnight.
func (s *scenario) planReport(d int) {
	var report ledger.ID
	s.at(s.day(d, 22, 0), func() error {
		var sentence string
		var snapshot ledger.ID
		if err := s.read(func(tx *storage.Tx) error {
			m, _, err := brief.MeetingByID(tx, Tenant, s.meetings[d])
			if err != nil {
				return err
			}
			snap, _, err := brief.SnapshotByID(tx, Tenant, m.Snapshot)
			snapshot, sentence = m.Snapshot, brief.Sentence(snap.AsOf, s.zone, snap.Figures)
			return err
		}); err != nil {
			return err
		}
		var err error
		report, err = s.a.WriteReport(s.ctx, s.as(s.duty), acts.ReportForm{
			Kind: brief.Daily, Snapshot: snapshot, Text: strings.ReplaceAll(s.words.Nights.Report, "{sentence}", sentence),
		})
		return err
	})
	s.at(s.day(d, 22, 20), func() error { return s.a.ReviewReport(s.ctx, s.as(s.principal), report, 0, true, "") })
	s.at(s.day(d, 22, 40), func() error { return s.a.SignReport(s.ctx, s.as(s.principal), report, 0) })
	s.at(s.day(d, 22, 50), func() error { return s.a.SendReport(s.ctx, s.as(s.duty), report, 0) })
	s.at(s.day(d, 23, 5), func() error { return s.a.ReceiveReport(s.ctx, s.as(s.top), report) })
	if d%2 == 0 {
		s.at(s.day(d, 23, 12), func() error { return s.a.CommentReport(s.ctx, s.as(s.top), report, s.words.Nights.Comment) })
	}
}

// explainNight gives every matter that stays over the night its reason and its time, by who must act.
func (s *scenario) explainNight(d int) error {
	var open []matter.Matter
	if err := s.read(func(tx *storage.Tx) error {
		page, err := matter.List(tx, Tenant, matter.Filter{Unrectified: true})
		open = page.Matters
		return err
	}); err != nil {
		return err
	}
	for _, m := range open {
		by, ok := s.answering(m.Responsible())
		if !ok || m.State == matter.Refused {
			by = s.duty
		}
		err := s.a.Explain(s.ctx, s.as(by), m.ID, acts.Doing{Text: s.pick(s.words.Nights.Overnight)}, s.date(d), s.day(d+1, 12, 0))
		if err != nil {
			return err
		}
	}
	return nil
}

// answering is who acts for a unit.
func (s *scenario) answering(unit ledger.ID) (access.Actor, bool) {
	for _, st := range s.streets {
		if st.org == unit {
			return st.principal, true
		}
	}
	for _, d := range s.departments {
		if d.Unit == unit {
			return d, true
		}
	}
	return access.Actor{}, false
}
