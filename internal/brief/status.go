package brief

import (
	"slices"
	"time"

	"duzhan/internal/ledger"
)

// Statuses of a street (R126).
var Statuses = []string{"good", "watch", "bad"}

// Status (街道态势) of a street on a day, with who says so.
type Status struct {
	Street   string      `json:"street"`
	Day      string      `json:"day"`
	Status   string      `json:"status"`
	By       ledger.ID   `json:"by"`
	At       time.Time   `json:"at"`
	Evidence ledger.Part `json:"evidence"`
}

// StatusReportedV1 is entry brief.status-reported; its subject is "status:STREET:DAY". Sealed part:
// "evidence". The last one of a day counts, the earlier ones stay in the ledger.
type StatusReportedV1 struct {
	Street string `json:"street"`
	Day    string `json:"day"`
	Status string `json:"status"`
}

// Kind is brief.status-reported, version 1.
func (StatusReportedV1) Kind() (string, int) { return "brief.status-reported", 1 }

// ReportStatus says how a street is on a day.
type ReportStatus struct {
	ledger.Act
	Street, Day, Status string
	Posted              bool // a team is posted there that day
	Today               string
}

// Decide wants evidence, a street where a team is, and no day that is still to come.
func (c ReportStatus) Decide(_ Status, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	switch {
	case !slices.Contains(Statuses, c.Status):
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "status", "field", "status")
	case c.Day > c.Today:
		return nil, ledger.RefuseAs(ledger.Invalid, "time.in-future", "day", "minutes", "0")
	case !c.Posted:
		return nil, ledger.RefuseAs(ledger.Invalid, "status.nobody-posted", "street")
	}
	if r := c.Need("evidence"); r != nil {
		return nil, r
	}
	return c.Draft(ledger.ID("status:"+c.Street+":"+c.Day), StatusReportedV1{Street: c.Street, Day: c.Day, Status: c.Status}), nil
}
