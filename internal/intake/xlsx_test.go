package intake

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// book makes an XLSX file; cells go by name, and change may do more to it.
func book(t testing.TB, rows [][]any, change func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", cellName(1, i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		panic(err)
	}
	return name
}

func header() []any {
	var out []any
	for _, name := range strings.Split(strings.TrimSpace(smallHeader), ",") {
		out = append(out, name)
	}
	return out
}

// The example ledger saved as .xlsx gives what the .csv gives, by the same mapping.
func TestLedgerExampleAsXLSX(t *testing.T) {
	gb, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", "ledger-zh.csv"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().String(string(gb))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for _, l := range lines {
		var row []any
		for _, c := range l {
			if c == "" {
				row = append(row, nil)
			} else {
				row = append(row, c)
			}
		}
		rows = append(rows, row)
	}
	path := book(t, rows, func(f *excelize.File) {
		if err := f.MergeCell("Sheet1", "A1", "O1"); err != nil { // a title over the header does no harm
			t.Fatal(err)
		}
	})
	recs, bad := readAll(t, path, example(t, "ledger-zh.yaml"))
	checkLedger(t, recs, bad)
}

func TestXLSXSerialDates(t *testing.T) {
	at := time.Date(2022, 11, 20, 9, 30, 0, 0, time.UTC)
	path := book(t, [][]any{
		header(),
		{1, "a", at, nil, "first", 106.5, 29.5, "A1"},
		nil,
		{2, "b", 44885, nil, "first"},
		{3, "c", "2022-11-20 09:30", nil, "first"},
		{4, "d", "soon", nil, "first"},
	}, nil)
	recs, bad := readAll(t, path, parse(t, small))
	if len(recs) != 3 || len(bad) != 1 || bad[0].Line != 6 || bad[0].Rule != "intake.row.date" {
		t.Fatalf("%d records, refused %+v", len(recs), bad)
	}
	for i, want := range []struct {
		line      int
		at        string
		precision Precision
	}{{2, "2022-11-20T01:30:00Z", ToMinute}, {4, "2022-11-19T16:00:00Z", ToDay}, {5, "2022-11-20T01:30:00Z", ToMinute}} {
		v := recs[i].Fields["visit.at"]
		if got := v.Time.UTC().Format(time.RFC3339); got != want.at || v.Precision != want.precision || recs[i].Line != want.line {
			t.Errorf("line %d: %s to the %s, want %+v", recs[i].Line, got, v.Precision, want)
		}
	}
	if recs[0].RowKey != "small\x1f1" || recs[0].Fields["site.lon"].Number != 106.5 {
		t.Errorf("%+v", recs[0])
	}
}

func TestXLSX1904(t *testing.T) {
	yes := true
	path := book(t, [][]any{header(), {1, "a", 43423, nil, "first"}}, func(f *excelize.File) {
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
	})
	recs, bad := readAll(t, path, parse(t, small))
	if len(recs) != 1 || len(bad) != 0 || recs[0].Fields["visit.at"].Time.UTC().Format(time.RFC3339) != "2022-11-19T16:00:00Z" {
		t.Errorf("%+v %+v", recs, bad)
	}
}

// Bad input of the issue: merged headers and formulas name their cell.
func TestXLSXMergedAndFormulas(t *testing.T) {
	rows := [][]any{header(), {1, "a", "2022-11-20 09:30", nil, "first", nil, nil, "A1", nil, nil, nil}}
	for name, v := range map[string]struct {
		change     func(f *excelize.File) error
		cell, rule string // no rule: the file is taken
	}{
		"merged header":            {func(f *excelize.File) error { return f.MergeCell("Sheet1", "F1", "G1") }, "F1", "intake.file.merged"},
		"header over two rows":     {func(f *excelize.File) error { return f.MergeCell("Sheet1", "A1", "A2") }, "A1", "intake.file.merged"},
		"merged cells below":       {func(f *excelize.File) error { return f.MergeCell("Sheet1", "B2", "B3") }, "B2", "intake.file.merged"},
		"formula in a mapped cell": {func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "C2", "NOW()") }, "C2", "intake.file.formula"},
		"formula in the key":       {func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "A2", "1+1") }, "A2", "intake.file.formula"},
		"formula nobody reads":     {func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "K2", "1+1") }, "", ""},
		"text that begins with =":  {func(f *excelize.File) error { return f.SetCellStr("Sheet1", "B2", "=1+1") }, "", ""},
		"another sheet's formula": {func(f *excelize.File) error {
			_, err := f.NewSheet("x")
			return errors.Join(err, f.SetCellFormula("x", "A1", "1"))
		}, "", ""},
		"the sheet is not there":    {func(f *excelize.File) error { return f.SetSheetName("Sheet1", "y") }, "", ""},
		"merge beside the columns":  {func(f *excelize.File) error { return f.MergeCell("Sheet1", "P5", "Q5") }, "P5", "intake.file.merged"},
		"a merge of a single cell":  {func(f *excelize.File) error { return nil }, "", ""},
		"hidden rows are rows also": {func(f *excelize.File) error { return f.SetRowVisible("Sheet1", 2, false) }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := book(t, rows, func(f *excelize.File) {
				if err := v.change(f); err != nil {
					t.Fatal(err)
				}
			})
			r, err := Open(path, parse(t, small), now)
			if v.rule == "" {
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if recs, bad := drain(t, r); len(recs) != 1 || len(bad) != 0 {
					t.Errorf("%v %+v", recs, bad)
				}
				return
			}
			var e FileError
			if !errors.As(err, &e) || e.Column != v.cell || e.Rule != v.rule {
				t.Errorf("got %v, want %s %s", err, v.cell, v.rule)
			}
		})
	}
}

func TestXLSXSheets(t *testing.T) {
	path := book(t, [][]any{{"nothing"}}, func(f *excelize.File) {
		if _, err := f.NewSheet("台账"); err != nil {
			t.Fatal(err)
		}
		for i, row := range [][]any{header(), {1, "a", "2022-11-20 09:30", nil, "first"}} {
			if err := f.SetSheetRow("台账", cellName(1, i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	})
	with := func(sheet string) Mapping {
		return parse(t, strings.Replace(small, "key: [id]", "source: {sheet: "+sheet+"}\nkey: [id]", 1))
	}
	recs, bad := readAll(t, path, with("台账"))
	if len(recs) != 1 || len(bad) != 0 {
		t.Errorf("%v %v", recs, bad)
	}
	var e FileError
	if _, err := Open(path, with("账"), now); !errors.As(err, &e) || e.Rule != "intake.file.sheet" {
		t.Errorf("no such sheet: %v", err)
	}
	broken := file(t, "broken.xlsx", "PK\x03\x04 and no more")
	if _, err := Open(broken, parse(t, small), now); !errors.As(err, &e) || e.Rule != "intake.file.xlsx" {
		t.Errorf("broken: %v", err)
	}
}

func TestXLSXResumeAndProgress(t *testing.T) {
	rows := [][]any{header()}
	for i := range 30 {
		rows = append(rows, []any{i, "a", "2022-11-20 09:30", nil, "first"})
	}
	path, m := book(t, rows, nil), parse(t, small)
	r, err := Open(path, m, now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Skip(20); err != nil {
		t.Fatal(err)
	}
	if read, total := r.Progress(); read <= total/2 || read >= total {
		t.Errorf("after two thirds: %d of %d", read, total)
	}
	recs, _ := drain(t, r)
	if len(recs) != 10 || recs[0].RowKey != "small\x1f20" || recs[0].Line != 22 {
		t.Errorf("%d records, first %+v", len(recs), recs[0])
	}
	if read, total := r.Progress(); read != total {
		t.Errorf("at the end: %d of %d", read, total)
	}
}
