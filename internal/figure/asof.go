package figure

import (
	"strconv"
	"strings"
	"time"

	"duzhan/internal/storage"
)

// AsOf names the two times of a figure: what had happened by T, as far as the first Known entries say.
type AsOf struct {
	T     time.Time
	Known int64 // number of entries
}

// span is a run of equal blocks, or of single positions (level -1), that cover [from, until).
type span struct {
	level       int
	from, until int64 // blocks, or positions for level -1
}

// cover covers the first known positions with the largest blocks that are built.
func cover(tx *storage.Tx, tenant string, known int64) ([]span, error) {
	var spans []span
	at := int64(0)
	for level := len(blockBits) - 1; level >= 0; level-- {
		built, err := builtBlocks(tx, tenant, level)
		if err != nil {
			return nil, err
		}
		bits := blockBits[level]
		from, until := at>>bits, min(built, known>>bits)
		if until > from {
			spans = append(spans, span{level, from, until})
			at = until << bits
		}
	}
	if at < known {
		spans = append(spans, span{-1, at, known})
	}
	return spans, nil
}

// Sums gives the sum of every series for one group.
func Sums(tx *storage.Tx, tenant string, a AsOf, series []string, g Group) (map[string]int64, error) {
	spans, err := cover(tx, tenant, a.Known)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, s := range spans {
		if s.level < 0 {
			if err := scanPoints(tx, tenant, a.T, s, series, func(name, dims string, n int64) {
				if has(dims, g) {
					out[name] += n
				}
			}); err != nil {
				return nil, err
			}
			continue
		}
		for _, name := range series {
			for b := s.from; b < s.until; b++ {
				n, err := sumBlock(tx, tenant, s.level, b, runKey{name, g.Axis, g.Value}, a.T)
				if err != nil {
					return nil, err
				}
				out[name] += n
			}
		}
	}
	return out, nil
}

// Split gives the sums of every series for each value on an axis.
func Split(tx *storage.Tx, tenant string, a AsOf, series []string, axis string) (map[string]map[string]int64, error) {
	spans, err := cover(tx, tenant, a.Known)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]int64{}
	add := func(value, name string, n int64) {
		if out[value] == nil {
			out[value] = map[string]int64{}
		}
		out[value][name] += n
	}
	for _, s := range spans {
		if s.level < 0 {
			if err := scanPoints(tx, tenant, a.T, s, series, func(name, dims string, n int64) {
				Groups(dims).Each(func(g Group) {
					if g.Axis == axis {
						add(g.Value, name, n)
					}
				})
			}); err != nil {
				return nil, err
			}
			continue
		}
		for _, name := range series {
			for b := s.from; b < s.until; b++ {
				values, err := blockValues(tx, tenant, s.level, b, name, axis)
				if err != nil {
					return nil, err
				}
				for _, v := range values {
					n, err := sumBlock(tx, tenant, s.level, b, runKey{name, axis, v}, a.T)
					if err != nil {
						return nil, err
					}
					add(v, name, n)
				}
			}
		}
	}
	return out, nil
}

func blockValues(tx *storage.Tx, tenant string, level int, block int64, series, axis string) ([]string, error) {
	var values []string
	err := tx.Query(`SELECT DISTINCT val FROM figure_run WHERE tenant = $1 AND level = $2 AND block = $3 AND series = $4 AND axis = $5`,
		[]any{tenant, level, block, series, axis}, func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			values = append(values, v)
			return err
		})
	return values, err
}

// sumBlock is what one block amounts to by T: one look-up.
func sumBlock(tx *storage.Tx, tenant string, level int, block int64, k runKey, t time.Time) (int64, error) {
	var first int64
	var data []byte
	found, err := tx.Row(`SELECT first_at, data FROM figure_run WHERE tenant = $1 AND level = $2 AND block = $3
		AND series = $4 AND axis = $5 AND val = $6 AND first_at <= $7 ORDER BY first_at DESC LIMIT 1`,
		[]any{tenant, level, block, k.series, k.axis, k.value, t.UnixMicro()}, &first, &data)
	if err != nil || !found {
		return 0, err
	}
	sum := int64(0)
	before, err := decodeRun(first, data, func(s stamp) bool {
		if s.at > t.UnixMicro() {
			return false
		}
		sum += s.n
		return true
	})
	return before + sum, err
}

func scanPoints(tx *storage.Tx, tenant string, t time.Time, s span, series []string, fn func(series, dims string, n int64)) error {
	args := []any{tenant, s.from, s.until, t.UnixMicro()}
	marks := make([]string, len(series))
	for i, name := range series {
		args = append(args, name)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	// series || '' keeps the planner to the few positions: a series is the larger part of all points
	return tx.Query(`SELECT p.series, c.dims, p.n FROM (
			SELECT series, cell, CAST(SUM(n) AS BIGINT) AS n FROM figure_point
			WHERE tenant = $1 AND pos >= $2 AND pos < $3 AND at <= $4 AND series || '' IN (`+strings.Join(marks, ", ")+`) GROUP BY series, cell
		) p JOIN figure_cell c ON c.tenant = $1 AND c.cell = p.cell`,
		args, func(scan func(...any) error) error {
			var name, dims string
			var n int64
			if err := scan(&name, &dims, &n); err != nil {
				return err
			}
			fn(name, dims, n)
			return nil
		})
}

func has(dims string, g Group) bool {
	return strings.Contains(dims, "\n"+g.Axis+"="+g.Value+"\n")
}

// Cross sums a series as of a for every pair of values on two axes that its points stand on.
func Cross(tx *storage.Tx, tenant string, a AsOf, series, axis, other string) (map[[2]string]int64, error) {
	out := map[[2]string]int64{}
	err := tx.Query(`SELECT c.dims, CAST(SUM(p.n) AS BIGINT) FROM figure_point p JOIN figure_cell c ON c.tenant = p.tenant AND c.cell = p.cell
		WHERE p.tenant = $1 AND p.series = $2 AND p.at <= $3 AND p.pos < $4 GROUP BY c.dims`,
		[]any{tenant, series, a.T.UnixMicro(), a.Known}, func(scan func(...any) error) error {
			var dims string
			var n int64
			if err := scan(&dims, &n); err != nil {
				return err
			}
			var pair [2]string
			Groups(dims).Each(func(g Group) {
				switch g.Axis {
				case axis:
					pair[0] = g.Value
				case other:
					pair[1] = g.Value
				}
			})
			out[pair] += n
			return nil
		})
	return out, err
}
