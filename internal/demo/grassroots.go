package demo

import (
	"fmt"
	"strings"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
)

// Beside the golden number of problems found and corrected, the grassroots ledger has some that are still open
// and checks where nothing was wrong.
const (
	grassCorrected = 313
	grassOpen      = 9
	grassClean     = 60
)

// setUpGrassroots makes the discipline commission of each town and street, and two stationed groups that
// supervise a department each.
func (s *scenario) setUpGrassroots() error {
	towns, err := data.Towns()
	if err != nil {
		return err
	}
	for _, t := range towns {
		if !t.Managed {
			continue
		}
		kind, name := "street_commission", "纪工委（演示）"
		if strings.HasSuffix(t.Name, "镇") {
			kind, name = "town_commission", "纪委（演示）"
		}
		org, err := s.org(kind, t.Name+name, t.Pinyin+" discipline commission (demonstration)", t.Code)
		if err != nil {
			return err
		}
		p, err := s.person("grassroots_inspector", fmt.Sprintf("grass%d", len(s.grass)+1), org, []string{t.Code}, "")
		if err != nil {
			return err
		}
		s.grass, s.commissions = append(s.grass, p), append(s.commissions, org)
	}
	for i, area := range []string{"A1", "A2"} {
		org, err := s.org("stationed_group", fmt.Sprintf("第%d派驻纪检监察组（演示）", i+1), fmt.Sprintf("Stationed group %d (demonstration)", i+1), Tenant)
		if err != nil {
			return err
		}
		p, err := s.person("grassroots_inspector", fmt.Sprintf("group%d", i+1), org, nil, "")
		if err != nil {
			return err
		}
		if err := s.a.SetSupervised(s.ctx, s.as(s.duty), org, []ledger.ID{s.departments[area].Unit}); err != nil {
			return err
		}
		s.grass = append(s.grass, p)
		s.supervised = append(s.supervised, s.departments[area].Unit)
	}
	return nil
}

// planGrassroots spreads the grassroots checks over the units and the days.
func (s *scenario) planGrassroots() error {
	communities, err := data.Communities()
	if err != nil {
		return err
	}
	perLink := map[string][]string{}
	for _, i := range s.lists.LinkItems {
		perLink[i.Link] = append(perLink[i.Link], i.Code)
	}
	for i := range grassCorrected + grassOpen + grassClean {
		by := s.grass[i%len(s.grass)]
		round := i/len(s.grass) + i // differs from one check of a unit to its next
		link := s.lists.KeyLinks[round%len(s.lists.KeyLinks)].Code
		words := s.words.Grassroots[link]
		f := acts.CheckForm{Link: link, Item: perLink[link][round%len(perLink[link])], Site: words.Sites[round%len(words.Sites)]}
		if len(by.Regions) > 0 {
			f.Region = regionOf(communities, by.Regions[0], i)
		} else {
			f.Target = s.supervised[i%len(s.grass)-(len(s.grass)-len(s.supervised))]
		}
		at := s.day(i/4%6, 8+round%8, i*7%60)
		corrected := i < grassCorrected
		if corrected || i < grassCorrected+grassOpen {
			f.Problem = words.Problems[round/2%len(words.Problems)]
		}
		s.at(at, func() error { return s.grassrootsCheck(by, f, corrected, i%3 != 0) })
	}
	return nil
}

// grassrootsCheck enters one line; a problem that was not corrected on the spot is within the next hours.
func (s *scenario) grassrootsCheck(by access.Actor, f acts.CheckForm, corrected, onSpot bool) error {
	now := s.clock.now
	f.At.At = now.Add(-20 * time.Minute)
	if corrected && onSpot {
		f.CorrectedAt = now.Add(-5 * time.Minute)
	}
	id, err := s.a.CheckSite(s.ctx, s.as(by), f)
	if err != nil || !corrected || onSpot {
		return err
	}
	s.at(now.Add(90*time.Minute), func() error { return s.a.CorrectCheck(s.ctx, s.as(by), id, 0, acts.When{}) })
	return nil
}
