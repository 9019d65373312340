package matter

import (
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// CodeCount is how many matters stand under a code, and in how many streets.
type CodeCount struct {
	Code    string
	N       int64
	Streets int64
}

func codeCounts(tx *storage.Tx, query string, args ...any) (out []CodeCount, err error) {
	err = tx.Query(query, args, func(scan func(...any) error) error {
		var c CodeCount
		err := scan(&c.Code, &c.N, &c.Streets)
		out = append(out, c)
		return err
	})
	return out, err
}

// ProblemsOn counts the findings of an incident that were handed over on a day (YYYY-MM-DD) by problem type, most first;
// withdrawn and merged ones do not count.
func ProblemsOn(tx *storage.Tx, tenant string, incident ledger.ID, day string) ([]CodeCount, error) {
	return codeCounts(tx, `SELECT problem, COUNT(*), COUNT(DISTINCT street) FROM matter WHERE tenant = $1 AND incident = $2 AND origin = $3 AND day = $4
		AND state NOT IN ($5, $6) AND problem <> '' GROUP BY problem ORDER BY COUNT(*) DESC, problem`,
		tenant, string(incident), string(OriginFinding), day, string(Withdrawn), string(Duplicate))
}

// LateBy counts the matters of an incident that are late at a time by whose responsibility they are, most first.
func LateBy(tx *storage.Tx, tenant string, incident ledger.ID, now time.Time) ([]CodeCount, error) {
	return codeCounts(tx, `SELECT responsibility, COUNT(*), COUNT(DISTINCT street) FROM matter WHERE tenant = $1 AND incident = $2 AND unrectified = 1 AND due < $3
		AND responsibility <> '' GROUP BY responsibility ORDER BY COUNT(*) DESC, responsibility`, tenant, string(incident), now.UnixMicro())
}

// FailedIn lists the matters whose verification failed within a run of positions, by the position of the first time.
func FailedIn(tx *storage.Tx, tenant string, from, until int64) (ids []ledger.ID, err error) {
	kind, _ := VerificationFailedV1{}.Kind()
	err = tx.Query(`SELECT subject FROM ledger_entry WHERE tenant = $1 AND pos >= $2 AND pos < $3 AND type = $4 GROUP BY subject ORDER BY MIN(pos)`,
		[]any{tenant, from, until, kind}, func(scan func(...any) error) error {
			var id ledger.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}
