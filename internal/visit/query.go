package visit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Load reads a visit.
func Load(tx *storage.Tx, tenant string, id ledger.ID) (v Visit, found bool, err error) {
	found, err = storage.One(tx, &v, `SELECT body FROM visit WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return v, found, err
}

// LoadFinding reads a finding.
func LoadFinding(tx *storage.Tx, tenant string, id ledger.ID) (f Finding, found bool, err error) {
	found, err = storage.One(tx, &f, `SELECT body FROM finding WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return f, found, err
}

// TeamByID reads a team.
func TeamByID(tx *storage.Tx, tenant string, id ledger.ID) (t Team, found bool, err error) {
	found, err = storage.One(tx, &t, `SELECT body FROM team WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return t, found, err
}

// Teams lists all teams by number.
func Teams(tx *storage.Tx, tenant string) ([]Team, error) {
	return storage.All[Team](tx, `SELECT body FROM team WHERE tenant = $1 ORDER BY no, id`, tenant)
}

func visitsOf(tx *storage.Tx, tenant string, site, except ledger.ID) ([]Visit, error) {
	return storage.All[Visit](tx, `SELECT body FROM visit WHERE tenant = $1 AND site = $2 AND id <> $3 ORDER BY at, id`, tenant, string(site), string(except))
}

// VisitsOfSite lists a site's visits, in order of time.
func VisitsOfSite(tx *storage.Tx, tenant string, site ledger.ID) ([]Visit, error) {
	return visitsOf(tx, tenant, site, "")
}

// FindingsOf lists the findings of a visit, in order of time.
func FindingsOf(tx *storage.Tx, tenant string, visit ledger.ID) ([]Finding, error) {
	return storage.All[Finding](tx, `SELECT body FROM finding WHERE tenant = $1 AND visit = $2 ORDER BY at, id`, tenant, string(visit))
}

// CountFindings counts the findings of a visit.
func CountFindings(tx *storage.Tx, tenant string, visit ledger.ID) (n int, err error) {
	_, err = tx.Row(`SELECT COUNT(*) FROM finding WHERE tenant = $1 AND visit = $2`, []any{tenant, string(visit)}, &n)
	return n, err
}

// Filter selects visits or findings; zero values select all.
type Filter struct {
	State, Street, Team, Day, Problem string
	Site                              ledger.ID
	Sites                             []string  // any of them; empty: all
	Streets                           []string  // the asker's jurisdiction; nil is everywhere
	HandOverBy                        time.Time // findings whose hand-over was due by then and is still to come
	After                             string
	Limit                             int
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Found int
	Next  string
}

// MaxPage bounds a page.
const MaxPage = 1000

// List gives a part of the visits that f selects, newest first.
func List(tx *storage.Tx, tenant string, f Filter) (Page[Visit], error) {
	return page(tx, tenant, "visit", f, func(v Visit) (int64, ledger.ID) { return v.StartedAt.UnixMicro(), v.ID })
}

// Findings gives a part of the findings that f selects, newest first.
func Findings(tx *storage.Tx, tenant string, f Filter) (Page[Finding], error) {
	return page(tx, tenant, "finding", f, func(x Finding) (int64, ledger.ID) { return x.RaisedAt.UnixMicro(), x.ID })
}

func page[T any](tx *storage.Tx, tenant, table string, f Filter, key func(T) (int64, ledger.ID)) (Page[T], error) {
	where, args := f.from(tenant, table)
	return keyset(tx, where, args, f.After, f.Limit, key)
}

// from is the SQL that picks what f selects out of a table.
func (f Filter) from(tenant, table string) (where string, args []any) {
	where = ` FROM ` + table + ` WHERE tenant = $1`
	args = []any{tenant}
	add := func(cond string, v any) {
		args = append(args, v)
		where += " AND " + strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(args)))
	}
	for _, c := range []struct{ column, value string }{
		{"state", f.State}, {"street", f.Street}, {"team", f.Team}, {"site", string(f.Site)},
	} {
		if c.value != "" {
			add(c.column+" = ?", c.value)
		}
	}
	if f.Day != "" && table == "visit" {
		add("day = ?", f.Day)
	}
	if f.Problem != "" && table == "finding" {
		add("problem = ?", f.Problem)
	}
	if !f.HandOverBy.IsZero() {
		add("hand_over_by <= ?", f.HandOverBy.UnixMicro())
	}
	in := func(column string, marks, values []string) {
		for _, s := range values {
			args = append(args, s)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		where += " AND " + column + " IN (" + strings.Join(marks, ", ") + ")"
	}
	if f.Streets != nil {
		in("street", []string{"''"}, f.Streets)
	}
	if len(f.Sites) > 0 {
		in("site", nil, f.Sites)
	}
	return where, args
}

// keyset gives the part of a list behind a token, newest first; its first part counts the list.
func keyset[T any](tx *storage.Tx, where string, args []any, after string, limit int, key func(T) (int64, ledger.ID)) (Page[T], error) {
	var p Page[T]
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	if after == "" {
		var err error
		if p.Found, err = tx.Count(where, args...); err != nil {
			return p, err
		}
	} else {
		at, id, _ := strings.Cut(after, "~")
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return p, ledger.RefuseAs(ledger.Invalid, "page.bad-token", "page")
		}
		args = append(args, n, id)
		where += fmt.Sprintf(" AND (at, id) < ($%d, $%d)", len(args)-1, len(args))
	}
	args = append(args, limit+1)
	items, err := storage.All[T](tx, `SELECT body`+where+fmt.Sprintf(` ORDER BY at DESC, id DESC LIMIT $%d`, len(args)), args...)
	if len(items) > limit {
		items = items[:limit]
		at, id := key(items[limit-1])
		p.Next = fmt.Sprintf("%d~%s", at, id)
	}
	p.Items = items
	return p, err
}

// Elsewheres finds visits on which any of the persons is between from and to (zero: open end).
func Elsewheres(tx *storage.Tx, tenant string, persons []ledger.ID, from, to time.Time) ([]Elsewhere, error) {
	end := int64(1<<62 - 1)
	if !to.IsZero() {
		end = to.UnixMicro()
	}
	var out []Elsewhere
	for _, p := range persons {
		err := tx.Query(`SELECT visit FROM visit_person WHERE tenant = $1 AND person = $2 AND from_at < $3
			AND (to_at = 0 OR to_at > $4) AND to_at <> from_at ORDER BY from_at`,
			[]any{tenant, string(p), end, from.UnixMicro()}, func(scan func(...any) error) error {
				var v string
				err := scan(&v)
				out = append(out, Elsewhere{Person: p, Visit: ledger.ID(v)})
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Stay is where a person was on a visit.
type Stay struct {
	Visit    ledger.ID
	From, To time.Time
}

// Neighbours are the visits of a person that ended last before a span and began first after it; zero where there
// is none.
func Neighbours(tx *storage.Tx, tenant string, person ledger.ID, from, to time.Time) (before, after Stay, err error) {
	for _, n := range []struct {
		stay *Stay
		sql  string
		at   time.Time
	}{
		{&before, `to_at <= $3 AND to_at <> 0 ORDER BY to_at DESC`, from},
		{&after, `from_at >= $3 ORDER BY from_at`, to},
	} {
		var begun, ended int64
		found, err := tx.Row(`SELECT visit, from_at, to_at FROM visit_person WHERE tenant = $1 AND person = $2
			AND to_at <> from_at AND `+n.sql+` LIMIT 1`, []any{tenant, string(person), n.at.UnixMicro()}, &n.stay.Visit, &begun, &ended)
		if err != nil {
			return before, after, err
		}
		if found {
			n.stay.From, n.stay.To = time.UnixMicro(begun).UTC(), time.UnixMicro(ended).UTC()
		}
	}
	return before, after, nil
}

// OpenFindings counts the findings that wait for confirmation or hand-over, and those of them whose
// hand-over is late (R012).
func OpenFindings(tx *storage.Tx, tenant string, streets []string, now time.Time) (n, late int, err error) {
	count := func(f Filter) int {
		if err != nil {
			return 0
		}
		f.Streets = streets
		where, args := f.from(tenant, "finding")
		var found int
		found, err = tx.Count(where, args...)
		return found
	}
	for _, state := range []string{Draft, Raised, Confirmed} {
		n += count(Filter{State: state})
	}
	late = count(Filter{HandOverBy: now})
	return n, late, err
}

// DaySheet (日清单) is what a team did on a day, as far as it is known now.
type DaySheet struct {
	Visits   int
	Findings int // rejected ones left out
	Zero     bool
}

// DaySheets gives every team's sheet of a day (YYYY-MM-DD); from and to are its first and last instant.
func DaySheets(tx *storage.Tx, tenant, day string, from, to time.Time) (map[ledger.ID]DaySheet, error) {
	out := map[ledger.ID]DaySheet{}
	for _, q := range []struct {
		text string
		args []any
		set  func(*DaySheet, int)
	}{
		{
			`SELECT team, COUNT(*) FROM visit WHERE tenant = $1 AND at >= $2 AND at < $3 AND state IN ('open', 'ended') AND team <> '' GROUP BY team`,
			[]any{tenant, from.UnixMicro(), to.UnixMicro()},
			func(s *DaySheet, n int) { s.Visits = n },
		},
		{
			`SELECT team, COUNT(*) FROM finding WHERE tenant = $1 AND at >= $2 AND at < $3 AND state <> 'rejected' AND team <> '' GROUP BY team`,
			[]any{tenant, from.UnixMicro(), to.UnixMicro()},
			func(s *DaySheet, n int) { s.Findings = n },
		},
		{
			`SELECT team, 1 FROM zero_report WHERE tenant = $1 AND day = $2`,
			[]any{tenant, day},
			func(s *DaySheet, _ int) { s.Zero = true },
		},
	} {
		err := tx.Query(q.text, q.args, func(scan func(...any) error) error {
			var team string
			var n int
			err := scan(&team, &n)
			s := out[ledger.ID(team)]
			q.set(&s, n)
			out[ledger.ID(team)] = s
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AnswersOf lists what was looked at on a visit, by item.
func AnswersOf(tx *storage.Tx, tenant string, visit ledger.ID) ([]Answer, error) {
	var out []Answer
	err := tx.Query(`SELECT item, result FROM visit_answer WHERE tenant = $1 AND visit = $2 ORDER BY item`, []any{tenant, string(visit)}, func(scan func(...any) error) error {
		var a Answer
		err := scan(&a.Item, &a.Result)
		out = append(out, a)
		return err
	})
	return out, err
}

// Checked is when an item was first looked at, and how often since; items not applicable are no look.
type Checked struct {
	First    time.Time
	Visit    ledger.ID // the first
	Times    int
	Problems int
}

// CheckedItems tells of each item when it was first looked at, annulled visits left out.
func CheckedItems(tx *storage.Tx, tenant string) (map[string]Checked, error) {
	out := map[string]Checked{}
	err := tx.Query(`SELECT a.item, a.visit, a.at, a.result FROM visit_answer a JOIN visit v ON v.tenant = a.tenant AND v.id = a.visit
		WHERE a.tenant = $1 AND a.result <> 'not_applicable' AND v.state <> 'annulled' ORDER BY a.at, a.visit`,
		[]any{tenant}, func(scan func(...any) error) error {
			var item, visit, result string
			var at int64
			if err := scan(&item, &visit, &at, &result); err != nil {
				return err
			}
			c := out[item]
			if c.Times == 0 {
				c.First, c.Visit = time.UnixMicro(at).UTC(), ledger.ID(visit)
			}
			c.Times++
			if result == "problem" {
				c.Problems++
			}
			out[item] = c
			return nil
		})
	return out, err
}

// TypeCount is how many visits of one kind of site there were in a street.
type TypeCount struct {
	Street, Type string
	N            int64
}

// CountByType counts visits as of an instant by street and kind of site: the points of visits, so that an annulled
// visit and an exercise's do not count.
func CountByType(tx *storage.Tx, tenant string, as figure.AsOf) ([]TypeCount, error) {
	var out []TypeCount
	err := tx.Query(`SELECT v.street, s.type, CAST(SUM(p.n) AS BIGINT) FROM figure_point p
		JOIN visit v ON v.tenant = p.tenant AND v.id = p.subject JOIN site s ON s.tenant = v.tenant AND s.id = v.site
		WHERE p.tenant = $1 AND p.series = 'visit' AND p.at <= $2 AND p.pos < $3 GROUP BY v.street, s.type ORDER BY v.street, s.type`,
		[]any{tenant, as.T.UnixMicro(), as.Known}, func(scan func(...any) error) error {
			var c TypeCount
			err := scan(&c.Street, &c.Type, &c.N)
			out = append(out, c)
			return err
		})
	return out, err
}
