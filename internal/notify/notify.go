// Package notify owns the outbox: messages that exist exactly if the entry that caused them does. It
// refuses to know what a message is about, and carries keys only, never contents. Channels come later;
// delivery is kept apart, so that a rebuild sends nothing.
package notify

import (
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Message tells an audience of something.
type Message struct {
	Kind     string    // "matter.assigned", "matter.ladder.+1h"
	Audience string    // code of a role or post
	Unit     ledger.ID // whose, empty for the district's own
	At       time.Time // when it is to go out; zero: at once
}

// Post puts messages into the outbox for an entry.
func Post(tx *storage.Tx, e ledger.Entry, messages ...Message) error {
	for i, m := range messages {
		at := e.RecordedAt
		if !m.At.IsZero() {
			at = m.At
		}
		if _, err := tx.Exec(`INSERT INTO outbox (tenant, pos, seq, kind, audience, unit, subject, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			e.Tenant, e.Pos, i, m.Kind, m.Audience, string(m.Unit), string(e.Subject), at.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}
