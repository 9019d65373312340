package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbook reads one sheet of an XLSX file row by row.
type workbook struct {
	file     *excelize.File
	rows     *excelize.Rows
	row      int
	total    int // rows the sheet holds
	date1904 bool
}

// maxSheet bounds what an XLSX file may unpack to; larger parts than memory go through temporary files.
const maxSheet = 8 << 30

func openWorkbook(name, sheet string) (*workbook, error) {
	f, err := excelize.OpenFile(name, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxSheet, UnzipXMLSizeLimit: 8 << 20})
	if err != nil {
		return nil, FileError{Rule: "intake.file.xlsx", Cause: err}
	}
	w := &workbook{file: f}
	if sheet == "" {
		sheet = f.GetSheetName(0)
	}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		w.date1904 = *p.Date1904
	}
	if w.rows, err = f.Rows(sheet); err != nil {
		f.Close()
		return nil, FileError{Column: sheet, Rule: "intake.file.sheet", Cause: err}
	}
	return w, nil
}

// next gives the cells of the next row and its number.
func (w *workbook) next() ([]string, int, error) {
	if !w.rows.Next() {
		if err := w.rows.Error(); err != nil {
			return nil, w.row, err
		}
		return nil, w.row, io.EOF
	}
	w.row++
	cells, err := w.rows.Columns()
	return cells, w.row, err
}

func (w *workbook) close() error { return errors.Join(w.rows.Close(), w.file.Close()) }

// inspect reads the sheet's XML once beside excelize, whose streaming rows show a formula as its last
// value and merged cells as empty ones: both would become wrong data. header is the row of the column
// names, used the indexes of the mapped columns.
func (w *workbook) inspect(name, sheet string, header int, used map[int]bool) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return FileError{Rule: "intake.file.xlsx", Cause: err}
	}
	defer z.Close()
	part, err := sheetPart(&z.Reader, sheet)
	if err != nil {
		return FileError{Column: sheet, Rule: "intake.file.xlsx", Cause: err}
	}
	in, err := part.Open()
	if err != nil {
		return FileError{Rule: "intake.file.xlsx", Cause: err}
	}
	defer in.Close()
	var cell []byte
	err = tags(in, func(tag string, attributes []byte) error {
		switch tag {
		case "row":
			w.total++
		case "c":
			cell = append(cell[:0], attribute(attributes, "r")...)
		case "f":
			column, row, err := excelize.CellNameToCoordinates(string(cell))
			if err != nil || (row >= header && used[column-1]) {
				return FileError{Line: row, Column: string(cell), Rule: "intake.file.formula"}
			}
		case "mergeCell":
			area := string(attribute(attributes, "ref"))
			first, last, _ := strings.Cut(area, ":")
			if _, row, err := excelize.CellNameToCoordinates(last); first != last && (err != nil || row >= header) {
				return FileError{Line: row, Column: first, Rule: "intake.file.merged", Args: map[string]string{"area": area}}
			}
		}
		return nil
	})
	if err == nil || errors.As(err, new(FileError)) {
		return err
	}
	return FileError{Rule: "intake.file.xlsx", Cause: err}
}

// sheetPart finds the part of a sheet by its name; empty: the first.
func sheetPart(z *zip.Reader, sheet string) (*zip.File, error) {
	var book struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			Attr []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	main := "xl/workbook.xml"
	if err := decodePart(z, "_rels/.rels", &links); err == nil {
		for _, l := range links.Links {
			if strings.HasSuffix(l.Type, "/officeDocument") {
				main = strings.TrimPrefix(path.Join("/", l.Target), "/")
			}
		}
	}
	links.Links = nil
	if err := decodePart(z, main, &book); err != nil {
		return nil, err
	}
	if err := decodePart(z, path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"), &links); err != nil {
		return nil, err
	}
	for _, s := range book.Sheets {
		if sheet != "" && s.Name != sheet {
			continue
		}
		for _, a := range s.Attr {
			for _, l := range links.Links {
				if a.Name.Local == "id" && l.ID == a.Value {
					target := l.Target
					if !strings.HasPrefix(target, "/") {
						target = path.Join("/", path.Dir(main), target)
					}
					return find(z, strings.TrimPrefix(target, "/"))
				}
			}
		}
	}
	return nil, errors.New("no such sheet")
}

func find(z *zip.Reader, name string) (*zip.File, error) {
	for _, f := range z.File {
		if strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			return f, nil
		}
	}
	return nil, errors.New("no part " + name)
}

func decodePart(z *zip.Reader, name string, v any) error {
	f, err := find(z, name)
	if err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	return xml.NewDecoder(io.LimitReader(in, 16<<20)).Decode(v)
}

// tags calls visit for each start tag, with its name without prefix. It keeps nothing: a sheet may be
// larger than memory.
func tags(in io.Reader, visit func(name string, attributes []byte) error) error {
	r := bufio.NewReaderSize(in, 256<<10)
	for {
		if _, err := r.ReadSlice('<'); err == bufio.ErrBufferFull {
			continue
		} else if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		tag, err := r.ReadSlice('>')
		if err == bufio.ErrBufferFull {
			continue // no cell has such a tag
		} else if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		name := tag[:len(tag)-1]
		attributes := []byte(nil)
		if end := bytes.IndexAny(name, " \t\r\n/"); end >= 0 {
			name, attributes = name[:end], name[end:]
		}
		if _, local, prefixed := bytes.Cut(name, []byte{':'}); prefixed {
			name = local
		}
		switch string(name) {
		case "row", "c", "f", "mergeCell":
			if err := visit(string(name), attributes); err != nil {
				return err
			}
		}
	}
}

// attribute finds name="value".
func attribute(attributes []byte, name string) []byte {
	for _, quote := range []byte{'"', '\''} {
		_, after, found := bytes.Cut(attributes, []byte(" "+name+"="+string(quote)))
		if found {
			value, _, _ := bytes.Cut(after, []byte{quote})
			return value
		}
	}
	return nil
}

// serial reads a spreadsheet's date: days since 1900 or 1904, local. A whole number is a day.
func serial(text string, zone *time.Location, date1904 bool) (Value, bool) {
	n, err := strconv.ParseFloat(text, 64)
	const most = 2958466 // 9999-12-31
	if err != nil || !(n >= 1 && n < most) {
		return Value{}, false
	}
	t, err := excelize.ExcelDateToTime(n, date1904)
	if err != nil {
		return Value{}, false
	}
	t = t.Round(time.Second)
	precision := ToMinute
	switch {
	case n == float64(int64(n)):
		precision = ToDay
	case t.Second() != 0:
		precision = ToSecond
	}
	return spanOf(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone), precision), true
}
