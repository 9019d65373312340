package demo

import (
	"math"
	"slices"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// sampleSize is how many sites each team draws for a day.
const sampleSize = 16

// placed invents coordinates for a street's site, scattered around a point of the street's own; every ninth has none.
func placed(street, k int) (lon, lat *float64) {
	if k%9 == 8 {
		return nil, nil
	}
	scatter := func(step float64) float64 {
		_, f := math.Modf(float64(k+street+1) * step)
		return f
	}
	x := 106.50 + float64(street%3)*0.05 + scatter(0.618034)*0.025
	y := 29.64 + float64(street/3)*0.04 + scatter(0.754878)*0.025
	return &x, &y
}

// planSampling lets each team draw its sites after the evening's focus is out, or in the morning of the first day, and
// accept them; one day one site is taken out and one put in, with reasons. Tomorrow's plan of the first team waits for
// its leader.
func (s *scenario) planSampling() {
	for d := range s.gold.ByDay {
		for i, st := range s.streets {
			at := s.day(d, 7, 2+i)
			s.at(at, func() error { return s.sample(st, d, d == len(s.gold.ByDay)-1) })
		}
	}
	st := s.streets[0]
	s.at(s.day(len(s.gold.ByDay)-1, 17, 45), func() error {
		_, err := s.a.DrawSampling(s.ctx, s.as(st.leader), st.team.ID, s.date(len(s.gold.ByDay)), sampleSize)
		return err
	})
}

func (s *scenario) sample(st *street, d int, changed bool) error {
	c := s.as(st.leader)
	id, err := s.a.DrawSampling(s.ctx, c, st.team.ID, s.date(d), sampleSize)
	if err != nil {
		return err
	}
	if changed && s.index(st) == 0 {
		if err := s.changeSample(st, id); err != nil {
			return err
		}
	}
	s.at(s.clock.now.Add(3*time.Minute), func() error { return s.a.AcceptSampling(s.ctx, c, id, 0) })
	return nil
}

func (s *scenario) changeSample(st *street, id ledger.ID) error {
	var plan visit.Sampling
	if err := s.a.L.DB().Read(s.ctx, func(tx *storage.Tx) (err error) {
		plan, _, err = visit.SamplingByID(tx, Tenant, id)
		return err
	}); err != nil {
		return err
	}
	planned := plan.Planned()
	if err := s.a.ChangeSampling(s.ctx, s.as(st.leader), id, 0, planned[0], true, s.words.Sampling.Out); err != nil {
		return err
	}
	i := slices.IndexFunc(st.sites, func(site ledger.ID) bool { return !slices.Contains(planned, site) })
	return s.a.ChangeSampling(s.ctx, s.as(st.leader), id, 0, st.sites[i], false, s.words.Sampling.In)
}
