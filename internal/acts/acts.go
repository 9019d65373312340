// Package acts composes: one function for each thing a user does. It checks who may (access), seals
// what must not stand in the ledger (vault), lets the desks decide, and appends once, all inside the
// writer's transaction. It refuses to know how it was asked (web, cmd).
package acts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/roster"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"

	"duzhan/internal/brief"

	"github.com/google/uuid"
)

// Types are all entry types of the product.
var Types = ledger.NewTypes(access.Types, brief.Types, matter.Types, plan.Types, registry.Types, roster.Types, vault.Types, visit.Types)

// derivedVersion is raised whenever what an applier makes of an entry changes, or a derived table does: data
// folders of before are then asked to be rebuilt.
const derivedVersion = 4

// Options are how a ledger of this product is made of its desks.
func Options(now func(tenant string) time.Time) ledger.Options {
	return ledger.Options{
		Types:    Types,
		Appliers: []ledger.Apply{vault.Apply, registry.Apply, plan.Apply, visit.Apply, matter.Apply, roster.Apply, brief.Apply},
		Clock:    now,
		Sealed:   figure.Roll,
		Derived:  derivedVersion,
	}
}

// Acts is everything that users do.
type Acts struct {
	L *ledger.Ledger
	V *vault.Vault
	// Key signs checkpoints.
	Key SigningKey
	// Dir is the data folder, for files that are sent.
	Dir string
	// Accounts signs in.
	Accounts *access.Accounts

	mu      sync.Mutex
	tenants map[string]access.Tenant
	zones   map[string]*time.Location
	packs   map[string]*terms
	lists   map[string]*Catalogue
	names   map[string]cachedName
	imports map[string]context.CancelFunc // running, by tenant/id
}

// New composes the acts over an open ledger.
func New(l *ledger.Ledger, v *vault.Vault, key SigningKey) *Acts {
	return &Acts{
		L: l, V: v, Key: key, Accounts: access.NewAccounts(l),
		tenants: map[string]access.Tenant{}, zones: map[string]*time.Location{}, packs: map[string]*terms{}, lists: map[string]*Catalogue{}, names: map[string]cachedName{}, imports: map[string]context.CancelFunc{},
	}
}

// Caller is who asks, and the key that makes a command happen once.
type Caller struct {
	access.Actor
	Key      string    // idempotency key as sent; empty if none
	Body     []byte    // what was sent, for telling another command under the same key
	Incident ledger.ID // that the command is for; empty: the current one. What is there already keeps its own.
}

// idem identifies a command by keyed hashes: who reads the ledger cannot guess a short text from them.
func (a *Acts) idem(c Caller) *ledger.Idem {
	if c.Key == "" {
		return nil
	}
	return &ledger.Idem{
		Key:  a.V.RowHash(c.Tenant, "command\x00"+string(c.Account)+"\x00"+c.Key),
		Body: a.V.RowHash(c.Tenant, "command body\x00"+string(c.Body)),
	}
}

// newID is the id of what the command makes: the same when the same command is sent again.
func (c Caller) newID(what string) ledger.ID {
	if c.Key == "" {
		return ledger.NewID()
	}
	return ledger.ID(uuid.NewSHA1(uuid.NameSpaceOID, []byte(string(c.Account)+"\x00"+c.Key+"\x00"+what)).String())
}

// do runs a command once: sent again with the same key it does nothing and is no error.
func (a *Acts) do(ctx context.Context, c Caller, fn func(tx *ledger.Tx) error) error {
	idem := a.idem(c)
	return a.L.Do(ctx, c.Tenant, c.Who(), idem, func(tx *ledger.Tx) error {
		if _, seen, err := tx.Seen(idem); err != nil || seen {
			return err
		}
		incident, err := a.incidentOf(tx.Tx, c)
		if err != nil {
			return err
		}
		tx.Incident = incident.ID
		return fn(tx)
	})
}

// incidentOf is the incident that a command is for: the one that the caller named, which must run, or the
// current one.
func (a *Acts) incidentOf(tx *storage.Tx, c Caller) (registry.Incident, error) {
	if c.Incident == "" {
		i, _, err := registry.CurrentIncident(tx, c.Tenant)
		return i, err
	}
	i, found, err := registry.IncidentByID(tx, c.Tenant, c.Incident)
	switch {
	case err != nil:
		return i, err
	case !found:
		return i, ledger.RefuseAs(ledger.Invalid, "incident.unknown", "incident")
	case !i.Active():
		return i, ledger.Refuse("incident.stood-down", "incident")
	}
	return i, nil
}

// decided appends what a desk decided.
func decided(tx *ledger.Tx, drafts []ledger.Draft, refusal *ledger.Refusal) error {
	if refusal != nil {
		return refusal
	}
	return tx.Append(drafts...)
}

// Tenant tells what a tenant is.
func (a *Acts) Tenant(ctx context.Context, code string) (access.Tenant, error) {
	a.mu.Lock()
	t, ok := a.tenants[code]
	a.mu.Unlock()
	if ok {
		return t, nil
	}
	err := a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		list, err := access.Tenants(tx)
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, x := range list {
			a.tenants[x.Code] = x
			if x.Code == code {
				t, ok = x, true
			}
		}
		return err
	})
	if err == nil && !ok {
		err = fmt.Errorf("no tenant %s", code)
	}
	return t, err
}

// Zone is a tenant's time zone.
func (a *Acts) Zone(ctx context.Context, tenant string) (*time.Location, error) {
	t, err := a.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	zone := a.zones[t.Zone]
	a.mu.Unlock()
	if zone != nil {
		return zone, nil
	}
	if zone, err = time.LoadLocation(t.Zone); err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.zones[t.Zone] = zone
	a.mu.Unlock()
	return zone, nil
}

// scope is under which key the parts of an incident are sealed.
func scope(tx *ledger.Tx) string {
	if tx.Incident == "" {
		return "no-incident"
	}
	return "incident:" + string(tx.Incident)
}

// When is a time as it was reported.
type When struct {
	At        time.Time // zero: now
	Precision ledger.Precision
}

// checkTime refuses a time in the future, and one that is too old for who reports; the tolerances are those
// of the rule pack in force.
func (a *Acts) checkTime(tx *ledger.Tx, c Caller, field string, w When) error {
	if w.At.IsZero() {
		return nil
	}
	pack, err := a.packNow(tx, c.Tenant)
	if err != nil {
		return err
	}
	if w.At.After(tx.Now().Add(pack.Skew)) {
		return ledger.RefuseAs(ledger.Invalid, "time.in-future", field, "minutes", fmt.Sprint(int(pack.Skew.Minutes())))
	}
	if w.At.Before(tx.Now().Add(-pack.Retro)) && c.Can("finding.confirm") != nil {
		return ledger.RefuseAs(ledger.Forbidden, "time.too-old", field, "hours", fmt.Sprint(int(pack.Retro.Hours())))
	}
	return nil
}

// interval gives what the report stands for, in the tenant's zone; a device's clock that runs ahead
// within the tolerance is brought back to now.
func (w When) interval(tx *ledger.Tx, zone *time.Location) (at, until time.Time) {
	if w.At.IsZero() {
		return time.Time{}, time.Time{}
	}
	if w.Precision == ledger.Exact && w.At.After(tx.Now()) {
		return tx.Now(), time.Time{}
	}
	return ledger.Interval(w.Precision, w.At, zone)
}
