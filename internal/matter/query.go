package matter

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Load reads a matter; found is false if there is none.
func Load(tx *storage.Tx, tenant string, id ledger.ID) (m Matter, found bool, err error) {
	found, err = storage.One(tx, &m, `SELECT body FROM matter WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return m, found, err
}

// Filter selects matters; zero values select all. All given conditions hold together.
type Filter struct {
	Incident, Origin, State, Street, Addressee, Team, Severity, Problem, Theme, Area, Responsibility, Channel, Day, Pending string
	Site                                                                                                                    ledger.ID
	Sites                                                                                                                   []string
	Light                                                                                                                   string // on_time, due_soon, late, very_late, not_given
	Open                                                                                                                    bool
	Unrectified                                                                                                             bool   // in progress: no claim stands
	Number                                                                                                                  string // part of the number
	Serial                                                                                                                  int64  // the running number itself
	IDs                                                                                                                     []string
	Streets                                                                                                                 []string // the asker's jurisdiction; nil is everywhere
	Units                                                                                                                   []string // or the asker's units
	DueBy                                                                                                                   time.Time
	Now                                                                                                                     time.Time
	Sort                                                                                                                    string // due, number, assigned
	After                                                                                                                   string // token of Page
	Limit                                                                                                                   int
}

// Page is a part of a list.
type Page struct {
	Matters []Matter
	Found   int    // by the filter, the whole list; no further than storage.CountLimit
	Next    string // token of the next part; empty at the end
}

// where builds the condition; it names columns only, values go as arguments.
type where struct {
	text strings.Builder
	args []any
}

func (w *where) add(cond string, vs ...any) {
	for _, v := range vs {
		w.args = append(w.args, v)
		cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.text.WriteString(" AND " + cond)
}

func (w *where) in(column string, values []string) {
	marks := make([]string, len(values))
	args := make([]any, len(values))
	for i, v := range values {
		marks[i], args[i] = "?", v
	}
	w.add(column+" IN ("+strings.Join(marks, ", ")+")", args...)
}

func (f Filter) where(tenant string) *where {
	w := &where{args: []any{tenant}}
	for _, c := range []struct{ column, value string }{
		{"incident", f.Incident},
		{"origin", f.Origin},
		{"state", f.State},
		{"street", f.Street},
		{"addressee", f.Addressee},
		{"team", f.Team},
		{"severity", f.Severity},
		{"problem", f.Problem},
		{"area", f.Area},
		{"responsibility", f.Responsibility},
		{"channel", f.Channel},
		{"day", f.Day},
		{"pending", f.Pending},
		{"site", string(f.Site)},
	} {
		if c.value == "-" {
			w.add(c.column+" = ?", "")
		} else if c.value != "" {
			w.add(c.column+" = ?", c.value)
		}
	}
	if f.Theme != "" {
		w.add("themes LIKE ?", "%|"+f.Theme+"|%")
	}
	if f.Number != "" {
		w.add("number LIKE ?", "%"+f.Number+"%")
	}
	if f.Serial != 0 {
		w.add("serial = ?", f.Serial)
	}
	if f.Open {
		w.add("open = 1")
	}
	if f.Unrectified {
		w.add("unrectified = 1")
	}
	if len(f.IDs) > 0 {
		w.in("id", f.IDs)
	}
	if len(f.Sites) > 0 {
		w.in("site", f.Sites)
	}
	if f.Streets != nil || f.Units != nil {
		f.jurisdiction(w)
	}
	if !f.DueBy.IsZero() {
		w.add("unrectified = 1 AND due <= ?", f.DueBy.UnixMicro())
	}
	now := f.Now.UnixMicro()
	switch f.Light {
	case "late":
		w.add("unrectified = 1 AND due < ? AND ? <= due + (due - assigned_at)", now, now)
	case "very_late":
		w.add("unrectified = 1 AND ? > due + (due - assigned_at)", now)
	case "overdue":
		w.add("unrectified = 1 AND due < ?", now)
	case "due_soon":
		w.add("unrectified = 1 AND due >= ? AND (due - ? <= 1800000000 OR (due - ?) * 4 <= due - assigned_at)", now, now, now)
	case "on_time":
		w.add("unrectified = 1 AND due - ? > 1800000000 AND (due - ?) * 4 > due - assigned_at", now, now)
	case "not_given":
		w.add("open = 1 AND due IS NULL")
	}
	return w
}

// jurisdiction lets through what lies in the asker's streets or is addressed to his units.
func (f Filter) jurisdiction(w *where) {
	var parts []string
	var args []any
	list := func(column string, values []string) {
		if len(values) == 0 {
			return
		}
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
		parts = append(parts, column+" IN ("+marks+")")
		for _, v := range values {
			args = append(args, v)
		}
	}
	list("street", f.Streets)
	list("addressee", f.Units)
	if len(parts) == 0 {
		parts = []string{"1 = 0"}
	}
	w.add("("+strings.Join(parts, " OR ")+")", args...)
}

// orders are the sort orders: the columns a page continues behind.
var orders = map[string]string{
	"due":      "COALESCE(due, 9223372036854775807)",
	"number":   "serial",
	"assigned": "assigned_at",
}

// given tells whether f selects only matters with a deadline.
func (f Filter) given() bool {
	return !f.DueBy.IsZero() || f.Light != "" && f.Light != "not_given"
}

// List gives a part of the matters that f selects.
func List(tx *storage.Tx, tenant string, f Filter) (Page, error) {
	order, ok := orders[f.Sort]
	if !ok {
		order = orders["number"]
	}
	if f.Sort == "due" && f.given() { // the order of the index: a page costs a page
		order = "due"
	}
	if f.Limit <= 0 || f.Limit > MaxPage {
		f.Limit = MaxPage
	}
	var p Page
	w := f.where(tenant)
	if f.After == "" {
		var err error
		if p.Found, err = tx.Count(`FROM matter WHERE tenant = $1`+w.text.String(), w.args...); err != nil {
			return p, err
		}
	}
	if f.After != "" {
		key, id, _ := strings.Cut(f.After, "~")
		at, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return p, ledger.RefuseAs(ledger.Invalid, "page.bad-token", "page")
		}
		w.add(fmt.Sprintf("(%s, id) > (?, ?)", order), at, id)
	}
	w.args = append(w.args, f.Limit+1)
	q := fmt.Sprintf(`SELECT %s, body FROM matter WHERE tenant = $1%s ORDER BY %s, id LIMIT $%d`, order, w.text.String(), order, len(w.args))
	var last int64
	err := tx.Query(q, w.args, func(scan func(...any) error) error {
		var at int64
		var body []byte
		if err := scan(&at, &body); err != nil {
			return err
		}
		if len(p.Matters) == f.Limit {
			p.Next = fmt.Sprintf("%d~%s", last, p.Matters[f.Limit-1].ID)
			return nil
		}
		last = at
		var m Matter
		err := json.Unmarshal(body, &m)
		p.Matters = append(p.Matters, m)
		return err
	})
	return p, err
}

// Last gives the ids of the matters that f selects, the last numbered first, and counts nothing: by an index for a
// serial, a problem type, an addressee or sites.
func Last(tx *storage.Tx, tenant string, f Filter, limit int) ([]ledger.ID, error) {
	w := f.where(tenant)
	w.args = append(w.args, limit)
	var out []ledger.ID
	err := tx.Query(fmt.Sprintf(`SELECT id FROM matter WHERE tenant = $1%s ORDER BY serial DESC, id LIMIT $%d`, w.text.String(), len(w.args)), w.args,
		func(scan func(...any) error) error {
			var id ledger.ID
			err := scan(&id)
			out = append(out, id)
			return err
		})
	return out, err
}

// MaxPage bounds a page: a list is paged by the server.
const MaxPage = 1000

// Count counts the matters that f selects, as they are now; no further than storage.CountLimit.
func Count(tx *storage.Tx, tenant string, f Filter) (int, error) {
	w := f.where(tenant)
	return tx.Count(`FROM matter WHERE tenant = $1`+w.text.String(), w.args...)
}

// DuplicatesOf lists the matters merged into one, by number.
func DuplicatesOf(tx *storage.Tx, tenant string, id ledger.ID) ([]Matter, error) {
	return storage.All[Matter](tx, `SELECT body FROM matter WHERE tenant = $1 AND master = $2 ORDER BY serial, id`, tenant, string(id))
}

// DueStep is a step of a ladder that has come due.
type DueStep struct {
	Matter   ledger.ID
	Deadline string
	Step     Step
}

// DueSteps lists the steps not fired that came due by now, oldest first within a deadline.
func DueSteps(tx *storage.Tx, tenant string, now time.Time, limit int) ([]DueStep, error) {
	var out []DueStep
	err := tx.Query(`SELECT matter, deadline, step, at, audience FROM matter_step
		WHERE tenant = $1 AND fired IS NULL AND at <= $2 ORDER BY matter, deadline, at, step LIMIT $3`,
		[]any{tenant, now.UnixMicro(), limit}, func(scan func(...any) error) error {
			var d DueStep
			var at int64
			var audience string
			if err := scan(&d.Matter, &d.Deadline, &d.Step.Code, &at, &audience); err != nil {
				return err
			}
			d.Step.At = time.UnixMicro(at).UTC()
			d.Step.Audience = strings.Split(audience, ",")
			out = append(out, d)
			return nil
		})
	return out, err
}

// LadderState is what became of a matter's steps.
type LadderState struct {
	Deadline, Step string
	At             time.Time
	Fired          *int64 // position of the entry
}

// Ladder lists a matter's steps, in order of time.
func Ladder(tx *storage.Tx, tenant string, id ledger.ID) ([]LadderState, error) {
	var out []LadderState
	err := tx.Query(`SELECT deadline, step, at, fired FROM matter_step WHERE tenant = $1 AND matter = $2 ORDER BY at, step`,
		[]any{tenant, string(id)}, func(scan func(...any) error) error {
			var s LadderState
			var at int64
			if err := scan(&s.Deadline, &s.Step, &at, &s.Fired); err != nil {
				return err
			}
			s.At = time.UnixMicro(at).UTC()
			out = append(out, s)
			return nil
		})
	return out, err
}

// Night is why a matter stayed over the night that ended a day.
type Night struct {
	Matter   ledger.ID
	Expected time.Time
	By       ledger.ID
	At       time.Time
	Text     ledger.Part
}

// Nights lists what was said of the night that ended a day (YYYY-MM-DD), by matter.
func Nights(tx *storage.Tx, tenant, day string) (map[ledger.ID]Night, error) {
	out := map[ledger.ID]Night{}
	err := tx.Query(`SELECT matter, expected, person, at, part FROM matter_explained WHERE tenant = $1 AND day = $2`,
		[]any{tenant, day}, func(scan func(...any) error) error {
			var n Night
			var id, person, part string
			var expected, at int64
			if err := scan(&id, &expected, &person, &at, &part); err != nil {
				return err
			}
			n.Matter, n.By = ledger.ID(id), ledger.ID(person)
			n.Expected, n.At = time.UnixMicro(expected).UTC(), time.UnixMicro(at).UTC()
			out[n.Matter] = n
			err := json.Unmarshal([]byte(part), &n.Text)
			out[n.Matter] = n
			return err
		})
	return out, err
}
