package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/message"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"
)

// ledgerColumns are the columns of the ledger of problems (督导问题台账), in their order (practice.md 2.5.01);
// what each is called stands in the message files.
var ledgerColumns = []string{
	"no", "problem-number", "team", "street", "community", "site-type", "site", "place", "found-at", "themes", "focus", "responsibility",
	"problem-type", "fact", "severity", "clause", "photos", "channel", "assigned-at", "assigned-to", "number", "unit", "owner", "due",
	"received-at", "measures", "completed-at", "evidence", "verifier", "verified-at", "verdict", "struck-off-at", "minutes-late",
	"extensions", "look-back", "remarks",
}

// tableWriter writes a ledger row by row: a file is never held in memory.
type tableWriter interface {
	// head writes the lines above the columns, and the columns.
	head(above, columns []string) error
	row(cells []string) error
	// end writes the line below the rows.
	end(below string) error
}

// exportInput is a filtered list as a file.
type exportInput struct {
	MatterFilter
	Lang string `query:"lang" enum:"zh,zh-CN,en," doc:"language of the words; else that of Accept-Language"`
}

// exports registers the lists as files.
func (s *API) exports(h huma.API) {
	for format, kind := range map[string]struct {
		contentType string
		stamp       string // how times are written, so that an office program leaves them as they are
		open        func(w io.Writer, name string) tableWriter
	}{
		"csv":  {"text/csv; charset=utf-8", "2006-01-02T15:04Z07:00", newCSV},
		"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "2006-01-02 15:04", newSheet},
	} {
		huma.Register(h, huma.Operation{
			OperationID: "export-matters-" + format, Method: http.MethodGet, Path: "/api/v1/matters." + format, Tags: []string{"matters"},
			Summary: "The filtered list as a ledger (督导问题台账)",
		}, func(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
			actor, err := signedIn(ctx)
			if err != nil {
				return nil, err
			}
			for _, act := range []string{"read", "export"} {
				if r := actor.Can(act); r != nil {
					return nil, toProblem(ctx, r)
				}
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				hc.SetHeader("Cache-Control", "no-store")
				hc.SetHeader("Content-Disposition", `attachment; filename="matters.`+format+`"`)
				hc.SetHeader("Content-Type", kind.contentType)
				lang := langOf(ctx)
				if in.Lang != "" {
					lang = message.Choose(in.Lang)
				}
				x := ledgerRows{lang: lang, stamp: kind.stamp}
				if err := s.writeLedger(ctx, actor, in.MatterFilter, x, kind.open(hc.BodyWriter(), x.say("title", nil))); err != nil {
					slog.ErrorContext(ctx, "export", "error", err)
					panic(http.ErrAbortHandler) // half a file must not look like a whole one
				}
			}}, nil
		})
	}
}

// writeLedger writes the matters of a filter, a page at a time, on one snapshot.
func (s *API) writeLedger(ctx context.Context, actor access.Actor, in MatterFilter, x ledgerRows, w tableWriter) error {
	t, err := s.acts.Tenant(ctx, actor.Tenant)
	if err != nil {
		return err
	}
	return s.read(ctx, actor, func(v *viewer) error {
		x.v = v
		if x.lists, err = s.acts.Catalogue(v.tx, actor.Tenant); err != nil {
			return err
		}
		var above, columns []string
		if t.Demo {
			above = append(above, x.say("demo", nil))
		}
		above = append(above, x.say("title", nil), x.say("as-of", map[string]string{"at": v.local(v.now).Format("2006-01-02 15:04")}))
		for _, c := range ledgerColumns {
			columns = append(columns, x.say("column."+c, nil))
		}
		if err := w.head(above, columns); err != nil {
			return err
		}
		f := in.filter(v)
		f.Limit = matter.MaxPage
		for n := 0; ; {
			page, err := matter.List(v.tx, actor.Tenant, f)
			if err != nil {
				return err
			}
			for _, m := range page.Matters {
				n++
				cells, err := x.row(n, m)
				if err != nil {
					return err
				}
				if err := w.row(cells); err != nil {
					return err
				}
			}
			clear(v.sites) // what one page needs is not kept for the next
			if page.Next == "" {
				return w.end(x.say("signatures", nil))
			}
			f.After = page.Next
		}
	})
}

// ledgerRows says matters as rows of the ledger, in one language.
type ledgerRows struct {
	v     *viewer
	lang  message.Lang
	stamp string // layout of times
	lists *acts.Catalogue
}

func (x ledgerRows) say(key string, args map[string]string) string {
	return message.Say(x.lang, "ledger."+key, args)
}

// at shows a time, in the tenant's zone; what did not happen is empty.
func (x ledgerRows) at(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.In(x.v.zone).Format(x.stamp)
}

// known shows a time as exactly as it is known: no hour of what is only known to the day.
func (x ledgerRows) known(t *time.Time, p ledger.Precision) string {
	if t == nil || t.IsZero() || p != ledger.Day && p != ledger.Evening {
		return x.at(t)
	}
	return t.In(x.v.zone).Format(time.DateOnly)
}

func (x ledgerRows) in(zh, en string) string {
	if x.lang == message.En && en != "" {
		return en
	}
	return zh
}

// word decodes a code; one that the list does not have stands for itself.
func (x ledgerRows) word(list, code string) string {
	l, ok := x.lists.Find(list, code)
	if !ok {
		return code
	}
	return x.in(l.Zh, l.En)
}

func (x ledgerRows) org(id ledger.ID) (string, error) {
	if _, err := x.v.org(id); err != nil {
		return "", err
	}
	o := x.v.orgs[id]
	return x.in(o.Zh, o.En), nil
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// row fills the columns. What is not known, or was destroyed, is empty.
func (x ledgerRows) row(n int, m matter.Matter) ([]string, error) {
	v, f := x.v, m.Facets
	cell := map[string]string{
		"no": strconv.Itoa(n), "problem-number": m.Number, "number": m.Number, "responsibility": x.word("responsibilities", f.Responsibility),
		"problem-type": x.word("problem_types", f.Problem), "severity": x.word("severities", f.Severity), "channel": x.word("channels", string(f.Channel)), "focus": x.word("areas", f.Area),
		"assigned-at": x.known(&m.AssignedAt, m.Precision), "due": x.at(m.Due()), "struck-off-at": x.at(m.Episode().Closed),
		"minutes-late": count(m.MinutesLate(v.now)),
	}
	var themes []string
	for _, t := range f.Themes {
		themes = append(themes, x.word("themes", t))
	}
	cell["themes"] = strings.Join(themes, " ")
	if _, err := v.team(f.Team); err != nil {
		return nil, err
	}
	if t, ok := v.teams[ledger.ID(f.Team)]; ok {
		cell["team"] = x.in(t.Zh, t.En)
	}
	var err error
	if cell["street"], err = v.regionName(f.Street); err != nil {
		return nil, err
	}
	site, err := v.site(m.Site)
	if err != nil {
		return nil, err
	}
	cell["site"], cell["site-type"] = site.Name, x.word("site_types", site.Type)
	if site.Region != registry.Street(site.Region) {
		if cell["community"], err = v.regionName(site.Region); err != nil {
			return nil, err
		}
	}
	if len(m.Tenures) > 0 {
		if cell["assigned-to"], err = x.org(m.Tenures[0].Unit); err != nil {
			return nil, err
		}
		if cell["unit"], err = x.org(m.Responsible()); err != nil {
			return nil, err
		}
	}
	if m.Origin != matter.OriginFinding {
		var row MatterRow
		if err := v.saidOf(&row, m); err != nil {
			return nil, err
		}
		if row.Fact != nil {
			cell["fact"] = *row.Fact
		}
	} else if err := x.finding(cell, m.Source); err != nil {
		return nil, err
	}
	if err := x.history(cell, m); err != nil {
		return nil, err
	}
	if slices.Contains([]matter.State{matter.Withdrawn, matter.Duplicate, matter.OnRecord}, m.State) {
		master, _, err := matter.Load(v.tx, v.actor.Tenant, m.Master)
		if err != nil {
			return nil, err
		}
		cell["remarks"] = strings.TrimSpace(x.say("state."+string(m.State), map[string]string{"master": master.Number}))
	}
	cells := make([]string, len(ledgerColumns))
	for i, c := range ledgerColumns {
		cells[i] = cell[c]
	}
	return cells, nil
}

// finding fills in what was found.
func (x ledgerRows) finding(cell map[string]string, id ledger.ID) error {
	f, found, err := visit.LoadFinding(x.v.tx, x.v.actor.Tenant, id)
	if err != nil || !found {
		return err
	}
	cell["found-at"] = x.known(&f.RaisedAt, f.Precision)
	if f.What.Clause != "" {
		cell["clause"] = x.word("clauses", f.What.Clause)
	}
	cell["photos"] = count(pictures(f.Parts, "photo.before."))
	text, gone, err := x.v.a.FindingText(x.v.tx, x.v.actor.Tenant, f)
	if err == nil && !gone {
		cell["fact"], cell["place"] = text.Fact, text.Place
	}
	return err
}

func pictures(parts []ledger.Part, prefix string) (n int) {
	for _, p := range parts {
		if strings.HasPrefix(p.Name, prefix) {
			n++
		}
	}
	return n
}

// history fills in what was done about it: the newest of each.
func (x ledgerRows) history(cell map[string]string, m matter.Matter) error {
	v := x.v
	entries, err := v.a.L.Types().History(v.tx, v.actor.Tenant, m.ID)
	if err != nil {
		return err
	}
	extensions := 0
	var effective time.Time
	for _, e := range entries {
		effective = e.Effective(effective)
		verdict := ""
		if claim := m.Episode().Claim; claim != nil && claim.Equal(effective) {
			cell["completed-at"] = x.known(claim, e.Precision)
		}
		switch b := e.Body.(type) {
		case matter.ReceivedV1:
			cell["received-at"] = x.at(&effective)
			if cell["owner"], err = x.text(e, "owner"); err != nil {
				return err
			}
		case matter.ClaimedV1, matter.FixedOnSpotV1:
			cell["evidence"] = count(pictures(e.Parts, "photo.after."))
			if cell["measures"], err = x.text(e, "text"); err != nil {
				return err
			}
		case matter.VerifiedV1:
			verdict = "verdict.passed"
		case matter.VerificationFailedV1:
			verdict = "verdict.failed"
		case matter.FollowedUpV1:
			verdict = map[bool]string{true: "verdict.passed", false: "verdict.failed"}[b.Passed]
		case matter.ExtensionDecidedV1:
			if b.Granted {
				extensions++
			}
		case matter.LookedBackV1:
			cell["look-back"] = x.say("look-back.ok", nil)
		case matter.ReopenedV1:
			if b.Reason == "look_back" {
				cell["look-back"] = x.say("look-back.relapse", nil)
			}
		}
		if verdict == "" {
			continue
		}
		cell["verified-at"], cell["verdict"] = x.known(&effective, e.Precision), x.say(verdict, nil)
		by, err := v.person(e.Who.Person)
		if err != nil {
			return err
		}
		cell["verifier"] = by.Name
	}
	cell["extensions"] = count(extensions)
	return nil
}

func (x ledgerRows) text(e ledger.Entry, part string) (string, error) {
	t, err := x.v.openText(e, part)
	if err != nil || t == nil {
		return "", err
	}
	return *t, nil
}

// csvTable is a ledger as CSV in UTF-8 with a byte order mark, by which office programs read it.
type csvTable struct {
	out io.Writer
	w   *csv.Writer
}

func newCSV(w io.Writer, _ string) tableWriter { return csvTable{w, csv.NewWriter(w)} }

func (c csvTable) head(above, columns []string) error {
	if _, err := io.WriteString(c.out, "\ufeff"); err != nil {
		return err
	}
	for _, line := range above {
		if err := c.w.Write([]string{line}); err != nil {
			return err
		}
	}
	return c.w.Write(columns)
}

func (c csvTable) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, s := range cells {
		safe[i] = text(s)
	}
	if err := c.w.Write(safe); err != nil {
		return err
	}
	return c.w.Error()
}

func (c csvTable) end(string) error {
	c.w.Flush()
	return c.w.Error()
}

// text keeps a cell that an office program would compute from being computed.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// sheetTable is a ledger as XLSX: every cell is text, the columns stay in sight and filter, and it prints on A3
// across (practice.md 2.5.07).
type sheetTable struct {
	out          io.Writer
	name         string
	x            *excelize.File
	w            *excelize.StreamWriter
	line         int
	normal, bold int
}

func newSheet(w io.Writer, name string) tableWriter { return &sheetTable{out: w, name: name} }

// sheetFont is what offices have (practice.md 2.5.07).
const sheetFont = "宋体"

// paperA3 is the number of A3 in the format.
const paperA3 = 8

// widths of columns that hold more than a word or a time.
var widths = map[string]float64{"fact": 48, "measures": 36, "clause": 28, "site": 22, "place": 18, "problem-type": 22, "number": 22, "problem-number": 22, "no": 6}

func (s *sheetTable) head(above, columns []string) (err error) {
	s.x = excelize.NewFile()
	if err := s.x.SetSheetName("Sheet1", s.name); err != nil {
		return err
	}
	header := len(above) + 1
	last, err := excelize.ColumnNumberToName(len(columns))
	if err != nil {
		return err
	}
	paper, across, wide, high := paperA3, "landscape", 1, 0 // one page wide, as many high as there are
	fit := true
	for _, set := range []func() error{
		func() error {
			return s.x.AutoFilter(s.name, fmt.Sprintf("A%d:%s%d", header, last, excelize.TotalRows), nil)
		},
		func() error {
			return s.x.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &across, FitToWidth: &wide, FitToHeight: &high})
		},
		func() error { return s.x.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}) },
		func() error {
			return s.x.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", s.name, header, header), Scope: s.name})
		},
		func() error { s.normal, err = s.x.NewStyle(style(false)); return err },
		func() error { s.bold, err = s.x.NewStyle(style(true)); return err },
	} {
		if err := set(); err != nil {
			return err
		}
	}
	if s.w, err = s.x.NewStreamWriter(s.name); err != nil {
		return err
	}
	for i, c := range ledgerColumns {
		width := 16.0
		if w, ok := widths[c]; ok {
			width = w
		}
		if err := s.w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := s.w.SetPanes(&excelize.Panes{Freeze: true, YSplit: header, TopLeftCell: fmt.Sprintf("A%d", header+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for _, l := range above {
		if err := s.write([]string{l}, s.bold); err != nil {
			return err
		}
	}
	return s.write(columns, s.bold)
}

func style(bold bool) *excelize.Style {
	const asText = 49 // the format's number of "@"
	return &excelize.Style{Font: &excelize.Font{Family: sheetFont, Size: 11, Bold: bold}, NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "top", WrapText: !bold}}
}

func (s *sheetTable) write(cells []string, style int) error {
	s.line++
	row := make([]any, len(cells))
	for i, c := range cells {
		row[i] = excelize.Cell{StyleID: style, Value: c} // a string: one that begins with = is no formula
	}
	return s.w.SetRow(fmt.Sprintf("A%d", s.line), row)
}

func (s *sheetTable) row(cells []string) error { return s.write(cells, s.normal) }

func (s *sheetTable) end(below string) error {
	defer func() { _ = s.x.Close() }()
	s.line++
	if err := s.write([]string{below}, s.bold); err != nil {
		return err
	}
	if err := s.w.Flush(); err != nil {
		return err
	}
	_, err := s.x.WriteTo(s.out)
	return err
}
