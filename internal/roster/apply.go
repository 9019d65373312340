package roster

import (
	"encoding/json"
	"strings"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// Series of this desk's contributions. They never change their meaning.
const (
	SeriesBatches     = "batch"       // +1 when a batch begins
	SeriesPersonTimes = "person_time" // +1 for each person of an attended shift, at the shift's beginning
)

// Apply turns an entry of this desk into its rows.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	if !strings.HasPrefix(e.Type, "roster.") {
		return nil
	}
	before, _, err := BatchByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	after := before.After(e)
	body, err := json.Marshal(after)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO batch (tenant, id, incident, no, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body`, e.Tenant, string(after.ID), string(after.Incident), after.No, body); err != nil {
		return err
	}
	if x, ok := e.Body.(AttendedV1); ok {
		for _, p := range x.People {
			if _, err := tx.Exec(`INSERT INTO attendance (tenant, person, shift, from_at, to_at) VALUES ($1, $2, $3, $4, $5)`,
				e.Tenant, string(p), string(x.ID), x.From.UnixMicro(), x.To.UnixMicro()); err != nil {
				return err
			}
		}
	}
	counts, err := registry.Counts(tx, e.Tenant, after.Incident)
	if err != nil || !counts {
		return err
	}
	return figure.Post(tx, e.Tenant, e.Pos, e.Subject, figure.Diff(before.points(), after.points()))
}

func (b Batch) points() []figure.Point {
	if b.ID == "" {
		return nil
	}
	street := figure.Group{Axis: "street", Value: b.Street}
	ps := []figure.Point{{Series: SeriesBatches, At: b.From, N: 1, Groups: figure.In(street)}}
	for _, s := range b.Shifts {
		for _, p := range s.People {
			ps = append(ps, figure.Point{
				Series: SeriesPersonTimes, At: s.From, N: 1, Groups: figure.In(street, figure.Group{Axis: "day", Value: s.Day}), Subject: p,
			})
		}
	}
	return ps
}

// BatchByID finds a batch.
func BatchByID(tx *storage.Tx, tenant string, id ledger.ID) (b Batch, found bool, err error) {
	found, err = storage.One(tx, &b, `SELECT body FROM batch WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return b, found, err
}

// Batches lists all batches by number.
func Batches(tx *storage.Tx, tenant string) ([]Batch, error) {
	return storage.All[Batch](tx, `SELECT body FROM batch WHERE tenant = $1 ORDER BY no, id`, tenant)
}

// LastNo is the number of an incident's last batch; 0 if it has none.
func LastNo(tx *storage.Tx, tenant string, incident ledger.ID) (n int64, err error) {
	_, err = tx.Row(`SELECT COALESCE(MAX(no), 0) FROM batch WHERE tenant = $1 AND incident = $2`, []any{tenant, string(incident)}, &n)
	return n, err
}

// BusyWith lists the attended shifts of people that touch a span.
func BusyWith(tx *storage.Tx, tenant string, people []ledger.ID, from, to time.Time) ([]Busy, error) {
	var out []Busy
	for _, p := range people {
		err := tx.Query(`SELECT shift, from_at, to_at FROM attendance WHERE tenant = $1 AND person = $2 AND from_at < $3 AND to_at > $4`,
			[]any{tenant, string(p), to.UnixMicro(), from.UnixMicro()}, func(scan func(...any) error) error {
				var shift string
				var f, u int64
				err := scan(&shift, &f, &u)
				out = append(out, Busy{Person: p, From: time.UnixMicro(f).UTC(), To: time.UnixMicro(u).UTC(), What: ledger.ID(shift)})
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
