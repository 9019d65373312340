package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// MatterFilter is what lists of matters may be filtered by; all are in the address, so a list is a link.
type MatterFilter struct {
	State          string `query:"state" enum:"assigned,refused,in_progress,fix_claimed,verified,struck_off,on_record,duplicate,withdrawn,"`
	Street         string `query:"street"`
	Addressee      string `query:"addressee"`
	Team           string `query:"team"`
	Light          string `query:"light" enum:"on_time,due_soon,late,very_late,overdue,not_given,"`
	Severity       string `query:"severity"`
	ProblemType    string `query:"problem_type"`
	Theme          string `query:"theme"`
	Area           string `query:"area"`
	Responsibility string `query:"responsibility"`
	Origin         string `query:"origin"`
	Channel        string `query:"channel"`
	Day            string `query:"day" doc:"of the hand-over, YYYY-MM-DD"`
	Site           string `query:"site"`
	Open           bool   `query:"open"`
	Q              string `query:"q" maxLength:"100" doc:"part of the number"`
	Sort           string `query:"sort" enum:"due,number,assigned," default:"number"`
}

func (f MatterFilter) filter(v *viewer) matter.Filter {
	streets, units := v.actor.Jurisdiction()
	return matter.Filter{
		State: f.State, Street: f.Street, Addressee: f.Addressee, Team: f.Team, Light: f.Light, Severity: f.Severity,
		Problem: f.ProblemType, Theme: f.Theme, Area: f.Area, Responsibility: f.Responsibility, Origin: f.Origin, Channel: f.Channel,
		Day: f.Day, Site: ledger.ID(f.Site), Open: f.Open, Number: f.Q, Sort: f.Sort, Streets: streets, Units: units, Now: v.now,
	}
}

// MatterList is a part of a list of matters.
type MatterList struct {
	Total int         `json:"total" doc:"in the jurisdiction; 10001 stands for more than 10000"`
	Found int         `json:"found" doc:"by the filter; on the first page only; 10001 stands for more than 10000"`
	Items []MatterRow `json:"items"`
	Next  *string     `json:"next" doc:"token of the next page"`
}

// PageInput asks for a part of a list.
type PageInput struct {
	Page  string `query:"page" maxLength:"100"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

func (s *API) matters(h huma.API) {
	get(h, "/matters", "list-matters", "Matters by filter", s.listMatters)
	get(h, "/matters/{id}", "get-matter", "One matter with its history, clocks and acts", s.getMatter)
}

func (s *API) listMatters(ctx context.Context, actor access.Actor, in *struct {
	MatterFilter
	PageInput
},
) (*MatterList, error) {
	out := &MatterList{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		f := in.filter(v)
		f.After, f.Limit = in.Page, in.Limit
		page, err := matter.List(v.tx, actor.Tenant, f)
		if err != nil {
			return err
		}
		out.Found = page.Found
		if page.Next != "" {
			out.Next = &page.Next
		}
		if out.Total, err = matter.Count(v.tx, actor.Tenant, matter.Filter{Streets: f.Streets, Units: f.Units}); err != nil {
			return err
		}
		out.Items, err = v.matterRows(page.Matters)
		return err
	})
}

// ownWork tells whether the desk would refuse the act because of who did what; lists leave it out.
func ownWork(actor access.Actor, m matter.Matter, act string) bool {
	mine := m.Responsible() == actor.Unit
	switch act {
	case "receive", "claim", "reply":
		return !mine
	default:
		return mine || m.ClaimedBy == actor.Person && m.ClaimedBy != ""
	}
}

// MatterPage is one matter with all that is known of it.
type MatterPage struct {
	MatterRow
	Finding     *FindingRow    `json:"finding"`
	Requirement *string        `json:"requirement"`
	Owner       *string        `json:"owner"`
	NotGiven    []string       `json:"not_given"`
	Master      *MatterRef     `json:"master"`
	Duplicates  []MatterRef    `json:"duplicates"`
	Clocks      []ClockView    `json:"clocks"`
	Evidence    []Photo        `json:"evidence"`
	Files       []EvidenceFile `json:"files" doc:"documents and recordings"`
	Timeline    []Event        `json:"timeline"`
	Ladder      []LadderStep   `json:"ladder"`
	Acts        []ActView      `json:"acts"`
	Extension   *ExtensionView `json:"extension"`
	Urged       int            `json:"urged" doc:"how often it was urged"`
}

// ExtensionView is an extension asked for.
type ExtensionView struct {
	AskedAt time.Time `json:"asked_at"`
	Until   time.Time `json:"until"`
}

// ClockView is a deadline with its arithmetic.
type ClockView struct {
	Kind      string       `json:"kind"`
	StartedAt time.Time    `json:"started_at"`
	Due       time.Time    `json:"due"`
	Satisfied *time.Time   `json:"satisfied_at"`
	Light     string       `json:"light"`
	Rule      string       `json:"rule"`
	Round     int          `json:"round"`
	Explain   []due.Reason `json:"explain"`
}

// Event is an entry of a matter's history.
type Event struct {
	Pos         int64          `json:"pos"`
	Act         string         `json:"act"`
	OccurredAt  time.Time      `json:"occurred_at"`
	RecordedAt  time.Time      `json:"recorded_at"`
	EffectiveAt time.Time      `json:"effective_at"`
	Precision   string         `json:"precision"`
	By          Person         `json:"by"`
	Unit        Named          `json:"unit"`
	Text        *string        `json:"text"`
	Args        map[string]any `json:"args"`
}

// LadderStep is a step of the ladder.
type LadderStep struct {
	Step  string    `json:"step"`
	Clock string    `json:"clock"`
	At    time.Time `json:"at"`
	Fired *int64    `json:"fired_pos"`
}

// ActView is an act that the table has from here, and why it is closed to the asker if it is.
type ActView struct {
	Act     string  `json:"act"`
	Allowed bool    `json:"allowed"`
	Code    *string `json:"code"`
	Why     *string `json:"why"`
}

func (s *API) getMatter(ctx context.Context, actor access.Actor, in *struct {
	ID string `path:"id" maxLength:"64"`
},
) (*MatterPage, error) {
	return s.matterPage(ctx, actor, in.ID)
}

func (s *API) matterPage(ctx context.Context, actor access.Actor, id string) (*MatterPage, error) {
	out := &MatterPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		m, found, err := matter.Load(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil {
			return err
		}
		if !found || !v.mine(m) {
			return ledger.RefuseAs(ledger.NotFound, "not-found", "")
		}
		return v.fillMatter(out, m)
	})
}

func (v *viewer) fillMatter(out *MatterPage, m matter.Matter) error {
	var err error
	if out.MatterRow, err = v.matterRow(m); err != nil {
		return err
	}
	out.NotGiven = notNil(m.NotGiven)
	finding, found, err := visit.LoadFinding(v.tx, v.actor.Tenant, m.Source)
	if err != nil {
		return err
	}
	if found {
		row, err := v.findingRow(finding)
		if err != nil {
			return err
		}
		out.Finding = &row
		out.Evidence, out.Files = row.Photos, row.Files
	}
	if m.Master != "" {
		master, _, err := matter.Load(v.tx, v.actor.Tenant, m.Master)
		if err != nil {
			return err
		}
		out.Master = &MatterRef{ID: string(master.ID), Number: master.Number}
	}
	duplicates, err := matter.DuplicatesOf(v.tx, v.actor.Tenant, m.ID)
	if err != nil {
		return err
	}
	out.Duplicates = []MatterRef{}
	for _, d := range duplicates {
		ref := MatterRef{ID: string(d.ID), Number: d.Number}
		out.Duplicates = append(out.Duplicates, ref)
		if err := v.evidenceOf(out, d, ref); err != nil { // it moves to the master with the matter
			return err
		}
	}
	if m.Extension != nil {
		out.Extension = &ExtensionView{AskedAt: v.local(m.Extension.AskedAt), Until: v.local(m.Extension.Until)}
	}
	out.Clocks = v.clocks(m)
	if err := v.history(out, m); err != nil {
		return err
	}
	steps, err := matter.Ladder(v.tx, v.actor.Tenant, m.ID)
	if err != nil {
		return err
	}
	out.Ladder = []LadderStep{}
	for _, st := range steps {
		out.Ladder = append(out.Ladder, LadderStep{Step: st.Step, Clock: st.Deadline, At: v.local(st.At), Fired: st.Fired})
	}
	out.Acts = v.actsOn(m)
	return nil
}

// evidenceOf adds the pictures of a matter that was merged into the one shown.
func (v *viewer) evidenceOf(out *MatterPage, d matter.Matter, ref MatterRef) error {
	for _, of := range []struct {
		kind    string
		subject ledger.ID
	}{{"finding", d.Source}, {"matter", d.ID}} {
		if of.subject == "" {
			continue
		}
		entries, err := v.a.L.Types().History(v.tx, v.actor.Tenant, of.subject)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if _, onSpot := e.Body.(matter.FixedOnSpotV1); onSpot { // the finding's own pictures
				continue
			}
			for _, p := range v.photos(e.Parts, of.kind, string(of.subject), e.OccurredAt) {
				p.Of = &ref
				out.Evidence = append(out.Evidence, p)
			}
			for _, f := range v.files(e.Parts, of.kind, string(of.subject), e.OccurredAt) {
				f.Of = &ref
				out.Files = append(out.Files, f)
			}
		}
	}
	return nil
}

func (v *viewer) clocks(m matter.Matter) []ClockView {
	clocks := []ClockView{}
	for _, c := range m.Clocks {
		clocks = append(clocks, v.clockView(c, c.Satisfied != nil || !m.State.Open() && c.Kind != matter.ClockLookBack))
	}
	return clocks
}

func (v *viewer) clockView(c matter.Clock, closed bool) ClockView {
	view := ClockView{
		Kind: c.Kind, StartedAt: v.local(c.Start), Due: v.local(c.Due), Satisfied: v.localPtr(c.Satisfied), Rule: c.Rule,
		Round: c.Round, Explain: c.Why, Light: v.lightOf(c, closed),
	}
	if view.Explain == nil {
		view.Explain = []due.Reason{}
	}
	return view
}

// history fills in the timeline: the finding's entries and the matter's, in order of effect.
func (v *viewer) history(out *MatterPage, m matter.Matter) error {
	out.Timeline = []Event{}
	subjects := []ledger.ID{m.ID}
	if m.Origin == matter.OriginFinding && m.Source != "" { // what else a matter came from has a page of its own
		subjects = []ledger.ID{m.Source, m.ID}
	}
	for _, subject := range subjects {
		entries, err := v.a.L.Types().History(v.tx, v.actor.Tenant, subject)
		if err != nil {
			return err
		}
		var before time.Time
		for _, e := range entries {
			before = e.Effective(before)
			event, err := v.event(e, before)
			if err != nil {
				return err
			}
			out.Timeline = append(out.Timeline, event)
			if subject != m.ID {
				continue
			}
			if _, is := e.Body.(matter.UrgedV1); is {
				out.Urged++
			}
			if out.Requirement == nil {
				if out.Requirement, err = v.openText(e, "requirement"); err != nil {
					return err
				}
			}
			if owner, err := v.openText(e, "owner"); err != nil {
				return err
			} else if owner != nil {
				out.Owner = owner
			}
			if _, onSpot := e.Body.(matter.FixedOnSpotV1); !onSpot {
				out.Evidence = append(out.Evidence, v.photos(e.Parts, "matter", string(m.ID), before)...)
				out.Files = append(out.Files, v.files(e.Parts, "matter", string(m.ID), before)...)
			}
		}
	}
	if out.Evidence == nil {
		out.Evidence = []Photo{}
	}
	if out.Files == nil {
		out.Files = []EvidenceFile{}
	}
	return nil
}

func (v *viewer) event(e ledger.Entry, effective time.Time) (Event, error) {
	by, err := v.person(e.Who.Person)
	if err != nil {
		return Event{}, err
	}
	unit, err := v.org(e.Who.Unit)
	if err != nil {
		return Event{}, err
	}
	ev := Event{
		Pos: e.Pos, Act: e.Type, OccurredAt: v.local(e.OccurredAt), RecordedAt: v.local(e.RecordedAt), EffectiveAt: v.local(effective),
		Precision: string(e.Precision), By: by, Unit: unit,
	}
	for _, part := range []string{"text", "reason"} {
		if e.Type == "visit.finding-raised" || e.Type == "visit.finding-amended" {
			break // shown as the finding itself
		}
		if ev.Text, err = v.openText(e, part); err != nil {
			return ev, err
		}
		if ev.Text != nil {
			break
		}
	}
	ev.Args, err = bodyArgs(e.Body, "clocks", "facets", "what")
	return ev, err
}

// actsOn lists the acts of the table from the matter's state, with why one is closed to the asker.
func (v *viewer) actsOn(m matter.Matter) []ActView {
	views := []ActView{}
	for _, act := range matter.Acts(m.State) {
		if act == "fail_verification" { // one form with verify
			continue
		}
		if act == "decide_extension" && m.Extension == nil {
			continue
		}
		if act == "reply" && m.Origin != matter.OriginOrder || act == "claim" && m.Origin == matter.OriginOrder {
			continue
		}
		view := ActView{Act: act, Allowed: true}
		r := v.actor.May(act, access.Place{Street: m.Facets.Street, Unit: m.Responsible()})
		if r == nil && ownWorkAct(act) && ownWork(v.actor, m, act) {
			code := "matter.own-case"
			switch act {
			case "receive", "claim", "reply", "refuse", "ask_extension":
				code = "matter.not-responsible"
			case "verify", "strike_off", "look_back":
				code = "matter.verify.own-work"
			}
			r = ledger.RefuseAs(ledger.Forbidden, code, "")
		}
		if r != nil {
			why := say(v, "refusal."+r.Code)
			view.Allowed, view.Code, view.Why = false, &r.Code, &why
		}
		views = append(views, view)
	}
	return views
}

// ownWorkAct tells whether an act depends on who did what before.
func ownWorkAct(act string) bool {
	return act != "urge" && act != "unmark_duplicate" && act != "explain"
}

// orgKinds that can be responsible.
func responsibleKind(o registry.Org) bool { return o.Kind == "street" || o.Kind == "department" }
