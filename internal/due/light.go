package due

import "time"

// Colour is the light (亮灯) of something with a deadline; pages show it by word and shape too.
type Colour string

// The lights. Practice 2.2.05 gives green, yellow, red, dark red, blue and grey in this order.
const (
	OnTime    Colour = "on_time"   // green: more than the threshold is left
	DueSoon   Colour = "due_soon"  // yellow
	Late      Colour = "late"      // red
	VeryLate  Colour = "very_late" // dark red: late by more than the allotted time
	Verify    Colour = "verify"    // blue: the clock is the verifier's
	Extended  Colour = "extended"  // grey: an approved extension, time left
	Objection Colour = "objection" // the unit objects; its clock runs on
	Waiting   Colour = "waiting"   // no deadline is given
	Closed    Colour = "closed"
)

// Thresholds (亮灯标准) of a rule pack. Yellow begins when the share or the minutes left fall to a threshold,
// whichever comes first.
type Thresholds struct {
	SoonPercent     int
	SoonMinutes     int
	VeryLatePercent int
}

// Standing is what a light is computed from; nobody types a light (2.2.08).
type Standing struct {
	Start     time.Time
	Due       time.Time // zero: not given
	Closed    bool      // struck off, withdrawn, merged
	Claimed   bool      // claimed as rectified, waits for a verifier
	Objecting bool      // waits for a decision on whose it is
	Extended  bool      // due was moved by an approved extension
}

// Light gives the colour at a time. The instant of the deadline is late already: nothing is left. A
// time beyond what int64 nanoseconds hold (292 years) is not expected.
func (t Thresholds) Light(now time.Time, s Standing) Colour {
	switch {
	case s.Closed:
		return Closed
	case s.Objecting:
		return Objection
	case s.Claimed:
		return Verify
	case s.Due.IsZero():
		return Waiting
	}
	left, allotted := s.Due.Sub(now), s.Due.Sub(s.Start)
	switch {
	case left <= 0 && -left > share(allotted, t.VeryLatePercent):
		return VeryLate
	case left <= 0:
		return Late
	case left <= share(allotted, t.SoonPercent) || left <= time.Duration(t.SoonMinutes)*time.Minute:
		return DueSoon
	case s.Extended:
		return Extended
	default:
		return OnTime
	}
}

// share is a percentage of a duration, without overflow for long ones.
func share(d time.Duration, percent int) time.Duration {
	return d/100*time.Duration(percent) + d%100*time.Duration(percent)/100
}
