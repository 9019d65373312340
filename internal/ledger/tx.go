package ledger

import (
	"fmt"
	"time"

	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/tlog"
)

// Tx is a command's transaction: it reads rows as the commands before it left them, and appends.
type Tx struct {
	*storage.Tx
	Tenant   string
	Who      Who
	Incident ID
	Idem     *Idem

	l        *Ledger
	h        *head
	now      time.Time
	appended []Meta
}

// Now is the time of the command.
func (t *Tx) Now() time.Time { return t.now }

// Size is the number of entries of the tenant's ledger, this command's included.
func (t *Tx) Size() int64 { return t.h.size }

// Append gives drafts their place in the ledger and applies them. RecordedAt strictly rises.
func (t *Tx) Append(drafts ...Draft) error {
	for _, d := range drafts {
		if _, err := t.append(d); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) append(d Draft) (Entry, error) {
	at := t.now
	if !at.After(t.h.last) {
		at = t.h.last.Add(time.Microsecond)
	}
	name, version := d.Body.Kind()
	e := Entry{
		Tenant: t.Tenant, Pos: t.h.size, Type: name, Version: version, Subject: d.Subject,
		Incident: t.Incident, OccurredAt: d.OccurredAt.UTC().Truncate(time.Microsecond), Until: d.Until, Precision: d.Precision,
		RecordedAt: at, Who: t.Who, Parts: d.Parts, Body: d.Body,
	}
	if d.OccurredAt.IsZero() {
		e.OccurredAt = at
	}
	if len(t.appended) == 0 { // the first entry of a command carries its key
		e.Idem = t.Idem
	}
	b, err := e.encode()
	if err != nil {
		return e, err
	}
	if _, err := t.Exec(`INSERT INTO ledger_entry (tenant, pos, at, type, subject, bytes) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.Tenant, e.Pos, at.UnixMicro(), e.Type, string(e.Subject), b); err != nil {
		return e, err
	}
	t.h.size++
	t.h.last = at
	t.h.leaves = append(t.h.leaves, tlog.RecordHash(b))
	t.appended = append(t.appended, Meta{Pos: e.Pos, Type: e.Type, Subject: e.Subject, RecordedAt: at})
	// What is applied is what was stored, so that a rebuild cannot differ.
	if e, err = t.l.opt.Types.Decode(b); err != nil {
		return e, err
	}
	return e, t.l.apply(t.Tx, e)
}

func (l *Ledger) apply(tx *storage.Tx, e Entry) error {
	if e.Idem != nil {
		if _, err := tx.Exec(`INSERT INTO ledger_idem (tenant, key, body, pos) VALUES ($1, $2, $3, $4)`,
			e.Tenant, e.Idem.Key, e.Idem.Body, e.Pos); err != nil {
			return err
		}
	}
	for _, a := range l.opt.Appliers {
		if err := a(tx, e); err != nil {
			return fmt.Errorf("apply %s at %d: %w", e.Type, e.Pos, err)
		}
	}
	return nil
}

// Seen tells at which position the command with this key happened before. The same key with another
// body is refused (idempotency.key-reused).
func (t *Tx) Seen(idem *Idem) (pos int64, seen bool, err error) {
	if idem == nil {
		return 0, false, nil
	}
	var body string
	seen, err = t.Row(`SELECT body, pos FROM ledger_idem WHERE tenant = $1 AND key = $2`,
		[]any{t.Tenant, idem.Key}, &body, &pos)
	if err == nil && seen && body != idem.Body {
		err = KeyReused()
	}
	return pos, seen, err
}

// KeyReused refuses another command under a key that was used.
func KeyReused() *Refusal { return Refuse("idempotency.key-reused", "Idempotency-Key") }
