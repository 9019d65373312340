package figure

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// blockBits are the sizes of blocks by level, as powers of two of positions. A sum reads at most three
// blocks a level below the largest and scans fewer than 1,024 positions.
var blockBits = []int{10, 12, 14, 16, 18, 20}

// chunkPoints bounds how many points a look-up decodes.
const chunkPoints = 256

// stamp is a point of a run: a time and what its run amounts to there.
type stamp struct{ at, n int64 }

type runKey struct{ series, axis, value string }

// Roll builds the smallest full blocks below size that are not built yet, in the writer's transaction.
func Roll(tx *storage.Tx, tenant string, size int64) error {
	built, err := builtBlocks(tx, tenant, 0)
	if err != nil {
		return err
	}
	for b := built; (b+1)<<blockBits[0] <= size; b++ {
		runs, err := runsOfEntries(tx, tenant, b<<blockBits[0], (b+1)<<blockBits[0])
		if err != nil {
			return err
		}
		for _, k := range sortedKeys(runs) {
			if err := writeRun(tx, tenant, 0, b, k, runs[k]); err != nil {
				return err
			}
		}
		if err := setBuilt(tx, tenant, 0, b+1); err != nil {
			return err
		}
	}
	return nil
}

// Compact builds the larger full blocks out of smaller ones. It reads what never changes and writes in
// short commands, so that nobody waits for it; stopped anywhere, it goes on the next time.
func Compact(ctx context.Context, l *ledger.Ledger, tenant string) error {
	for level := 1; level < len(blockBits); level++ {
		for {
			more, err := compactOne(ctx, l, tenant, level)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// runsPerWrite bounds how long one command of a compaction holds the writer, and how many runs of a million
// positions are in memory at once.
const runsPerWrite = 12

func compactOne(ctx context.Context, l *ledger.Ledger, tenant string, level int) (more bool, err error) {
	ratio := int64(1) << (blockBits[level] - blockBits[level-1])
	var block int64
	var keys []runKey
	err = l.DB().Read(ctx, func(tx *storage.Tx) error {
		if block, err = builtBlocks(tx, tenant, level); err != nil {
			return err
		}
		below, err := builtBlocks(tx, tenant, level-1)
		if err != nil || (block+1)*ratio > below {
			return err
		}
		more = true
		return tx.Query(`SELECT DISTINCT series, axis, val FROM figure_run
			WHERE tenant = $1 AND level = $2 AND block >= $3 AND block < $4 ORDER BY series, axis, val`,
			[]any{tenant, level - 1, block * ratio, (block + 1) * ratio}, func(scan func(...any) error) error {
				var k runKey
				err := scan(&k.series, &k.axis, &k.value)
				keys = append(keys, k)
				return err
			})
	})
	if err != nil || !more {
		return false, err
	}
	for part := range slices.Chunk(keys, runsPerWrite) {
		runs := map[runKey][]stamp{}
		err := l.DB().Read(ctx, func(tx *storage.Tx) error {
			return readRuns(tx, tenant, level-1, block*ratio, (block+1)*ratio, part[0], part[len(part)-1], runs)
		})
		if err != nil {
			return false, err
		}
		if err := l.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
			for _, k := range part {
				if err := writeRun(tx.Tx, tenant, level, block, k, runs[k]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return false, err
		}
	}
	return true, l.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		return setBuilt(tx.Tx, tenant, level, block+1)
	})
}

func builtBlocks(tx *storage.Tx, tenant string, level int) (n int64, err error) {
	_, err = tx.Row(`SELECT blocks FROM figure_built WHERE tenant = $1 AND level = $2`, []any{tenant, level}, &n)
	return n, err
}

func setBuilt(tx *storage.Tx, tenant string, level int, blocks int64) error {
	_, err := tx.Exec(`INSERT INTO figure_built (tenant, level, blocks) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, level) DO UPDATE SET blocks = excluded.blocks`, tenant, level, blocks)
	return err
}

func runsOfEntries(tx *storage.Tx, tenant string, from, until int64) (map[runKey][]stamp, error) {
	runs := map[runKey][]stamp{}
	err := tx.Query(`SELECT p.series, p.at, p.n, c.dims FROM figure_point p
		JOIN figure_cell c ON c.tenant = p.tenant AND c.cell = p.cell
		WHERE p.tenant = $1 AND p.pos >= $2 AND p.pos < $3`, []any{tenant, from, until}, func(scan func(...any) error) error {
		var series, dims string
		var s stamp
		if err := scan(&series, &s.at, &s.n, &dims); err != nil {
			return err
		}
		Groups(dims).Each(func(g Group) {
			k := runKey{series, g.Axis, g.Value}
			runs[k] = append(runs[k], s)
		})
		return nil
	})
	return runs, err
}

func sortedKeys(runs map[runKey][]stamp) []runKey {
	keys := make([]runKey, 0, len(runs))
	for k := range runs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b runKey) int {
		return slices.Compare([]string{a.series, a.axis, a.value}, []string{b.series, b.axis, b.value})
	})
	return keys
}

// writeRun keeps the stamps as running sums, in chunks that begin with the time they are found by.
func writeRun(tx *storage.Tx, tenant string, level int, block int64, k runKey, stamps []stamp) error {
	slices.SortFunc(stamps, func(a, b stamp) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	merged := stamps[:0]
	for _, s := range stamps {
		if n := len(merged); n > 0 && merged[n-1].at == s.at {
			merged[n-1].n += s.n
			continue
		}
		merged = append(merged, s)
	}
	sum := int64(0)
	for chunk := range slices.Chunk(merged, chunkPoints) {
		data := binary.AppendVarint(nil, sum)
		at := chunk[0].at
		for _, s := range chunk {
			data = binary.AppendUvarint(data, uint64(s.at-at))
			data = binary.AppendVarint(data, s.n)
			at = s.at
			sum += s.n
		}
		if _, err := tx.Exec(`INSERT INTO figure_run (tenant, level, block, series, axis, val, first_at, data)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (tenant, level, block, series, axis, val, first_at) DO UPDATE SET data = excluded.data`,
			tenant, level, block, k.series, k.axis, k.value, chunk[0].at, data); err != nil {
			return err
		}
	}
	return nil
}

var errRun = errors.New("a roll-up cannot be read: run `duzhan rebuild`")

// decodeRun calls fn for each stamp of a chunk; it returns the sum before the first.
func decodeRun(firstAt int64, data []byte, fn func(stamp) bool) (before int64, err error) {
	before, n := binary.Varint(data)
	if n <= 0 {
		return 0, errRun
	}
	data = data[n:]
	at := firstAt
	for len(data) > 0 {
		d, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, errRun
		}
		data = data[n:]
		v, n := binary.Varint(data)
		if n <= 0 {
			return 0, errRun
		}
		data = data[n:]
		at += int64(d)
		if !fn(stamp{at, v}) {
			break
		}
	}
	return before, nil
}

// readRuns adds the stamps of the runs from first to last of some blocks to runs: one range a block, as
// the rows lie.
func readRuns(tx *storage.Tx, tenant string, level int, from, until int64, first, last runKey, runs map[runKey][]stamp) error {
	for b := from; b < until; b++ {
		err := tx.Query(`SELECT series, axis, val, first_at, data FROM figure_run WHERE tenant = $1 AND level = $2 AND block = $3
			AND (series, axis, val) >= ($4, $5, $6) AND (series, axis, val) <= ($7, $8, $9)`,
			[]any{tenant, level, b, first.series, first.axis, first.value, last.series, last.axis, last.value}, func(scan func(...any) error) error {
				var k runKey
				var at int64
				var data []byte
				if err := scan(&k.series, &k.axis, &k.value, &at, &data); err != nil {
					return err
				}
				_, err := decodeRun(at, data, func(s stamp) bool { runs[k] = append(runs[k], s); return true })
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}
