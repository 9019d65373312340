package demo

import (
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
)

// planSuggestions lets team leaders say what should change, and the commission's principal answer all but the last
// (R133).
func (s *scenario) planSuggestions() {
	for i, w := range s.words.Suggestions {
		var id ledger.ID
		made := s.day(i+1, 21, 10)
		s.at(made, func() (err error) {
			id, err = s.a.Suggest(s.ctx, s.as(s.streets[i].leader), acts.SuggestionForm{Text: w.Text})
			return err
		})
		if w.Answer == "" {
			continue
		}
		s.at(made.Add(80*time.Minute), func() error {
			return s.a.AnswerSuggestion(s.ctx, s.as(s.principal), id, 0, w.Answer, w.Reason, "")
		})
	}
}
