package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/web"
)

// VerifyCmd verifies the ledger.
type VerifyCmd struct{ Store }

// Run checks the tree, every sealed part and its absence; the last line names position and root hash.
func (c VerifyCmd) Run(e *env) error {
	return c.with(e, func(o *opened, t access.Tenant) error {
		r, err := o.acts.VerifyLedger(e.ctx, t.Code)
		if err != nil {
			return err
		}
		for _, f := range r.Faults {
			fmt.Fprintln(e.stdout, "fault:", f)
		}
		if r.MoreFault > 0 {
			fmt.Fprintf(e.stdout, "and %d more faults\n", r.MoreFault)
		}
		fmt.Fprintf(e.stdout, "sealed parts: %d present, %d destroyed on purpose, %d missing, %d broken\n",
			r.Parts["present"], r.Parts["destroyed"], r.Parts["missing"], r.Parts["broken"])
		word := "the ledger is whole"
		if !r.OK() {
			word = "THE LEDGER IS NOT WHOLE"
		}
		fmt.Fprintf(e.stdout, "%s: position %d, root hash %s\n", word, r.Size, hex.EncodeToString(r.Root[:]))
		if !r.OK() {
			return errors.New("verification failed")
		}
		return nil
	})
}

// RebuildCmd rebuilds the derived tables.
type RebuildCmd struct {
	Store
	Check bool `help:"Apply the ledger anew into a copy and compare all derived tables; change nothing."`
}

// Run rebuilds in place, or into a copy that is compared and thrown away. It sends nothing.
func (c RebuildCmd) Run(e *env) error {
	c.half = !c.Check
	return c.with(e, func(o *opened, _ access.Tenant) error {
		progress := func(n int64) { fmt.Fprintf(e.stderr, "\rapplied %d", n) }
		if !c.Check {
			err := ledger.Rebuild(e.ctx, o.db, o.db, acts.Options(nil), progress)
			fmt.Fprintln(e.stderr)
			if err == nil {
				err = compactAll(e, o)
			}
			return err
		}
		dir, err := os.MkdirTemp(c.Data, "rebuild-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		diff, err := c.check(e, o, filepath.Join(dir, "copy.db"), progress)
		fmt.Fprintln(e.stderr)
		if err == nil && diff > 0 {
			err = fmt.Errorf("%d derived tables differ from the ledger", diff)
		}
		return err
	})
}

func (c RebuildCmd) check(e *env, o *opened, path string, progress func(int64)) (differ int, err error) {
	copied, err := storage.Open(e.ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	if err := compactAll(e, o); err != nil {
		return 0, err
	}
	if err := ledger.Rebuild(e.ctx, o.db, copied, acts.Options(nil), progress); err != nil {
		return 0, err
	}
	l, err := ledger.New(e.ctx, copied, acts.Options(nil))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	tenants, err := o.tenants(e.ctx)
	for _, t := range tenants {
		if err == nil {
			err = figure.Compact(e.ctx, l, t.Code)
		}
	}
	if err != nil {
		return 0, err
	}
	return compareDerived(e, o.db, copied)
}

// compareDerived compares sorted dumps of every derived table.
func compareDerived(e *env, a, b *storage.DB) (differ int, err error) {
	tables, err := storage.Tables()
	if err != nil {
		return 0, err
	}
	for _, t := range tables {
		if t.Class != storage.DerivedTable {
			continue
		}
		rows, first, err := storage.Compare(e.ctx, a, b, t.Name)
		if err != nil {
			return differ, err
		}
		if first == "" {
			fmt.Fprintf(e.stdout, "same     %-18s %d rows\n", t.Name, rows)
			continue
		}
		differ++
		fmt.Fprintf(e.stdout, "DIFFERS  %-18s at row %d\n  %s\n", t.Name, rows, first)
	}
	return differ, nil
}

func compactAll(e *env, o *opened) error {
	tenants, err := o.tenants(e.ctx)
	for _, t := range tenants {
		if err == nil {
			err = figure.Compact(e.ctx, o.acts.L, t.Code)
		}
	}
	return err
}

// PartsCmd works on sealed parts.
type PartsCmd struct {
	List    PartsListCmd    `cmd:"" help:"List the keys by what they are for."`
	Destroy PartsDestroyCmd `cmd:"" help:"Destroy the keys of a scope: what they sealed is gone for ever."`
}

// PartsListCmd lists keys.
type PartsListCmd struct{ Store }

// Run lists scope, class, key and whether it was destroyed, by which entry.
func (c PartsListCmd) Run(e *env) error {
	return c.with(e, func(o *opened, t access.Tenant) error {
		return o.db.Read(e.ctx, func(tx *storage.Tx) error {
			keys, err := vault.List(tx, t.Code)
			for _, k := range keys {
				state := "alive"
				if k.Destroyed >= 0 {
					state = fmt.Sprintf("destroyed by entry %d", k.Destroyed)
				}
				fmt.Fprintf(e.stdout, "%s  %s  %s  %d parts  %s\n", k.Scope, k.Class, k.Key, k.Parts, state)
			}
			return err
		})
	})
}

// PartsDestroyCmd destroys the keys of a scope.
type PartsDestroyCmd struct {
	Store
	Scope  string `help:"incident:ID or directory; see duzhan parts list." required:""`
	Reason string `help:"Ground, as a code." default:"retention-ended"`
	Yes    bool   `help:"Really do it."`
}

// Run destroys keys; figures, tree and rebuild hold.
func (c PartsDestroyCmd) Run(e *env) error {
	if !c.Yes {
		return errors.New("--yes: destruction cannot be taken back; say --yes to do it")
	}
	return c.with(e, func(o *opened, t access.Tenant) error {
		keys, err := o.acts.DestroyParts(e.ctx, t.Code, ledger.Who{}, c.Scope, c.Reason)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "destroyed %d keys of %s\n", len(keys), c.Scope)
		return nil
	})
}

// OpenapiCmd prints the API's description.
type OpenapiCmd struct{}

// Run prints it as JSON.
func (OpenapiCmd) Run(e *env) error {
	_, described := web.Handler(acts.New(nil, nil, acts.SigningKey{}), "v1")
	b, err := described.OpenAPI().MarshalJSON()
	if err != nil {
		return err
	}
	return writeIndented(e.stdout, b)
}
