package demo

import (
	"errors"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// planDiscipline lets somebody ask about a matter, a picture be sent twice, and the duty officer decide what that
// was (R043, R044).
func (s *scenario) planDiscipline() {
	w := s.words.Discipline
	var asked ledger.ID
	s.at(s.day(2, 15, 20), func() (err error) {
		st := s.streets[2]
		asked, err = s.a.Intercede(s.ctx, s.as(st.leader), acts.IntercessionForm{
			AboutKind: "matter", About: st.newest, Channel: "phone", Words: plan.IntercessionWords{Who: w.Who, Unit: w.Unit, What: w.What},
		})
		return err
	})
	s.at(s.day(2, 17, 5), func() error { return s.a.AnnotateIntercession(s.ctx, s.as(s.duty), asked, w.Note) })
	for _, day := range []int{1, 4} {
		s.at(s.day(day, 11, 0), func() error { s.repeat = true; return nil })
	}
	s.at(s.day(1, 20, 30), func() error {
		var first ledger.ID
		err := s.a.L.DB().Read(s.ctx, func(tx *storage.Tx) error {
			list, err := plan.Flags(tx, Tenant, plan.FlagOpen, 1)
			for _, f := range list {
				first = f.ID
			}
			return err
		})
		if err == nil && first == "" {
			err = errors.New("no picture was flagged")
		}
		if err != nil {
			return err
		}
		return s.a.DecideFlag(s.ctx, s.as(s.duty), first, 0, true, w.Decided)
	})
}
