package roster

import (
	"testing"
	"time"

	"duzhan/internal/ledger"

	"pgregory.net/rapid"
)

var start = time.Date(2022, 11, 20, 0, 0, 0, 0, time.UTC)

func batch() Batch {
	drafts, _ := Form{ID: "batch-01", Street: "500112023", Captain: "p0", From: start}.Decide(Batch{}, start)
	return Batch{}.After(ledger.Entry{Subject: "batch-01", Body: drafts[0].Body})
}

func shift(from, hours int, people ...ledger.ID) Shift {
	at := start.Add(time.Duration(from) * time.Hour)
	return Shift{ID: "shift-01", Duty: "compound", From: at, To: at.Add(time.Duration(hours) * time.Hour), Day: "2022-11-20", People: people}
}

// TestAttend: a shift that has begun, its people once each and nowhere else (R002, 1H-07, 1H-08).
func TestAttend(t *testing.T) {
	now := start.Add(12 * time.Hour)
	busy := []Busy{{Person: "p1", From: start.Add(2 * time.Hour), To: start.Add(4 * time.Hour), What: "visit-01"}}
	for name, x := range map[string]struct {
		s    Shift
		want string
	}{
		"R163 attended":               {shift(4, 4, "p1", "p2"), ""},
		"R002 on a visit then":        {shift(3, 4, "p1", "p2"), "roster.elsewhere"},
		"R002 the visit just ended":   {shift(4, 1, "p1"), ""},
		"1H-08 nobody":                {shift(4, 4), "required"},
		"1H-08 one person twice":      {shift(4, 4, "p2", "p2"), "visit.person-twice"},
		"1H-08 a shift still to come": {shift(13, 4, "p2"), "roster.not-begun"},
		"ends before it begins":       {shift(4, 0, "p2"), "team.end-before-start"},
		"before the batch":            {shift(-2, 4, "p2"), "roster.outside-batch"},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := Attend{Shift: x.s, Busy: busy}.Decide(batch(), now)
			got := ""
			if r != nil {
				got = r.Code
			}
			if got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// TestPersonTimes: person-times are the sum of attended shifts, whatever is confirmed in whatever order, and
// nobody is in two shifts at once (R163, 1H-07, 1H-08).
func TestPersonTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, want := batch(), 0
		var busy []Busy
		for range rapid.IntRange(1, 12).Draw(t, "shifts") {
			people := rapid.SliceOfN(rapid.SampledFrom([]ledger.ID{"p1", "p2", "p3", "p4"}), 0, 4).Draw(t, "people")
			s := shift(rapid.IntRange(-3, 40).Draw(t, "from"), rapid.IntRange(0, 8).Draw(t, "hours"), people...)
			drafts, r := Attend{Shift: s, Busy: busy}.Decide(b, start.Add(36*time.Hour))
			if r != nil {
				continue
			}
			b = b.After(ledger.Entry{Subject: b.ID, Body: drafts[0].Body})
			want += len(people)
			for _, p := range people {
				for _, o := range busy {
					if o.Person == p && s.From.Before(o.To) && o.From.Before(s.To) {
						t.Fatalf("%s is in two places", p)
					}
				}
				busy = append(busy, Busy{Person: p, From: s.From, To: s.To, What: s.ID})
			}
		}
		n := int64(0)
		for _, p := range b.points() {
			if p.Series == SeriesPersonTimes {
				n += p.N
			}
		}
		if b.PersonTimes() != want || n != int64(want) {
			t.Fatalf("%d person-times, %d points, want %d", b.PersonTimes(), n, want)
		}
	})
}
