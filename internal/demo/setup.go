package demo

import (
	"fmt"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// sitesPerStreet is how many invented sites a street has: fewer than visits, so that some are seen again.
const sitesPerStreet = 48

func (s *scenario) setUp() error {
	tenant := access.Tenant{Code: Tenant, Zh: "渝北区（演示）", En: "Yubei (demonstration)", Demo: true, Zone: "Asia/Shanghai"}
	if err := s.a.SetUp(s.ctx, tenant, "emergency", 1, "epidemic-2022"); err != nil {
		return err
	}
	regions, err := acts.DistrictRegions(Tenant, "渝北区")
	if err != nil {
		return err
	}
	if err := s.a.RegisterRegions(s.ctx, Tenant, "china-division@2.7.0", regions); err != nil {
		return err
	}
	if s.commission, err = s.org("commission", "区纪委监委机关（演示）", "District commission (demonstration)", Tenant); err != nil {
		return err
	}
	if s.organisation, err = s.org("commission", "区委组织部（演示）", "Organisation department (demonstration)", Tenant); err != nil {
		return err
	}
	if _, err := s.a.BeginIncident(s.ctx, Tenant, registry.IncidentDeclaredV2{TriggerAt: Start().Add(-90 * time.Minute), IncidentDeclaredV1: registry.IncidentDeclaredV1{
		Code: "epidemic-2022", Zh: "疫情防控督导（演示）", En: "Epidemic supervision (demonstration)", Phase: "critical",
	}}, Start()); err != nil {
		return err
	}
	if s.duty, err = s.person("duty_officer", "duty", s.commission, nil, ""); err != nil {
		return err
	}
	for _, role := range []struct{ role, login string }{
		{"commission_principal", "principal"}, {"district_leader", "leader"}, {"auditor", "auditor"}, {"system_admin", "admin"},
	} {
		p, err := s.person(role.role, role.login, s.commission, nil, "")
		if err != nil {
			return err
		}
		switch role.role {
		case "commission_principal":
			s.principal = p
		case "district_leader":
			s.top = p
		}
	}
	for i, d := range s.words.Departments {
		org, err := s.org("department", d.ZH, d.EN, Tenant)
		if err != nil {
			return err
		}
		if s.departments[d.Area], err = s.person("dept_liaison", fmt.Sprintf("dept%d", i+1), org, nil, ""); err != nil {
			return err
		}
		if err := s.a.SetCompetence(s.ctx, s.as(s.duty), registry.Competence{Area: d.Area, Org: org, From: "2022-01-01"}); err != nil {
			return err
		}
	}
	if err := s.setUpStreets(); err != nil {
		return err
	}
	return s.setUpGrassroots()
}

func (s *scenario) setUpStreets() error {
	towns, err := data.Towns()
	if err != nil {
		return err
	}
	pinyin := map[string]string{}
	orgs := map[string]ledger.ID{}
	for _, t := range towns {
		pinyin[t.Code] = t.Pinyin
		if t.Managed {
			if orgs[t.Code], err = s.org("street", t.Name, t.Pinyin, t.Code); err != nil {
				return err
			}
		}
	}
	communities, err := data.Communities()
	if err != nil {
		return err
	}
	for i, g := range s.gold.ByStreet {
		st := &street{code: g.Code, name: g.ZH, org: orgs[g.Code]}
		s.streets = append(s.streets, st)
		if st.principal, err = s.person("street_principal", fmt.Sprintf("street%d", i+1), st.org, []string{g.Code}, ""); err != nil {
			return err
		}
		if err := s.formTeam(st, i+1, g.TeamSize); err != nil {
			return err
		}
		for k := range sitesPerStreet {
			kind := s.lists.SiteTypes[(i*5+k)%len(s.lists.SiteTypes)]
			lon, lat := placed(i, k)
			id, err := s.a.RegisterSite(s.ctx, s.as(s.duty), acts.NewSite{
				Lon: lon, Lat: lat,
				Name: fmt.Sprintf("%s·%s%02d", s.words.SiteWords[(k+i)%len(s.words.SiteWords)], kind.ZH, k+1),
				Type: kind.Code, Region: regionOf(communities, g.Code, k), Address: fmt.Sprintf("%s演示路%d号", g.ZH, k*2+1),
			})
			if err != nil {
				return err
			}
			st.sites, st.siteTypes = append(st.sites, id), append(st.siteTypes, kind.Code)
		}
	}
	for i, st := range s.streets { // behind the others, so that nobody's name changes
		if _, err := s.person("street_owner", fmt.Sprintf("owner%d", i+1), st.org, []string{st.code}, ""); err != nil {
			return err
		}
	}
	return nil
}

// formTeam forms a team on the evening of 19 November (R080) and posts it from midnight.
func (s *scenario) formTeam(st *street, no, size int) error {
	org, err := s.org("team", fmt.Sprintf("第%d督导组（演示）", no), fmt.Sprintf("Team %d (demonstration)", no), st.code)
	if err != nil {
		return err
	}
	st.team = visit.Team{
		ID: ledger.NewID(), No: int64(no), Zh: fmt.Sprintf("第%d督导组", no), En: fmt.Sprintf("Team %d", no), Org: org,
		Postings: []visit.Posting{{Street: st.code, From: s.day(0, 0, 0).UTC()}},
	}
	for k := range size {
		role, login := "inspector", ""
		post := "inspector"
		switch k {
		case 0:
			role, post, login = "team_leader", "leader", fmt.Sprintf("team%d", no)
		case 1:
			login = fmt.Sprintf("inspector%d", no)
		}
		p, err := s.person(role, login, org, []string{st.code}, string(st.team.ID))
		if err != nil {
			return err
		}
		if k == 0 {
			st.leader = p
		}
		st.members = append(st.members, p)
		st.team.Members = append(st.team.Members, visit.Member{Person: p.Person, Role: post, From: Start()})
	}
	_, err = s.a.FormTeam(s.ctx, s.as(s.duty), acts.NewTeam{
		ID: st.team.ID, No: st.team.No, Zh: st.team.Zh, En: st.team.En, Org: st.team.Org, Formed: acts.When{At: Start(), Precision: ledger.Evening},
		Issuers: []ledger.ID{s.commission, s.organisation}, Members: st.team.Members, Postings: st.team.Postings, Why: s.pick(s.words.PostingReasons),
		Authorisation: &visit.Authorisation{Streets: []string{st.code}, From: Start().UTC(), To: s.end.Add(30 * 24 * time.Hour).UTC()},
	})
	if err != nil {
		return err
	}
	s.muster(st)
	return nil
}

// muster lets the team's people acknowledge the order that evening and be there in the morning (R007).
func (s *scenario) muster(st *street) {
	for _, m := range st.members {
		ordered := s.between(Start().Add(10*time.Minute), Start().Add(3*time.Hour))
		s.at(ordered, func() error { return s.a.ReportToTeam(s.ctx, s.as(m), st.team.ID, false, acts.When{}) })
		s.at(s.between(s.day(0, 7, 10), s.day(0, 7, 50)), func() error { return s.a.ReportToTeam(s.ctx, s.as(m), st.team.ID, true, acts.When{}) })
	}
}

// person invents somebody with a post and, if a login is named, an account.
func (s *scenario) person(role, login string, org ledger.ID, regions []string, team string) (access.Actor, error) {
	n := s.people
	s.people++
	p := acts.NewPerson{ID: ledger.NewPersonID(), Name: s.name(n), Phone: fmt.Sprintf("000%08d", n+1), Org: org}
	actor := access.Actor{Tenant: Tenant, Account: ledger.NewID(), Login: login, Person: p.ID, Unit: org, Roles: []string{role}, Regions: regions}
	if team != "" {
		actor.Teams = []string{team}
	}
	if err := s.a.RegisterPerson(s.ctx, Tenant, p, role, Start()); err != nil {
		return actor, err
	}
	if login == "" {
		return actor, nil
	}
	s.logins = append(s.logins, Login{Role: role, Login: login, Password: s.words.Password})
	return actor, s.a.CreateAccount(s.ctx, actor, s.words.Password)
}
