// Package clock owns the only reading of the wall clock below cmd, so that everything else is told
// the time and tests, demonstrations and rebuilds can be told another.
package clock

import "time"

// Clock tells the time now, UTC, in whole microseconds.
type Clock func() time.Time

// Wall is the machine's clock.
func Wall() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// From is a clock that stands at start when the wall stands at wall, and runs at the wall's pace:
// the clock of a demonstration, whose days lie in the past.
func From(start, wall time.Time) Clock {
	d := start.Sub(wall)
	return func() time.Time { return Wall().Add(d).Truncate(time.Microsecond) }
}
