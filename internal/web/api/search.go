package api

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/brief"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/message"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// Hit is one thing that a search found.
type Hit struct {
	Kind  string `json:"kind" enum:"matter,visit,site,order,publication,person,unit,team,meeting,report"`
	ID    string `json:"id"`
	Title string `json:"title"`
	Hint  string `json:"hint"`
	Code  string `json:"code" doc:"state or kind of the thing, in its own list's words; may be empty"`
	Page  string `json:"page" doc:"address of its page"`
}

// HitGroup are the hits of one kind.
type HitGroup struct {
	Kind  string `json:"kind"`
	Found int    `json:"found" doc:"100 stands for 100 or more"`
	Items []Hit  `json:"items" doc:"the first eight"`
	Page  string `json:"page" doc:"address of the list of all; empty: there is none"`
}

// SearchResult are the groups in which something was found, as far as the asker may see it.
type SearchResult struct {
	Q      string     `json:"q" doc:"as it was searched for"`
	Groups []HitGroup `json:"groups"`
}

const (
	// hitsShown of a group.
	hitsShown = 8
	// hitsCounted of a group: no search counts further.
	hitsCounted = 100
	// sitesTaken whose matters and visits are looked at: a word that more sites bear is too common to be looked for.
	sitesTaken = 200
	// wordsTaken are problem types and units whose matters are looked at.
	wordsTaken = 8
	// papersOpened: titles are sealed and not indexed, so those of the last publications are opened.
	papersOpened = 300
)

func (s *API) search(h huma.API) {
	get(h, "/search", "search", "Everything that the asker may see, by number, name or date", func(ctx context.Context, actor access.Actor, in *struct {
		Q string `query:"q" doc:"up to 60 characters; one Han character or digit is enough, one letter is not"`
	},
	) (*SearchResult, error) {
		if r := actor.Can("read"); r != nil {
			return nil, r
		}
		q, refusal := acts.SearchText(in.Q)
		if refusal != nil {
			return nil, refusal
		}
		out := &SearchResult{Q: q, Groups: []HitGroup{}}
		var people []acts.Found
		if actor.Can("people") == nil {
			var err error
			if people, err = s.acts.FindPeople(ctx, actor, q); err != nil {
				return nil, err
			}
		}
		return out, s.read(ctx, actor, func(v *viewer) error {
			f := &finder{viewer: v, lang: langOf(ctx), q: q, folded: registry.Fold(q), number: numberOf(q)}
			for _, group := range []func() (HitGroup, error){
				f.matters, f.sites, f.visits, f.orders, f.publications, f.units, f.teamHits, func() (HitGroup, error) { return f.people(people) }, f.meetings, f.reports,
			} {
				g, err := group()
				if err != nil {
					return err
				}
				if g.Found > 0 {
					g.Found = min(g.Found, hitsCounted)
					out.Groups = append(out.Groups, g)
				}
			}
			return nil
		})
	})
}

// finder searches for one text, for one actor in one read.
type finder struct {
	*viewer
	lang      message.Lang
	q, folded string
	number    *sought

	siteList []ledger.ID // that the asker may see
	siteIDs  []string    // whose matters are looked at; matters have their own jurisdiction
	sitesAre bool
}

// sought is a number, or a part of one that has the serial.
type sought struct {
	begins string // with series and year as far as they were given
	serial int64
}

var numberText = regexp.MustCompile(`^第?(\p{L}*)[〔\[(（【]?(?:(\d{4})[〕\])）】/年-]+)?(\d{1,9})[号號]?$`)

// numberOf reads 17, 渝督交17号, 2022-17, 渝督交〔2022〕17号 or [2022]17; nil if the text is none of them.
func numberOf(q string) *sought {
	m := numberText.FindStringSubmatch(strings.Join(strings.Fields(q), ""))
	if m == nil {
		return nil
	}
	n, err := strconv.ParseInt(m[3], 10, 64)
	if err != nil {
		return nil
	}
	s := &sought{begins: m[1], serial: n}
	if m[2] != "" {
		s.begins += "〔" + m[2] + "〕"
	}
	return s
}

// numbered tells whether a number is the one sought, or holds the text if that is no number.
func (f *finder) numbered(number string) bool {
	if number == "" {
		return false
	}
	if f.number == nil {
		return f.holds(number)
	}
	return strings.Contains(number, f.number.begins) && strings.HasSuffix(number, fmt.Sprintf("〕%d号", f.number.serial))
}

func (f *finder) holds(texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(registry.Fold(t), f.folded) })
}

func (f *finder) word(zh, en string) string {
	if f.lang == message.En && en != "" {
		return en
	}
	return zh
}

// problem is what a problem type is called.
func (f *finder) problem(code string) (acts.Listed, error) {
	c, err := f.a.Catalogue(f.tx, f.actor.Tenant)
	if err != nil {
		return acts.Listed{}, err
	}
	p, _ := c.Find("problem_types", code)
	return p, nil
}

// problems are the codes of the types that are called so.
func (f *finder) problems() ([]string, error) {
	c, err := f.a.Catalogue(f.tx, f.actor.Tenant)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, p := range c.Lists["problem_types"] {
		if f.holds(p.Zh, p.En) || registry.Fold(p.Code) == f.folded {
			codes = append(codes, p.Code)
		}
	}
	return codes, nil
}

// orgsCalled are the units that are called so.
func (f *finder) orgsCalled() ([]registry.Org, error) {
	list, err := registry.Orgs(f.tx, f.actor.Tenant)
	return slices.DeleteFunc(list, func(o registry.Org) bool { return !f.holds(o.Zh, o.En) }), err
}

// findSites looks once for the sites: those that the asker may see, and those at which his units may have matters.
func (f *finder) findSites() error {
	if f.sitesAre {
		return nil
	}
	f.sitesAre = true
	if f.number != nil && strings.HasSuffix(f.number.begins, "〕") { // with a year it is a number and no part of a name or address
		return nil
	}
	streets, units := f.actor.Jurisdiction()
	var err error
	if streets == nil || len(streets) > 0 {
		if f.siteList, err = registry.SearchSites(f.tx, f.actor.Tenant, f.q, streets, sitesTaken); err != nil {
			return err
		}
	}
	all := f.siteList
	if len(units) > 0 {
		everywhere, err := registry.SearchSites(f.tx, f.actor.Tenant, f.q, nil, sitesTaken)
		if err != nil {
			return err
		}
		all = append(slices.Clone(all), everywhere...)
	}
	for _, id := range all {
		f.siteIDs = append(f.siteIDs, string(id))
	}
	slices.Sort(f.siteIDs)
	f.siteIDs = slices.Compact(f.siteIDs)
	for len(f.siteIDs)%50 != 0 { // so that there are few statements to prepare
		f.siteIDs = append(f.siteIDs, f.siteIDs[0])
	}
	return nil
}

// matterIDs are the ids of matters: by number, at the sites, of the problem types, then of the units.
func (f *finder) matterIDs() ([]ledger.ID, error) {
	streets, units := f.actor.Jurisdiction()
	var by []matter.Filter
	if f.number != nil {
		by = append(by, matter.Filter{Serial: f.number.serial, Number: f.number.begins})
	}
	if err := f.findSites(); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(f.siteIDs, 50) {
		by = append(by, matter.Filter{Sites: part})
	}
	problems, err := f.problems()
	if err != nil {
		return nil, err
	}
	for _, code := range problems[:min(len(problems), wordsTaken)] {
		by = append(by, matter.Filter{Problem: code})
	}
	orgs, err := f.orgsCalled()
	if err != nil {
		return nil, err
	}
	for _, o := range orgs[:min(len(orgs), wordsTaken)] {
		by = append(by, matter.Filter{Addressee: string(o.ID)})
	}
	var ids []ledger.ID
	seen := map[ledger.ID]bool{}
	for _, x := range by {
		x.Streets, x.Units = streets, units
		found, err := matter.Last(f.tx, f.actor.Tenant, x, hitsCounted)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if len(ids) >= hitsCounted {
			break
		}
	}
	return ids, nil
}

func (f *finder) matters() (HitGroup, error) {
	g := HitGroup{Kind: "matter"}
	ids, err := f.matterIDs()
	if err != nil {
		return g, err
	}
	g.Found = len(ids)
	for _, id := range ids[:min(len(ids), hitsShown)] {
		m, _, err := matter.Load(f.tx, f.actor.Tenant, id)
		if err != nil {
			return g, err
		}
		site, err := f.siteRef(m.Site)
		if err != nil {
			return g, err
		}
		unit, err := f.org(m.Responsible())
		if err != nil {
			return g, err
		}
		problem, err := f.problem(m.Facets.Problem)
		if err != nil {
			return g, err
		}
		g.Items = append(g.Items, Hit{"matter", string(id), m.Number, hint(site.Name, f.word(problem.Zh, problem.En), unit.Name), string(m.State), pageOf("/matters/", id)})
	}
	return g, nil
}

func (f *finder) sites() (HitGroup, error) {
	g := HitGroup{Kind: "site", Page: "/registry/sites?q=" + url.QueryEscape(f.q)}
	if err := f.findSites(); err != nil {
		return g, err
	}
	g.Found = len(f.siteList)
	for _, id := range f.siteList[:min(len(f.siteList), hitsShown)] {
		s, err := f.site(id)
		if err != nil {
			return g, err
		}
		region, err := f.regionName(s.Region)
		if err != nil {
			return g, err
		}
		g.Items = append(g.Items, Hit{"site", string(id), s.Name, hint(region, s.Address), s.Type, "/visits?site=" + url.QueryEscape(string(id))})
	}
	return g, nil
}

func (f *finder) visits() (HitGroup, error) {
	g := HitGroup{Kind: "visit"}
	if err := f.findSites(); err != nil || len(f.siteIDs) == 0 {
		return g, err
	}
	streets, _ := f.actor.Jurisdiction()
	page, err := visit.List(f.tx, f.actor.Tenant, visit.Filter{Sites: f.siteIDs, Streets: streets, Limit: hitsShown})
	if err != nil {
		return g, err
	}
	g.Found = page.Found
	for _, x := range page.Items {
		site, err := f.siteRef(x.Site)
		if err != nil {
			return g, err
		}
		g.Items = append(g.Items, Hit{"visit", string(x.ID), site.Name, f.local(x.StartedAt).Format("2006-01-02 15:04"), x.State, pageOf("/visits/", x.ID)})
	}
	return g, nil
}

func (f *finder) orders() (HitGroup, error) {
	g := HitGroup{Kind: "order"}
	list, err := matter.Orders(f.tx, f.actor.Tenant, maxOrders)
	if err != nil {
		return g, err
	}
	for _, o := range list {
		if !f.seesOrder(o) {
			continue
		}
		unit, err := f.org(o.Unit)
		if err != nil {
			return g, err
		}
		problem, err := f.problem(o.Problem)
		if err != nil {
			return g, err
		}
		if !f.numbered(o.Number) && !f.holds(unit.Name, problem.Zh, problem.En) {
			continue
		}
		g.add(Hit{"order", string(o.ID), o.Number, hint(unit.Name, f.word(problem.Zh, problem.En)), o.State, pageOf("/orders/", o.ID)})
	}
	return g, nil
}

func (f *finder) publications() (HitGroup, error) {
	g := HitGroup{Kind: "publication"}
	list, err := f.a.VisiblePublications(f.tx, f.actor, "")
	if err != nil {
		return g, err
	}
	for _, p := range list[:min(len(list), papersOpened)] {
		words, _, err := f.a.PublicationWords(f.tx, f.actor.Tenant, p)
		if err != nil {
			return g, err
		}
		if f.numbered(p.Number) || f.holds(words.Title) {
			g.add(Hit{"publication", string(p.ID), words.Title, hint(p.Number, p.Day), p.Kind, pageOf("/publications/", p.ID)})
		}
	}
	return g, nil
}

func (f *finder) units() (HitGroup, error) {
	g := HitGroup{Kind: "unit", Page: "/registry/orgs?q=" + url.QueryEscape(f.q)}
	list, err := f.orgsCalled()
	if err != nil {
		return g, err
	}
	for _, o := range list {
		region, err := f.regionName(o.Region)
		if err != nil {
			return g, err
		}
		page := "/registry/orgs?q=" + url.QueryEscape(o.Zh)
		if o.Kind == "street" || o.Kind == "department" {
			page = "/matters?addressee=" + url.QueryEscape(string(o.ID))
		}
		g.add(Hit{"unit", string(o.ID), f.word(o.Zh, o.En), region, o.Kind, page})
	}
	return g, nil
}

func (f *finder) teamHits() (HitGroup, error) {
	g := HitGroup{Kind: "team"}
	list, err := visit.Teams(f.tx, f.actor.Tenant)
	if err != nil {
		return g, err
	}
	for _, t := range list {
		if !f.holds(t.Zh, t.En) && (f.number == nil || f.number.begins != "" || f.number.serial != t.No) {
			continue
		}
		var streets []string
		for _, p := range t.Postings {
			if p.From.After(f.now) || !p.To.IsZero() && !p.To.After(f.now) {
				continue
			}
			name, err := f.regionName(p.Street)
			if err != nil {
				return g, err
			}
			streets = append(streets, name)
		}
		g.add(Hit{"team", string(t.ID), f.word(t.Zh, t.En), hint(streets...), "", pageOf("/teams/", t.ID)})
	}
	return g, nil
}

func (f *finder) people(list []acts.Found) (HitGroup, error) {
	g := HitGroup{Kind: "person", Page: "/registry/people?q=" + url.QueryEscape(f.q)}
	for _, x := range list {
		org, err := f.org(x.Person.Org)
		if err != nil {
			return g, err
		}
		g.add(Hit{"person", string(x.Person.ID), x.Name, org.Name, "", "/registry/people?q=" + url.QueryEscape(x.Name)})
	}
	return g, nil
}

var dateText = regexp.MustCompile(`^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$`)

// on tells whether a day (YYYY-MM-DD) is the date sought.
func (f *finder) on(day string) bool {
	m := dateText.FindStringSubmatch(strings.Join(strings.Fields(f.q), ""))
	if m == nil {
		return false
	}
	two := func(s string) string { return ("0" + s)[len(s)-1:] }
	return strings.HasPrefix(day, m[1]) && strings.HasSuffix(day, "-"+two(m[2])+"-"+two(m[3]))
}

func (f *finder) meetings() (HitGroup, error) {
	g := HitGroup{Kind: "meeting"}
	list, err := brief.Meetings(f.tx, f.actor.Tenant)
	for _, m := range list {
		if f.on(m.Day) {
			g.add(Hit{"meeting", string(m.ID), m.Day, f.local(m.Scheduled).Format("15:04"), m.State, pageOf("/meetings/", m.ID)})
		}
	}
	return g, err
}

func (f *finder) reports() (HitGroup, error) {
	g := HitGroup{Kind: "report"}
	list, err := brief.Reports(f.tx, f.actor.Tenant)
	for _, r := range list {
		at := f.local(r.DraftedAt)
		if f.on(at.Format("2006-01-02")) {
			g.add(Hit{"report", string(r.ID), at.Format("2006-01-02"), at.Format("15:04"), r.Kind, pageOf("/reports/", r.ID)})
		}
	}
	return g, err
}

// add counts a hit, and shows it if there is room.
func (g *HitGroup) add(h Hit) {
	if g.Found++; g.Found <= hitsShown {
		g.Items = append(g.Items, h)
	}
}

func pageOf(list string, id ledger.ID) string { return list + url.PathEscape(string(id)) }

// hint joins what is known.
func hint(parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), " · ")
}
