package demo

import (
	"fmt"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/roster"
)

// Support of the two paired streets: shifts of three hours round the clock, each person one shift a day, as the
// golden batches have it.
const (
	shiftHours = 3
	// supporters is how many invented people there are; a batch needs up to 42.
	supporters = 180
)

// duties are those of the report (seed_enums).
var duties = []string{"compound", "building", "sampling", "order", "checkpoint", "pool_trace", "transfer", "hotel"}

// planSupport registers the supporters and puts the batches on their days, in sequence.
func (s *scenario) planSupport() error {
	org, err := s.org("resident_office", "机关党员志愿者（演示）", "Office volunteers (demonstration)", Tenant)
	if err != nil {
		return err
	}
	people := make([]ledger.ID, supporters)
	for i := range people {
		p, err := s.person("volunteer", "", org, nil, "")
		if err != nil {
			return err
		}
		people[i] = p.Person
	}
	// three batches a day for five days, the last ended before the cut-off
	for i, g := range s.gold.Batches {
		day, nth := i/3, i%3
		begin := s.day(day, 2+6*nth, 0)
		team := make([]ledger.ID, g.PersonTimes)
		for k := range team {
			team[k] = people[(i*g.PersonTimes+k)%supporters]
		}
		s.at(begin.Add(-30*time.Minute), func() error { return s.support(g.Street, begin, team) })
	}
	return nil
}

// support forms a batch and confirms, shift by shift, who was there.
func (s *scenario) support(street string, begin time.Time, team []ledger.ID) error {
	id, err := s.a.FormBatch(s.ctx, s.as(s.duty), acts.NewBatch{Street: street, Captain: team[0], From: begin, To: begin.Add(2 * shiftHours * time.Hour)})
	if err != nil {
		return err
	}
	half := len(team) / 2
	for n, people := range [][]ledger.ID{team[:half], team[half:]} {
		from := begin.Add(time.Duration(n*shiftHours) * time.Hour)
		s.at(from.Add(20*time.Minute), func() error {
			err := s.a.ConfirmAttendance(s.ctx, s.as(s.duty), id, roster.Shift{
				ID: ledger.NewID(), Duty: duties[(n+int(from.Unix()/3600))%len(duties)], From: from.UTC(), To: from.Add(shiftHours * time.Hour).UTC(), People: people,
			})
			if err != nil {
				return fmt.Errorf("batch at %s: %w", begin.Format(time.DateTime), err)
			}
			return nil
		})
	}
	return nil
}
