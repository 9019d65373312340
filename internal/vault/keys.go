// Package vault owns what the ledger must not say: sealed parts, the keys that seal them, finding
// by name without storing names, revealing, and destruction. It refuses to know what a part means.
//
// A part is sealed with XChaCha20-Poly1305 under a key of its scope (an incident, the directory of
// staff, a person) and retention class. Keys lie in a store of their own, wrapped by the root key,
// never in the database: a backup of the database holds no key, so destroying a key destroys what it
// sealed there too. See docs/ledger.md.
package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// keySize is that of XChaCha20-Poly1305, bytes.
const keySize = chacha20poly1305.KeySize

// Keys is the local key store: a directory with the root key and one file a key.
type Keys struct {
	dir  string
	root []byte

	mu   sync.RWMutex
	keys map[string][]byte
}

// OpenKeys opens the key store in dir and makes it, with a new root key, if it is not there.
func OpenKeys(dir string) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("key store: %w", err)
	}
	k := &Keys{dir: dir, keys: map[string][]byte{}}
	path := filepath.Join(dir, "root.key")
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		k.root = make([]byte, keySize)
		_, _ = rand.Read(k.root)
		return k, writeDurably(path, []byte(hex.EncodeToString(k.root)+"\n"))
	case err != nil:
		return nil, fmt.Errorf("key store: %w", err)
	}
	if k.root, err = hex.DecodeString(string(trimNewline(text))); err != nil || len(k.root) != keySize {
		return nil, errors.New("key store: root.key is not 32 bytes in hexadecimal digits")
	}
	return k, nil
}

func trimNewline(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// Make makes a new key and stores it durably. Its name tells nothing.
func (k *Keys) Make() (name string, err error) {
	random := make([]byte, 8+keySize)
	_, _ = rand.Read(random)
	name = hex.EncodeToString(random[:8])
	key := random[8:]
	wrapped, err := seal(k.root, key, []byte(name))
	if err != nil {
		return "", err
	}
	if err := writeDurably(k.path(name), wrapped); err != nil {
		return "", err
	}
	k.mu.Lock()
	k.keys[name] = key
	k.mu.Unlock()
	return name, nil
}

// ErrNoKey says that the key is not in the store: it was destroyed, or the store is another's.
var ErrNoKey = errors.New("no such key")

func (k *Keys) get(name string) ([]byte, error) {
	k.mu.RLock()
	key := k.keys[name]
	k.mu.RUnlock()
	if key != nil {
		return key, nil
	}
	wrapped, err := os.ReadFile(k.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, fmt.Errorf("key store: %w", err)
	}
	key, err = open(k.root, wrapped, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	k.mu.Lock()
	k.keys[name] = key
	k.mu.Unlock()
	return key, nil
}

// Destroy overwrites and removes a key for ever. Destroying it twice is the same as once.
func (k *Keys) Destroy(name string) error {
	k.mu.Lock()
	clear(k.keys[name])
	delete(k.keys, name)
	k.mu.Unlock()
	f, err := os.OpenFile(k.path(name), os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("destroy key: %w", err)
	}
	_, err = f.Write(make([]byte, chacha20poly1305.NonceSizeX+keySize+chacha20poly1305.Overhead))
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("destroy key: %w", err)
	}
	if err := os.Remove(k.path(name)); err != nil {
		return fmt.Errorf("destroy key: %w", err)
	}
	return syncDir(k.dir)
}

func (k *Keys) path(name string) string { return filepath.Join(k.dir, filepath.Base(name)+".key") }

// writeDurably writes a file that is whole or not there after loss of power.
func writeDurably(path string, b []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func seal(key, plain, context []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, context), nil
}

func open(key, sealed, context []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("sealed bytes too short")
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], context)
}

// RowHash is a keyed hash by which an imported row is known again. Its key is derived from the root key
// and never destroyed: the hash must stay the same when what it stands for is gone.
func (k *Keys) RowHash(tenant, row string) string {
	m := hmac.New(sha256.New, k.root)
	m.Write([]byte("duzhan import row v1\x00" + tenant + "\x00" + row))
	return hex.EncodeToString(m.Sum(nil)[:16])
}
