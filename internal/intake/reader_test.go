package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

var now = time.Date(2022, 11, 25, 10, 0, 0, 0, time.UTC)

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll gives all records and refusals of a file.
func readAll(t testing.TB, path string, m Mapping) (recs []*Record, bad []*Refusal) {
	t.Helper()
	r, err := Open(path, m, now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return drain(t, r)
}

func drain(t testing.TB, r *Reader) (recs []*Record, bad []*Refusal) {
	t.Helper()
	for {
		rec, no, err := r.Next()
		if errors.Is(err, io.EOF) {
			return recs, bad
		}
		if err != nil {
			t.Fatal(err)
		}
		if (rec == nil) == (no == nil) {
			t.Fatal("a row must be a record or a refusal")
		}
		if rec != nil {
			recs = append(recs, rec)
		} else {
			bad = append(bad, no)
		}
	}
}

const smallHeader = "id,site,at,end,kind,lon,lat,found,note\n"

const goodRow = "1,双湖超市,2022-11-20 09:30,2022-11-20 10:00,first,106.5,29.5,A1 yes;B2,看过\n"

// Bad input of the issue: each row names line, column, value and rule, and the good rows are taken.
func TestRefusals(t *testing.T) {
	for name, v := range map[string]struct {
		row                 string
		column, field, rule string
	}{
		"too few cells":                {"1,x,2022-11-20 09:30\n", "", "", "intake.row.columns"},
		"too many cells":               {"1,x,2022-11-20 09:30,,first,,,,,more\n", "", "", "intake.row.columns"},
		"required is empty":            {"1,,2022-11-20 09:30,,first,,,,\n", "site", "site.key", "intake.row.required"},
		"no date":                      {"1,x,soon,,first,,,,\n", "at", "visit.at", "intake.row.date"},
		"a time of another format":     {"1,x,2022/11/20 09:30,,first,,,,\n", "at", "visit.at", "intake.row.date"},
		"the future":                   {"1,x,2022-11-26 09:30,,first,,,,\n", "at", "visit.at", "intake.row.future"},
		"an end before a beginning":    {"1,x,2022-11-20 09:30,2022-11-20 09:29,first,,,,\n", "end", "visit.ended", "intake.row.end-before-start"},
		"unknown value":                {"1,x,2022-11-20 09:30,,third,,,,\n", "kind", "visit.kind", "intake.row.value-unknown"},
		"no number":                    {"1,x,2022-11-20 09:30,,first,east,29.5,,\n", "lon", "site.lon", "intake.row.number"},
		"an item that is not one":      {"1,x,2022-11-20 09:30,,first,,,A1;??,\n", "found", "finding", "intake.row.item"},
		"NUL":                          {"1,x\x00,2022-11-20 09:30,,first,,,,\n", "site", "site.key", "intake.row.control"},
		"bidi":                         {"1,x\u202e,2022-11-20 09:30,,first,,,,\n", "site", "site.key", "intake.row.control"},
		"bidi in the key":              {"\u2066,x,2022-11-20 09:30,,first,,,,\n", "id", "", "intake.row.control"},
		"no UTF-8":                     {"1,\xff\xfe,2022-11-20 09:30,,first,,,,\n", "site", "site.key", "intake.row.encoding"},
		"1 MB of text":                 {"1," + strings.Repeat("长", 350_000) + ",2022-11-20 09:30,,first,,,,\n", "", "", "intake.row.too-long"},
		"a long cell":                  {"1," + strings.Repeat("长", 20_000) + ",2022-11-20 09:30,,first,,,,\n", "site", "site.key", "intake.row.cell-too-long"},
		"quote":                        {"1,\"x\"y,2022-11-20 09:30,,first,,,,\n", "", "", "intake.row.quote"},
		"no key":                       {",x,2022-11-20 09:30,,first,,,,\n", "id", "", "intake.row.key-empty"},
		"no such day":                  {"1,x,2022-11-31 09:30,,first,,,,\n", "at", "visit.at", "intake.row.date"},
		"neither yes nor no":           {"1,x,2022-11-20 09:30,,first,,,A1 maybe,\n", "found", "finding", "intake.row.item"},
		"a formula is a text like any": {"1,x,=NOW(),,first,,,,\n", "at", "visit.at", "intake.row.date"},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, strings.Replace(small, "key: [id]", "source: {encoding: utf-8}\nkey: [id]", 1))
			recs, bad := readAll(t, file(t, "a.csv", smallHeader+goodRow+v.row+strings.Replace(goodRow, "1,", "2,", 1)), m)
			if len(recs) != 2 || len(bad) != 1 {
				t.Fatalf("%d taken, refused %+v", len(recs), bad)
			}
			b := bad[0]
			if b.Line != 3 || b.Column != v.column || b.Field != v.field || b.Rule != v.rule || len(b.Value) > 210 {
				t.Errorf("got line %d, column %q, field %q, value %q, rule %s; want %q, %q, %s", b.Line, b.Column, b.Field, b.Value, b.Rule, v.column, v.field, v.rule)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	recs, bad := readAll(t, file(t, "a.csv", smallHeader+goodRow), parse(t, small))
	if len(bad) != 0 || len(recs) != 1 {
		t.Fatal(recs, bad)
	}
	rec := recs[0]
	at := rec.Fields["visit.at"]
	if at.Time.UTC().Format(time.RFC3339) != "2022-11-20T01:30:00Z" || at.Precision != ToMinute {
		t.Errorf("visit.at %+v", at)
	}
	if rec.Fields.Text("visit.kind") != "routine" || rec.FollowUp || rec.Line != 2 || rec.RowKey != "small\x1f1" {
		t.Errorf("%+v", rec)
	}
	if len(rec.Items) != 2 || rec.Items[0].Fields.Text("code") != "A1" || !rec.Items[0].Fields["fixed_on_spot"].Bool ||
		rec.Items[1].Fields.Has("fixed_on_spot") || rec.Items[1].Index != 1 || rec.Items[1].Fields.Text("text") != "看过" {
		t.Errorf("items %+v", rec.Items)
	}
	if d := cmp.Diff([]string{"severity", "fixed_on_spot", "owner", "due", "verifier"}, rec.Items[1].Missing); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"site.region", "visit.inspector"}, rec.Missing); d != "" {
		t.Error(d)
	}
}

// What a mapping may do to a cell before it is a value, in columns and groups alike.
func TestExtractReplaceMissingOtherwise(t *testing.T) {
	m := strings.NewReplacer(
		"site.name: {column: site}", `site.name: {column: site, extract: '^(.*?) \((\d+)\)$', replace: {'\s+': "_"}}`,
		"text: {column: note}", `text: {group: code, replace: {'\d': ""}}`,
		"otherwise: refuse", "otherwise: {constant: other}",
		"site.lat: {column: lat}", "site.lat: {column: lat, decimal: comma}\n  visit.note: {column: note, missing: [none, 无]}",
	).Replace(small)
	row := "1,Corner  Shop (17),2022-11-20 09:30,,weekly,106.5,\"29,5\",A12,无\n"
	recs, bad := readAll(t, file(t, "a.csv", smallHeader+row), parse(t, m))
	if len(recs) != 1 || len(bad) != 0 {
		t.Fatalf("%v %+v", recs, bad)
	}
	f := recs[0].Fields
	if f.Text("site.name") != "Corner_Shop" || f.Text("visit.kind") != "other" || f["site.lat"].Number != 29.5 || f.Has("visit.note") ||
		recs[0].Items[0].Fields.Text("text") != "A" {
		t.Errorf("%+v %+v", f, recs[0].Items)
	}
}

func TestFollowUpAndFormulaText(t *testing.T) {
	recs, _ := readAll(t, file(t, "a.csv", smallHeader+"1,=HYPERLINK(1),2022-11-20 09:30,,Again ,,,,\n"), parse(t, small))
	if len(recs) != 1 || !recs[0].FollowUp || recs[0].Fields.Text("site.name") != "=HYPERLINK(1)" {
		t.Errorf("%+v", recs)
	}
}

func TestImplausibleCoordinates(t *testing.T) {
	for name, v := range map[string]struct {
		lon, lat string
		kept     bool
		rule     string
	}{
		"inside":       {"106.5", "29.5", true, ""},
		"not given":    {"", "", false, ""},
		"half":         {"106.5", "", false, "intake.note.coordinates-half"},
		"zero":         {"0", "0", false, "intake.note.coordinates-half"},
		"swapped":      {"29.5", "106.5", false, "intake.note.coordinates-outside"},
		"outside":      {"116.4", "39.9", false, "intake.note.coordinates-outside"},
		"out of world": {"1065", "29.5", false, "intake.note.coordinates-outside"},
	} {
		t.Run(name, func(t *testing.T) {
			row := fmt.Sprintf("1,x,2022-11-20 09:30,,first,%s,%s,,\n", v.lon, v.lat)
			recs, bad := readAll(t, file(t, "a.csv", smallHeader+row), parse(t, small))
			if len(bad) != 0 {
				t.Fatal(bad[0])
			}
			rec := recs[0]
			if rec.Fields.Has("site.lon") != v.kept || rec.Fields.Has("site.lat") != v.kept {
				t.Errorf("kept: %+v", rec.Fields)
			}
			if (len(rec.Notes) == 1) != (v.rule != "") || (v.rule != "" && rec.Notes[0].Rule != v.rule) {
				t.Errorf("notes %+v, want %s", rec.Notes, v.rule)
			}
		})
	}
	strict := strings.Replace(small, "30]}", "30], outside: refuse}", 1)
	if _, bad := readAll(t, file(t, "a.csv", smallHeader+"1,x,2022-11-20 09:30,,first,116.4,39.9,,\n"), parse(t, strict)); len(bad) != 1 || bad[0].Rule != "intake.row.coordinates" {
		t.Errorf("outside: refuse: %+v", bad)
	}
}

// The same ledger in every encoding and with every delimiter gives the same records.
func TestEncodingsAndDelimiters(t *testing.T) {
	text := smallHeader + goodRow + strings.Replace(goodRow, "1,", "2,", 1)
	want, _ := readAll(t, file(t, "a.csv", text), parse(t, small))
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	semicolons := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "A1 yes;B2", "A1 yes§B2"), ",", ";"), "A1 yes§B2", `"A1 yes;B2"`)
	for name, v := range map[string]string{
		"UTF-8 with BOM": "\xEF\xBB\xBF" + text, "GB18030": gb, "UTF-16 with tabs": wide, "semicolons": semicolons,
		"CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "empty lines": strings.ReplaceAll(text, "\n", "\n,,,,,,,,\n\n"),
	} {
		t.Run(name, func(t *testing.T) {
			got, bad := readAll(t, file(t, "a.csv", v), parse(t, small))
			for i := range got {
				got[i].Line = want[i].Line
			}
			if d := cmp.Diff(want, got); d != "" || len(bad) != 0 {
				t.Error(d, bad)
			}
		})
	}
}

// A first Chinese name far behind the beginning still decides the encoding.
func TestEncodingIsDecidedByTheWholeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString(smallHeader)
	for i := range 9000 {
		fmt.Fprintf(&b, "%d,plain,2022-11-20 09:30,,first,,,,\n", i)
	}
	b.WriteString("last,龙溪花园,2022-11-20 09:30,,first,,,,\n")
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{b.String(), gb} {
		recs, _ := readAll(t, file(t, "a.csv", text), parse(t, small))
		if got := recs[len(recs)-1].Fields.Text("site.name"); got != "龙溪花园" {
			t.Errorf("got %q", got)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, v := range map[string]struct{ text, column, rule string }{
		"empty":          {"", "", "intake.file.empty"},
		"only blanks":    {"\n\n", "", "intake.file.no-header"},
		"column missing": {strings.Replace(smallHeader, "kind", "sort", 1), "kind", "intake.file.column-missing"},
		"column twice":   {strings.Replace(smallHeader, "note", "kind", 1), "kind", "intake.file.column-twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(file(t, "a.csv", v.text), parse(t, small), now)
			var e FileError
			if !errors.As(err, &e) || e.Column != v.column || e.Rule != v.rule {
				t.Errorf("got %v", err)
			}
		})
	}
	ordered := strings.Replace(small, "key: [id]", "source: {columns: [id, site, at, end, kind, lat, lon, found, note]}\nkey: [id]", 1)
	_, err := Open(file(t, "a.csv", smallHeader+goodRow), parse(t, ordered), now)
	var e FileError
	if !errors.As(err, &e) || e.Rule != "intake.file.header-order" {
		t.Errorf("another order: %v", err)
	}
	bare := strings.Replace(small, "key: [id]", "source: {header: 0, columns: [id, site, at, end, kind, lon, lat, found, note]}\nkey: [id]", 1)
	if recs, bad := readAll(t, file(t, "a.csv", goodRow), parse(t, bare)); len(recs) != 1 || len(bad) != 0 {
		t.Errorf("a file without header: %v %v", recs, bad)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), parse(t, small), now); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Stopped after any number of rows and resumed, a file gives the same rows as in one go.
func TestResume(t *testing.T) {
	var b strings.Builder
	b.WriteString(smallHeader)
	for i := range 50 {
		kind := "first"
		if i%7 == 3 {
			kind = "?"
		}
		fmt.Fprintf(&b, "%d,\"site\n%d\",2022-11-20 09:30,,%s,,,A%d,\n", i, i, kind, i)
	}
	path, m := file(t, "a.csv", b.String()), parse(t, small)
	wantRecs, wantBad := readAll(t, path, m)
	for stop := range 51 {
		r, err := Open(path, m, now)
		if err != nil {
			t.Fatal(err)
		}
		var recs []*Record
		var bad []*Refusal
		for range stop {
			rec, no, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if rec != nil {
				recs = append(recs, rec)
			} else {
				bad = append(bad, no)
			}
		}
		done := r.Rows()
		r.Close()
		if r, err = Open(path, m, now); err != nil {
			t.Fatal(err)
		}
		if err := r.Skip(done); err != nil {
			t.Fatal(err)
		}
		moreRecs, moreBad := drain(t, r)
		if d := cmp.Diff(wantRecs, append(recs, moreRecs...)); d != "" {
			t.Fatal(stop, d)
		}
		if d := cmp.Diff(wantBad, append(bad, moreBad...)); d != "" {
			t.Fatal(stop, d)
		}
		if read, total := r.Progress(); r.Rows() != 50 || read != total {
			t.Errorf("at the end: %d rows, %d of %d bytes", r.Rows(), read, total)
		}
		r.Close()
	}
}

// endless makes rows without a file's size in memory.
func writeRows(t testing.TB, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	b.WriteString(smallHeader)
	for i := range rows {
		fmt.Fprintf(&b, "%d,site %d,2022-11-20 09:30,,first,106.5,29.5,A1 yes;B2 no;C3,\"a note, with a comma\"\n", i, i%5000)
		if b.Len() > 1<<20 {
			if _, err := b.WriteTo(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := b.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return path
}

// Issue point 7: a file streams; what is held does not grow with its rows.
func TestMemoryDoesNotGrow(t *testing.T) {
	const rows = 150_000
	r, err := Open(writeRows(t, rows), parse(t, small), now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := 0; ; n++ {
		_, no, err := r.Next()
		if errors.Is(err, io.EOF) {
			if n != rows {
				t.Errorf("%d rows, want %d", n, rows)
			}
			break
		}
		if err != nil || no != nil {
			t.Fatal(err, no)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d bytes more are held after %d rows", grown, rows)
	}
}

func BenchmarkCSV(b *testing.B) {
	path, m := writeRows(b, 100_000), parse(b, small)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(path, m, now)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, _, err := r.Next(); err != nil {
				break
			}
		}
		r.Close()
	}
}

// Any bytes as a file: rows or refusals, no panic, and the end is reached.
func FuzzReader(f *testing.F) {
	f.Add([]byte(smallHeader + goodRow))
	f.Add([]byte("\xEF\xBB\xBF" + smallHeader + "1,\"x\n,2022-11-20 09:30,,first,,,A1;B2 no,\n"))
	f.Add([]byte(smallHeader + "1,\xC1\xFA\xCF\xAA,2022-11-20 24:00,2022-11-20 09:30,again,0,0,,=1\n"))
	m := parse(f, small)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
			return
		}
		path := filepath.Join(dir, "fuzz.csv")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, m, now)
		if err != nil {
			return
		}
		defer r.Close()
		recs, bad := drain(t, r)
		if int64(len(recs)+len(bad)) != r.Rows() {
			t.Errorf("%d read, %d taken, %d refused", r.Rows(), len(recs), len(bad))
		}
		for _, rec := range recs {
			if rec.RowKey == "" || !rec.Fields.Has("site.key") || !rec.Fields.Has("visit.at") {
				t.Errorf("%+v", rec)
			}
		}
	})
}
