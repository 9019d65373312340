// Command coverage lists the requirement rows R001–R209 and invariants 1H-nn with the tests that
// cite them, or the reason why a row is outside (docs/coverage-exclusions.md). It exits with 1 when
// a row named in docs/coverage-required.txt is cited by no test.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const lastRow = 209

var (
	citation  = regexp.MustCompile(`\b(R[0-2]\d\d|1H-\d\d)\b`)
	exclusion = regexp.MustCompile(`^\|\s*(R[0-2]\d\d|1H-\d\d)\s*\|\s*(.+?)\s*\|\s*$`)
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

func run(out *os.File) error {
	cited, err := citations(".")
	if err != nil {
		return err
	}
	reasons, err := exclusions(filepath.Join("docs", "coverage-exclusions.md"))
	if err != nil {
		return err
	}
	required, err := lines(filepath.Join("docs", "coverage-required.txt"))
	if err != nil {
		return err
	}
	rows := make([]string, 0, lastRow)
	for n := 1; n <= lastRow; n++ {
		rows = append(rows, fmt.Sprintf("R%03d", n))
	}
	for _, id := range slices.Sorted(maps.Keys(cited)) {
		if strings.HasPrefix(id, "1H-") {
			rows = append(rows, id)
		}
	}
	w := bufio.NewWriter(out)
	covered, excluded := 0, 0
	for _, id := range rows {
		places := cited[id]
		switch {
		case len(places) > 0:
			covered++
			fmt.Fprintf(w, "%s  %s\n", id, strings.Join(places, ", "))
		case reasons[id] != "":
			excluded++
			fmt.Fprintf(w, "%s  outside: %s\n", id, reasons[id])
		default:
			fmt.Fprintf(w, "%s  no test\n", id)
		}
	}
	fmt.Fprintf(w, "%d rows cited by tests, %d outside with a reason, %d without either\n",
		covered, excluded, len(rows)-covered-excluded)
	if err := w.Flush(); err != nil {
		return err
	}
	var missing []string
	for _, id := range required {
		if len(cited[id]) == 0 {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("rows that must be cited and are not: %s", strings.Join(missing, " "))
	}
	return nil
}

// citations maps a row to the places, file:line, of Go and page tests that name it.
func citations(root string) (map[string][]string, error) {
	cited := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// this program's own test names rows only as samples
			if name := d.Name(); path == filepath.Join("tools", "coverage") || name == "node_modules" || name == "dist" || (name != "." && strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !isTest(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for n, line := range strings.Split(string(text), "\n") {
			ids := citation.FindAllString(line, -1)
			slices.Sort(ids)
			for _, id := range slices.Compact(ids) {
				cited[id] = append(cited[id], fmt.Sprintf("%s:%d", filepath.ToSlash(path), n+1))
			}
		}
		return nil
	})
	return cited, err
}

func isTest(path string) bool {
	if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".test.ts") {
		return true
	}
	slashed := filepath.ToSlash(path)
	return strings.HasPrefix(slashed, "ui/test/") && (strings.HasSuffix(path, ".mjs") || strings.HasSuffix(path, ".ts"))
}

// exclusions reads the table rows "| R000 | reason |" of a page; a missing page excludes nothing.
func exclusions(file string) (map[string]string, error) {
	text, err := lines(file)
	reasons := map[string]string{}
	for _, line := range text {
		if m := exclusion.FindStringSubmatch(line); m != nil {
			reasons[m[1]] = m[2]
		}
	}
	return reasons, err
}

// lines are the non-empty lines of a file outside # comments; none when the file does not exist.
func lines(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var kept []string
	for line := range strings.SplitSeq(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return kept, err
}
