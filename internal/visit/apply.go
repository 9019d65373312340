package visit

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"duzhan/internal/document"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/notify"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// Series of this desk's contributions. They never change their meaning.
const (
	SeriesVisits     = "visit"     // +1 at a visit's beginning
	SeriesSites      = "site"      // +1 at a site's first visit, per grouping
	SeriesTeams      = "team"      // +1 when a team is formed
	SeriesInspectors = "inspector" // +1 when a person first joins a team

	SeriesGrassrootsFound = "grassroots_found" // +1 when a grassroots organisation found a problem
	SeriesGrassroots      = "grassroots"       // +1 when it is corrected
)

// Apply turns an entry of this desk into its rows.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	switch b := e.Body.(type) {
	case ZeroReportedV1:
		_, err := tx.Exec(`INSERT INTO zero_report (tenant, team, day, person, at) VALUES ($1, $2, $3, $4, $5)`,
			e.Tenant, string(e.Subject), b.Day, string(e.Who.Person), e.RecordedAt.UnixMicro())
		return err
	case TeamFormedV1, MemberJoinedV1, MemberLeftV1, ReportedV1, AuthorisedV1, PostedV1:
		return applyTeam(tx, e)
	case AnsweredV1:
		v, _, err := Load(tx, e.Tenant, e.Subject)
		if err != nil {
			return err
		}
		for _, a := range b.Answers {
			if _, err := tx.Exec(`INSERT INTO visit_answer (tenant, visit, item, at, result) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (tenant, visit, item) DO UPDATE SET result = excluded.result`,
				e.Tenant, string(v.ID), a.Item, v.StartedAt.UnixMicro(), a.Result); err != nil {
				return err
			}
		}
		return nil
	case SamplingDrawnV1, SamplingChangedV1, SamplingAcceptedV1:
		return applySampling(tx, e)
	case CheckedV1, CheckCorrectedV1, CheckAnnulledV1:
		return applyCheck(tx, e)
	case StartedV1, EndedV1, AnnulledV1, ImportedV1:
		return applyVisit(tx, e)
	case FindingRaisedV2, FindingImportedV1, FindingAmendedV2, FindingCitedV1, FindingConfirmedV1, FindingRejectedV1, FindingHandedOverV1:
		return applyFinding(tx, e)
	}
	return nil
}

func applyTeam(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := TeamByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	after := before.After(e)
	body, err := json.Marshal(after)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO team (tenant, id, no, zh, en, org, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body`,
		e.Tenant, string(after.ID), after.No, after.Zh, after.En, string(after.Org), body); err != nil {
		return err
	}
	if b, ok := e.Body.(AuthorisedV1); ok {
		if err := document.Take(tx, e, document.Number{Series: b.Series, Year: b.Year, N: b.Serial}); err != nil {
			return err
		}
	}
	points := figure.Diff(before.points(), after.points())
	if b, joined := e.Body.(MemberJoinedV1); joined {
		known, err := isInspector(tx, e.Tenant, b.Person, after.ID)
		if err != nil {
			return err
		}
		if !known { // distinct in the total
			points = append(points, figure.Point{
				Series: SeriesInspectors, At: e.Effective(before.FormedAt), N: 1, Groups: figure.In(), Subject: b.Person,
			})
		}
	}
	return post(tx, e, after.Incident, points)
}

// post posts the points of what belongs to an incident, unless it is an exercise.
func post(tx *storage.Tx, e ledger.Entry, incident ledger.ID, points []figure.Point) error {
	counts, err := registry.Counts(tx, e.Tenant, incident)
	if err != nil || !counts {
		return err
	}
	return figure.Post(tx, e.Tenant, e.Pos, e.Subject, points)
}

// points of a team: itself once in the total, for itself and for each street it is posted to; each of its
// people once in the team and in each of those streets.
func (t Team) points() []figure.Point {
	if t.ID == "" {
		return nil
	}
	own := figure.Group{Axis: "team", Value: string(t.ID)}
	ps := []figure.Point{{Series: SeriesTeams, At: t.FormedAt, N: 1, Groups: figure.In(own)}}
	people := t.people()
	for _, m := range people {
		ps = append(ps, figure.Point{Series: SeriesInspectors, At: m.Joined, N: 1, Groups: figure.Only(own), Subject: m.Person})
	}
	var streets []string
	for _, p := range t.Postings {
		if slices.Contains(streets, p.Street) {
			continue
		}
		streets = append(streets, p.Street)
		there := figure.Only(figure.Group{Axis: "street", Value: p.Street})
		ps = append(ps, figure.Point{Series: SeriesTeams, At: p.From.UTC(), N: 1, Groups: there})
		for _, m := range people {
			at := p.From.UTC()
			if m.Joined.After(at) {
				at = m.Joined
			}
			ps = append(ps, figure.Point{Series: SeriesInspectors, At: at, N: 1, Groups: there, Subject: m.Person})
		}
	}
	return ps
}

// people lists each person of the team once, as he first joined.
func (t Team) people() []Member {
	var out []Member
	for _, m := range t.Members {
		if !slices.ContainsFunc(out, func(o Member) bool { return o.Person == m.Person }) {
			out = append(out, m)
		}
	}
	return out
}

// isInspector tells whether a person is in another team's list, or was in this one before.
func isInspector(tx *storage.Tx, tenant string, person, team ledger.ID) (bool, error) {
	teams, err := Teams(tx, tenant)
	if err != nil {
		return false, err
	}
	for _, t := range teams {
		if counts, err := registry.Counts(tx, tenant, t.Incident); err != nil || !counts {
			if err != nil {
				return false, err
			}
			continue
		}
		n := 0
		for _, m := range t.Members {
			if m.Person == person {
				n++
			}
		}
		if t.ID == team {
			n-- // the entry being applied
		}
		if n > 0 {
			return true, err
		}
	}
	return false, err
}

func applyVisit(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := Load(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	after := before.After(e)
	if _, ended := e.Body.(EndedV1); ended {
		if err := savePersons(tx, e.Tenant, after); err != nil {
			return err
		}
		return saveVisit(tx, e.Tenant, after, false)
	}
	others, err := counting(tx, e.Tenant, after)
	if err != nil {
		return err
	}
	if err := saveVisit(tx, e.Tenant, after, before.State == ""); err != nil {
		return err
	}
	if err := savePersons(tx, e.Tenant, after); err != nil {
		return err
	}
	if b, ok := e.Body.(ImportedV1); ok {
		if err := saveKeys(tx, e, b.Keys); err != nil {
			return err
		}
	}
	was := append(before.points(), firsts(append(others, before), after.Site)...)
	is := append(after.points(), firsts(append(others, after), after.Site)...)
	if err := post(tx, e, after.Incident, figure.Diff(was, is)); err != nil {
		return err
	}
	return postAtSite(tx, e, before, after)
}

// postAtSite says of the site that it was visited, or that it was not after all.
func postAtSite(tx *storage.Tx, e ledger.Entry, before, after Visit) error {
	counts, err := registry.Counts(tx, e.Tenant, after.Incident)
	if err != nil || !counts {
		return err
	}
	n := int64(0)
	if after.counts() {
		n++
	}
	if before.counts() {
		n--
	}
	return registry.PostSite(tx, e, registry.SiteEvent{Site: after.Site, Kind: registry.SiteVisited, At: after.StartedAt, N: n})
}

// counting lists the other visits of a visit's site that stand in figures: a visit of an exercise is nobody's
// first.
func counting(tx *storage.Tx, tenant string, v Visit) ([]Visit, error) {
	others, err := visitsOf(tx, tenant, v.Site, v.ID)
	if err != nil {
		return nil, err
	}
	known := map[ledger.ID]bool{}
	kept := others[:0]
	for _, o := range others {
		counts, asked := known[o.Incident]
		if !asked {
			if counts, err = registry.Counts(tx, tenant, o.Incident); err != nil {
				return nil, err
			}
			known[o.Incident] = counts
		}
		if counts {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

func (v Visit) counts() bool { return v.State == Started || v.State == Ended }

func (v Visit) groups() []figure.Group {
	return []figure.Group{{Axis: "street", Value: v.Street}, {Axis: "team", Value: string(v.Team)}, {Axis: "day", Value: v.Day}}
}

func (v Visit) points() []figure.Point {
	if !v.counts() {
		return nil
	}
	return []figure.Point{{Series: SeriesVisits, At: v.StartedAt, N: 1, Groups: figure.In(v.groups()...)}}
}

// firsts is the first visit of a site in each grouping: one point in the total, one for each street,
// team and day. A late entry that makes an earlier visit the first moves the point.
func firsts(visits []Visit, site ledger.ID) []figure.Point {
	first := map[figure.Group]time.Time{}
	for _, v := range visits {
		if !v.counts() {
			continue
		}
		for _, g := range append(v.groups(), figure.Group{}) {
			if at, ok := first[g]; !ok || v.StartedAt.Before(at) {
				first[g] = v.StartedAt
			}
		}
	}
	groups := make([]figure.Group, 0, len(first))
	for g := range first {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b figure.Group) int {
		return strings.Compare(a.Axis+"="+a.Value, b.Axis+"="+b.Value)
	})
	ps := make([]figure.Point, 0, len(groups))
	for _, g := range groups {
		ps = append(ps, figure.Point{Series: SeriesSites, At: first[g], N: 1, Groups: figure.Only(g), Subject: site})
	}
	return ps
}

func saveVisit(tx *storage.Tx, tenant string, v Visit, isNew bool) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !isNew {
		_, err = tx.Exec(`UPDATE visit SET state = $3, body = $4 WHERE tenant = $1 AND id = $2`,
			tenant, string(v.ID), v.State, body)
		return err
	}
	_, err = tx.Exec(`INSERT INTO visit (tenant, id, serial, state, site, street, team, origin, at, day, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		tenant, string(v.ID), v.Serial, v.State, string(v.Site), v.Street, string(v.Team), v.Origin, v.StartedAt.UnixMicro(), v.Day, body)
	return err
}

// savePersons keeps who is where from when to when; an open visit has no end.
func savePersons(tx *storage.Tx, tenant string, v Visit) error {
	to := int64(0)
	switch {
	case v.State == Annulled:
		to = v.StartedAt.UnixMicro()
	case v.EndedAt != nil:
		to = v.EndedAt.UnixMicro()
	}
	for _, p := range v.Inspectors {
		if _, err := tx.Exec(`INSERT INTO visit_person (tenant, person, visit, from_at, to_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, person, visit) DO UPDATE SET to_at = excluded.to_at`,
			tenant, string(p), string(v.ID), v.StartedAt.UnixMicro(), to); err != nil {
			return err
		}
	}
	return nil
}

// saveKeys keeps by what an imported row is known again.
func saveKeys(tx *storage.Tx, e ledger.Entry, keys []string) error {
	for _, k := range keys {
		if _, err := tx.Exec(`INSERT INTO imported (tenant, key, subject) VALUES ($1, $2, $3)`, e.Tenant, k, string(e.Subject)); err != nil {
			return err
		}
	}
	return nil
}

func applyFinding(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := LoadFinding(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	after := before.After(e)
	body, err := json.Marshal(after)
	if err != nil {
		return err
	}
	var by any // the deadline while it runs
	if after.Clock != nil && after.Clock.Satisfied == nil {
		by = after.Clock.Due.UnixMicro()
	}
	if before.State != "" {
		_, err = tx.Exec(`UPDATE finding SET state = $3, problem = $4, matter = $5, hand_over_by = $6, body = $7 WHERE tenant = $1 AND id = $2`,
			e.Tenant, string(after.ID), after.State, after.What.Problem, string(after.Matter), by, body)
		return err
	}
	if _, err = tx.Exec(`INSERT INTO finding (tenant, id, visit, state, street, team, site, problem, matter, at, hand_over_by, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		e.Tenant, string(after.ID), string(after.Visit), after.State, after.Street, string(after.Team), string(after.Site),
		after.What.Problem, string(after.Matter), after.RaisedAt.UnixMicro(), by, body); err != nil {
		return err
	}
	if b, ok := e.Body.(FindingImportedV1); ok {
		return saveKeys(tx, e, b.Keys)
	}
	if after.State == Raised {
		return notify.Post(tx, e, notify.Message{Kind: e.Type, Audience: "team_leader", Unit: after.Team})
	}
	return nil
}
