package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"
)

// files registers pictures in and out, and lists out.
func (s *API) files(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "upload", Method: http.MethodPost, Path: "/api/v1/uploads", Tags: []string{"uploads"},
		Summary: "Send a picture, for an act that follows", MaxBodyBytes: acts.MaxPicture + 64<<10, DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		Key     string `header:"Idempotency-Key" maxLength:"128"`
		RawBody multipart.Form
	},
	) (*struct{ Body *UploadView }, error) {
		c, err := caller(ctx, in.Key, nil)
		if err != nil {
			return nil, err
		}
		u, err := s.upload(ctx, c, in.RawBody)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *UploadView }{u}, nil
	})
	huma.Register(h, huma.Operation{
		OperationID: "evidence", Method: http.MethodGet, Path: "/api/v1/evidence/{of}/{id}/{hash}", Tags: []string{"evidence"}, Summary: "A picture of a finding or a matter",
	}, s.evidence)
	for _, format := range []string{"csv", "xlsx"} {
		huma.Register(h, huma.Operation{
			OperationID: "export-matters-" + format, Method: http.MethodGet, Path: "/api/v1/matters." + format, Tags: []string{"matters"},
			Summary: "The filtered list as a file",
		}, func(ctx context.Context, in *MatterFilter) (*huma.StreamResponse, error) {
			return s.export(ctx, *in, format)
		})
	}
}

// UploadView is the receipt for a picture.
type UploadView struct {
	ID      string   `json:"id"`
	Hash    string   `json:"hash"`
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Notices []string `json:"notices" doc:"gps_removed, metadata_removed"`
}

func (s *API) upload(ctx context.Context, c acts.Caller, form multipart.Form) (*UploadView, error) {
	files := form.File["file"]
	if len(files) != 1 {
		return nil, ledger.Required("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	u, err := s.acts.SavePicture(ctx, c, f)
	if err != nil {
		return nil, err
	}
	return &UploadView{ID: string(u.ID), Hash: u.Part.Hash, Width: u.Width, Height: u.Height, Notices: notNil(u.Notices)}, nil
}

func (s *API) evidence(ctx context.Context, in *struct {
	Of   string `path:"of" enum:"finding,matter"`
	ID   string `path:"id" maxLength:"64"`
	Hash string `path:"hash" maxLength:"64"`
},
) (*huma.StreamResponse, error) {
	actor, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	var picture []byte
	err = s.read(ctx, actor, func(v *viewer) error {
		parts, err := v.partsOf(in.Of, ledger.ID(in.ID))
		if err != nil {
			return err
		}
		for _, p := range parts {
			if p.Hash != "sha256:"+in.Hash || p.Type != "image/jpeg" {
				continue
			}
			b, gone, err := v.a.Open(v.tx, actor.Tenant, p)
			if err != nil || gone {
				return err
			}
			picture = b
			return nil
		}
		return nil
	})
	if err == nil && picture == nil {
		err = notMine()
	}
	if err != nil {
		return nil, toProblem(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "image/jpeg")
		hc.SetHeader("Cache-Control", "private, no-store")
		_, _ = hc.BodyWriter().Write(picture)
	}}, nil
}

// partsOf lists the sealed parts of a finding or a matter that the actor may see.
func (v *viewer) partsOf(of string, id ledger.ID) ([]ledger.Part, error) {
	if of == "finding" {
		f, found, err := visit.LoadFinding(v.tx, v.actor.Tenant, id)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, notMine()
		}
		if v.actor.Sees(access.Place{Street: f.Street}) {
			return f.Parts, nil
		}
		if m, _, err := matter.Load(v.tx, v.actor.Tenant, f.Matter); err != nil || !v.mine(m) || m.ID == "" {
			return nil, notMine()
		}
		return f.Parts, nil
	}
	m, found, err := matter.Load(v.tx, v.actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !found || !v.mine(m) {
		return nil, notMine()
	}
	entries, err := v.a.L.Types().History(v.tx, v.actor.Tenant, id)
	var parts []ledger.Part
	for _, e := range entries {
		parts = append(parts, e.Parts...)
	}
	return parts, err
}

// exportColumns are the ledger's columns (practice.md 2.5.01, as far as this form of it goes).
var exportColumns = []string{
	"number", "state", "light", "severity", "street_code", "street", "site", "team", "problem_type", "themes", "area", "responsibility",
	"fact", "channel", "assigned_at", "addressee", "due", "was_late", "round", "hops",
}

// maxExport bounds a file.
const maxExport = 100_000

func (s *API) export(ctx context.Context, in MatterFilter, format string) (*huma.StreamResponse, error) {
	actor, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if r := actor.Can("export"); r != nil {
		return nil, toProblem(ctx, r)
	}
	t, err := s.acts.Tenant(ctx, actor.Tenant)
	if err != nil {
		return nil, toProblem(ctx, err)
	}
	rows := [][]string{exportColumns}
	err = s.read(ctx, actor, func(v *viewer) error {
		f := in.filter(v)
		f.Limit = matter.MaxPage
		for {
			page, err := matter.List(v.tx, actor.Tenant, f)
			if err != nil {
				return err
			}
			list, err := v.matterRows(page.Matters)
			if err != nil {
				return err
			}
			for _, r := range list {
				rows = append(rows, exportRow(r))
			}
			if page.Next == "" || len(rows) > maxExport {
				break
			}
			f.After = page.Next
		}
		if t.Demo {
			rows = append([][]string{{"演示数据·虚构 / invented data"}}, rows...)
		}
		return nil
	})
	if err != nil {
		return nil, toProblem(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Cache-Control", "no-store")
		hc.SetHeader("Content-Disposition", `attachment; filename="matters.`+format+`"`)
		if format == "csv" {
			hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
			w := hc.BodyWriter()
			_, _ = w.Write([]byte("\ufeff")) // office programs read UTF-8 by it
			c := csv.NewWriter(w)
			_ = c.WriteAll(rows)
			return
		}
		hc.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		_ = writeSheet(hc, rows)
	}}, nil
}

func writeSheet(hc huma.Context, rows [][]string) error {
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	w, err := x.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for i, r := range rows {
		cells := make([]any, len(r))
		for j, c := range r {
			cells[j] = c // always text: a cell that begins with = is no formula
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = x.WriteTo(hc.BodyWriter())
	return err
}

func exportRow(r MatterRow) []string {
	fact, due := "", ""
	if r.Fact != nil {
		fact = *r.Fact
	}
	if r.Due != nil {
		due = r.Due.Format(time.RFC3339)
	}
	return []string{
		r.Number, r.State, r.Light, r.Severity, r.Street.Code, r.Street.Name, text(r.Site.Name), strconv.FormatInt(r.Team.No, 10), r.ProblemType,
		strings.Join(r.Themes, " "), r.Area, r.Responsibility, text(fact), r.Channel, r.AssignedAt.Format(time.RFC3339), r.Addressee.Name, due,
		strconv.FormatBool(r.WasLate), strconv.Itoa(r.Round), strconv.Itoa(r.Hops),
	}
}

// text keeps a cell that an office program would compute from being computed.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
