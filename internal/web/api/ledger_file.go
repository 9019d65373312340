package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Limits of a ledger file that is compared.
const (
	maxLedgerFile  = 20 << 20
	maxLedgerRows  = 50_000
	maxDifferences = 500
)

// LedgerCompared says whether a ledger file (督导问题台账, practice.md 2.5.01) is still what this ledger says.
type LedgerCompared struct {
	Rows        int                `json:"rows"`
	Same        int                `json:"same"`
	Differing   int                `json:"differing"`
	Unknown     []LedgerLine       `json:"unknown" doc:"rows whose number nobody here knows, or that lie outside the asker's jurisdiction"`
	Twice       []LedgerLine       `json:"twice" doc:"rows whose number stood in the file before"`
	Differences []LedgerDifference `json:"differences" doc:"cell by cell, 500 at most"`
	Hash        string             `json:"hash" doc:"SHA-256 of the file's canonical rows"`
	HashHere    string             `json:"hash_here" doc:"SHA-256 of the same rows as this ledger has them now"`
}

// LedgerLine is a row of the file.
type LedgerLine struct {
	Line   int    `json:"line"`
	Number string `json:"number"`
}

// LedgerDifference is a cell that is not as it is here.
type LedgerDifference struct {
	LedgerLine
	Column string `json:"column"`
	Theirs string `json:"theirs"`
	Ours   string `json:"ours"`
}

func (s *API) ledgerFiles(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "compare-ledger", Method: http.MethodPost, Path: "/api/v1/ledger-files", Tags: []string{"matters"},
		Summary: "Read an exported ledger again and compare it row by row; nothing is entered", MaxBodyBytes: maxLedgerFile,
	}, func(ctx context.Context, in *struct{ RawBody multipart.Form }) (*struct{ Body *LedgerCompared }, error) {
		c, err := caller(ctx, "", nil)
		if err != nil {
			return nil, err
		}
		out, err := s.compareLedger(ctx, c.Actor, in.RawBody)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *LedgerCompared }{out}, nil
	})
}

func (s *API) compareLedger(ctx context.Context, actor access.Actor, form multipart.Form) (*LedgerCompared, error) {
	for _, act := range []string{"read", "export"} {
		if r := actor.Can(act); r != nil {
			return nil, r
		}
	}
	files := form.File["file"]
	if len(files) != 1 {
		return nil, ledger.Required("file")
	}
	var raw bytes.Buffer
	if err := content(files[0])(&raw); err != nil {
		return nil, err
	}
	file, err := readLedger(raw.Bytes())
	if err != nil {
		return nil, err
	}
	out := &LedgerCompared{Unknown: []LedgerLine{}, Twice: []LedgerLine{}, Differences: []LedgerDifference{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		x := ledgerRows{v: v, lang: file.lang, stamp: ledgerStamps[0]}
		if x.lists, err = s.acts.Catalogue(v.tx, actor.Tenant); err != nil {
			return err
		}
		return x.compare(out, file)
	})
}

func (x ledgerRows) compare(out *LedgerCompared, file ledgerFile) error {
	theirs, ours := sha256.New(), sha256.New()
	seen := map[string]bool{}
	for _, r := range file.rows {
		out.Rows++
		number := r.cells[slices.Index(ledgerColumns, "number")]
		line := LedgerLine{Line: r.line, Number: number}
		a := canonical(r.cells)
		addRow(theirs, a)
		if seen[number] {
			out.Twice = append(out.Twice, line)
			continue
		}
		seen[number] = true
		m, found, err := x.numbered(number)
		if err != nil {
			return err
		}
		if !found {
			out.Unknown = append(out.Unknown, line)
			continue
		}
		cells, err := x.row(0, m)
		if err != nil {
			return err
		}
		clear(x.v.sites)
		b := canonical(cells)
		addRow(ours, b)
		if slices.Equal(a, b) {
			out.Same++
			continue
		}
		out.Differing++
		for i := range a {
			if a[i] != b[i] && len(out.Differences) < maxDifferences {
				out.Differences = append(out.Differences, LedgerDifference{LedgerLine: line, Column: x.say("column."+ledgerColumns[i], nil), Theirs: a[i], Ours: b[i]})
			}
		}
	}
	out.Hash, out.HashHere = hex.EncodeToString(theirs.Sum(nil)), hex.EncodeToString(ours.Sum(nil))
	return nil
}

var lastNumber = regexp.MustCompile(`\d+`)

// numbered finds the matter of a number that the asker may see.
func (x ledgerRows) numbered(number string) (m matter.Matter, found bool, err error) {
	digits := lastNumber.FindAllString(number, -1)
	if len(digits) == 0 {
		return m, false, nil
	}
	serial, err := strconv.ParseInt(digits[len(digits)-1], 10, 64)
	if err != nil || serial == 0 {
		return m, false, nil //nolint:nilerr // a number too long for one is nobody's
	}
	page, err := matter.List(x.v.tx, x.v.actor.Tenant, matter.Filter{Serial: serial, Limit: matter.MaxPage})
	for _, m := range page.Matters {
		if m.Number == number && x.v.mine(m) {
			return m, true, err
		}
	}
	return m, false, err
}

// computed are the columns that hold no fact of their own: a row's place in its file, and a count that goes on.
var computed = []string{"no", "minutes-late"}

// ledgerStamps are the layouts that times of a ledger are written in; the first is that of a canonical row.
var ledgerStamps = []string{"2006-01-02 15:04", "2006-01-02T15:04Z07:00"}

// canonical is a row without what depends on its file: how times and cells are written, and what is computed.
func canonical(cells []string) []string {
	out := make([]string, len(ledgerColumns))
	for i, c := range cells {
		c = strings.TrimSpace(c)
		if len(c) > 1 && c[0] == '\'' && text(c[1:]) == c {
			c = c[1:]
		}
		if at, err := time.Parse(ledgerStamps[1], c); err == nil {
			c = at.Format(ledgerStamps[0])
		}
		if !slices.Contains(computed, ledgerColumns[i]) {
			out[i] = strings.ReplaceAll(c, "\r\n", "\n")
		}
	}
	return out
}

func addRow(h hash.Hash, cells []string) {
	b, _ := json.Marshal(cells) // of strings
	_, _ = h.Write(append(b, '\n'))
}

// ledgerFile is a ledger as read: its language by its columns.
type ledgerFile struct {
	lang message.Lang
	rows []ledgerRow
}

type ledgerRow struct {
	line  int
	cells []string
}

// readLedger reads the rows of a ledger as CSV or XLSX, in either language: from below its columns to the last with a
// number.
func readLedger(raw []byte) (f ledgerFile, err error) {
	next, err := tableOf(raw)
	if err != nil {
		return f, err
	}
	number := slices.Index(ledgerColumns, "number")
	for line := 1; ; line++ {
		cells, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, ledger.RefuseAs(ledger.Invalid, "ledger-file.unreadable", "file")
		}
		if f.lang == "" {
			if f.lang = langOfColumns(cells); f.lang == "" && line >= 10 {
				break
			}
			continue
		}
		cells = append(cells, make([]string, max(0, len(ledgerColumns)-len(cells)))...)
		if strings.TrimSpace(cells[number]) == "" { // the line of signatures
			continue
		}
		if len(f.rows) == maxLedgerRows {
			return f, ledger.RefuseAs(ledger.Invalid, "ledger-file.too-long", "file", "max", strconv.Itoa(maxLedgerRows))
		}
		cells[number] = strings.TrimSpace(cells[number])
		f.rows = append(f.rows, ledgerRow{line, cells[:len(ledgerColumns)]})
	}
	if f.lang == "" {
		return f, ledger.RefuseAs(ledger.Invalid, "ledger-file.columns", "file")
	}
	return f, nil
}

func langOfColumns(cells []string) message.Lang {
	for _, lang := range []message.Lang{message.Zh, message.En} {
		is := len(cells) >= len(ledgerColumns)
		for i, c := range ledgerColumns {
			is = is && strings.TrimSpace(cells[i]) == message.Say(lang, "ledger.column."+c, nil)
		}
		if is {
			return lang
		}
	}
	return ""
}

// tableOf reads rows of cells one by one; io.EOF ends them.
func tableOf(raw []byte) (next func() ([]string, error), err error) {
	if bytes.HasPrefix(raw, []byte("PK")) {
		x, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: 16 * maxLedgerFile})
		if err != nil {
			return nil, ledger.RefuseAs(ledger.Invalid, "ledger-file.unreadable", "file")
		}
		rows, err := x.Rows(x.GetSheetName(0))
		if err != nil {
			return nil, ledger.RefuseAs(ledger.Invalid, "ledger-file.unreadable", "file")
		}
		return func() ([]string, error) {
			if rows.Next() {
				return rows.Columns()
			}
			if err := rows.Error(); err != nil {
				return nil, err
			}
			return nil, io.EOF
		}, nil
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		if raw, err = simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err != nil {
			return nil, ledger.RefuseAs(ledger.Invalid, "ledger-file.unreadable", "file")
		}
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	return r.Read, nil
}
