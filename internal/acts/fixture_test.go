package acts_test

import (
	"context"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
	"duzhan/internal/vault"
)

const tenant = "500112"

// fixture is a ledger of its own with a clock that the test sets.
type fixture struct {
	t    testing.TB
	db   *storage.DB
	acts *acts.Acts
	keys string
	now  time.Time
	last int64
}

func engines(t testing.TB) []storage.Engine { return storagetest.Engines(t) }

func newFixture(t testing.TB, e storage.Engine) *fixture {
	t.Helper()
	f := &fixture{t: t, db: storagetest.Open(t, e), keys: t.TempDir(), now: time.Date(2022, 11, 19, 18, 0, 0, 0, shanghai)}
	keys, err := vault.OpenKeys(f.keys)
	if err != nil {
		t.Fatal(err)
	}
	signing, err := acts.OpenSigningKey(f.keys)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(context.Background(), f.db, acts.Options(func(string) time.Time { return f.now }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	f.acts = acts.New(l, vault.New(keys), signing)
	f.acts.Dir = f.keys
	return f
}

// district sets the tenant up with its rule pack, catalogue and regions.
func (f *fixture) district() *fixture {
	f.t.Helper()
	ctx := context.Background()
	if err := f.acts.SetUp(ctx, access.Tenant{Code: tenant, Zh: "测试区", En: "Test", Zone: "Asia/Shanghai"}, "emergency", 1, "epidemic-2022"); err != nil {
		f.t.Fatal(err)
	}
	regions, err := acts.DistrictRegions(tenant, "测试区")
	if err == nil {
		err = f.acts.RegisterRegions(ctx, tenant, "test", regions)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return f
}

func (f *fixture) read(fn func(*storage.Tx) error) {
	f.t.Helper()
	if err := f.db.Read(context.Background(), fn); err != nil {
		f.t.Fatal(err)
	}
}
