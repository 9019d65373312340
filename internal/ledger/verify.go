package ledger

import (
	"bytes"
	"fmt"

	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/tlog"
)

// Report is what a verification found.
type Report struct {
	Size      int64
	Root      tlog.Hash
	Parts     map[string]int // by state: present, destroyed, missing, broken
	Faults    []string       // what is wrong, at most maxFaults
	MoreFault int            // faults beyond those
}

// maxFaults bounds what a report lists: a broken disk breaks everything.
const maxFaults = 50

// OK tells whether nothing is wrong.
func (r Report) OK() bool { return len(r.Faults) == 0 }

func (r *Report) fault(format string, args ...any) {
	if len(r.Faults) == maxFaults {
		r.MoreFault++
		return
	}
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}

// Verify computes the tree of a tenant anew from the stored bytes and compares it with the tiles and
// the head: no entry is missing, added, changed or out of order. part is asked for every sealed part
// and answers its state.
func Verify(tx *storage.Tx, types Types, tenant string, part func(Part) (state string, err error)) (Report, error) {
	r := Report{Parts: map[string]int{}}
	size, err := Size(tx, tenant)
	if err != nil {
		return r, err
	}
	v := verification{levels: [][]tlog.Hash{nil}}
	var last int64
	err = Each(tx, tenant, Filter{}, func(pos int64, b []byte) error {
		if pos != r.Size {
			r.fault("position %d follows %d", pos, r.Size-1)
			r.Size = pos
		}
		r.Size++
		v.add(tlog.RecordHash(b))
		e, err := types.Decode(b)
		if err != nil {
			r.fault("entry %d: %v", pos, err)
			return nil
		}
		if e.Pos != pos || e.Tenant != tenant {
			r.fault("entry %d says it is %s %d", pos, e.Tenant, e.Pos)
		}
		if at := e.RecordedAt.UnixMicro(); at <= last {
			r.fault("entry %d was recorded before its predecessor", pos)
		} else {
			last = at
		}
		for _, p := range e.Parts {
			state, err := part(p)
			if err != nil {
				return err
			}
			r.Parts[state]++
			if state == "missing" || state == "broken" {
				r.fault("entry %d: sealed part %s is %s", pos, p.Name, state)
			}
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	if r.Size != size {
		r.fault("the head says %d entries, there are %d", size, r.Size)
	}
	if err := v.compare(tx, tenant, &r); err != nil {
		return r, err
	}
	r.Root, err = tlog.TreeHash(int64(len(v.levels[0])), v.reader())
	return r, err
}

// verification holds the tile levels computed from the entries.
type verification struct{ levels [][]tlog.Hash }

func (v *verification) add(h tlog.Hash) {
	for level := 0; ; level++ {
		if level == len(v.levels) {
			v.levels = append(v.levels, nil)
		}
		v.levels[level] = append(v.levels[level], h)
		n := len(v.levels[level])
		if n%tileWidth != 0 {
			return
		}
		h = tileRoot(join(v.levels[level][n-tileWidth:]))
	}
}

func join(hs []tlog.Hash) []byte {
	b := make([]byte, 0, len(hs)*tlog.HashSize)
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

func (v *verification) tile(level int, n int64, width int) []byte {
	hs := v.levels[level]
	first := n * tileWidth
	return join(hs[first:min(first+int64(width), int64(len(hs)))])
}

func (v *verification) compare(tx *storage.Tx, tenant string, r *Report) error {
	for level, hs := range v.levels {
		for n := int64(0); n*tileWidth < int64(len(hs)); n++ {
			stored, err := Tile(tx, tenant, level, n)
			if err != nil {
				return err
			}
			if !bytes.Equal(stored, v.tile(level, n, tileWidth)) {
				r.fault("tree tile %d/%d does not fit the entries %d to %d", level, n,
					n<<(tileHeight*(level+1)), (n+1)<<(tileHeight*(level+1))-1)
			}
		}
	}
	return nil
}

func (v *verification) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			h, err := tlog.HashFromTile(t, v.tile(t.L, t.N, t.W), index)
			if err != nil {
				return nil, err
			}
			out[i] = h
		}
		return out, nil
	})
}
