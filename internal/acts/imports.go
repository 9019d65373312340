package acts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/figure"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// States of an import.
const (
	ImportRunning = "running"
	ImportStopped = "stopped"
	ImportDone    = "done"
	ImportFailed  = "failed"
)

// rowsPerCommand is how many rows one command takes: all of it is durable, or none.
const rowsPerCommand = 100

// ImportJob (导入) is an import with what it did so far. Read = Taken + Already + Refused, always.
type ImportJob struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`
	File      string     `json:"file"`
	Mapping   string     `json:"map"`
	DryRun    bool       `json:"dry_run"`
	Read      int64      `json:"read"`
	Taken     int64      `json:"taken"`
	Already   int64      `json:"already"`
	Refused   int64      `json:"refused"`
	Notes     int64      `json:"notes" doc:"values set aside in rows that were taken"`
	Findings  int64      `json:"findings" doc:"findings in the rows that were taken"`
	Bytes     int64      `json:"bytes"`
	Total     int64      `json:"total_bytes"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Fault     string     `json:"fault,omitempty"`
}

// Line is the import's last line.
func (j ImportJob) Line() string {
	return fmt.Sprintf("read %d = taken %d + already there %d + refused %d", j.Read, j.Taken, j.Already, j.Refused)
}

// RowRefused is a row that was not taken.
type RowRefused struct {
	Line   int
	Column string
	Value  string
	Rule   string
}

// Import is what an import needs.
type Import struct {
	Path    string // of the file
	Name    string // of the file, as people know it
	Mapping intake.Mapping
	DryRun  bool
	Restart bool // read from the first row again, also if an earlier run was stopped in the middle
	// Progress is told after every command; nil tells nobody.
	Progress func(ImportJob)
	// Refused is told every row that was not taken; nil tells nobody.
	Refused func(RowRefused) error
}

// ImportID names the import of a file with a mapping: run again, it goes on where it was stopped.
func ImportID(tenant string, m intake.Mapping, name string, size int64, dryRun bool) string {
	h := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%s\x00%s\x00%d\x00%t", tenant, m.Name, name, size, dryRun)))
	return hex.EncodeToString(h[:8])
}

// RunImport reads a file into the ledger. It takes the good rows and reports every refused one; a row
// that is there already is not taken again; ended by ctx it is stopped and can be run again.
func (a *Acts) RunImport(ctx context.Context, c access.Actor, in Import) (ImportJob, error) {
	r, err := intake.Open(in.Path, in.Mapping, a.L.Now(c.Tenant))
	if err != nil {
		return ImportJob{}, err
	}
	defer func() { _ = r.Close() }()
	_, size := r.Progress()
	job := ImportJob{
		ID: ImportID(c.Tenant, in.Mapping, in.Name, size, in.DryRun), File: in.Name, Mapping: in.Mapping.Name, DryRun: in.DryRun,
		Total: size, StartedAt: a.L.Now(c.Tenant),
	}
	if before, found, err := a.ImportJob(ctx, c.Tenant, job.ID); err != nil {
		return job, err
	} else if found && before.State != ImportDone && !in.DryRun && !in.Restart {
		job = before
		if err := r.Skip(job.Read); err != nil {
			return job, err
		}
	}
	job.State, job.Fault, job.EndedAt = ImportRunning, "", nil
	run := &importRun{a: a, c: c, in: in, r: r, job: job, seen: map[string]bool{}}
	err = run.all(ctx)
	job = run.job
	ended := a.L.Now(c.Tenant)
	job.EndedAt = &ended
	switch {
	case err == nil:
		job.State = ImportDone
	case errors.Is(err, context.Canceled):
		job.State = ImportStopped
	default:
		job.State, job.Fault = ImportFailed, err.Error()
	}
	save := a.saveJob(context.WithoutCancel(ctx), c.Tenant, job)
	if err == nil && save == nil && !in.DryRun {
		save = figure.Compact(ctx, a.L, c.Tenant)
	}
	if in.Progress != nil {
		in.Progress(job)
	}
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return job, errors.Join(err, save)
}

type importRun struct {
	a    *Acts
	c    access.Actor
	in   Import
	r    *intake.Reader
	job  ImportJob
	seen map[string]bool // keys of a dry run
}

func (i *importRun) all(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		records, refused, end, err := i.batch()
		if err != nil {
			return err
		}
		if err := i.take(ctx, records, refused); err != nil {
			return err
		}
		if i.in.Progress != nil {
			i.in.Progress(i.job)
		}
		if end {
			return nil
		}
	}
}

// batch reads rows for one command.
func (i *importRun) batch() (records []*intake.Record, refused []RowRefused, end bool, err error) {
	for len(records)+len(refused) < rowsPerCommand {
		rec, bad, err := i.r.Next()
		if errors.Is(err, io.EOF) {
			return records, refused, true, nil
		}
		if err != nil {
			return records, refused, false, err
		}
		if bad != nil {
			refused = append(refused, RowRefused{Line: bad.Line, Column: bad.Column, Value: bad.Value, Rule: bad.Rule})
			continue
		}
		records = append(records, rec)
	}
	return records, refused, false, nil
}

// take does one command's rows: what it counts is saved with what it appends.
func (i *importRun) take(ctx context.Context, records []*intake.Record, refused []RowRefused) error {
	job := i.job
	var bad []RowRefused
	err := i.a.L.Do(ctx, i.c.Tenant, i.c.Who(), nil, func(tx *ledger.Tx) error {
		job, bad = i.job, append([]RowRefused(nil), refused...)
		incident, _, err := registry.CurrentIncident(tx.Tx, i.c.Tenant)
		if err != nil {
			return err
		}
		tx.Incident = incident.ID
		for _, rec := range records {
			taken, refusal, err := i.record(tx, rec)
			switch {
			case err != nil:
				return fmt.Errorf("line %d: %w", rec.Line, err)
			case refusal != nil:
				bad = append(bad, *refusal)
			case taken:
				job.Taken++
				job.Findings += int64(len(rec.Items))
				job.Notes += int64(len(rec.Notes))
			default:
				job.Already++
			}
		}
		job.Refused += int64(len(bad))
		job.Read += int64(len(records) + len(refused))
		job.Bytes, _ = i.r.Progress()
		for k, b := range bad {
			if _, err := tx.Exec(`INSERT INTO import_refusal (tenant, job, line, seq, col, value, rule) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (tenant, job, line, seq) DO NOTHING`, i.c.Tenant, job.ID, b.Line, k, b.Column, b.Value, b.Rule); err != nil {
				return err
			}
		}
		return putJob(tx, job)
	})
	if err != nil {
		return err
	}
	i.job = job
	if i.in.Refused != nil {
		for _, b := range bad {
			if err := i.in.Refused(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func putJob(tx *ledger.Tx, job ImportJob) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO import_job (tenant, id, at, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, id) DO UPDATE SET at = excluded.at, body = excluded.body`, tx.Tenant, job.ID, job.StartedAt.UnixMicro(), body)
	return err
}

func (a *Acts) saveJob(ctx context.Context, tenant string, job ImportJob) error {
	return a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error { return putJob(tx, job) })
}

// ImportJob finds an import.
func (a *Acts) ImportJob(ctx context.Context, tenant, id string) (job ImportJob, found bool, err error) {
	err = a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		var body []byte
		found, err = tx.Row(`SELECT body FROM import_job WHERE tenant = $1 AND id = $2`, []any{tenant, id}, &body)
		if err != nil || !found {
			return err
		}
		return json.Unmarshal(body, &job)
	})
	return job, found, err
}

// ImportJobs lists imports, newest first.
func (a *Acts) ImportJobs(ctx context.Context, tenant string) (jobs []ImportJob, err error) {
	err = a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		return tx.Query(`SELECT body FROM import_job WHERE tenant = $1 ORDER BY at DESC, id`, []any{tenant}, func(scan func(...any) error) error {
			var body []byte
			if err := scan(&body); err != nil {
				return err
			}
			var job ImportJob
			err := json.Unmarshal(body, &job)
			jobs = append(jobs, job)
			return err
		})
	})
	return jobs, err
}

// ImportRefusals lists the rows an import did not take; limit 0 is all.
func (a *Acts) ImportRefusals(ctx context.Context, tenant, id string, limit int) (rows []RowRefused, err error) {
	q := `SELECT line, col, value, rule FROM import_refusal WHERE tenant = $1 AND job = $2 ORDER BY line, seq`
	if limit > 0 {
		q += ` LIMIT ` + strconv.Itoa(limit)
	}
	err = a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		return tx.Query(q, []any{tenant, id}, func(scan func(...any) error) error {
			var r RowRefused
			err := scan(&r.Line, &r.Column, &r.Value, &r.Rule)
			rows = append(rows, r)
			return err
		})
	})
	return rows, err
}
