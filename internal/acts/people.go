package acts

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
)

// NewPerson is somebody who works here.
type NewPerson struct {
	ID      ledger.ID
	Name    string
	Phone   string
	Org     ledger.ID
	Recused []string
}

// registerPerson seals the name and phone and makes the name findable.
func (a *Acts) registerPerson(tx *ledger.Tx, p NewPerson) error {
	contents := []vault.Content{{Name: "name", Bytes: []byte(p.Name)}}
	if p.Phone != "" {
		contents = append(contents, vault.Content{Name: "phone", Bytes: []byte(p.Phone)})
	}
	parts, err := a.V.Seal(tx, vault.Directory, vault.Staff, contents...)
	if err != nil {
		return err
	}
	if err := a.V.Index(tx, vault.Directory, vault.Staff, p.ID, p.Name); err != nil {
		return err
	}
	return tx.Append(ledger.Draft{Subject: p.ID, Parts: parts, Body: registry.PersonRegisteredV1{Org: p.Org, Recused: p.Recused}})
}

// cachedName is a name with the key that seals it: without the key it is not shown.
type cachedName struct{ name, key string }

// Name gives the name of a person reference, empty if it was destroyed or is nobody's.
func (a *Acts) Name(tx *storage.Tx, tenant string, id ledger.ID) (string, error) {
	if id == "" {
		return "", nil
	}
	key := tenant + "/" + string(id)
	a.mu.Lock()
	cached, ok := a.names[key]
	a.mu.Unlock()
	if ok {
		alive, err := a.V.Alive(tx, tenant, cached.key)
		if err != nil || !alive {
			return "", err
		}
		return cached.name, nil
	}
	p, found, err := registry.PersonByID(tx, tenant, id)
	if err != nil || !found {
		return "", err
	}
	b, gone, err := a.Open(tx, tenant, p.Name)
	if err != nil || gone {
		return "", err
	}
	a.mu.Lock()
	a.names[key] = cachedName{string(b), p.Name.Key}
	a.mu.Unlock()
	return string(b), nil
}

// Found is a person that a name search found.
type Found struct {
	Person registry.Person
	Name   string
	Posts  []registry.Post
}

// FindPeople searches by name, while the key of the directory lives.
func (a *Acts) FindPeople(ctx context.Context, c access.Actor, q string) ([]Found, error) {
	if r := c.Can("people"); r != nil {
		return nil, r
	}
	q, refusal := cleanText("q", q, true)
	if refusal != nil {
		return nil, refusal
	}
	var out []Found
	err := a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		ids, err := a.V.Find(tx, c.Tenant, vault.Directory, vault.Staff, q)
		if err != nil {
			return err
		}
		for _, id := range ids[:min(len(ids), 100)] {
			f := Found{}
			var found bool
			if f.Person, found, err = registry.PersonByID(tx, c.Tenant, id); err != nil || !found {
				return err
			}
			if f.Name, err = a.Name(tx, c.Tenant, id); err != nil {
				return err
			}
			if f.Posts, err = registry.Posts(tx, c.Tenant, id, a.L.Now(c.Tenant)); err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// DestroyParts destroys every key of a scope ("directory", or "incident:" and an incident's id): the
// entries stay, what they sealed is gone for ever, also from every backup of the database.
func (a *Acts) DestroyParts(ctx context.Context, tenant string, who ledger.Who, scope, reason string) (keys []string, err error) {
	err = a.L.Do(ctx, tenant, who, nil, func(tx *ledger.Tx) error {
		keys, err = a.V.Destroy(tx, scope, reason)
		if err == nil && len(keys) == 0 {
			return ledger.RefuseAs(ledger.Invalid, "vault.no-keys", "scope", "scope", scope)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	clear(a.names)
	a.mu.Unlock()
	return keys, a.L.DB().Read(ctx, func(tx *storage.Tx) error { return a.V.Shred(tx) })
}

// DeclareRecusal says that a person keeps out of regions (回避): himself, or who leads the desk for him.
func (a *Acts) DeclareRecusal(ctx context.Context, c Caller, person ledger.ID, regions []string, reason string) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if person != c.Person {
			if r := c.Can("recusal"); r != nil {
				return r
			}
		}
		if _, err := existing(registry.PersonByID(tx.Tx, c.Tenant, person)); err != nil {
			return err
		}
		if len(regions) == 0 {
			return ledger.Required("regions")
		}
		for _, code := range regions {
			_, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, code, tx.Now().In(zone).Format(time.DateOnly))
			if refusal != nil {
				refusal.Field = "regions"
			}
			if err != nil || refusal != nil {
				return orRefusal(err, refusal)
			}
		}
		parts, err := a.sealText(tx, "reason", "text", reason, false)
		if err != nil {
			return err
		}
		return tx.Append(ledger.Draft{Subject: person, Parts: parts, Body: registry.RecusalDeclaredV1{Regions: regions}})
	})
}

// recused refuses an act by somebody who declared that he keeps out of the place. The responsible unit's
// own acts are not refused: it cannot keep out of its street.
func recused(tx *storage.Tx, c Caller, act, street string) (*ledger.Refusal, error) {
	if slices.Contains([]string{"receive", "refuse", "ask_extension", "claim", "reply"}, act) {
		return nil, nil
	}
	out, err := recusals(tx, c.Tenant, []ledger.ID{c.Person}, street)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return ledger.RefuseAs(ledger.Forbidden, "access.recused", "by"), nil
}
