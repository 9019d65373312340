package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Retention classes of parts. How long each lives is a rule pack's.
const (
	Staff    = "staff"    // the directory: names and phones of those who work
	Finding  = "finding"  // facts, notes and pictures of inspections
	Document = "document" // signed papers that must name people
)

// Directory is the scope of keys that belong to no incident.
const Directory = "directory"

// Vault seals and opens parts.
type Vault struct {
	keys *Keys
}

// New opens a vault over a key store.
func New(keys *Keys) *Vault { return &Vault{keys: keys} }

// KeyCreated is the entry that a key came to be: what it is for, not the key.
type KeyCreated struct {
	Key   string `json:"key"`
	Scope string `json:"scope"`
	Class string `json:"class"`
}

// Kind is vault.key-created, version 1.
func (KeyCreated) Kind() (string, int) { return "vault.key-created", 1 }

// KeyDestroyed is the entry that a key was ordered destroyed: from it on, what the key sealed is gone.
type KeyDestroyed struct {
	Key    string `json:"key"`
	Reason string `json:"reason"` // code of the ground, never free text
}

// Kind is vault.key-destroyed, version 1.
func (KeyDestroyed) Kind() (string, int) { return "vault.key-destroyed", 1 }

// Types are the entries of this package.
var Types = []ledger.Codec{ledger.Current[KeyCreated](), ledger.Current[KeyDestroyed]()}

// Apply keeps the list of keys.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	switch b := e.Body.(type) {
	case KeyCreated:
		_, err := tx.Exec(`INSERT INTO vault_key (tenant, key, scope, class) VALUES ($1, $2, $3, $4)`,
			e.Tenant, b.Key, b.Scope, b.Class)
		return err
	case KeyDestroyed:
		_, err := tx.Exec(`UPDATE vault_key SET destroyed = $3 WHERE tenant = $1 AND key = $2`, e.Tenant, b.Key, e.Pos)
		return err
	}
	return nil
}

// key finds the key of a scope and class, and makes it with its entry if there is none yet.
func (v *Vault) key(tx *ledger.Tx, scope, class string) (string, error) {
	var name string
	found, err := tx.Row(`SELECT key FROM vault_key WHERE tenant = $1 AND scope = $2 AND class = $3 AND destroyed IS NULL`,
		[]any{tx.Tenant, scope, class}, &name)
	if err != nil || found {
		return name, err
	}
	if name, err = v.keys.Make(); err != nil {
		return "", err
	}
	return name, tx.Append(ledger.Draft{Subject: ledger.ID("key:" + name), Body: KeyCreated{name, scope, class}})
}

// Content is what is to be sealed.
type Content struct {
	Name  string // the part's name in its entry
	Type  string // media type; empty is text
	Bytes []byte
}

// Seal seals contents under the key of scope and class and gives the parts that stand for them in an
// entry. What is not appended afterwards is undone with its command.
func (v *Vault) Seal(tx *ledger.Tx, scope, class string, contents ...Content) ([]ledger.Part, error) {
	name, err := v.key(tx, scope, class)
	if err != nil {
		return nil, err
	}
	key, err := v.keys.get(name)
	if err != nil {
		return nil, err
	}
	parts := make([]ledger.Part, 0, len(contents))
	for _, c := range contents {
		salted := make([]byte, saltSize, saltSize+len(c.Bytes))
		_, _ = rand.Read(salted)
		salted = append(salted, c.Bytes...)
		hash := commitment(salted)
		sealed, err := seal(key, salted, []byte(hash))
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`INSERT INTO vault_part (tenant, hash, key, sealed) VALUES ($1, $2, $3, $4)`,
			tx.Tenant, hash, name, sealed); err != nil {
			return nil, err
		}
		parts = append(parts, ledger.Part{Name: c.Name, Class: class, Key: name, Hash: hash, Type: c.Type})
	}
	return parts, nil
}

// saltSize makes the hash in the ledger tell nothing about a content that could be guessed, bytes.
const saltSize = 16

func commitment(salted []byte) string {
	h := sha256.Sum256(salted)
	return "sha256:" + hex.EncodeToString(h[:])
}

// Discard removes what was sealed and stands in no entry.
func (v *Vault) Discard(tx *ledger.Tx, p ledger.Part) error {
	_, err := tx.Exec(`DELETE FROM vault_part WHERE tenant = $1 AND hash = $2`, tx.Tenant, p.Hash)
	return err
}

// Alive tells whether no entry destroyed a key. The ledger is asked each time: the destruction may have
// been ordered by another process, and the keys that this one has in memory do not know.
func (v *Vault) Alive(tx *storage.Tx, tenant, key string) (bool, error) {
	var destroyed *int64
	_, err := tx.Row(`SELECT destroyed FROM vault_key WHERE tenant = $1 AND key = $2`, []any{tenant, key}, &destroyed)
	return destroyed == nil, err
}

// Open gives the content of a part. ErrDestroyed says that its key is gone.
func (v *Vault) Open(tx *storage.Tx, tenant string, p ledger.Part) ([]byte, error) {
	alive, err := v.Alive(tx, tenant, p.Key)
	if err != nil {
		return nil, err
	}
	if !alive {
		return nil, ErrDestroyed
	}
	var sealed []byte
	found, err := tx.Row(`SELECT sealed FROM vault_part WHERE tenant = $1 AND hash = $2`, []any{tenant, p.Hash}, &sealed)
	if err != nil {
		return nil, err
	}
	key, err := v.keys.get(p.Key)
	if errors.Is(err, ErrNoKey) {
		return nil, ErrDestroyed
	}
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrMissing
	}
	salted, err := open(key, sealed, []byte(p.Hash))
	if err != nil || commitment(salted) != p.Hash {
		return nil, ErrBroken
	}
	return salted[saltSize:], nil
}

// What can be wrong with a part.
var (
	ErrDestroyed = errors.New("sealed part destroyed")
	ErrMissing   = errors.New("sealed part missing")
	ErrBroken    = errors.New("sealed part does not fit its hash")
)

// State says what became of a part: present, destroyed (by an entry), missing or broken.
func (v *Vault) State(tx *storage.Tx, tenant string, p ledger.Part) (string, error) {
	if alive, err := v.Alive(tx, tenant, p.Key); err != nil || !alive {
		return "destroyed", err
	}
	switch _, err := v.Open(tx, tenant, p); {
	case err == nil:
		return "present", nil
	case errors.Is(err, ErrDestroyed), errors.Is(err, ErrMissing): // a key gone without an entry is a loss
		return "missing", nil
	case errors.Is(err, ErrBroken):
		return "broken", nil
	default:
		return "", err
	}
}

// KeyState is a key with what it is for.
type KeyState struct {
	Scope, Class, Key string
	Parts             int64
	Destroyed         int64 // position of the entry that destroyed it; -1 while it lives
}

// List lists a tenant's keys by scope and class.
func List(tx *storage.Tx, tenant string) (keys []KeyState, err error) {
	err = tx.Query(`SELECT k.scope, k.class, k.key, COALESCE(k.destroyed, -1), COUNT(p.hash) FROM vault_key k
		LEFT JOIN vault_part p ON p.tenant = k.tenant AND p.key = k.key WHERE k.tenant = $1
		GROUP BY k.scope, k.class, k.key, k.destroyed ORDER BY k.scope, k.class, k.key`,
		[]any{tenant}, func(scan func(...any) error) error {
			var k KeyState
			err := scan(&k.Scope, &k.Class, &k.Key, &k.Destroyed, &k.Parts)
			keys = append(keys, k)
			return err
		})
	return keys, err
}

// Index makes a subject findable by a text without keeping the text: keyed hashes of the folded text
// and of each pair of neighbouring characters, under the key of scope and class.
func (v *Vault) Index(tx *ledger.Tx, scope, class string, subject ledger.ID, text string) error {
	name, err := v.key(tx, scope, class)
	if err != nil {
		return err
	}
	key, err := v.keys.get(name)
	if err != nil {
		return err
	}
	for _, term := range terms(text) {
		if _, err := tx.Exec(`INSERT INTO vault_index (tenant, key, token, subject) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, key, token, subject) DO NOTHING`, tx.Tenant, name, token(key, term), string(subject)); err != nil {
			return err
		}
	}
	return nil
}

// Find lists the subjects of a scope and class whose indexed text holds all of the query's terms.
// A destroyed key finds nothing.
func (v *Vault) Find(tx *storage.Tx, tenant, scope, class, query string) ([]ledger.ID, error) {
	wanted := wantedTerms(query)
	if len(wanted) == 0 {
		return nil, nil
	}
	var names []string
	if err := tx.Query(`SELECT key FROM vault_key WHERE tenant = $1 AND scope = $2 AND class = $3 AND destroyed IS NULL ORDER BY key`,
		[]any{tenant, scope, class}, func(scan func(...any) error) error {
			var n string
			err := scan(&n)
			names = append(names, n)
			return err
		}); err != nil {
		return nil, err
	}
	var out []ledger.ID
	for _, name := range names {
		key, err := v.keys.get(name)
		if errors.Is(err, ErrNoKey) {
			continue
		}
		if err != nil {
			return nil, err
		}
		hits := map[ledger.ID]int{}
		for _, term := range wanted {
			err := tx.Query(`SELECT subject FROM vault_index WHERE tenant = $1 AND key = $2 AND token = $3 ORDER BY subject`,
				[]any{tenant, name, token(key, term)}, func(scan func(...any) error) error {
					var s string
					err := scan(&s)
					if hits[ledger.ID(s)]++; hits[ledger.ID(s)] == len(wanted) {
						out = append(out, ledger.ID(s))
					}
					return err
				})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// terms of a text: its first character and each pair of neighbouring characters.
func terms(text string) []string {
	r := []rune(Fold(text))
	if len(r) == 0 {
		return nil
	}
	out := []string{"^" + string(r[0])}
	seen := map[string]bool{}
	for i := range len(r) - 1 {
		if t := string(r[i : i+2]); !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// wantedTerms of a query: its pairs, found anywhere; a single character is found at the beginning.
func wantedTerms(query string) []string {
	t := terms(query)
	if len(t) > 1 {
		return t[1:]
	}
	return t
}

// Fold makes spellings alike: lower case, no spaces or punctuation between.
func Fold(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '-', '·', '.', ',', '，', '。', '\u3000', '(', ')', '（', '）':
			return -1
		}
		return r
	}, strings.ToLower(text))
}

func token(key []byte, term string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("duzhan index v1\x00" + term))
	return hex.EncodeToString(m.Sum(nil)[:12])
}

// Destroy orders the destruction of every key of a scope: the entries first, so that what is gone is
// known to be gone on purpose. Shred carries it out after the commit.
func (v *Vault) Destroy(tx *ledger.Tx, scope, reason string) (keys []string, err error) {
	if err := tx.Query(`SELECT key FROM vault_key WHERE tenant = $1 AND scope = $2 AND destroyed IS NULL ORDER BY key`,
		[]any{tx.Tenant, scope}, func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			keys = append(keys, k)
			return err
		}); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if err := tx.Append(ledger.Draft{Subject: ledger.ID("key:" + k), Body: KeyDestroyed{Key: k, Reason: reason}}); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`DELETE FROM vault_index WHERE tenant = $1 AND key = $2`, tx.Tenant, k); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Shred removes every key that entries order destroyed; it is run after the commit of Destroy and at
// every start, so that a stop between the two leaves nothing readable.
func (v *Vault) Shred(tx *storage.Tx) error {
	var names []string
	if err := tx.Query(`SELECT key FROM vault_key WHERE destroyed IS NOT NULL ORDER BY key`, nil, func(scan func(...any) error) error {
		var n string
		err := scan(&n)
		names = append(names, n)
		return err
	}); err != nil {
		return err
	}
	for _, n := range names {
		if err := v.keys.Destroy(n); err != nil {
			return err
		}
	}
	return nil
}

// RowHash is Keys.RowHash.
func (v *Vault) RowHash(tenant, row string) string { return v.keys.RowHash(tenant, row) }
