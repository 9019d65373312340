package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"

	"golang.org/x/crypto/argon2"
)

// Defaults of sign-in [D].
const (
	// MaxFailed sign-ins lock an account for LockFor.
	MaxFailed = 5
	LockFor   = 15 * time.Minute
	// SessionLife is how long a session lives.
	SessionLife = 12 * time.Hour
	// cacheFor is how long a session is trusted without asking the database: a revocation takes no longer.
	cacheFor = 5 * time.Second
	// MinPassword is the fewest characters of a password.
	MinPassword = 10
)

// argon2id parameters: 19 MiB, two passes, one lane (OWASP's first recommendation).
const (
	argonMemory = 19 * 1024
	argonTime   = 2
	argonKeyLen = 32
)

// Tenant is a jurisdiction with a ledger of its own.
type Tenant struct {
	Code   string
	Zh, En string
	Demo   bool   // its data are invented
	Zone   string // IANA name
}

// AccountCreatedV1 is entry access.account-created: who may do what, without login and password.
type AccountCreatedV1 struct {
	Person  ledger.ID `json:"person"`
	Unit    ledger.ID `json:"unit"`
	Roles   []string  `json:"roles"`
	Regions []string  `json:"regions,omitempty"`
	Teams   []string  `json:"teams,omitempty"`
}

// Kind is access.account-created, version 1.
func (AccountCreatedV1) Kind() (string, int) { return "access.account-created", 1 }

// Types are the entries of this package.
var Types = []ledger.Codec{ledger.Current[AccountCreatedV1]()}

// Accounts signs in and keeps sessions.
type Accounts struct {
	l *ledger.Ledger
	// hashing bounds how much memory sign-ins use at once
	hashing chan struct{}

	mu    sync.Mutex
	cache map[string]cached
}

type cached struct {
	actor   Actor
	checked time.Time
}

// NewAccounts keeps accounts in the ledger's database.
func NewAccounts(l *ledger.Ledger) *Accounts {
	return &Accounts{l: l, hashing: make(chan struct{}, 2), cache: map[string]cached{}}
}

// PutTenant registers a tenant, or changes what it is called.
func PutTenant(tx *ledger.Tx, t Tenant) error {
	_, err := tx.Exec(`INSERT INTO tenant (tenant, zh, en, demo, zone) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant) DO UPDATE SET zh = excluded.zh, en = excluded.en`, t.Code, t.Zh, t.En, storage.Bool(t.Demo), t.Zone)
	return err
}

// Tenants lists the registered tenants.
func Tenants(tx *storage.Tx) ([]Tenant, error) {
	var out []Tenant
	err := tx.Query(`SELECT tenant, zh, en, demo, zone FROM tenant ORDER BY tenant`, nil, func(scan func(...any) error) error {
		var t Tenant
		var demo int64
		err := scan(&t.Code, &t.Zh, &t.En, &demo, &t.Zone)
		t.Demo = demo == 1
		out = append(out, t)
		return err
	})
	return out, err
}

// Holders gives whose each login is, over all tenants.
func Holders(tx *storage.Tx) (map[string]ledger.ID, error) {
	out := map[string]ledger.ID{}
	err := tx.Query(`SELECT login, person FROM account`, nil, func(scan func(...any) error) error {
		var login, person string
		err := scan(&login, &person)
		out[login] = ledger.ID(person)
		return err
	})
	return out, err
}

// Has tells whether the account of an id has that login.
func Has(tx *storage.Tx, login string, id ledger.ID) (bool, error) {
	var known string
	return tx.Row(`SELECT id FROM account WHERE login = $1 AND id = $2`, []any{login, string(id)}, &known)
}

// Create makes an account. Logins are unique over all tenants.
func Create(tx *ledger.Tx, a Actor, password string) error {
	switch {
	case len([]rune(password)) < MinPassword:
		return ledger.RefuseAs(ledger.Invalid, "access.password-short", "password", "min", fmt.Sprint(MinPassword))
	case len(a.Login) < 3:
		return ledger.Required("login")
	}
	for _, r := range a.Roles {
		if _, ok := Roles[r]; !ok {
			return ledger.RefuseAs(ledger.Invalid, "unknown-code", "roles", "field", "roles")
		}
	}
	var taken string
	if found, err := tx.Row(`SELECT id FROM account WHERE login = $1`, []any{a.Login}, &taken); err != nil || found {
		if err == nil {
			err = ledger.Refuse("access.login-taken", "login")
		}
		return err
	}
	if _, err := tx.Exec(`INSERT INTO account (tenant, id, login, password, person, unit, roles, regions, teams, failed, locked_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)`, tx.Tenant, string(a.Account), a.Login, hash(password, nil),
		string(a.Person), string(a.Unit), strings.Join(a.Roles, ","), strings.Join(a.Regions, ","), strings.Join(a.Teams, ",")); err != nil {
		return err
	}
	return tx.Append(ledger.Draft{Subject: a.Account, Body: AccountCreatedV1{
		Person: a.Person, Unit: a.Unit, Roles: a.Roles, Regions: a.Regions, Teams: a.Teams,
	}})
}

// hash writes a password's argon2id hash with its salt; a given salt makes it comparable.
func hash(password string, salt []byte) string {
	if salt == nil {
		salt = make([]byte, 16)
		_, _ = rand.Read(salt)
	}
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, 1, argonKeyLen)
	return base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key)
}

// SignIn checks a password and opens a session. Whatever is wrong, the answer is the same.
func (s *Accounts) SignIn(ctx context.Context, login, password string) (token string, actor Actor, err error) {
	var stored string
	var failed, lockedUntil int64
	var found bool
	if err := s.l.DB().Read(ctx, func(tx *storage.Tx) (err error) {
		actor, found, err = byLogin(tx, login, &stored, &failed, &lockedUntil)
		return err
	}); err != nil {
		return "", actor, err
	}
	now := s.l.Now(actor.Tenant)
	if found && lockedUntil > now.UnixMicro() {
		return "", actor, ledger.RefuseAs(ledger.Forbidden, "access.locked", "login", "minutes", fmt.Sprint(int(LockFor.Minutes())))
	}
	ok := s.matches(password, stored)
	if !found {
		return "", Actor{}, wrongPassword()
	}
	if !ok {
		failed++
		until := int64(0)
		if failed >= MaxFailed {
			failed, until = 0, now.Add(LockFor).UnixMicro()
		}
		if err := s.operate(ctx, actor.Tenant, `UPDATE account SET failed = $2, locked_until = $3 WHERE login = $1`, login, failed, until); err != nil {
			return "", Actor{}, err
		}
		return "", Actor{}, wrongPassword()
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	token = base64.RawURLEncoding.EncodeToString(raw)
	err = s.l.Do(ctx, actor.Tenant, actor.Who(), nil, func(tx *ledger.Tx) error {
		if _, err := tx.Exec(`UPDATE account SET failed = 0, locked_until = 0 WHERE login = $1`, login); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM session WHERE expires < $1`, now.UnixMicro()); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO session (token, tenant, account, expires) VALUES ($1, $2, $3, $4)`,
			digest(token), actor.Tenant, string(actor.Account), now.Add(SessionLife).UnixMicro())
		return err
	})
	return token, actor, err
}

func wrongPassword() error {
	return ledger.RefuseAs(ledger.Forbidden, "access.wrong-password", "password")
}

func (s *Accounts) matches(password, stored string) bool {
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	salt, _ := base64.RawStdEncoding.DecodeString(strings.SplitN(stored+"$", "$", 2)[0])
	if len(salt) == 0 {
		salt = make([]byte, 16) // an unknown login takes as long as a known one
	}
	return subtle.ConstantTimeCompare([]byte(hash(password, salt)), []byte(stored)) == 1
}

func byLogin(tx *storage.Tx, login string, stored *string, failed, locked *int64) (a Actor, found bool, err error) {
	var roles, regions, teams, account, person, unit string
	found, err = tx.Row(`SELECT tenant, id, person, unit, roles, regions, teams, password, failed, locked_until FROM account WHERE login = $1`,
		[]any{login}, &a.Tenant, &account, &person, &unit, &roles, &regions, &teams, stored, failed, locked)
	a.Account, a.Person, a.Unit, a.Login = ledger.ID(account), ledger.ID(person), ledger.ID(unit), login
	a.Roles, a.Regions, a.Teams = list(roles), list(regions), list(teams)
	return a, found, err
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// Session gives the actor of a session; found is false if there is none.
func (s *Accounts) Session(ctx context.Context, token string) (actor Actor, found bool, err error) {
	if token == "" {
		return actor, false, nil
	}
	key := digest(token)
	s.mu.Lock()
	c, ok := s.cache[key]
	s.mu.Unlock()
	if ok && s.l.Now(c.actor.Tenant).Sub(c.checked).Abs() < cacheFor {
		return c.actor, true, nil
	}
	var login string
	var expires int64
	err = s.l.DB().Read(ctx, func(tx *storage.Tx) error {
		ok, err := tx.Row(`SELECT a.login, s.expires FROM session s JOIN account a ON a.tenant = s.tenant AND a.id = s.account
			WHERE s.token = $1`, []any{key}, &login, &expires)
		if err != nil || !ok {
			return err
		}
		var stored string
		var n int64
		actor, found, err = byLogin(tx, login, &stored, &n, &n)
		return err
	})
	now := s.l.Now(actor.Tenant)
	if err != nil || !found || expires < now.UnixMicro() {
		return Actor{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cache) > 10_000 {
		clear(s.cache)
	}
	s.cache[key] = cached{actor, now}
	return actor, true, nil
}

// ByLogin gives the actor of an account, for a command line that runs beside the database.
func (s *Accounts) ByLogin(ctx context.Context, login string) (actor Actor, found bool, err error) {
	err = s.l.DB().Read(ctx, func(tx *storage.Tx) error {
		var stored string
		var n int64
		actor, found, err = byLogin(tx, login, &stored, &n, &n)
		return err
	})
	return actor, found, err
}

// Logins lists the logins of a tenant with their roles, by role and login.
func Logins(tx *storage.Tx, tenant string, fn func(roles, login string) error) error {
	return tx.Query(`SELECT roles, login FROM account WHERE tenant = $1 ORDER BY roles, login`, []any{tenant}, func(scan func(...any) error) error {
		var roles, login string
		if err := scan(&roles, &login); err != nil {
			return err
		}
		return fn(roles, login)
	})
}

// SignOut ends a session.
func (s *Accounts) SignOut(ctx context.Context, a Actor, token string) error {
	s.mu.Lock()
	delete(s.cache, digest(token))
	s.mu.Unlock()
	return s.operate(ctx, a.Tenant, `DELETE FROM session WHERE token = $1`, digest(token))
}

func (s *Accounts) operate(ctx context.Context, tenant, query string, args ...any) error {
	return s.l.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// digest is how a session is stored: who reads the database cannot use it.
func digest(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
