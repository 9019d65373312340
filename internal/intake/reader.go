package intake

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Reader reads a file's rows as records or refusals, one at a time: memory does not grow with the file.
type Reader struct {
	m      Mapping
	env    env
	fields []spec
	lists  []listSpec
	key    []keyPart
	header []string

	file *os.File
	size int64
	raw  *counter
	csv  *splitter
	xlsx *workbook
	rows int64 // taken from the file, refused ones included
}

// keyPart of a row key: a field of the record, or else a column.
type keyPart struct {
	field  string
	column int
}

// Open opens a CSV or XLSX file and checks its columns against the mapping. latest is the last instant
// that does not count as the future, the caller's now plus the skew he tolerates; zero: nothing is in the
// future. What makes the whole file unusable is a FileError.
func Open(name string, m Mapping, latest time.Time) (*Reader, error) {
	r := &Reader{m: m, env: env{latest: latest}}
	var err error
	if r.file, err = os.Open(name); err != nil {
		return nil, FileError{Rule: "intake.file.open", Cause: err}
	}
	if err := r.open(name); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Reader) open(name string) error {
	info, err := r.file.Stat()
	if err != nil {
		return FileError{Rule: "intake.file.open", Cause: err}
	}
	if r.size = info.Size(); r.size == 0 {
		return FileError{Rule: "intake.file.empty"}
	}
	if r.format(name) == "xlsx" {
		if r.xlsx, err = openWorkbook(name, r.m.source.sheet); err != nil {
			return err
		}
		r.env.serials, r.env.date1904 = true, r.xlsx.date1904
	} else if err := r.openCSV(); err != nil {
		return err
	}
	if err := r.readHeader(); err != nil {
		return err
	}
	unbound := r.bind()
	if r.xlsx != nil { // first: a merged header is why a column's name is missing
		if err := r.xlsx.inspect(name, r.m.source.sheet, r.m.source.header, r.used()); err != nil {
			return err
		}
	}
	return unbound
}

// format goes by the content: an XLSX file is a ZIP archive, whatever it is called.
func (r *Reader) format(name string) string {
	if r.m.source.format != "auto" {
		return r.m.source.format
	}
	head := make([]byte, 4)
	n, _ := r.file.ReadAt(head, 0)
	if string(head[:n]) == "PK\x03\x04" || strings.EqualFold(filepath.Ext(name), ".xlsx") {
		return "xlsx"
	}
	return "csv"
}

func (r *Reader) openCSV() error {
	r.raw = &counter{in: r.file}
	text, foreign, err := decoded(r.file, r.raw, r.m.source.encoding)
	r.env.decoded = foreign
	if err != nil {
		return FileError{Rule: "intake.file.read", Cause: err}
	}
	r.csv = newSplitter(text, r.m.source.delimiter)
	if r.csv.delim != 0 {
		return nil
	}
	for r.csv.to < 4096 && !r.csv.eof {
		if err := r.csv.fill(); err != nil {
			return FileError{Rule: "intake.file.read", Cause: err}
		}
	}
	r.csv.delim = guessDelimiter(r.csv.buf[:r.csv.to])
	return nil
}

// row gives the next row that is not empty, as it stands.
func (r *Reader) row() (cells []string, line int, rule string, err error) {
	for {
		if r.xlsx != nil {
			cells, line, err = r.xlsx.next()
		} else {
			cells, line, rule, err = r.csv.next()
		}
		if err != nil || rule != "" || slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			return cells, line, rule, err
		}
	}
}

// readHeader finds the column names, or takes the mapping's.
func (r *Reader) readHeader() error {
	want := r.m.source.columns
	if r.m.source.header == 0 {
		r.header = want
		return nil
	}
	for {
		cells, line, rule, err := r.row()
		switch {
		case errors.Is(err, io.EOF):
			return FileError{Line: r.m.source.header, Rule: "intake.file.no-header"}
		case err != nil:
			return FileError{Line: line, Rule: "intake.file.read", Cause: err}
		case line < r.m.source.header:
			continue
		case rule != "":
			return FileError{Line: line, Rule: "intake.file.no-header"}
		}
		for _, c := range cells {
			name, broken := r.env.clean(c)
			if broken != "" {
				return FileError{Line: line, Column: shorten(name), Rule: "intake.file.header-text"}
			}
			r.header = append(r.header, name)
		}
		break
	}
	for len(r.header) > 0 && r.header[len(r.header)-1] == "" {
		r.header = r.header[:len(r.header)-1]
	}
	if len(want) > 0 && !slices.Equal(want, r.header) {
		return FileError{
			Line: r.m.source.header, Rule: "intake.file.header-order",
			Args: map[string]string{"want": strings.Join(want, ", "), "found": shorten(strings.Join(r.header, ", "))},
		}
	}
	return nil
}

// column finds a column by its name.
func (r *Reader) column(name string) (int, error) {
	at := slices.Index(r.header, name)
	if at < 0 {
		return 0, FileError{
			Line: r.m.source.header, Column: name, Rule: "intake.file.column-missing",
			Args: map[string]string{"found": shorten(strings.Join(r.header, ", "))},
		}
	}
	if slices.Contains(r.header[at+1:], name) {
		return 0, FileError{Line: r.m.source.header, Column: name, Rule: "intake.file.column-twice"}
	}
	return at, nil
}

// bind finds the columns of all fields in this file.
func (r *Reader) bind() (err error) {
	bindAll := func(specs []spec) []spec {
		out := slices.Clone(specs)
		for i := range out {
			if out[i].group != "" {
				continue
			}
			out[i].at = nil
			for _, c := range out[i].columns {
				at, e := r.column(c)
				err = errors.Join(err, e)
				out[i].at = append(out[i].at, at)
			}
		}
		return out
	}
	r.fields = bindAll(r.m.fields)
	for _, l := range r.m.lists {
		if l.each == nil {
			var e error
			l.at, e = r.column(l.column)
			err = errors.Join(err, e)
			l.fields = bindAll(l.fields)
		}
		l.each = slices.Clone(l.each)
		for i := range l.each {
			l.each[i] = bindAll(l.each[i])
		}
		r.lists = append(r.lists, l)
	}
	for _, k := range r.m.key {
		if slices.ContainsFunc(r.m.fields, func(s spec) bool { return s.name == k }) {
			r.key = append(r.key, keyPart{field: k})
			continue
		}
		at, e := r.column(k)
		err = errors.Join(err, e)
		r.key = append(r.key, keyPart{column: at})
	}
	return err
}

// used are the indexes of the columns that the mapping reads.
func (r *Reader) used() map[int]bool {
	used := map[int]bool{}
	add := func(specs []spec) {
		for _, s := range specs {
			for _, at := range s.at {
				used[at] = true
			}
		}
	}
	add(r.fields)
	for _, l := range r.lists {
		if l.at >= 0 {
			used[l.at] = true
		}
		add(l.fields)
		for _, e := range l.each {
			add(e)
		}
	}
	for _, k := range r.key {
		if k.field == "" {
			used[k.column] = true
		}
	}
	return used
}

// Next gives the next row as a record or a refusal, never both. io.EOF ends the file; another error is
// the file's, and the rows before it stand.
func (r *Reader) Next() (*Record, *Refusal, error) {
	cells, line, rule, err := r.row()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil, io.EOF
	case err != nil:
		return nil, nil, FileError{Line: line, Rule: "intake.file.read", Cause: err}
	}
	r.rows++
	if rule != "" {
		return nil, &Refusal{Line: line, Value: shorten(cells[0]), Rule: rule}, nil
	}
	cells, bad := r.fit(cells, line)
	if bad != nil {
		return nil, bad, nil
	}
	return r.record(cells, line)
}

// Skip passes over rows that an earlier run has dealt with; fewer in the file are no error.
func (r *Reader) Skip(rows int64) error {
	for range rows {
		_, line, _, err := r.row()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return FileError{Line: line, Rule: "intake.file.read", Cause: err}
		}
		r.rows++
	}
	return nil
}

// Rows is how many rows were read or skipped: what Skip takes to go on here.
func (r *Reader) Rows() int64 { return r.rows }

// Progress says how many bytes of the file are read, and how many there are. Of an XLSX file, whose rows
// are packed, the first is in proportion to its rows.
func (r *Reader) Progress() (read, total int64) {
	if r.xlsx == nil {
		return r.raw.read, r.size
	}
	if r.xlsx.total == 0 {
		return r.size, r.size
	}
	return min(r.size, int64(float64(r.size)*float64(r.xlsx.row)/float64(r.xlsx.total))), r.size
}

// Close closes the file.
func (r *Reader) Close() error {
	err := r.file.Close()
	if r.xlsx != nil {
		err = errors.Join(err, r.xlsx.close())
	}
	return err
}

// fit gives a row as many cells as there are columns. A spreadsheet leaves out empty cells at the end; in
// a CSV file too few or too many mean that something has shifted.
func (r *Reader) fit(cells []string, line int) ([]string, *Refusal) {
	for len(cells) > len(r.header) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > len(r.header) || (len(cells) < len(r.header) && r.csv != nil) {
		return nil, &Refusal{
			Line: line, Value: shorten(strings.Join(cells, ",")), Rule: "intake.row.columns",
			Args: map[string]string{"want": itoa(len(r.header)), "found": itoa(len(cells))},
		}
	}
	for len(cells) < len(r.header) {
		cells = append(cells, "")
	}
	return cells, nil
}

// Column is the name that the file has for a field of its rows, empty if it has none.
func (r *Reader) Column(field string) string {
	for _, f := range r.fields {
		if f.name == field && len(f.columns) > 0 {
			return f.columns[0]
		}
	}
	return ""
}

// Header gives the names of a file's columns, from its first line, for a caller that knows several names of one
// column. What makes the file unusable is a FileError.
func Header(name string) ([]string, error) {
	r, err := Open(name, Mapping{source: source{format: "auto", encoding: "auto", header: 1}}, time.Time{})
	if err != nil {
		return nil, err
	}
	return r.header, r.Close()
}
