package intake

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shared finds the data beside the project; absent, the test is skipped, but never where everything must
// be proven.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("DUZHAN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared data is not at %s; set DUZHAN_SHARED", path)
		}
		t.Skipf("the shared data is not at %s; set DUZHAN_SHARED", path)
	}
	return path
}

func example(t testing.TB, name string) Mapping {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// counts is what one can say about the file.
type counts struct {
	read, refused, keys, sites, followUps            int
	findings, fixed, notFixed, fixedNotSaid          int
	withoutPlace, placeSetAside, routine, until2010  int
	findingsUntil2010, distinctCodes, withNoFindings int
}

// countByHand counts without any of this package: another reader, another way to split a cell.
func countByHand(t *testing.T, path string) (c counts) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	finding := regexp.MustCompile(`[0-9][0-9.-]*`)
	for _, row := range rows[1:] {
		c.read++
		lon, _ := strconv.ParseFloat(row[4], 64)
		lat, _ := strconv.ParseFloat(row[5], 64)
		switch {
		case row[4] == "" && row[5] == "":
			c.withoutPlace++
		case lon < -75.9 || lon > -75.0 || lat < 38.4 || lat > 39.9:
			c.placeSetAside++
		}
		switch row[7] {
		case "Followup":
			c.followUps++
		case "Routine":
			c.routine++
		}
		early := row[8][6:] <= "2010"
		if early {
			c.until2010++
		}
		found := finding.FindAllString(row[9], -1)
		if len(found) == 0 {
			c.withNoFindings++
		}
		for _, code := range found {
			codes[code] = true
			c.findings++
			if early {
				c.findingsUntil2010++
			}
		}
		c.fixed += strings.Count(row[9], "/Yes")
		c.notFixed += strings.Count(row[9], "/No")
	}
	c.fixedNotSaid = c.findings - c.fixed - c.notFixed
	c.distinctCodes = len(codes)
	return c
}

// The real file: all 2,281 inspections are read, none is refused, four lines stand twice and are the same
// inspection, 301 spellings of names and addresses are 285 premises.
func TestDelaware(t *testing.T) {
	path := shared(t, "data/real/delaware_food_inspections.csv")
	r, err := Open(path, example(t, "delaware.yaml"), time.Date(2022, 11, 25, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got counts
	keys, sites, codes := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for {
		rec, bad, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got.read++
		if bad != nil {
			got.refused++
			t.Errorf("refused: %+v", *bad)
			continue
		}
		keys[rec.RowKey], sites[rec.Fields.Text("site.key")] = true, true
		if rec.FollowUp {
			got.followUps++
		}
		if rec.Fields.Text("visit.kind") == "routine" {
			got.routine++
		}
		if !rec.Fields.Has("site.lon") {
			if !slices.ContainsFunc(rec.Notes, func(n Note) bool { return n.Rule == "intake.note.coordinates-outside" }) {
				got.withoutPlace++
			} else {
				got.placeSetAside++
			}
		}
		at := rec.Fields["visit.at"]
		if at.Precision != ToDay || at.Until.Sub(at.Time) < 23*time.Hour-time.Microsecond {
			t.Fatalf("line %d: %+v is no day", rec.Line, at)
		}
		early := at.Time.Year() <= 2010
		if early {
			got.until2010++
		}
		if len(rec.Items) == 0 {
			got.withNoFindings++
		}
		for _, it := range rec.Items {
			got.findings++
			codes[it.Fields.Text("code")] = true
			if early {
				got.findingsUntil2010++
			}
			switch v, given := it.Fields["fixed_on_spot"]; {
			case !given:
				got.fixedNotSaid++
			case v.Bool:
				got.fixed++
			default:
				got.notFixed++
			}
			for _, absent := range []string{"owner", "due", "verifier"} {
				if it.Fields.Has(absent) || !strings.Contains(strings.Join(it.Missing, " "), absent) {
					t.Fatalf("line %d: %s must be not given: %+v", rec.Line, absent, it)
				}
			}
		}
	}
	got.keys, got.sites, got.distinctCodes = len(keys), len(sites), len(codes)

	byHand := countByHand(t, path)
	byHand.keys, byHand.sites = got.keys, got.sites // spelling is this package's own matter
	if got != byHand {
		t.Errorf("mapped: %+v\nby hand: %+v", got, byHand)
	}
	golden := counts{
		read: 2281, refused: 0, keys: 2277, sites: 285, followUps: 406, findings: 1472, fixed: 497, notFixed: 846,
		fixedNotSaid: 129, withoutPlace: 2, placeSetAside: 114, routine: 1713, until2010: 1061, findingsUntil2010: 558,
		distinctCodes: 115, withNoFindings: 1543,
	}
	if got != golden {
		t.Errorf("mapped: %+v\ngolden: %+v", got, golden)
	}
	if read, total := r.Progress(); read != total {
		t.Errorf("progress at the end: %d of %d", read, total)
	}
}
