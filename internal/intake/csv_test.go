package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

type splitRow struct {
	Cells []string
	Line  int
	Rule  string
}

func splitAll(t testing.TB, in io.Reader, delim byte) (rows []splitRow) {
	t.Helper()
	s := newSplitter(in, delim)
	for {
		cells, line, rule, err := s.next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, splitRow{slices.Clone(cells), line, rule})
	}
}

func TestSplitter(t *testing.T) {
	long := strings.Repeat("x", maxRow+10)
	for name, v := range map[string]struct {
		text string
		want []splitRow
	}{
		"plain":                            {"a,b\nc,d\n", []splitRow{{[]string{"a", "b"}, 1, ""}, {[]string{"c", "d"}, 2, ""}}},
		"no line end at the end":           {"a,b\r\nc,", []splitRow{{[]string{"a", "b"}, 1, ""}, {[]string{"c", ""}, 2, ""}}},
		"comma, quote and newline inside":  {"\"a,1\",\"say \"\"so\"\"\",\"two\nlines\"\nz,,\n", []splitRow{{[]string{"a,1", `say "so"`, "two\nlines"}, 1, ""}, {[]string{"z", "", ""}, 3, ""}}},
		"a bare quote is a character":      {"5\" pipe,b\n", []splitRow{{[]string{`5" pipe`, "b"}, 1, ""}}},
		"text behind a closing quote":      {"\"a\"b,c\nd,e\n", []splitRow{{[]string{`"a"b,c`}, 1, "intake.row.quote"}, {[]string{"d", "e"}, 2, ""}}},
		"an open quote costs its own line": {"a,b\n\"c,d\ne,f\ng,h\n", []splitRow{{[]string{"a", "b"}, 1, ""}, {[]string{`"c,d`}, 2, "intake.row.quote"}, {[]string{"e", "f"}, 3, ""}, {[]string{"g", "h"}, 4, ""}}},
		"a cell that begins with =":        {"=1+1,\"=cmd|' /C calc'!A0\"\n", []splitRow{{[]string{"=1+1", "=cmd|' /C calc'!A0"}, 1, ""}}},
		"empty lines":                      {"\n\na\n", []splitRow{{[]string{""}, 1, ""}, {[]string{""}, 2, ""}, {[]string{"a"}, 3, ""}}},
		"a line without end":               {"a\n" + long + "\nb\n", []splitRow{{[]string{"a"}, 1, ""}, {[]string{shorten(long[:1000])}, 2, "intake.row.too-long"}, {[]string{"b"}, 3, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := splitAll(t, strings.NewReader(v.text), ','); !reflect.DeepEqual(got, v.want) {
				t.Errorf("got  %.300v\nwant %.300v", got, v.want)
			}
			if len(v.text) > 1000 {
				return
			}
			if got := splitAll(t, iotest.OneByteReader(strings.NewReader(v.text)), ','); !reflect.DeepEqual(got, v.want) {
				t.Errorf("byte by byte: got %v", got)
			}
		})
	}
}

// What encoding/csv writes is read back, however it arrives.
func TestSplitterReadsWhatIsWritten(t *testing.T) {
	cell := rapid.StringOf(rapid.SampledFrom([]rune("ab 1,;\"\n=街道\t|")))
	rapid.Check(t, func(t *rapid.T) {
		delim := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 5).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma, w.UseCRLF = delim, false
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		var got [][]string
		s := newSplitter(iotest.HalfReader(&b), byte(delim))
		for {
			cells, _, rule, err := s.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || rule != "" {
				t.Fatal(err, rule)
			}
			got = append(got, slices.Clone(cells))
		}
		if !reflect.DeepEqual(got, rows) {
			t.Fatalf("got %q, want %q", got, rows)
		}
	})
}

// Whatever the bytes are: it ends, lines rise, and how the bytes arrive makes no difference.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a,b\n\"c,d\ne\"f,g\r\n\"x\"\"y\",\n"))
	f.Add([]byte("\"\r\n\"\r,"))
	f.Add([]byte(",,\n\"\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := splitAll(t, bytes.NewReader(b), ',')
		line := 0
		for _, r := range whole {
			if r.Line <= line {
				t.Fatalf("line %d after %d", r.Line, line)
			}
			line = r.Line
		}
		if len(b) < 2000 {
			if pieces := splitAll(t, iotest.OneByteReader(bytes.NewReader(b)), ','); !reflect.DeepEqual(whole, pieces) {
				t.Fatalf("whole %v, in pieces %v", whole, pieces)
			}
		}
	})
}
