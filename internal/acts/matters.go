package acts

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/document"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// Series of numbers. A tenant's own wording comes with its documents.
const (
	seriesAssigned = "渝督交" // 交办
	seriesUrged    = "渝督催" // 催办通知
	seriesImported = "导入"  // taken over from another ledger
)

// HandOver is how a confirmed finding is handed over (交办).
type HandOver struct {
	Seen        int
	Unit        ledger.ID
	Channel     string
	Requirement string
	Rule        string // of the pack; empty: by severity
	At          When
}

// HandOverFinding makes a matter of a confirmed finding, with number, owner and deadline.
func (a *Acts) HandOverFinding(ctx context.Context, c Caller, finding ledger.ID, h HandOver) (ledger.ID, error) {
	id := c.newID("matter")
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return id, a.onFinding(ctx, c, finding, "finding.hand_over", func(tx *ledger.Tx, f visit.Finding) error {
		return a.handOver(tx, c, id, f, h, zone)
	})
}

func (a *Acts) handOver(tx *ledger.Tx, c Caller, id ledger.ID, f visit.Finding, h HandOver, zone *time.Location) error {
	if err := a.checkTime(tx, c, "occurred_at", h.At); err != nil {
		return err
	}
	at, until := h.At.interval(tx, zone)
	drafts, refusal := visit.HandOver{Act: visitAct(c, h.Seen, at, until, h.At.Precision), Matter: id}.Decide(f, tx.Now())
	if refusal != nil {
		return refusal
	}
	start := drafts[0].Effective(tx.Now(), f.Effective)
	opening, err := a.opening(tx, c, f, h, start.In(zone))
	if err != nil {
		return err
	}
	t, err := a.termsAt(tx.Tx, c.Tenant, start, zone)
	if err != nil {
		return err
	}
	act := ledger.Act{Person: c.Person, Unit: c.Unit, At: at, Until: until, Precision: h.At.Precision}
	if act.Parts, err = a.sealText(tx, "requirement", "requirement", h.Requirement, !f.What.FixedOnSpot); err != nil {
		return err
	}
	var opened []ledger.Draft
	if f.What.FixedOnSpot {
		for _, p := range f.Parts { // the pictures of after prove the claim
			if len(p.Name) > 12 && p.Name[:12] == "photo.after." {
				act.Parts = append(act.Parts, p)
			}
		}
		opening.Facets.Channel = matter.OnSpot
		opened, refusal = matter.FixOnSpot{Act: act, ID: id, Opening: opening, Clocks: t.clocks(matter.ClockVerify, start)}.Decide(matter.Matter{}, tx.Now())
	} else {
		rectify, r := t.rectify(h.Rule, f.What.Severity, start)
		if r != nil {
			return r
		}
		clocks := append(t.clocks(matter.ClockReceive, start, f.What.Severity), rectify)
		opened, refusal = matter.Assign{Act: act, ID: id, Opening: opening, Clocks: clocks}.Decide(matter.Matter{}, tx.Now())
	}
	if refusal != nil {
		return refusal
	}
	return tx.Append(append(drafts, opened...)...)
}

// opening fills in what a matter is from its finding.
func (a *Acts) opening(tx *ledger.Tx, c Caller, f visit.Finding, h HandOver, local time.Time) (matter.Opening, error) {
	var o matter.Opening
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return o, err
	}
	if !f.What.FixedOnSpot {
		if r := lists.known("channels", h.Channel, "channel", true); r != nil {
			return o, r
		}
		if h.Channel == string(matter.OnSpot) {
			return o, ledger.RefuseAs(ledger.Invalid, "matter.on-spot-needs-after", "channel")
		}
	}
	if h.Unit == "" {
		return o, ledger.Required("unit")
	}
	if r, err := a.unitKnown(tx, c.Tenant, h.Unit, "unit", local.Format(time.DateOnly)); err != nil || r != nil {
		return o, orRefusal(err, r)
	}
	n, err := document.Next(tx.Tx, c.Tenant, seriesAssigned, local.Year())
	if err != nil {
		return o, err
	}
	return matter.Opening{
		Origin: matter.OriginFinding, Source: f.ID, Site: f.Site, Unit: h.Unit,
		Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
		Facets: matter.Facets{
			Street: f.Street, Team: string(f.Team), Channel: matter.Channel(h.Channel), Themes: f.What.Themes, Area: f.What.Area,
			Responsibility: f.What.Responsibility, Problem: f.What.Problem, Severity: f.What.Severity, Day: local.Format(time.DateOnly),
		},
	}, nil
}

// unitKnown refuses what is no unit that must settle things, or was none on the day (YYYY-MM-DD).
func (a *Acts) unitKnown(tx *ledger.Tx, tenant string, unit ledger.ID, field, day string) (*ledger.Refusal, error) {
	o, found, err := registry.OrgByID(tx.Tx, tenant, unit)
	if err != nil {
		return nil, err
	}
	switch {
	case !found || (o.Kind != "street" && o.Kind != "department"):
		return ledger.RefuseAs(ledger.Invalid, "unit.unknown", field), nil
	case !o.ValidOn(day):
		return ledger.RefuseAs(ledger.Invalid, "unit.not-valid-then", field, "day", day), nil
	}
	return nil, nil
}

// Doing is what every act on a matter carries.
type Doing struct {
	Seen int
	When When
	Text string
}

// run does an act on a matter: access, words, pictures, decision, entry.
func (a *Acts) run(ctx context.Context, c Caller, id ledger.ID, act string, d Doing, photos []ledger.ID,
	command func(*ledger.Tx, matter.Matter, ledger.Act, *terms, time.Time) (matter.Command, error),
) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		m, err := existing(matter.Load(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May(act, access.Place{Street: m.Facets.Street, Unit: m.Responsible()}); r != nil {
			return r
		}
		tx.Incident = m.Incident
		if r, err := recused(tx.Tx, c, act, m.Facets.Street); err != nil || r != nil {
			return orRefusal(err, r)
		}
		if err := a.checkTime(tx, c, "occurred_at", d.When); err != nil {
			return err
		}
		at, until := d.When.interval(tx, zone)
		do := ledger.Act{Person: c.Person, Unit: c.Unit, Seen: d.Seen, At: at, Until: until, Precision: d.When.Precision}
		if do.Parts, err = a.sealText(tx, "text", "text", d.Text, false); err != nil {
			return err
		}
		pictures, err := a.takeUploads(tx, c, aboutMatter(m), "photo.after.", "photos", photos)
		if err != nil {
			return err
		}
		do.Parts = append(do.Parts, pictures...)
		effective := ledger.Draft{OccurredAt: at, Until: until}.Effective(tx.Now(), m.Effective)
		t, err := a.termsAt(tx.Tx, c.Tenant, effective, zone)
		if err != nil {
			return err
		}
		cmd, err := command(tx, m, do, t, effective)
		if err != nil {
			return err
		}
		drafts, refusal := cmd.Decide(m, tx.Now())
		if err := decided(tx, drafts, refusal); err != nil {
			return err
		}
		return flagLateReport(tx, aboutMatter(m), effective, m.Due())
	})
}

// Receive acknowledges receipt; owner is who will see to it, if he is named.
func (a *Acts) Receive(ctx context.Context, c Caller, id ledger.ID, d Doing, ownerName string, expected *time.Time) error {
	return a.run(ctx, c, id, "receive", d, nil, func(tx *ledger.Tx, _ matter.Matter, act ledger.Act, _ *terms, _ time.Time) (matter.Command, error) {
		owner, err := a.sealText(tx, "owner", "owner_name", ownerName, false)
		act.Parts = append(act.Parts, owner...)
		return matter.Receive{Act: act, Owner: c.Person, Expected: expected}, err
	})
}

// Refuse objects to a hand-over.
func (a *Acts) Refuse(ctx context.Context, c Caller, id ledger.ID, d Doing, reason string, proposed ledger.ID) error {
	return a.run(ctx, c, id, "refuse", d, nil, func(tx *ledger.Tx, _ matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		if proposed != "" {
			if r, err := a.unitKnown(tx, c.Tenant, proposed, "proposed_unit", at.In(t.zone).Format(time.DateOnly)); err != nil || r != nil {
				return nil, orRefusal(err, r)
			}
		}
		return matter.Refuse{Act: act, Reason: reason, Proposed: proposed, Clocks: t.clocks(matter.ClockObjection, at)}, nil
	})
}

// Reassign is the arbiter's decision for another unit.
func (a *Acts) Reassign(ctx context.Context, c Caller, id ledger.ID, d Doing, unit ledger.ID, due *time.Time) error {
	return a.run(ctx, c, id, "reassign", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		if r, err := a.unitKnown(tx, c.Tenant, unit, "unit", at.In(t.zone).Format(time.DateOnly)); err != nil || r != nil {
			return nil, orRefusal(err, r)
		}
		clocks := t.clocks(matter.ClockReceive, at, m.Facets.Severity)
		if due != nil {
			clocks = append(clocks, t.named(m, *due))
		}
		return matter.Reassign{Act: act, To: unit, Due: due, Clocks: clocks}, nil
	})
}

// Uphold is the arbiter's decision that the unit stays responsible.
func (a *Acts) Uphold(ctx context.Context, c Caller, id ledger.ID, d Doing) error {
	return a.run(ctx, c, id, "uphold_assignment", d, nil, func(_ *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		return matter.Uphold{Act: act, Clocks: t.clocks(matter.ClockReceive, at, m.Facets.Severity)}, nil
	})
}

// AskExtension asks for a later deadline.
func (a *Acts) AskExtension(ctx context.Context, c Caller, id ledger.ID, d Doing, progress string, until time.Time) error {
	return a.run(ctx, c, id, "ask_extension", d, nil, func(tx *ledger.Tx, _ matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		part, err := a.sealText(tx, "progress", "progress", progress, true)
		act.Parts = append(act.Parts, part...)
		return matter.AskExtension{Act: act, NewDue: until, Clocks: t.clocks(matter.ClockExtension, at)}, err
	})
}

// DecideExtension grants or denies an extension.
func (a *Acts) DecideExtension(ctx context.Context, c Caller, id ledger.ID, d Doing, granted bool, until *time.Time) error {
	return a.run(ctx, c, id, "decide_extension", d, nil, func(_ *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, _ time.Time) (matter.Command, error) {
		cmd := matter.DecideExtension{Act: act, Granted: granted, NewDue: until}
		if granted && until == nil && m.Extension != nil {
			cmd.NewDue = &m.Extension.Until
		}
		if granted && cmd.NewDue != nil {
			cmd.Clocks = []matter.Clock{t.named(m, *cmd.NewDue)}
		}
		return cmd, nil
	})
}

// Claim says that the unit has rectified.
func (a *Acts) Claim(ctx context.Context, c Caller, id ledger.ID, d Doing, photos []ledger.ID) error {
	return a.run(ctx, c, id, "claim", d, photos, func(_ *ledger.Tx, _ matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		return matter.Claim{Act: act, Clocks: t.clocks(matter.ClockVerify, at)}, nil
	})
}

// Evidence is what a verification shows: the visit of the site, pictures, or why there are none.
type Evidence struct {
	Visit   ledger.ID
	Photos  []ledger.ID
	NoPhoto string
}

// verifyingVisit refuses a visit that is no visit of the matter's site by who verifies.
func verifyingVisit(tx *ledger.Tx, c Caller, m matter.Matter, id ledger.ID, at time.Time) (*ledger.Refusal, error) {
	if id == "" {
		return nil, nil
	}
	v, found, err := visit.Load(tx.Tx, c.Tenant, id)
	if err != nil {
		return nil, err
	}
	switch {
	case !found, v.State == visit.Annulled:
		return ledger.RefuseAs(ledger.Invalid, "visit.unknown", "visit"), nil
	case v.Site != m.Site, v.StartedAt.After(at), !slices.Contains(v.Inspectors, c.Person):
		return ledger.RefuseAs(ledger.Invalid, "matter.verify.other-visit", "visit"), nil
	}
	return nil, nil
}

// Verify is the check on the spot by somebody else.
func (a *Acts) Verify(ctx context.Context, c Caller, id ledger.ID, d Doing, passed bool, e Evidence) error {
	return a.run(ctx, c, id, "verify", d, e.Photos, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		if r, err := verifyingVisit(tx, c, m, e.Visit, at); err != nil || r != nil {
			return nil, orRefusal(err, r)
		}
		why, err := a.sealText(tx, "no-photo", "no_photo_reason", e.NoPhoto, false)
		if err != nil {
			return nil, err
		}
		act.Parts = append(act.Parts, why...)
		cmd := matter.Verify{Act: act, Visit: e.Visit, Passed: passed}
		if !passed {
			if k, r := t.rectify("", m.Facets.Severity, at); r == nil {
				cmd.Target = &k.Due
			}
		}
		return cmd, nil
	})
}

// LookBackEvery is the share of matters that are looked back at after strike-off, one in so many [D]; severe
// ones are all. Others may be, without a deadline (R068).
const LookBackEvery = 10

func lookedBack(m matter.Matter) bool {
	return matter.OnSite(m.Facets.Severity) || m.Serial%LookBackEvery == 0
}

// StrikeOff closes one matter.
func (a *Acts) StrikeOff(ctx context.Context, c Caller, id ledger.ID, d Doing) error {
	return a.run(ctx, c, id, "strike_off", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		cmd := matter.StrikeOff{Act: act}
		if lookedBack(m) {
			cmd.Clocks = t.clocks(matter.ClockLookBack, at)
		}
		if m.Origin == matter.OriginOrder {
			o, children, err := orderOf(tx.Tx, c.Tenant, m.ID)
			if err != nil {
				return nil, err
			}
			tally := o.Tally(children)
			cmd.Unfixed = tally.Found - tally.Fixed
		}
		return cmd, nil
	})
}

// LookBack is a check after strike-off.
func (a *Acts) LookBack(ctx context.Context, c Caller, id ledger.ID, d Doing, found string) error {
	return a.run(ctx, c, id, "look_back", d, nil, func(_ *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		if found != "ok" && found != "relapse" {
			return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "found", "field", "found")
		}
		cmd := matter.LookBack{Act: act, Relapse: found == "relapse"}
		if !cmd.Relapse {
			return cmd, nil
		}
		k, r := t.reopened(m, at)
		if r != nil {
			return nil, r
		}
		cmd.Due, cmd.Clocks = dueOf(k), k
		return cmd, nil
	})
}

// dueOf is the deadline of the clock of rectification among clocks; zero if none runs.
func dueOf(clocks []matter.Clock) time.Time {
	for _, k := range clocks {
		return k.Due
	}
	return time.Time{}
}

// Reopen opens a struck-off matter again.
func (a *Acts) Reopen(ctx context.Context, c Caller, id ledger.ID, d Doing, reason string) error {
	return a.run(ctx, c, id, "reopen", d, nil, func(_ *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		k, r := t.reopened(m, at)
		if r != nil {
			return nil, r
		}
		return matter.Reopen{Act: act, Reason: reason, Due: dueOf(k), Clocks: k}, nil
	})
}

// PutOnRecord keeps a matter open for long, with a plan and a review.
func (a *Acts) PutOnRecord(ctx context.Context, c Caller, id ledger.ID, d Doing, review time.Time) error {
	return a.run(ctx, c, id, "put_on_record", d, nil, func(_ *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		return matter.PutOnRecord{
			Act: act, Until: review, Rectify: t.named(m, review),
			Clocks: []matter.Clock{{Kind: matter.ClockReview, Start: at, Due: review.UTC(), Rule: matter.RuleDecided}},
		}, nil
	})
}

// Withdraw ends a matter that should not have been one.
func (a *Acts) Withdraw(ctx context.Context, c Caller, id ledger.ID, d Doing) error {
	return a.run(ctx, c, id, "withdraw", d, nil, func(_ *ledger.Tx, _ matter.Matter, act ledger.Act, _ *terms, _ time.Time) (matter.Command, error) {
		return matter.Withdraw{Act: act}, nil
	})
}

// MarkDuplicate merges a matter into a master.
func (a *Acts) MarkDuplicate(ctx context.Context, c Caller, id ledger.ID, d Doing, master ledger.ID) error {
	return a.run(ctx, c, id, "mark_duplicate", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, _ *terms, _ time.Time) (matter.Command, error) {
		into, _, err := matter.Load(tx.Tx, c.Tenant, master)
		if err != nil {
			return nil, err
		}
		own, err := matter.DuplicatesOf(tx.Tx, c.Tenant, m.ID)
		return matter.MarkDuplicate{Act: act, Master: into, Duplicates: len(own)}, err
	})
}

// UnmarkDuplicate takes a merging back.
func (a *Acts) UnmarkDuplicate(ctx context.Context, c Caller, id ledger.ID, d Doing) error {
	return a.run(ctx, c, id, "unmark_duplicate", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, _ *terms, _ time.Time) (matter.Command, error) {
		f, _, err := visit.LoadFinding(tx.Tx, c.Tenant, m.Source)
		if err != nil {
			return nil, err
		}
		v, _, err := visit.Load(tx.Tx, c.Tenant, f.Visit)
		return matter.UnmarkDuplicate{Act: act, Annulled: v.State == visit.Annulled}, err
	})
}

// Urge presses the responsible unit; a formal urging is a numbered notice.
func (a *Acts) Urge(ctx context.Context, c Caller, id ledger.ID, d Doing, formal bool) error {
	return a.run(ctx, c, id, "urge", d, nil, func(tx *ledger.Tx, _ matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		notice := matter.UrgedV1{Formal: formal}
		if formal {
			n, err := document.Next(tx.Tx, c.Tenant, seriesUrged, at.In(t.zone).Year())
			if err != nil {
				return nil, err
			}
			notice.Number, notice.Series, notice.Year, notice.Serial = n.String(), n.Series, n.Year, n.N
		}
		return matter.Urge{Act: act, Notice: notice}, nil
	})
}

// Correct puts facets right: figures change at the original time.
func (a *Acts) Correct(ctx context.Context, c Caller, id ledger.ID, d Doing, fields matter.Correction) error {
	return a.run(ctx, c, id, "correct", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, _ time.Time) (matter.Command, error) {
		if fields.Street != nil {
			_, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, *fields.Street, m.AssignedAt.In(t.zone).Format(time.DateOnly))
			if err != nil || refusal != nil {
				if refusal != nil {
					refusal.Field = "fields.street"
				}
				return nil, orRefusal(err, refusal)
			}
		}
		w := visit.What{Themes: fields.Themes}
		for _, f := range []struct {
			from *string
			to   *string
		}{{fields.Problem, &w.Problem}, {fields.Area, &w.Area}, {fields.Responsibility, &w.Responsibility}, {fields.Severity, &w.Severity}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if _, err := a.checkWhat(tx.Tx, c.Tenant, w); err != nil {
			return nil, err
		}
		return matter.Correct{Act: act, Fields: fields}, nil
	})
}

// FireLadders fires the steps that have come due: once each, and after a stop only the highest of each
// deadline tells anybody. It gives how many told somebody.
func (a *Acts) FireLadders(ctx context.Context, tenant string) (fired int, err error) {
	zone, err := a.Zone(ctx, tenant)
	if err != nil {
		return 0, err
	}
	err = a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		fired = 0
		steps, err := matter.DueSteps(tx.Tx, tenant, tx.Now(), 500)
		if err != nil {
			return err
		}
		for i := 0; i < len(steps); {
			j := i
			for j+1 < len(steps) && steps[j+1].Matter == steps[i].Matter && steps[j+1].Deadline == steps[i].Deadline {
				j++
			}
			var firings []due.Firing
			for _, s := range steps[i : j+1] {
				firings = append(firings, due.Firing{Step: s.Step.Code, At: s.Step.At, Audience: s.Step.Audience})
			}
			fire, skipped := due.Highest(firings, nil, tx.Now())
			body := matter.LadderFiredV1{Deadline: steps[j].Deadline, Step: fire.Step, Audience: fire.Audience}
			for _, s := range skipped {
				body.Skipped = append(body.Skipped, s.Step)
			}
			if body.Deliver, err = a.deliver(tx, tenant, steps[j], zone); err != nil {
				return err
			}
			if err := tx.Append(ledger.Draft{Subject: steps[j].Matter, OccurredAt: fire.At, Body: body}); err != nil {
				return err
			}
			fired++
			i = j + 1
		}
		return nil
	})
	return fired, err
}

// deliver says when each of a step's audience is to be told: the duty officer at once, others not in the
// quiet hours of the rule pack, unless the matter is urgent.
func (a *Acts) deliver(tx *ledger.Tx, tenant string, d matter.DueStep, zone *time.Location) ([]time.Time, error) {
	m, _, err := matter.Load(tx.Tx, tenant, d.Matter)
	if err != nil {
		return nil, err
	}
	t, err := a.termsAt(tx.Tx, tenant, tx.Now(), zone)
	if err != nil {
		return nil, err
	}
	out := make([]time.Time, len(d.Step.Audience))
	for i, audience := range d.Step.Audience {
		out[i] = t.pack.Window.Deliver(tx.Now(), audience, m.Facets.Severity, zone).UTC()
	}
	return out, nil
}
