package api

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strconv"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
)

// maxImport bounds a file that is sent, bytes.
const maxImport = 512 << 20

// ImportView is an import with what it did so far.
type ImportView struct {
	acts.ImportJob
	Line     string       `json:"line"`
	Refusals []RefusalRow `json:"refusals" doc:"the first hundred"`
}

// RefusalRow is a row that was not taken.
type RefusalRow struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// shownRefusals bounds what a page shows; the file has all.
const shownRefusals = 100

func (s *API) imports(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "start-import", Method: http.MethodPost, Path: "/api/v1/imports", Tags: []string{"imports"}, DefaultStatus: http.StatusCreated,
		Summary: "Import a ledger of inspections: parts map, file, dry_run", MaxBodyBytes: maxImport,
	}, func(ctx context.Context, in *struct {
		Key     string `header:"Idempotency-Key" maxLength:"128"`
		RawBody multipart.Form
	},
	) (*struct{ Body *ImportView }, error) {
		c, err := caller(ctx, in.Key, nil)
		if err != nil {
			return nil, err
		}
		v, err := s.startImport(ctx, c, in.RawBody)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *ImportView }{v}, nil
	})
	get(h, "/imports", "list-imports", "Imports, newest first", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[ImportView], error) {
		if r := actor.Can("import"); r != nil {
			return nil, r
		}
		jobs, err := s.acts.ImportJobs(ctx, actor.Tenant)
		out := &Items[ImportView]{Items: []ImportView{}}
		for _, j := range jobs {
			out.Items = append(out.Items, ImportView{ImportJob: j, Line: j.Line(), Refusals: []RefusalRow{}})
		}
		return out, err
	})
	get(h, "/imports/{id}", "get-import", "One import", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*ImportView, error) {
		return s.importView(ctx, actor, in.ID)
	})
	post(h, "/imports/{id}/stop", "stop-import", "Stop after the rows under way", func(ctx context.Context, c acts.Caller, id string, _ *struct{}) (*ImportView, error) {
		if r := c.Can("import"); r != nil {
			return nil, r
		}
		if !s.acts.StopImport(c.Tenant, id) {
			return nil, ledger.Refuse("import.wrong-state", "id")
		}
		return s.importView(ctx, c.Actor, id)
	})
	post(h, "/imports/{id}/resume", "resume-import", "Go on with a stopped import", func(ctx context.Context, c acts.Caller, id string, _ *struct{}) (*ImportView, error) {
		if r := c.Can("import"); r != nil {
			return nil, r
		}
		if err := s.acts.ResumeImport(ctx, c.Actor, id); err != nil {
			return nil, err
		}
		return s.importView(ctx, c.Actor, id)
	})
	huma.Register(h, huma.Operation{
		OperationID: "import-refusals", Method: http.MethodGet, Path: "/api/v1/imports/{id}/refusals.csv", Tags: []string{"imports"},
		Summary: "Every refused row with line, column, value and rule",
	}, s.refusalsCSV)
}

func (s *API) startImport(ctx context.Context, c acts.Caller, form multipart.Form) (*ImportView, error) {
	if r := c.Can("import"); r != nil {
		return nil, r
	}
	for _, part := range []string{"map", "file"} {
		if len(form.File[part]) != 1 {
			return nil, ledger.RefuseAs(ledger.Invalid, "required", part, "field", part)
		}
	}
	text, err := readPart(form.File["map"][0])
	if err != nil {
		return nil, err
	}
	m, err := intake.Parse(text, intake.Inspections)
	var badMap intake.MappingError
	if errors.As(err, &badMap) {
		return nil, located(ctx, "body.map", badMap.Rule, badMap.Line, badMap.Field, badMap.Args)
	}
	if err != nil {
		return nil, err
	}
	dry := len(form.Value["dry_run"]) > 0 && form.Value["dry_run"][0] == "true"
	id, err := s.acts.StartImport(ctx, c.Actor, m, text, filepath.Base(form.File["file"][0].Filename), dry, content(form.File["file"][0]))
	if err != nil {
		return nil, unreadable(ctx, err)
	}
	return s.importView(ctx, c.Actor, id)
}

// located is a problem of a file that was sent: the sentence says where in it.
func located(ctx context.Context, field, rule string, line int, where string, args map[string]string) *Problem {
	p := problem(langOf(ctx), http.StatusUnprocessableEntity, rule, field, args)
	p.Title = message.At(line, where, p.Title)
	p.Errors[0].Message = p.Title
	return p
}

func readPart(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

func (s *API) importView(ctx context.Context, actor access.Actor, id string) (*ImportView, error) {
	if r := actor.Can("import"); r != nil {
		return nil, r
	}
	job, found, err := s.acts.ImportJob(ctx, actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ledger.RefuseAs(ledger.NotFound, "import.unknown", "")
	}
	out := &ImportView{ImportJob: job, Line: job.Line(), Refusals: []RefusalRow{}}
	rows, err := s.acts.ImportRefusals(ctx, actor.Tenant, id, shownRefusals)
	for _, r := range rows {
		out.Refusals = append(out.Refusals, RefusalRow{
			Line: r.Line, Column: r.Column, Value: r.Value, Rule: r.Rule, Message: message.Say(langOf(ctx), "refusal."+r.Rule, nil),
		})
	}
	return out, err
}

func (s *API) refusalsCSV(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"64"`
},
) (*huma.StreamResponse, error) {
	actor, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if r := actor.Can("import"); r != nil {
		return nil, toProblem(ctx, r)
	}
	rows, err := s.acts.ImportRefusals(ctx, actor.Tenant, in.ID, 0)
	if err != nil {
		return nil, toProblem(ctx, err)
	}
	lang := langOf(ctx)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
		hc.SetHeader("Content-Disposition", `attachment; filename="refused.csv"`)
		w := csv.NewWriter(hc.BodyWriter())
		_ = w.Write([]string{"line", "column", "value", "rule", "message"})
		for _, r := range rows {
			_ = w.Write([]string{strconv.Itoa(r.Line), text(r.Column), text(r.Value), r.Rule, message.Say(lang, "refusal."+r.Rule, nil)})
		}
		if w.Flush(); w.Error() != nil {
			slog.WarnContext(ctx, "refusals not sent whole", "error", w.Error())
		}
	}}, nil
}
