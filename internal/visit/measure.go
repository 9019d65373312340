package visit

import (
	"fmt"
	"strings"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Answered is what was found at a site about a check item when a team last looked within a span.
type Answered struct {
	Site   ledger.ID
	Street string
	Team   ledger.ID
	Day    string
	Item   string
	OK     bool
}

// AnsweredAt lists the answers to check items from a time until another, of every site and item the newest; what was not
// applicable, an annulled visit and a visit of an imported ledger count as no answer. keep leaves out visits by their
// team, day and site before the newest is taken.
func AnsweredAt(tx *storage.Tx, tenant string, items []string, from, until time.Time, keep func(Answered) bool) ([]Answered, error) {
	if len(items) == 0 {
		return nil, nil
	}
	args := []any{tenant, from.UnixMicro(), until.UnixMicro(), Annulled}
	marks := make([]string, len(items))
	for i, item := range items {
		args = append(args, item)
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	type key struct {
		site ledger.ID
		item string
	}
	at := map[key]int{}
	var out []Answered
	err := tx.Query(`SELECT v.site, v.street, v.team, v.day, a.item, a.result FROM visit_answer a JOIN visit v ON v.tenant = a.tenant AND v.id = a.visit
		WHERE a.tenant = $1 AND a.at >= $2 AND a.at < $3 AND v.state <> $4 AND v.team <> '' AND a.result <> 'not_applicable'
		AND a.item IN (`+strings.Join(marks, ", ")+`) ORDER BY a.at, a.visit, a.item`, args, func(scan func(...any) error) error {
		var x Answered
		var result string
		if err := scan(&x.Site, &x.Street, &x.Team, &x.Day, &x.Item, &result); err != nil {
			return err
		}
		x.OK = result == "ok"
		if !keep(x) {
			return nil
		}
		k := key{x.Site, x.Item}
		if i, seen := at[k]; seen {
			out[i] = x
			return nil
		}
		at[k] = len(out)
		out = append(out, x)
		return nil
	})
	return out, err
}

// Draw is a site of the plan in force of a team and a day.
type Draw struct {
	Team ledger.ID
	Day  string
	Site ledger.ID
}

// DrawnSites are the sites of all plans in force that chance drew, those put in by hand left out.
func DrawnSites(tx *storage.Tx, tenant string) (map[Draw]bool, error) {
	list, err := storage.All[Sampling](tx, `SELECT body FROM sampling WHERE tenant = $1 AND state = $2 ORDER BY no`, tenant, SamplingAccepted)
	newest := map[Draw]Sampling{}
	for _, s := range list {
		newest[Draw{Team: s.Team, Day: s.Day}] = s
	}
	out := map[Draw]bool{}
	for _, s := range newest {
		for _, p := range s.Drawn {
			out[Draw{s.Team, s.Day, p.Site}] = true
		}
	}
	return out, err
}
