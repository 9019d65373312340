package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// Named is a code or id with what it is called.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Words are a text in both languages.
type Words struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// viewer turns what desks know into what pages show, for one actor in one read.
type viewer struct {
	a     *acts.Acts
	tx    *storage.Tx
	actor access.Actor
	zone  *time.Location
	now   time.Time

	lights  due.Thresholds
	regions map[string]string
	orgs    map[ledger.ID]registry.Org
	teams   map[ledger.ID]visit.Team
	sites   map[ledger.ID]registry.Site
}

// read runs fn on one snapshot, for who may read business data.
func (s *API) read(ctx context.Context, actor access.Actor, fn func(*viewer) error) error {
	if r := actor.Can("read"); r != nil {
		return r
	}
	return s.readOwn(ctx, actor, fn)
}

// readRosters runs fn on one snapshot, for who may read business data or only who is in which team, where.
func (s *API) readRosters(ctx context.Context, actor access.Actor, fn func(*viewer) error) error {
	if actor.Can("rosters") == nil {
		return s.readOwn(ctx, actor, fn)
	}
	return s.read(ctx, actor, fn)
}

// readOwn runs fn on one snapshot, for whoever is signed in.
func (s *API) readOwn(ctx context.Context, actor access.Actor, fn func(*viewer) error) error {
	zone, err := s.acts.Zone(ctx, actor.Tenant)
	if err != nil {
		return err
	}
	return s.acts.L.DB().Read(ctx, func(tx *storage.Tx) error {
		v := &viewer{a: s.acts, tx: tx, actor: actor, zone: zone, now: s.acts.L.Now(actor.Tenant), sites: map[ledger.ID]registry.Site{}}
		if v.lights, err = s.acts.Thresholds(tx, actor.Tenant, v.now, zone); err != nil {
			return err
		}
		return fn(v)
	})
}

// local shows a time in the tenant's zone.
func (v *viewer) local(t time.Time) time.Time { return t.In(v.zone) }

func (v *viewer) localPtr(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	l := t.In(v.zone)
	return &l
}

func (v *viewer) regionName(code string) (string, error) {
	if v.regions == nil {
		v.regions = map[string]string{}
		list, err := registry.Regions(v.tx, v.actor.Tenant)
		if err != nil {
			return "", err
		}
		for _, r := range list {
			v.regions[r.Code] = r.Name
		}
	}
	return v.regions[code], nil
}

func (v *viewer) region(code string) (Region, error) {
	name, err := v.regionName(code)
	return Region{Code: code, Name: name}, err
}

// Region is a region code with its name.
type Region struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

func (v *viewer) org(id ledger.ID) (Named, error) {
	if v.orgs == nil {
		v.orgs = map[ledger.ID]registry.Org{}
		list, err := registry.Orgs(v.tx, v.actor.Tenant)
		if err != nil {
			return Named{}, err
		}
		for _, o := range list {
			v.orgs[o.ID] = o
		}
	}
	o := v.orgs[id]
	return Named{ID: string(id), Name: o.Zh}, nil
}

// TeamRef is a team with its number.
type TeamRef struct {
	ID string `json:"id"`
	No int64  `json:"no"`
}

func (v *viewer) team(id string) (TeamRef, error) {
	if v.teams == nil {
		v.teams = map[ledger.ID]visit.Team{}
		list, err := visit.Teams(v.tx, v.actor.Tenant)
		if err != nil {
			return TeamRef{}, err
		}
		for _, t := range list {
			v.teams[t.ID] = t
		}
	}
	return TeamRef{ID: id, No: v.teams[ledger.ID(id)].No}, nil
}

func (v *viewer) site(id ledger.ID) (registry.Site, error) {
	if s, ok := v.sites[id]; ok {
		return s, nil
	}
	s, _, err := registry.SiteByID(v.tx, v.actor.Tenant, id)
	v.sites[id] = s
	return s, err
}

// Person is a reference with a name; the name is empty if it was destroyed.
type Person struct {
	Ref  string `json:"ref"`
	Name string `json:"name"`
}

func (v *viewer) person(id ledger.ID) (Person, error) {
	name, err := v.a.Name(v.tx, v.actor.Tenant, id)
	return Person{Ref: string(id), Name: name}, err
}

// MatterRow is a line of a list of matters.
type MatterRow struct {
	ID             string     `json:"id"`
	Number         string     `json:"number"`
	Version        int        `json:"version"`
	Origin         string     `json:"origin"`
	State          string     `json:"state"`
	Light          string     `json:"light"`
	Severity       string     `json:"severity"`
	Street         Region     `json:"street"`
	Addressee      Named      `json:"addressee"`
	Team           TeamRef    `json:"team"`
	Site           SiteRef    `json:"site"`
	ProblemType    string     `json:"problem_type"`
	Themes         []string   `json:"themes"`
	Area           string     `json:"area"`
	Responsibility string     `json:"responsibility"`
	Channel        string     `json:"channel"`
	Fact           *string    `json:"fact" doc:"null if there is none; fact_state says why"`
	FactState      string     `json:"fact_state" enum:"given,none,destroyed"`
	Due            *time.Time `json:"due" doc:"null: not given"`
	AssignedAt     time.Time  `json:"assigned_at"`
	Precision      string     `json:"precision" enum:",hour,evening,day" doc:"of assigned_at, if only an interval is known"`
	MinutesLeft    *int       `json:"minutes_left" doc:"negative: late"`
	WasLate        bool       `json:"was_late"`
	Round          int        `json:"round"`
	Hops           int        `json:"hops"`
	Verb           *string    `json:"verb" doc:"the act it waits for"`
}

// SiteRef is a site with its name.
type SiteRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func (v *viewer) siteRef(id ledger.ID) (SiteRef, error) {
	site, err := v.site(id)
	return SiteRef{ID: string(id), Name: site.Name, Type: site.Type}, err
}

func (v *viewer) matterRow(m matter.Matter) (MatterRow, error) {
	f := m.Facets
	row := MatterRow{
		ID: string(m.ID), Number: m.Number, Version: m.Version, Origin: string(m.Origin), State: string(m.State), Light: v.light(m),
		Severity: f.Severity, ProblemType: f.Problem, Themes: notNil(f.Themes), Area: f.Area, Responsibility: f.Responsibility,
		Channel: string(f.Channel), Due: v.localPtr(m.Due()), AssignedAt: v.local(m.AssignedAt),
		Precision: string(m.Precision), WasLate: m.Late(v.now), Round: m.Round, Hops: m.Hops,
	}
	var err error
	if row.Street, err = v.region(f.Street); err != nil {
		return row, err
	}
	if row.Addressee, err = v.org(m.Responsible()); err != nil {
		return row, err
	}
	if row.Team, err = v.team(f.Team); err != nil {
		return row, err
	}
	if row.Site, err = v.siteRef(m.Site); err != nil {
		return row, err
	}
	if due := m.Due(); due != nil && m.State.Open() && !m.Claimed() {
		left := int(due.Sub(v.now) / time.Minute)
		row.MinutesLeft = &left
	}
	if p := m.Pending(); p != "" {
		row.Verb = &p
	}
	if m.Origin != matter.OriginFinding {
		return row, v.saidOf(&row, m)
	}
	finding, _, err := visit.LoadFinding(v.tx, v.actor.Tenant, m.Source)
	if err != nil {
		return row, err
	}
	text, gone, err := v.a.FindingText(v.tx, v.actor.Tenant, finding)
	row.Fact, row.FactState = factOf(text, gone)
	return row, err
}

// saidOf says what a matter without a finding is about: what a self-check found, or else what is required.
func (v *viewer) saidOf(row *MatterRow, m matter.Matter) error {
	row.FactState = "none"
	for _, name := range []string{"fact", "requirement"} {
		i := slices.IndexFunc(m.Words, func(p ledger.Part) bool { return p.Name == name })
		if i < 0 {
			continue
		}
		fact, err := v.openPart(m.Words[i])
		if row.Fact, row.FactState = fact, "given"; fact == nil {
			row.FactState = "destroyed"
		}
		return err
	}
	return nil
}

// factOf gives what a finding says, and whether it says nothing because nobody ever did or because it was destroyed.
func factOf(text visit.Text, gone bool) (fact *string, state string) {
	switch {
	case gone:
		return nil, "destroyed"
	case text.Fact == "":
		return nil, "none"
	}
	return &text.Fact, "given"
}

// light is the matter's light (practice.md 2.2.05), computed and never typed.
func (v *viewer) light(m matter.Matter) string {
	st := due.Standing{
		Start: m.Episode().Start, Closed: !m.State.Open(), Claimed: m.State == matter.FixClaimed || m.State == matter.Verified,
		Objecting: m.State == matter.Refused, Extended: m.Extended,
	}
	if d := m.Due(); d != nil {
		st.Due = *d
	}
	return string(v.lights.Light(v.now, st))
}

func (v *viewer) matterRows(list []matter.Matter) ([]MatterRow, error) {
	rows := make([]MatterRow, 0, len(list))
	for _, m := range list {
		row, err := v.matterRow(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// FindingRow is a finding as lists and pages show it.
type FindingRow struct {
	ID             string         `json:"id"`
	Visit          string         `json:"visit"`
	State          string         `json:"state"`
	Version        int            `json:"version"`
	ProblemType    string         `json:"problem_type"`
	Severity       string         `json:"severity"`
	Fact           *string        `json:"fact" doc:"null if there is none; fact_state says why"`
	FactState      string         `json:"fact_state" enum:"given,none,destroyed"`
	PlaceDetail    *string        `json:"place_detail"`
	Street         Region         `json:"street"`
	Site           SiteRef        `json:"site"`
	Team           TeamRef        `json:"team"`
	RaisedAt       time.Time      `json:"raised_at"`
	Precision      string         `json:"precision" enum:",hour,evening,day" doc:"of raised_at, if only an interval is known"`
	RecordedAt     time.Time      `json:"recorded_at"`
	RaisedBy       Person         `json:"raised_by"`
	Themes         []string       `json:"themes"`
	Area           string         `json:"area"`
	Responsibility string         `json:"responsibility"`
	Clause         *Clause        `json:"clause"`
	Item           string         `json:"item"`
	Cites          []Cited        `json:"cites"`
	FixedOnSpot    bool           `json:"fixed_on_spot"`
	Matter         *MatterRef     `json:"matter"`
	Photos         []Photo        `json:"photos"`
	Files          []EvidenceFile `json:"files"`
	NoPhotoReason  *string        `json:"no_photo_reason" doc:"why there is no picture"`
	Clock          *ClockView     `json:"clock" doc:"until it is handed over"`
}

// Clause is the text that a finding is based on.
type Clause struct {
	Code    string `json:"code"`
	Edition string `json:"edition"`
	Zh      string `json:"zh"`
	En      string `json:"en"`
	TextZh  string `json:"text_zh"`
	TextEn  string `json:"text_en"`
}

// Cited is an item of a publication with its words.
type Cited struct {
	Ref   string  `json:"ref" doc:"publication#code"`
	Kind  string  `json:"kind" enum:"directive,plan,focus,rules,notice,bulletin"`
	Code  string  `json:"code"`
	Text  *string `json:"text" doc:"null: known to exist, not published here"`
	Check string  `json:"check" doc:"item of the catalogue's checklists that it asks for"`
}

func cited(points []acts.Point) []Cited {
	out := []Cited{}
	for _, p := range points {
		c := Cited{Ref: p.Ref(), Kind: p.Publication.Kind, Code: p.Item.Code, Check: p.Item.Check}
		if p.Text != "" {
			c.Text = &p.Text
		}
		out = append(out, c)
	}
	return out
}

// MatterRef is a matter with its number.
type MatterRef struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// Photo is a picture of an entry.
type Photo struct {
	ID   string     `json:"id"`
	Kind string     `json:"kind" enum:"before,after,other"`
	URL  string     `json:"url"`
	Hash string     `json:"hash"`
	At   time.Time  `json:"taken_at"`
	Gone bool       `json:"destroyed"`
	Of   *MatterRef `json:"of" doc:"the duplicate that it belongs to"`
}

func (v *viewer) findingRow(f visit.Finding) (FindingRow, error) {
	w := f.What
	row := FindingRow{
		ID: string(f.ID), Visit: string(f.Visit), State: f.State, Version: f.Version, ProblemType: w.Problem, Severity: w.Severity,
		RaisedAt: v.local(f.RaisedAt), Precision: string(f.Precision), RecordedAt: v.local(f.RecordedAt), Themes: notNil(w.Themes), Area: w.Area,
		Responsibility: w.Responsibility, Item: w.Item, FixedOnSpot: w.FixedOnSpot, Photos: v.photos(f.Parts, "finding", string(f.ID), f.RaisedAt),
		Files: v.files(f.Parts, "finding", string(f.ID), f.RaisedAt),
	}
	text, gone, err := v.a.FindingText(v.tx, v.actor.Tenant, f)
	if err != nil {
		return row, err
	}
	if row.Fact, row.FactState = factOf(text, gone); !gone {
		row.PlaceDetail = &text.Place
	}
	if p, ok := f.Part("no-photo"); ok {
		b, gone, err := v.a.Open(v.tx, v.actor.Tenant, p)
		if err != nil {
			return row, err
		}
		if reason := string(b); !gone {
			row.NoPhotoReason = &reason
		}
	}
	if row.Street, err = v.region(f.Street); err != nil {
		return row, err
	}
	if row.Site, err = v.siteRef(f.Site); err != nil {
		return row, err
	}
	if row.Team, err = v.team(string(f.Team)); err != nil {
		return row, err
	}
	if row.RaisedBy, err = v.person(f.RaisedBy); err != nil {
		return row, err
	}
	if w.Clause != "" {
		lists, err := v.a.Catalogue(v.tx, v.actor.Tenant)
		if err != nil {
			return row, err
		}
		c, _ := lists.Find("clauses", w.Clause)
		row.Clause = &Clause{Code: w.Clause, Edition: w.ClauseEdition, Zh: c.Zh, En: c.En, TextZh: c.TextZh, TextEn: c.TextEn}
	}
	points, err := v.a.Cited(v.tx, v.actor.Tenant, f.Cites)
	if err != nil {
		return row, err
	}
	row.Cites = cited(points)
	if f.Clock != nil {
		clock := v.clockView(*f.Clock, f.Clock.Satisfied != nil)
		row.Clock = &clock
	}
	if f.Matter != "" {
		m, _, err := matter.Load(v.tx, v.actor.Tenant, f.Matter)
		if err != nil {
			return row, err
		}
		row.Matter = &MatterRef{ID: string(m.ID), Number: m.Number}
	}
	return row, nil
}

// EvidenceFile is a document or a recording of an entry.
type EvidenceFile struct {
	ID    string     `json:"id"`
	Media string     `json:"media" enum:"document,recording"`
	Kind  string     `json:"kind" enum:"before,after,other"`
	URL   string     `json:"url"`
	Hash  string     `json:"hash"`
	At    time.Time  `json:"at"`
	Of    *MatterRef `json:"of" doc:"the duplicate that it belongs to"`
}

// moment says of a part's name which state of things it shows.
func moment(name string) string {
	for _, kind := range []string{"before", "after"} {
		if strings.Contains(name, "."+kind+".") {
			return kind
		}
	}
	return "other"
}

func evidenceURL(of, id string, p ledger.Part) string {
	return "/api/v1/evidence/" + of + "/" + id + "/" + strings.TrimPrefix(p.Hash, "sha256:")
}

func (v *viewer) files(parts []ledger.Part, of, id string, at time.Time) []EvidenceFile {
	files := []EvidenceFile{}
	for _, p := range parts {
		if media := acts.EvidenceTypes[p.Type]; media != "" && media != acts.Picture {
			files = append(files, EvidenceFile{ID: p.Name, Media: media, Kind: moment(p.Name), URL: evidenceURL(of, id, p), Hash: p.Hash, At: v.local(at)})
		}
	}
	return files
}

func (v *viewer) photos(parts []ledger.Part, of, id string, at time.Time) []Photo {
	photos := []Photo{}
	for _, p := range parts {
		if acts.EvidenceTypes[p.Type] == acts.Picture {
			photos = append(photos, Photo{ID: p.Name, Kind: moment(p.Name), URL: evidenceURL(of, id, p), Hash: p.Hash, At: v.local(at)})
		}
	}
	return photos
}

func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// localSet is a time in the tenant's zone; nil if it is not set.
func (v *viewer) localSet(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return v.localPtr(&t)
}

// openPart opens a sealed text; nil if it was destroyed.
func (v *viewer) openPart(p ledger.Part) (*string, error) {
	b, gone, err := v.a.Open(v.tx, v.actor.Tenant, p)
	if err != nil || gone {
		return nil, err
	}
	text := string(b)
	return &text, nil
}

// mine tells whether a matter lies in the actor's jurisdiction.
func (v *viewer) mine(m matter.Matter) bool {
	return v.actor.Sees(access.Place{Street: m.Facets.Street, Unit: m.Responsible()})
}

func (v *viewer) openText(e ledger.Entry, name string) (*string, error) {
	p, ok := e.Part(name)
	if !ok {
		return nil, nil
	}
	return v.openPart(p)
}

// bodyArgs shows an entry's body as far as it is codes, times and numbers.
func bodyArgs(b ledger.Body, without ...string) (map[string]any, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	for k := range m {
		if slices.Contains(without, k) {
			delete(m, k)
		}
	}
	return m, nil
}
