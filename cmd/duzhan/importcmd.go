package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/intake"
	"duzhan/internal/message"
)

// ImportCmd imports a ledger of inspections.
type ImportCmd struct {
	Store    `embed:""`
	Map      string `help:"Mapping (docs/import.md)." required:"" type:"existingfile"`
	DryRun   bool   `help:"Say what would happen; write nothing."`
	Restart  bool   `help:"Read from the first row again, also after a stop."`
	Refusals string `help:"Where to write the refused rows (CSV). Default: beside the file, with .refused.csv behind its name, or nowhere if none is refused." type:"path"`
	File     string `arg:"" help:"CSV or XLSX." type:"existingfile"`
}

// progressEvery bounds how often progress is shown.
const progressEvery = 200 * time.Millisecond

// Run imports. Interrupted, it stops after the rows under way; the same command then goes on.
func (c ImportCmd) Run(e *env) error {
	text, err := os.ReadFile(c.Map)
	if err != nil {
		return err
	}
	m, err := intake.Parse(text, intake.Inspections)
	if err != nil {
		return fmt.Errorf("--map %s: %w", c.Map, err)
	}
	refused := c.refusedPath()
	if c.DryRun && c.nothing() {
		dir, err := os.MkdirTemp("", "duzhan-dry-run-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		c.Data = dir
	}
	o, err := c.open(e.ctx, !c.DryRun, nil)
	if err != nil {
		return err
	}
	return errors.Join(c.run(e, o, m, &refusalFile{path: refused}), o.close())
}

// nothing tells whether the data folder holds no database: a dry run then reads into a throw-away one, so
// that it says what would happen and leaves no trace.
func (c ImportCmd) nothing() bool {
	_, err := os.Stat(filepath.Join(c.Data, "duzhan.db"))
	return c.DB == "" && errors.Is(err, fs.ErrNotExist)
}

// refusedPath is where the report of refused rows goes: beside the file if that folder can be written.
func (c ImportCmd) refusedPath() string {
	name := filepath.Base(c.File) + ".refused.csv"
	switch {
	case c.Refusals != "":
		return c.Refusals
	case writable(filepath.Dir(c.File)):
		return filepath.Join(filepath.Dir(c.File), name)
	case c.DryRun:
		return filepath.Join(os.TempDir(), name)
	}
	return filepath.Join(c.Data, name)
}

func (c ImportCmd) run(e *env, o *opened, m intake.Mapping, report *refusalFile) error {
	list, err := o.tenants(e.ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if err := c.makeTenant(e, o, m); err != nil {
			return err
		}
	}
	t, err := c.tenant(e.ctx, o)
	if err != nil {
		return err
	}
	if t.Demo {
		return errors.New("--data: this is the demonstration; what happened is never mixed with what is invented")
	}
	var shown time.Time
	job, err := o.acts.RunImport(e.ctx, access.Actor{Tenant: t.Code}, acts.Import{
		Path: c.File, Name: filepath.Base(c.File), Mapping: m, DryRun: c.DryRun, Restart: c.Restart, Refused: report.add,
		Progress: func(j acts.ImportJob) {
			if now := o.acts.L.Now(t.Code); now.Sub(shown) > progressEvery && j.Total > 0 {
				shown = now
				fmt.Fprintf(e.stderr, "\r%3d %%  %d rows", j.Bytes*100/j.Total, j.Read)
			}
		},
	})
	fmt.Fprintln(e.stderr)
	err = errors.Join(err, report.close())
	if job.ID == "" {
		return err
	}
	if report.rows > 0 {
		fmt.Fprintf(e.stdout, "refused rows with line, column, value and rule: %s\n", report.path)
	}
	if job.Notes > 0 {
		fmt.Fprintf(e.stdout, "values set aside in rows that were taken: %d\n", job.Notes)
	}
	switch {
	case c.DryRun:
		fmt.Fprintln(e.stdout, "dry run: nothing was written")
	case job.State == acts.ImportStopped:
		fmt.Fprintln(e.stdout, "stopped: run the same command to go on")
	}
	fmt.Fprintln(e.stdout, job.Line())
	return err
}

// makeTenant makes a jurisdiction for a first import, in the mapping's zone.
func (c ImportCmd) makeTenant(e *env, o *opened, m intake.Mapping) error {
	t := access.Tenant{Code: "local", Zh: "本地", En: "Local", Zone: m.Zone().String()}
	if c.Tenant != "" {
		t.Code = c.Tenant
	}
	did := "made"
	if c.DryRun {
		did = "would make"
	}
	fmt.Fprintf(e.stderr, "new data folder: %s jurisdiction %s (%s)\n", did, t.Code, t.Zone)
	if err := o.acts.SetUp(e.ctx, t, "emergency", 1, "epidemic-2022"); err != nil {
		return err
	}
	return declare(e, o, t.Code, "日常督导", "Supervision")
}

func writable(dir string) bool {
	f, err := os.CreateTemp(dir, ".duzhan-")
	if err != nil {
		return false
	}
	_ = f.Close()
	return os.Remove(f.Name()) == nil
}

// refusalFile is the report of refused rows; it is made when there is one.
type refusalFile struct {
	path string
	rows int
	f    *os.File
	w    *csv.Writer
}

func (r *refusalFile) add(b acts.RowRefused) error {
	if r.f == nil {
		f, err := os.Create(r.path)
		if err != nil {
			return err
		}
		r.f, r.w = f, csv.NewWriter(f)
		if err := r.w.Write([]string{"line", "column", "value", "rule", "en", "zh"}); err != nil {
			return err
		}
	}
	r.rows++
	value := b.Value
	if value != "" && (value[0] == '=' || value[0] == '+' || value[0] == '-' || value[0] == '@') {
		value = "'" + value // an office program would compute it
	}
	return r.w.Write([]string{
		strconv.Itoa(b.Line), b.Column, value, b.Rule,
		message.Say(message.En, "refusal."+b.Rule, nil), message.Say(message.Zh, "refusal."+b.Rule, nil),
	})
}

func (r *refusalFile) close() error {
	if r.f == nil {
		return nil
	}
	r.w.Flush()
	return errors.Join(r.w.Error(), r.f.Close())
}
