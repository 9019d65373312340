package acts

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/intake"
)

// siteColumns are the names that the columns of a list of sites go by, in either language; the first that a file has
// is taken. Name and region must be there.
var siteColumns = []fileColumn{
	{"site.name", []string{"名称", "点位名称", "点位", "单位名称", "name", "site"}, true},
	{"site.region", []string{"区划代码", "社区代码", "代码", "region", "code"}, true},
	{"site.type", []string{"类型", "点位类型", "type"}, false},
	{"site.address", []string{"地址", "address"}, false},
}

// fileColumn is a field of a file and the names that its column goes by.
type fileColumn struct {
	field    string
	names    []string
	required bool
}

// SiteLine is a line of a file of sites: a row, or why it is none.
type SiteLine struct {
	Line int
	Row  SiteRow
	Bad  *intake.Refusal
}

// ReadSites reads a CSV or XLSX file of sites; save writes the file. A file that cannot be read at all is an
// intake.FileError. It writes nothing into the ledger.
func (a *Acts) ReadSites(save func(io.Writer) error) (lines []SiteLine, err error) {
	r, done, err := a.openList(save, "sites", intake.Premises, []string{"site.name", "site.region"}, siteColumns)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	for len(lines) < MaxSites {
		rec, bad, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return nil, err
		case bad != nil:
			lines = append(lines, SiteLine{Line: bad.Line, Bad: bad})
		default:
			t := rec.Fields.Text
			lines = append(lines, SiteLine{Line: rec.Line, Row: SiteRow{Name: t("site.name"), Region: t("site.region"), Type: t("site.type"), Address: t("site.address")}})
		}
	}
	return lines, nil
}

// openList keeps a file that save writes until done, and opens it with its columns under the names they go by.
func (a *Acts) openList(save func(io.Writer) error, name string, target intake.Target, key []string, columns []fileColumn) (r *intake.Reader, done func() error, err error) {
	dir := filepath.Join(a.Dir, "imports")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	f, err := os.CreateTemp(dir, name+"-")
	if err != nil {
		return nil, nil, err
	}
	if err = errors.Join(save(f), f.Close()); err == nil {
		var m intake.Mapping
		if m, err = listMapping(f.Name(), name, target, key, columns); err == nil {
			r, err = intake.Open(f.Name(), m, time.Time{})
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.Remove(f.Name()))
	}
	return r, func() error { return errors.Join(r.Close(), os.Remove(f.Name())) }, nil
}

// listMapping finds the columns of a file under the names they go by.
func listMapping(file, name string, target intake.Target, key []string, columns []fileColumn) (intake.Mapping, error) {
	header, err := intake.Header(file)
	if err != nil {
		return intake.Mapping{}, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\ntarget: %s\nzone: UTC\nkey: [%s]\nfields:\n", name, target.Name, strings.Join(key, ", "))
	for _, c := range columns {
		i := slices.IndexFunc(c.names, func(n string) bool {
			return slices.ContainsFunc(header, func(h string) bool { return strings.EqualFold(h, n) })
		})
		switch {
		case i >= 0:
			name := header[slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, c.names[i]) })]
			fmt.Fprintf(&b, "  %s: {column: %s}\n", c.field, strconv.Quote(name))
		case c.required:
			return intake.Mapping{}, intake.FileError{
				Line: 1, Column: c.names[0], Rule: "intake.file.column-missing", Args: map[string]string{"found": strings.Join(header, ", ")},
			}
		}
	}
	return intake.Parse([]byte(b.String()), target)
}
