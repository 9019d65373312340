package acts_test

import (
	"errors"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// TestSweepUploads: a picture that nothing took goes when nobody may report it any more; one that an entry
// carries stays, and verifies.
func TestSweepUploads(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
			t.Fatal(err)
		}
		w.Upload(w.Secretary)
		sweep := func() int {
			n, err := w.Acts.SweepUploads(ctx, actstest.Tenant)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		w.Pass(72*time.Hour - time.Minute) // the pack's retroactive hours
		if n := sweep(); n != 0 {
			t.Errorf("%d pictures swept that could still be reported", n)
		}
		w.Pass(2 * time.Minute)
		if n := sweep(); n != 1 {
			t.Errorf("%d pictures swept, want the one that nothing took", n)
		}
		r, err := w.Acts.VerifyLedger(ctx, actstest.Tenant)
		if err != nil || !r.OK() {
			t.Errorf("after the sweep: %+v, %v", r, err)
		}
	})
}

// TestHalfRebuilt: a rebuild that is stopped in the middle says so until it has run to its end.
func TestHalfRebuilt(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		w.Matter()
		half := func() (half bool) {
			w.Read(func(tx *storage.Tx) (err error) {
				half, err = ledger.HalfRebuilt(tx)
				return err
			})
			return half
		}
		broken := acts.Options(nil)
		broken.Appliers = append(broken.Appliers, func(*storage.Tx, ledger.Entry) error { return errors.New("stopped") })
		if err := ledger.Rebuild(ctx, w.DB, w.DB, broken, func(int64) {}); err == nil || !half() {
			t.Fatalf("stopped rebuild: %v, half %t", err, half())
		}
		if err := ledger.Rebuild(ctx, w.DB, w.DB, acts.Options(nil), func(int64) {}); err != nil || half() {
			t.Errorf("whole rebuild: %v, half %t", err, half())
		}
	})
}

// TestDestroyedElsewhere: a key that another process destroyed opens nothing here, though this one has it
// and the name in memory.
func TestDestroyedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		finding := w.Finding(w.Visit())
		shown := func() (name, fact string) {
			w.Read(func(tx *storage.Tx) error {
				f, _, err := visit.LoadFinding(tx, actstest.Tenant, finding)
				if err != nil {
					return err
				}
				text, _, err := w.Acts.FindingText(tx, actstest.Tenant, f)
				if err != nil {
					return err
				}
				fact = text.Fact
				name, err = w.Acts.Name(tx, actstest.Tenant, w.Duty.Person)
				return err
			})
			return name, fact
		}
		if name, fact := shown(); name != "甲示一" || fact != actstest.Fact {
			t.Fatalf("shown %q, %q", name, fact)
		}
		keys, err := vault.OpenKeys(w.Dir)
		if err != nil {
			t.Fatal(err)
		}
		other := acts.New(w.Acts.L, vault.New(keys), w.Acts.Key)
		for _, scope := range []string{"directory", "incident:" + string(w.Incident)} {
			if _, err := other.DestroyParts(ctx, actstest.Tenant, ledger.Who{}, scope, "test"); err != nil {
				t.Fatal(err)
			}
		}
		if name, fact := shown(); name != "" || fact != "" {
			t.Errorf("still shown %q, %q", name, fact)
		}
	})
}

// TestOtherDerived: rows that another version made are refused until they are rebuilt; an empty database is of
// this version.
func TestOtherDerived(t *testing.T) {
	for _, e := range storagetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			w := actstest.Bare(t, e)
			opt := acts.Options(nil)
			if err := ledger.Prepare(ctx, w.DB, opt); err != nil {
				t.Fatalf("an empty one: %v", err)
			}
			later := opt
			later.Derived++
			if err := ledger.Prepare(ctx, w.DB, later); !errors.Is(err, ledger.ErrOtherDerived) {
				t.Errorf("by another version: %v", err)
			}
			if err := ledger.Rebuild(ctx, w.DB, w.DB, later, func(int64) {}); err != nil {
				t.Fatal(err)
			}
			if err := ledger.Prepare(ctx, w.DB, later); err != nil {
				t.Errorf("rebuilt: %v", err)
			}
		})
	}
	each(t, func(t *testing.T, w *actstest.World) { // entries of before versions were kept
		if err := ledger.Prepare(ctx, w.DB, acts.Options(nil)); !errors.Is(err, ledger.ErrOtherDerived) {
			t.Errorf("filled and of no version: %v", err)
		}
	})
}
