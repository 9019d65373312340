package ledger

import (
	"fmt"

	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of C2SP tlog-tiles: 256 hashes a full tile.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// Tile gives the hashes of tile n of a level, 32 bytes each; an incomplete tile has fewer than 256.
func Tile(tx *storage.Tx, tenant string, level int, n int64) ([]byte, error) {
	var hashes []byte
	_, err := tx.Row(`SELECT hashes FROM ledger_tile WHERE tenant = $1 AND level = $2 AND n = $3`,
		[]any{tenant, level, n}, &hashes)
	return hashes, err
}

// growTree adds the hashes of new leaves behind the size-th leaf.
func growTree(tx *storage.Tx, tenant string, size int64, leaves []tlog.Hash) error {
	for level := 0; len(leaves) > 0; level++ {
		var parents []tlog.Hash
		first := size >> (tileHeight * level)
		for len(leaves) > 0 {
			n := first / tileWidth
			var tile []byte
			var err error
			if first%tileWidth != 0 {
				if tile, err = Tile(tx, tenant, level, n); err != nil {
					return err
				}
			}
			if int64(len(tile)) < first%tileWidth*tlog.HashSize {
				return fmt.Errorf("tile %d/%d has %d bytes, expected %d", level, n, len(tile), first%tileWidth*tlog.HashSize)
			}
			tile = tile[:first%tileWidth*tlog.HashSize]
			for len(leaves) > 0 && len(tile) < tileWidth*tlog.HashSize {
				tile = append(tile, leaves[0][:]...)
				leaves = leaves[1:]
				first++
			}
			if _, err = tx.Exec(`INSERT INTO ledger_tile (tenant, level, n, hashes) VALUES ($1, $2, $3, $4)
				ON CONFLICT (tenant, level, n) DO UPDATE SET hashes = excluded.hashes`, tenant, level, n, tile); err != nil {
				return err
			}
			if len(tile) == tileWidth*tlog.HashSize {
				parents = append(parents, tileRoot(tile))
			}
		}
		leaves = parents
	}
	return nil
}

func tileRoot(tile []byte) tlog.Hash {
	level := make([]tlog.Hash, len(tile)/tlog.HashSize)
	for i := range level {
		copy(level[i][:], tile[i*tlog.HashSize:])
	}
	for len(level) > 1 {
		for i := range len(level) / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// hashes reads the tree's inner hashes out of the tiles.
func hashes(tx *storage.Tx, tenant string) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		cache := map[tlog.Tile][]byte{}
		for _, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			data, ok := cache[t]
			if !ok {
				whole, err := Tile(tx, tenant, t.L, t.N)
				if err != nil {
					return nil, err
				}
				if len(whole) < t.W*tlog.HashSize {
					return nil, fmt.Errorf("tile %d/%d has %d bytes, wanted %d", t.L, t.N, len(whole), t.W*tlog.HashSize)
				}
				data = whole[:t.W*tlog.HashSize]
				cache[t] = data
			}
			h, err := tlog.HashFromTile(t, data, index)
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
		return out, nil
	})
}

// Root is the hash of the tree of the first size entries.
func Root(tx *storage.Tx, tenant string, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, hashes(tx, tenant))
}

// Prove gives the proof that entry pos stands in the tree of the first size entries.
func Prove(tx *storage.Tx, tenant string, size, pos int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, pos, hashes(tx, tenant))
}

// ProveGrowth gives the proof that the tree of size entries continues that of earlier ones.
func ProveGrowth(tx *storage.Tx, tenant string, size, earlier int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(size, earlier, hashes(tx, tenant))
}
