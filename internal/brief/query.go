package brief

import (
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// MeetingByID finds a meeting.
func MeetingByID(tx *storage.Tx, tenant string, id ledger.ID) (m Meeting, found bool, err error) {
	found, err = storage.One(tx, &m, `SELECT body FROM meeting WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return m, found, err
}

// MeetingOn is the meeting of an incident on a day (YYYY-MM-DD).
func MeetingOn(tx *storage.Tx, tenant string, incident ledger.ID, day string) (m Meeting, found bool, err error) {
	found, err = storage.One(tx, &m, `SELECT body FROM meeting WHERE tenant = $1 AND incident = $2 AND day = $3`, tenant, string(incident), day)
	return m, found, err
}

// Meetings lists all meetings, the last first.
func Meetings(tx *storage.Tx, tenant string) ([]Meeting, error) {
	return storage.All[Meeting](tx, `SELECT body FROM meeting WHERE tenant = $1 ORDER BY day DESC, id`, tenant)
}

// ReportByID finds a report.
func ReportByID(tx *storage.Tx, tenant string, id ledger.ID) (r Report, found bool, err error) {
	found, err = storage.One(tx, &r, `SELECT body FROM report WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return r, found, err
}

// Reports lists all reports, the last first.
func Reports(tx *storage.Tx, tenant string) ([]Report, error) {
	return storage.All[Report](tx, `SELECT body FROM report WHERE tenant = $1 ORDER BY at DESC, id`, tenant)
}

// StatusesOn lists how the streets were on a day, by code.
func StatusesOn(tx *storage.Tx, tenant, day string) ([]Status, error) {
	return storage.All[Status](tx, `SELECT body FROM street_status WHERE tenant = $1 AND day = $2 ORDER BY street`, tenant, day)
}
