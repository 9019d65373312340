package acts

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"duzhan/internal/access"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
)

// StartImport keeps a file that was sent and imports it in the background; save writes the file. It
// gives the import's id.
func (a *Acts) StartImport(ctx context.Context, c access.Actor, m intake.Mapping, mapText []byte, name string, dryRun bool, save func(io.Writer) error) (string, error) {
	dir := filepath.Join(a.Dir, "imports")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "upload-")
	if err != nil {
		return "", err
	}
	err = errors.Join(save(f), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	r, err := intake.Open(f.Name(), m, a.L.Now(c.Tenant)) // what cannot be read at all is refused at once
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	_, size := r.Progress()
	if err := r.Close(); err != nil {
		return "", err
	}
	id := ImportID(c.Tenant, m, name, size, dryRun)
	path := filepath.Join(dir, id)
	if err := errors.Join(os.Rename(f.Name(), path), os.WriteFile(path+".map", mapText, 0o600)); err != nil {
		return "", err
	}
	job := ImportJob{ID: id, State: ImportRunning, File: name, Mapping: m.Name, DryRun: dryRun, Total: size, StartedAt: a.L.Now(c.Tenant)}
	if before, found, err := a.ImportJob(ctx, c.Tenant, id); err != nil {
		return "", err
	} else if found && before.State != ImportDone && !dryRun {
		job = before
	}
	if err := a.saveJob(ctx, c.Tenant, job); err != nil {
		return "", err
	}
	return id, a.background(c, Import{Path: path, Name: name, Mapping: m, DryRun: dryRun}, id)
}

// background runs an import until it ends or is stopped; one file is imported once at a time.
func (a *Acts) background(c access.Actor, in Import, id string) error {
	ctx, cancel := context.WithCancel(context.Background())
	key := c.Tenant + "/" + id
	a.mu.Lock()
	_, running := a.imports[key]
	if !running {
		a.imports[key] = cancel
	}
	a.mu.Unlock()
	if running {
		cancel()
		return ledger.Refuse("import.wrong-state", "file")
	}
	go func() {
		defer func() {
			cancel()
			a.mu.Lock()
			delete(a.imports, key)
			a.mu.Unlock()
		}()
		if _, err := a.RunImport(ctx, c, in); err != nil {
			slog.Error("import", "id", id, "error", err)
		}
	}()
	return nil
}

// StopImport stops an import after the rows under way; false if it does not run.
func (a *Acts) StopImport(tenant, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	cancel, ok := a.imports[tenant+"/"+id]
	if ok {
		cancel()
	}
	return ok
}

// ResumeImport goes on with an import that was stopped, or cut off by a stop of the server.
func (a *Acts) ResumeImport(ctx context.Context, c access.Actor, id string) error {
	job, found, err := a.ImportJob(ctx, c.Tenant, id)
	if err != nil {
		return err
	}
	if !found {
		return ledger.RefuseAs(ledger.NotFound, "import.unknown", "")
	}
	if job.State == ImportDone {
		return ledger.Refuse("import.wrong-state", "id")
	}
	path := filepath.Join(a.Dir, "imports", filepath.Base(id))
	text, err := os.ReadFile(path + ".map")
	if err != nil {
		return ledger.Refuse("import.wrong-state", "id")
	}
	m, err := intake.Parse(text, intake.Inspections)
	if err != nil {
		return err
	}
	return a.background(c, Import{Path: path, Name: job.File, Mapping: m, DryRun: job.DryRun}, id)
}
