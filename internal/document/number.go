// Package document owns the numbers of papers (and later the papers): series, year, serial, without a
// gap (1H-06). It refuses to know what a paper says.
package document

import (
	"fmt"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Number is one number of a series in a year.
type Number struct {
	Series string // 机关代字 and kind: 渝督交
	Year   int
	N      int64
}

// String writes it as offices do, with the year in hexagonal brackets: 渝督交〔2022〕17号.
func (n Number) String() string { return fmt.Sprintf("%s〔%d〕%d号", n.Series, n.Year, n.N) }

// Next is the number after the last one of series and year. It is taken by the entry that carries it,
// in the same transaction.
func Next(tx *storage.Tx, tenant, series string, year int) (Number, error) {
	var last int64
	_, err := tx.Row(`SELECT n FROM document_number WHERE tenant = $1 AND series = $2 AND year = $3 ORDER BY n DESC LIMIT 1`,
		[]any{tenant, series, year}, &last)
	return Number{series, year, last + 1}, err
}

// Take writes down whose the number is; a number can be taken once.
func Take(tx *storage.Tx, e ledger.Entry, n Number) error {
	_, err := tx.Exec(`INSERT INTO document_number (tenant, series, year, n, subject, void, pos) VALUES ($1, $2, $3, $4, $5, 0, $6)`,
		e.Tenant, n.Series, n.Year, n.N, string(e.Subject), e.Pos)
	return err
}

// Void marks a subject's numbers as 作废: they stay visible and are not given again.
func Void(tx *storage.Tx, tenant string, subject ledger.ID) error {
	_, err := tx.Exec(`UPDATE document_number SET void = 1 WHERE tenant = $1 AND subject = $2`, tenant, string(subject))
	return err
}
