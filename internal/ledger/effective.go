package ledger

import "time"

// Effective is the time at which e counts (docs/figures.md): the later of what was reported and the
// effective time of its predecessor. A report that names only an interval counts at the interval's
// last microsecond, or when it was recorded if that is earlier.
func (e Entry) Effective(predecessor time.Time) time.Time {
	return effective(e.OccurredAt, e.Until, e.RecordedAt, predecessor)
}

// Effective is the time at which a draft will count if it is recorded at now.
func (d Draft) Effective(now, predecessor time.Time) time.Time {
	at := d.OccurredAt
	if at.IsZero() {
		at = now
	}
	return effective(at, d.Until, now, predecessor)
}

func effective(occurred, until, recorded, predecessor time.Time) time.Time {
	at := occurred
	if !until.IsZero() {
		at = until.Add(-time.Microsecond)
		if recorded.Before(at) {
			at = recorded
		}
	}
	if predecessor.After(at) {
		at = predecessor
	}
	return at.UTC()
}

// Interval is what a report of that precision stands for: from its beginning to its end, exclusive,
// in the zone of who reports. An exact report has no end.
func Interval(p Precision, at time.Time, zone *time.Location) (from, until time.Time) {
	t := at.In(zone)
	y, m, d := t.Date()
	switch p {
	case Hour:
		from = time.Date(y, m, d, t.Hour(), 0, 0, 0, zone)
		return from.UTC(), from.Add(time.Hour).UTC()
	case Evening:
		return time.Date(y, m, d, 18, 0, 0, 0, zone).UTC(), time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
	case Day:
		return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC(), time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
	}
	return at.UTC(), time.Time{}
}
