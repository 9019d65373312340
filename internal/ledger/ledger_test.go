package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

type said struct {
	Words string `json:"words"`
}

func (said) Kind() (string, int) { return "test.said", 2 }

// saidV1 is version 1, which had no name for its words.
type saidV1 struct {
	W string `json:"w"`
}

func (saidV1) Kind() (string, int) { return "test.said", 1 }

var testTypes = NewTypes([]Codec{Current[said](), Upcast(func(o saidV1) said { return said{Words: o.W} })})

func openLedger(t testing.TB, opt Options) (*Ledger, *storage.DB) {
	t.Helper()
	db, err := storage.Open(context.Background(), t.TempDir()+"/l.db")
	if err != nil {
		t.Fatal(err)
	}
	opt.Types = testTypes
	l, err := New(context.Background(), db, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); _ = db.Close() })
	return l, db
}

func say2(l *Ledger, tenant, words string) error {
	return l.Do(context.Background(), tenant, Who{}, nil, func(tx *Tx) error {
		return tx.Append(Draft{Subject: "subject-1", Body: said{words}})
	})
}

func whole(t testing.TB, db *storage.DB, tenant string) (r Report) {
	t.Helper()
	if err := db.Read(context.Background(), func(tx *storage.Tx) (err error) {
		r, err = Verify(tx, testTypes, tenant, func(Part) (string, error) { return "present", nil })
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTree: after random appends by several senders every entry is proven in the tree, the tree grows
// from every earlier one, and verification finds it whole (R061, 1H-09).
func TestTree(t *testing.T) {
	n := 0
	l, db := openLedger(t, Options{})
	rapid.Check(t, func(rt *rapid.T) {
		n++
		tenant := fmt.Sprintf("t%d", n)
		total := rapid.IntRange(1, 700).Draw(rt, "entries")
		var wg sync.WaitGroup
		for s := range 4 {
			wg.Go(func() {
				for i := s; i < total; i += 4 {
					if err := say2(l, tenant, fmt.Sprint(i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		r := whole(t, db, tenant)
		if !r.OK() || r.Size != int64(total) {
			rt.Fatalf("%d of %d entries, faults %v", r.Size, total, r.Faults)
		}
		pos := rapid.Int64Range(0, r.Size-1).Draw(rt, "pos")
		if err := db.Read(context.Background(), func(tx *storage.Tx) error { return proven(tx, tenant, r, pos) }); err != nil {
			rt.Fatal(err)
		}
	})
}

func proven(tx *storage.Tx, tenant string, r Report, pos int64) error {
	b, _, err := Bytes(tx, tenant, pos)
	if err != nil {
		return err
	}
	p, err := Prove(tx, tenant, r.Size, pos)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(p, r.Size, r.Root, pos, tlog.RecordHash(b)); err != nil {
		return err
	}
	earlier, err := Root(tx, tenant, pos+1)
	if err != nil {
		return err
	}
	g, err := ProveGrowth(tx, tenant, r.Size, pos+1)
	if err != nil {
		return err
	}
	return tlog.CheckTree(g, r.Size, r.Root, pos+1, earlier)
}

// TestTampering: an entry changed, removed, added or moved, a tile changed and a head cut back are each found.
func TestTampering(t *testing.T) {
	for name, statement := range map[string]string{
		"entry changed": `UPDATE ledger_entry SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), '"words":"7"', '"words":"8"') AS BLOB) WHERE pos = 7`,
		"entry removed": `DELETE FROM ledger_entry WHERE pos = 7`,
		"last removed":  `DELETE FROM ledger_entry WHERE pos = 299`,
		"entry added":   `INSERT INTO ledger_entry SELECT tenant, 300, at + 1, type, subject, bytes FROM ledger_entry WHERE pos = 299`,
		"two swapped":   `UPDATE ledger_entry SET bytes = (SELECT bytes FROM ledger_entry WHERE pos = 8) WHERE pos = 7`,
		"tile changed":  `UPDATE ledger_tile SET hashes = zeroblob(LENGTH(hashes)) WHERE level = 0 AND n = 0`,
		"head cut back": `UPDATE ledger_head SET size = 200`,
	} {
		t.Run(name, func(t *testing.T) {
			l, db := openLedger(t, Options{})
			for i := range 300 {
				if err := say2(l, "t", fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
			}
			if r := whole(t, db, "t"); !r.OK() {
				t.Fatalf("before: %v", r.Faults)
			}
			w, err := db.Writer(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			tx, err := w.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if n, err := tx.Exec(statement); err != nil || n == 0 {
				t.Fatal(n, err)
			}
			if err := errors.Join(w.Commit(), w.Close()); err != nil {
				t.Fatal(err)
			}
			if r := whole(t, db, "t"); r.OK() {
				t.Error("verification found nothing")
			}
		})
	}
}

// TestOneCommandsFaultUndoesItAlone: a refusal, a fault and a panic in a batch leave the others and no gap.
func TestOneCommandsFaultUndoesItAlone(t *testing.T) {
	l, db := openLedger(t, Options{})
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			err := l.Do(context.Background(), "t", Who{}, nil, func(tx *Tx) error {
				if err := tx.Append(Draft{Subject: "subject-1", Body: said{fmt.Sprint(i)}}); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return Refuse("test.no", "")
				case 2:
					return boom
				case 3:
					panic("a fault of the program")
				}
				return nil
			})
			if (err == nil) != (i%4 == 0) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if r := whole(t, db, "t"); r.Size != 25 || !r.OK() {
		t.Errorf("%d entries, want 25; %v", r.Size, r.Faults)
	}
}

// TestRecordedAtRises also when the clock is set back.
func TestRecordedAtRises(t *testing.T) {
	now := time.Date(2022, 11, 20, 0, 0, 0, 0, time.UTC)
	l, db := openLedger(t, Options{Clock: func(string) time.Time { return now }})
	for i := range 10 {
		now = now.Add(-time.Duration(i) * time.Hour)
		if err := say2(l, "t", "x"); err != nil {
			t.Fatal(err)
		}
	}
	if r := whole(t, db, "t"); !r.OK() {
		t.Error(r.Faults)
	}
}

// TestEffective: the later of what was reported and the predecessor; an interval counts at its end, or
// when it was recorded (R080).
func TestEffective(t *testing.T) {
	zone := time.FixedZone("+08:00", 8*3600)
	at := func(h, m int) time.Time { return time.Date(2022, 11, 19, h, m, 0, 0, zone) }
	for name, x := range map[string]struct {
		precision                       Precision
		reported, recorded, predecessor time.Time
		want                            time.Time
	}{
		"R080 exact":                          {Exact, at(17, 5), at(17, 40), time.Time{}, at(17, 5)},
		"R080 evening, recorded the next day": {Evening, at(18, 0), at(33, 0), time.Time{}, at(24, 0).Add(-time.Microsecond)},
		"R080 evening, recorded that evening": {Evening, at(18, 0), at(21, 0), time.Time{}, at(21, 0)},
		"day":                                 {Day, at(9, 0), at(33, 0), time.Time{}, at(24, 0).Add(-time.Microsecond)},
		"hour":                                {Hour, at(9, 20), at(33, 0), time.Time{}, at(10, 0).Add(-time.Microsecond)},
		"before its predecessor":              {Exact, at(17, 5), at(17, 40), at(17, 30), at(17, 30)},
	} {
		t.Run(name, func(t *testing.T) {
			e := Entry{RecordedAt: x.recorded}
			e.OccurredAt, e.Until = Interval(x.precision, x.reported, zone)
			if got := e.Effective(x.predecessor); !got.Equal(x.want) {
				t.Errorf("%s, want %s", got, x.want)
			}
		})
	}
}

// TestGoldenBytes: an entry's bytes are final; every version ever written is read as the newest.
func TestGoldenBytes(t *testing.T) {
	e := Entry{
		Tenant: "500112", Pos: 7, Type: "test.said", Version: 2, Subject: "subject-1", Incident: "incident-1",
		OccurredAt: time.UnixMicro(1).UTC(), Until: time.UnixMicro(3).UTC(), Precision: Day, RecordedAt: time.UnixMicro(2).UTC(),
		Who: Who{"person-1", "unit-1", "account-1"}, Idem: &Idem{"k", "b"}, Body: said{"<词>"},
		Parts: []Part{{Name: "text", Class: "finding", Key: "k1", Hash: "sha256:00"}},
	}
	b, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"duzhan":1,"tenant":"500112","pos":7,"type":"test.said","version":2,"subject":"subject-1","incident":"incident-1","occurred":1,"until":3,"precision":"day","recorded":2,"person":"person-1","unit":"unit-1","account":"account-1","idem":{"key":"k","body":"b"},"parts":[{"name":"text","class":"finding","key":"k1","hash":"sha256:00"}],"body":{"words":"<词>"}}`
	if string(b) != want {
		t.Errorf("bytes\n%s\nwant\n%s", b, want)
	}
	again, err := testTypes.Decode(b)
	if err != nil || again.Body != e.Body || !again.Until.Equal(e.Until) || *again.Idem != *e.Idem {
		t.Errorf("read back %+v, %v", again, err)
	}
	old, err := testTypes.Decode([]byte(strings.ReplaceAll(strings.ReplaceAll(want, `"version":2`, `"version":1`), `"words"`, `"w"`)))
	if err != nil || old.Body != e.Body {
		t.Errorf("version 1 read as %+v, %v", old.Body, err)
	}
	if _, err := testTypes.Decode([]byte(strings.Replace(want, "test.said", "test.shouted", 1))); !errors.Is(err, ErrUnknownType) {
		t.Errorf("an unknown type: %v", err)
	}
	e.Body = said{strings.Repeat("x", MaxEntry)}
	if _, err := e.encode(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// TestCheckpoint: a signed note is read back, and not when a byte of it changed.
func TestCheckpoint(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "duzhan")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	c := Checkpoint{Origin: "duzhan/500112", Size: 48213, Root: tlog.RecordHash([]byte("x"))}
	signed, err := c.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenCheckpoint(signed, v); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := OpenCheckpoint([]byte(strings.Replace(string(signed), "48213", "48214", 1)), v); err == nil {
		t.Error("a forged checkpoint was accepted")
	}
}

// FuzzDecode: no bytes make the reader fall over.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"duzhan":1,"type":"test.said","version":2,"body":{}}`))
	f.Add([]byte(`{"body":`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = testTypes.Decode(b)
		_, _ = RawBody(b)
	})
}

// FuzzCheckpoint: no text makes the reader fall over.
func FuzzCheckpoint(f *testing.F) {
	_, public, err := note.GenerateKey(rand.Reader, "duzhan")
	if err != nil {
		f.Fatal(err)
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("duzhan/x\n1\nAAAA\n\n— duzhan x\n"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = OpenCheckpoint(b, v) })
}
