package brief

import (
	"encoding/json"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Apply turns an entry of this desk into its rows.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	switch b := e.Body.(type) {
	case SnapshotFrozenV1:
		return applySnapshot(tx, e, b)
	case MeetingMadeV1, MeetingFrozenV1, MeetingOpenedV1, TeamNotedV1, TeamHeardV1, TeamExcusedV1, InstructedV1, MeetingEndedV1:
		return applyMeeting(tx, e)
	case ReportDraftedV1, ReportReviewedV1, ReportReturnedV1, ReportSignedV1, ReportSentV1, ReportReceivedV1, CommentedV1, ConsentedV1, EmbargoedV1:
		return applyReport(tx, e)
	case StatusReportedV1:
		evidence, _ := e.Part("evidence")
		body, err := json.Marshal(Status{Street: b.Street, Day: b.Day, Status: b.Status, By: e.Who.Person, At: e.RecordedAt, Evidence: evidence})
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO street_status (tenant, street, day, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, day, street) DO UPDATE SET body = excluded.body`, e.Tenant, b.Street, b.Day, body)
		return err
	}
	return nil
}

func applySnapshot(tx *storage.Tx, e ledger.Entry, b SnapshotFrozenV1) error {
	body, err := json.Marshal(Snapshot{
		ID: e.Subject, AsOf: b.AsOf, Known: b.Known, KnownAt: b.KnownAt, Edition: b.Edition, Origin: b.Origin,
		Figures: b.Figures, Hash: b.Hash, FrozenAt: e.RecordedAt,
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO snapshot (tenant, id, pos, as_of, known, body) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.Tenant, string(e.Subject), e.Pos, b.AsOf.UnixMicro(), b.Known, body)
	return err
}

func applyMeeting(tx *storage.Tx, e ledger.Entry) error {
	m, _, err := MeetingByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	m = m.After(e)
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO meeting (tenant, id, incident, day, state, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		e.Tenant, string(m.ID), string(m.Incident), m.Day, m.State, body)
	return err
}

func applyReport(tx *storage.Tx, e ledger.Entry) error {
	r, _, err := ReportByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	r = r.After(e)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO report (tenant, id, incident, kind, state, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, id) DO UPDATE SET kind = excluded.kind, state = excluded.state, body = excluded.body`,
		e.Tenant, string(r.ID), string(r.Incident), r.Kind, r.State, r.DraftedAt.UnixMicro(), body)
	return err
}
