package acts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/figure"
	"duzhan/internal/intake"
	"duzhan/internal/storage"
)

const mapping = `name: test-city
target: inspections
source: {format: csv, encoding: utf-8}
zone: Asia/Shanghai
key: [no]
fields:
  site.key: {column: site}
  site.name: {column: site}
  site.type: {constant: S16}
  visit.at: {column: day, dates: [YYYY-MM-DD]}
  visit.kind: {column: kind, values: {a: routine, b: follow_up}, otherwise: refuse}
items:
  finding:
    column: codes
    split: ";"
    none: [none]
    pattern: '(?P<code>\w+)(?:/(?P<fixed>y|n))?'
    unmatched: refuse
    fields:
      code: {group: code}
      fixed_on_spot: {group: fixed, values: {y: "true", n: "false"}}
follow_up:
  when: {field: visit.kind, is: follow_up}
  verifies: open_at_same_site
  fails: same_code
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func parsed(t *testing.T) intake.Mapping {
	t.Helper()
	m, err := intake.Parse([]byte(mapping), intake.Inspections)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func now(w *actstest.World, axis ...string) map[string]int64 {
	g := figure.Group{}
	if len(axis) == 2 {
		g = figure.Group{Axis: axis[0], Value: axis[1]}
	}
	var f map[string]int64
	w.Read(func(tx *storage.Tx) error {
		k, err := w.Acts.AsOf(tx, actstest.Tenant, time.Time{}, time.Time{})
		if err == nil {
			f, err = figure.Figures(tx, actstest.Tenant, k.AsOf, "finding", g)
		}
		return err
	})
	return f
}

// TestImportFollowsUp: a follow-up verifies what is gone, fails what it finds again and merges it, whether
// the file is in order of time or not.
func TestImportFollowsUp(t *testing.T) {
	for name, rows := range map[string][]string{
		"in order":     {"1,A,2022-11-01,a,P1;P2/y;P3", "2,A,2022-11-05,b,P1", "3,B,2022-11-05,b,none"},
		"out of order": {"2,A,2022-11-05,b,P1", "3,B,2022-11-05,b,none", "1,A,2022-11-01,a,P1;P2/y;P3"},
	} {
		t.Run(name, func(t *testing.T) {
			w := actstest.New(t, storage.SQLite)
			path := write(t, "a.csv", "no,site,day,kind,codes\n"+strings.Join(rows, "\n")+"\n")
			job, err := w.Acts.RunImport(ctx, w.Duty, acts.Import{Path: path, Name: "a.csv", Mapping: parsed(t)})
			if err != nil || job.Read != 3 || job.Taken != 3 {
				t.Fatalf("%+v %v", job, err)
			}
			f := now(w)
			if f["visits"] != 3 || f["assigned"]+f["merged"] != 4 || f["verified"] != 2 || f["rectified"] != 2 {
				t.Errorf("figures %v", f)
			}
			if name == "in order" && f["merged"] != 1 {
				t.Errorf("found again and not merged: %v", f)
			}
			sameAfterRebuild(t, w)
		})
	}
}

// TestImportStopsAndGoesOn: stopped at random places it takes every row once; again it takes none; a dry
// run writes nothing; refused rows are counted and named (R061).
func TestImportStopsAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		var b strings.Builder
		b.WriteString("no,site,day,kind,codes\n")
		const rows = 950
		for i := range rows {
			kind := "a"
			if i%50 == 7 {
				kind = "?" // refused
			}
			fmt.Fprintf(&b, "%d,S%d,2022-11-%02d,%s,P%d\n", i, i%40, i%18+1, kind, i%5)
		}
		path := write(t, "b.csv", b.String())
		in := acts.Import{Path: path, Name: "b.csv", Mapping: parsed(t)}
		dry := in
		dry.DryRun = true
		if job, err := w.Acts.RunImport(ctx, w.Duty, dry); err != nil || job.Taken != rows-19 || job.Refused != 19 || now(w)["visits"] != 0 {
			t.Fatalf("dry run: %+v %v, %d visits", job, err, now(w)["visits"])
		}
		var job acts.ImportJob
		for stops := 0; job.State != acts.ImportDone; stops++ {
			stopped, cancel := context.WithCancel(ctx)
			commands := 0
			in.Progress = func(acts.ImportJob) {
				if commands++; commands == 3 {
					cancel()
				}
			}
			var err error
			if job, err = w.Acts.RunImport(stopped, w.Duty, in); err != nil {
				t.Fatal(err)
			}
			cancel()
			if job.Read != job.Taken+job.Already+job.Refused {
				t.Fatalf("the last line does not add up: %s", job.Line())
			}
			if stops > 20 {
				t.Fatal("it does not come to an end")
			}
		}
		if job.Read != rows || job.Taken != rows-19 || job.Refused != 19 || now(w)["visits"] != rows-19 {
			t.Errorf("%s, %d visits", job.Line(), now(w)["visits"])
		}
		in.Progress = nil
		if job, err := w.Acts.RunImport(ctx, w.Duty, in); err != nil || job.Taken != 0 || job.Already != rows-19 {
			t.Errorf("again: %s %v", job.Line(), err)
		}
		refused, err := w.Acts.ImportRefusals(ctx, actstest.Tenant, job.ID, 0)
		if err != nil || len(refused) != 19 || refused[0].Line != 9 || refused[0].Column != "kind" || refused[0].Value != "?" {
			t.Errorf("refusals %+v %v", refused[:min(1, len(refused))], err)
		}
	})
}
