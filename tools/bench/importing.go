//go:build linux

package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxImport is the target of an import's memory, bytes.
const maxImport = 300e6

// importBench imports a generated ledger of inspections with the mapping of docs/examples.
func (b *bench) importBench() error {
	file := filepath.Join(b.dir, "inspections.csv")
	if err := writeInspections(file, b.rows); err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "import")
	out, took, peak, err := finish(b.binary, "import", "--data", dir, "--map", "docs/examples/delaware.yaml", file)
	if err != nil {
		return err
	}
	b.report.line("\n### Import\n")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	b.report.line("%s generated inspections in the columns of docs/examples/delaware.yaml, each with 0 to 3 findings, every tenth a follow-up; last line: `%s`.\n",
		thousands(int64(b.rows)), lines[len(lines)-1])
	b.report.line("- import: %.0f s, %.0f rows/s", took.Seconds(), float64(b.rows)/took.Seconds())
	b.report.target(fmt.Sprintf("memory of an import of %s rows ≤ 300 MB", thousands(int64(b.rows))), peak <= maxImport, "%s", mib(peak))
	return nil
}

// rowsPerSite is how often premises are inspected.
const rowsPerSite = 8

// writeInspections writes rows in order of time.
func writeInspections(path string, rows int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffer := bufio.NewWriter(f)
	w := csv.NewWriter(buffer)
	if err := w.Write([]string{"Establishments", "Address", "City", "Zip", "Longitude", "Latitude", "County", "Type", "Date", "Violations/COS"}); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(3, 4))
	sites := max(1, rows/rowsPerSite)
	for i := range rows {
		n := r.IntN(sites)
		kind := "Routine"
		if r.IntN(10) == 0 {
			kind = "Followup"
		}
		day := time.Date(2007, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*3000/rows)
		found := "None"
		for k := range r.IntN(4) {
			code := fmt.Sprintf("%d-%d.%d /%s", 2+r.IntN(5), 100+r.IntN(6)*100, r.IntN(20), []string{"Yes", "No"}[r.IntN(2)])
			if k == 0 {
				found = code
			} else {
				found += ", " + code
			}
		}
		if err := w.Write([]string{
			fmt.Sprintf("Premises Number %d", n), fmt.Sprintf("%d Invented Street", n), "Wilmington", "19801", "-75.55", "39.74",
			[]string{"New Castle County", "Kent", "Sussex"}[n%3], kind, day.Format("01/02/2006"), found,
		}); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(w.Error(), buffer.Flush())
}
