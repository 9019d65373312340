package acts

import (
	"context"
	"sort"
	"time"

	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
)

// Known is a resolved as-of: the instant, and how much was known.
type Known struct {
	figure.AsOf
	KnownAt time.Time
}

// AsOf resolves the two times of a figure. A zero T is now, a zero K the head; T later than K is
// refused: what has not happened yet is not known.
func (a *Acts) AsOf(tx *storage.Tx, tenant string, t, k time.Time) (Known, error) {
	now := a.L.Now(tenant)
	size, err := ledger.Size(tx, tenant)
	if err != nil {
		return Known{}, err
	}
	last, err := ledger.LastRecorded(tx, tenant)
	if err != nil {
		return Known{}, err
	}
	if last.After(now) { // a clock that was set back does not hide what is recorded
		now = last
	}
	if k.IsZero() {
		k = now
	}
	if t.IsZero() {
		t = k
	}
	if t.After(k) {
		return Known{}, ledger.RefuseAs(ledger.Invalid, "figure.later-than-known", "as_of")
	}
	known := size
	if k.Before(now) {
		if known, err = recordedBy(tx, tenant, size, k); err != nil {
			return Known{}, err
		}
	}
	return Known{AsOf: figure.AsOf{T: t.UTC(), Known: known}, KnownAt: k.UTC()}, nil
}

// recordedBy is the number of entries recorded by k: times of recording rise with positions.
func recordedBy(tx *storage.Tx, tenant string, size int64, k time.Time) (int64, error) {
	var fault error
	n := sort.Search(int(size), func(i int) bool {
		var at int64
		if _, err := tx.Row(`SELECT at FROM ledger_entry WHERE tenant = $1 AND pos = $2`, []any{tenant, i}, &at); err != nil {
			fault = err
		}
		return at > k.UnixMicro()
	})
	return int64(n), fault
}

// Freeze freezes the figures as of at.
func (a *Acts) Freeze(ctx context.Context, c Caller, at time.Time) (ledger.ID, error) {
	id := c.newID("snapshot")
	if r := c.Can("snapshot"); r != nil {
		return "", r
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error { return a.freeze(tx, id, at) })
}

func (a *Acts) freeze(tx *ledger.Tx, id ledger.ID, at time.Time) error {
	known, err := a.AsOf(tx.Tx, tx.Tenant, at, time.Time{})
	if err != nil {
		return err
	}
	s, err := brief.Compute(tx.Tx, tx.Tenant, known.T, known.Known, known.KnownAt, string(matter.OriginFinding))
	if err != nil {
		return err
	}
	return tx.Append(ledger.Draft{Subject: id, Body: s})
}
