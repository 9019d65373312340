package figure

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Term selects a series with a sign.
type Term struct {
	Series string `json:"series"`
	Sign   int64  `json:"sign"`
}

// Definition (口径) says what a published figure counts. It is data with a version: what was published
// under a version keeps its meaning.
type Definition struct {
	Name     string `json:"name"`
	Version  int    `json:"version"`
	Terms    []Term `json:"terms"`
	Subject  string `json:"subject"`            // what is counted: visit, site, team, person, matter
	Distinct bool   `json:"distinct,omitempty"` // each cell of a split is distinct in itself
	// Axes are those that every point of its series stands on; a split by another axis leaves the figure out,
	// since a zero there would be false.
	Axes   []string `json:"axes"`
	Zh     string   `json:"zh"`
	En     string   `json:"en"`
	UnitZh string   `json:"unit_zh"`
	UnitEn string   `json:"unit_en"`
	TextZh string   `json:"text_zh"`
	TextEn string   `json:"text_en"`
}

//go:embed definitions.json
var definitionsJSON []byte

// Definitions are all published figures, in the order they are read out.
var Definitions = func() []Definition {
	var d []Definition
	if err := json.Unmarshal(definitionsJSON, &d); err != nil {
		panic("figure: definitions.json: " + err.Error())
	}
	return d
}()

// Define finds a definition by name.
func Define(name string) (Definition, bool) {
	i := slices.IndexFunc(Definitions, func(d Definition) bool { return d.Name == name })
	if i < 0 {
		return Definition{}, false
	}
	return Definitions[i], true
}

// Axes are what figures may be split by.
var Axes = []string{"street", "addressee", "team", "channel", "theme", "area", "responsibility", "day"}

// On tells whether the figure can be told for a value on an axis; the total, the empty axis, always can.
func (d Definition) On(axis string) bool { return axis == "" || slices.Contains(d.Axes, axis) }

// LeftOut lists the figures that an axis does not apply to.
func LeftOut(axis string) []string {
	names := []string{}
	for _, d := range Definitions {
		if !d.On(axis) {
			names = append(names, d.Name)
		}
	}
	return names
}

// series of a definition for an origin of matters; series without origins stand for themselves.
func (d Definition) series(origin string) []Term {
	terms := slices.Clone(d.Terms)
	if d.Subject == "matter" {
		for i := range terms {
			terms[i].Series += "@" + origin
		}
	}
	return terms
}

func allSeries(origin string) []string {
	var names []string
	for _, d := range Definitions {
		for _, t := range d.series(origin) {
			names = append(names, t.Series)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Figures computes every published figure as of a for a group (the zero Group is the total) whose axis applies
// to it.
func Figures(tx *storage.Tx, tenant string, a AsOf, origin string, g Group) (map[string]int64, error) {
	sums, err := Sums(tx, tenant, a, allSeries(origin), g)
	if err != nil {
		return nil, err
	}
	return published(sums, origin, g.Axis), nil
}

func published(sums map[string]int64, origin, axis string) map[string]int64 {
	out := make(map[string]int64, len(Definitions))
	for _, d := range Definitions {
		if !d.On(axis) {
			continue
		}
		n := int64(0)
		for _, t := range d.series(origin) {
			n += t.Sign * sums[t.Series]
		}
		out[d.Name] = n
	}
	return out
}

// Rounded is a cumulative number as it is published with "over" (余): rounded down to tens, and whether something
// was left out (R152).
func Rounded(n int64) (at int64, over bool) {
	const tens = 10
	at = n / tens * tens
	if at == 0 {
		return n, false
	}
	return at, at != n
}

// Row is one value of a split.
type Row struct {
	Value   string
	Figures map[string]int64
}

// MayExceed tells whether a split by an axis may sum to more than the total: an item can have several
// themes, and a distinct figure is distinct in each cell.
func MayExceed(axis string) bool {
	return axis == "theme" || axis == "day" || axis == "team" || axis == "street" || axis == "area"
}

// FiguresBy computes every published figure that the axis applies to for each value on it, sorted by the value.
func FiguresBy(tx *storage.Tx, tenant string, a AsOf, origin, axis string) ([]Row, error) {
	split, err := Split(tx, tenant, a, allSeries(origin), axis)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for value, sums := range split {
		f := published(sums, origin, axis)
		if slices.ContainsFunc(Definitions, func(d Definition) bool { return f[d.Name] != 0 }) {
			rows = append(rows, Row{value, f})
		}
	}
	slices.SortFunc(rows, func(x, y Row) int { return strings.Compare(x.Value, y.Value) })
	return rows, nil
}

// selection gives the SQL that picks a definition's series out of points p, each with its sign; the names
// of the series go behind args.
func (d Definition) selection(origin string, args []any) (sign, in string, out []any) {
	sign = "p.n"
	var marks []string
	for _, t := range d.series(origin) {
		args = append(args, t.Series)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
		if t.Sign < 0 {
			sign = fmt.Sprintf("CASE WHEN p.series = $%d THEN -p.n ELSE p.n END", len(args))
		}
	}
	return sign, strings.Join(marks, ", "), args
}

// Counted is a subject that a figure counts.
type Counted struct {
	Subject ledger.ID
	N       int64
	At      int64 // time of its newest point that counts, microseconds
	Pos     int64 // position of the entry that posted it
}

// Behind lists the subjects that a figure counts as of a for a group: the list behind the number. The
// list goes on behind the subject after.
func Behind(tx *storage.Tx, tenant string, a AsOf, d Definition, origin string, g Group, after ledger.ID, limit int) ([]Counted, error) {
	args := []any{tenant, a.T.UnixMicro(), a.Known, "%\n" + g.Axis + "=" + g.Value + "\n%", string(after)}
	sign, in, args := d.selection(origin, args)
	args = append(args, limit)
	var out []Counted
	err := tx.Query(fmt.Sprintf(`SELECT p.subject, CAST(SUM(%s) AS BIGINT), MAX(p.at), MAX(p.pos) FROM figure_point p
		JOIN figure_cell c ON c.tenant = p.tenant AND c.cell = p.cell
		WHERE p.tenant = $1 AND p.at <= $2 AND p.pos < $3 AND c.dims LIKE $4 AND p.subject > $5 AND p.series IN (%s)
		GROUP BY p.subject HAVING SUM(%s) <> 0 ORDER BY p.subject LIMIT $%d`, sign, in, sign, len(args)),
		args, func(scan func(...any) error) error {
			var c Counted
			var s string
			err := scan(&s, &c.N, &c.At, &c.Pos)
			c.Subject = ledger.ID(s)
			out = append(out, c)
			return err
		})
	return out, err
}

// Moved is a point posted for a figure.
type Moved struct {
	Pos, At, N int64
	Subject    ledger.ID
}

// Moves lists the points that changed a figure between two positions, or between two times.
func Moves(tx *storage.Tx, tenant string, from, to AsOf, d Definition, origin string, g Group, limit int) ([]Moved, error) {
	args := []any{tenant, from.T.UnixMicro(), to.T.UnixMicro(), from.Known, to.Known, "%\n" + g.Axis + "=" + g.Value + "\n%"}
	sign, in, args := d.selection(origin, args)
	args = append(args, limit)
	var out []Moved
	err := tx.Query(fmt.Sprintf(`SELECT p.pos, p.at, %s, p.subject FROM figure_point p
		JOIN figure_cell c ON c.tenant = p.tenant AND c.cell = p.cell
		WHERE p.tenant = $1 AND p.at <= $3 AND p.pos < $5 AND NOT (p.at <= $2 AND p.pos < $4)
		AND c.dims LIKE $6 AND p.series IN (%s) ORDER BY p.at DESC, p.pos DESC, p.seq LIMIT $%d`,
		sign, in, len(args)), args, func(scan func(...any) error) error {
		var m Moved
		var s string
		err := scan(&m.Pos, &m.At, &m.N, &s)
		m.Subject = ledger.ID(s)
		out = append(out, m)
		return err
	})
	return out, err
}
