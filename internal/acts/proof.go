package acts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// SigningKey signs checkpoints. Its verifier is public.
type SigningKey struct {
	Signer   note.Signer
	Verifier string
}

// OpenSigningKey reads the key that signs checkpoints from a directory, and makes it if it is not there.
func OpenSigningKey(dir string) (SigningKey, error) {
	path := filepath.Join(dir, "checkpoint.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		secret, public, err := note.GenerateKey(rand.Reader, "duzhan")
		if err != nil {
			return SigningKey{}, err
		}
		if err := os.WriteFile(path, []byte(secret+"\n"+public+"\n"), 0o600); err != nil {
			return SigningKey{}, err
		}
		text = []byte(secret + "\n" + public + "\n")
	} else if err != nil {
		return SigningKey{}, err
	}
	var secret, public string
	if _, err := fmt.Sscan(string(text), &secret, &public); err != nil {
		return SigningKey{}, fmt.Errorf("checkpoint.key: %w", err)
	}
	s, err := note.NewSigner(secret)
	return SigningKey{Signer: s, Verifier: public}, err
}

// Checkpoint signs what the ledger is at a size.
func (a *Acts) Checkpoint(tenant string, size int64, root tlog.Hash) (signed, verifier string, err error) {
	b, err := ledger.Checkpoint{Origin: "duzhan/" + tenant, Size: size, Root: root}.Sign(a.Key.Signer)
	return string(b), a.Key.Verifier, err
}

// VerifyLedger checks a tenant's ledger: its tree, and every sealed part or its absence.
func (a *Acts) VerifyLedger(ctx context.Context, tenant string) (r ledger.Report, err error) {
	err = a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		r, err = ledger.Verify(tx, Types, tenant, func(p ledger.Part) (string, error) { return a.V.State(tx, tenant, p) })
		return err
	})
	return r, err
}
