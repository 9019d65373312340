package api

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// files registers pictures in and out.
func (s *API) files(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "upload", Method: http.MethodPost, Path: "/api/v1/uploads", Tags: []string{"uploads"},
		Summary: "Send a picture (JPEG, PNG), a document (PDF) or a recording (M4A, MP3, Ogg, WAV), for an act that follows", MaxBodyBytes: acts.MaxEvidence + 64<<10, DefaultStatus: http.StatusCreated,
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
		OperationID: "evidence", Method: http.MethodGet, Path: "/api/v1/evidence/{of}/{id}/{hash}", Tags: []string{"evidence"}, Summary: "A picture, document or recording of a finding or a matter",
	}, s.evidence)
}

// UploadView is the receipt for a picture, a document or a recording.
type UploadView struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind" enum:"picture,document,recording"`
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
	u, err := s.acts.SaveUpload(ctx, c, f)
	if err != nil {
		return nil, err
	}
	kind := u.Kind
	if kind == "" {
		kind = acts.Picture
	}
	return &UploadView{ID: string(u.ID), Kind: kind, Hash: u.Part.Hash, Width: u.Width, Height: u.Height, Notices: notNil(u.Notices)}, nil
}

func (s *API) evidence(ctx context.Context, in *struct {
	Of   string `path:"of" enum:"finding,matter"`
	ID   string `path:"id" maxLength:"64"`
	Hash string `path:"hash" minLength:"64" maxLength:"64"`
},
) (*huma.StreamResponse, error) {
	actor, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	var content []byte
	var mime string
	err = s.read(ctx, actor, func(v *viewer) error {
		parts, err := v.partsOf(in.Of, ledger.ID(in.ID))
		if err != nil {
			return err
		}
		for _, p := range parts {
			if p.Hash != "sha256:"+in.Hash || acts.EvidenceTypes[p.Type] == "" {
				continue
			}
			b, gone, err := v.a.Open(v.tx, actor.Tenant, p)
			if err != nil || gone {
				return err
			}
			content, mime = b, p.Type
			return nil
		}
		return nil
	})
	if err == nil && content == nil {
		err = notMine()
	}
	if err != nil {
		return nil, toProblem(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", mime)
		hc.SetHeader("Content-Length", strconv.Itoa(len(content)))
		hc.SetHeader("Cache-Control", "private, no-store")
		hc.SetHeader("X-Content-Type-Options", "nosniff")
		hc.SetHeader("Content-Security-Policy", "sandbox")
		if acts.EvidenceTypes[mime] == acts.Document { // a reader of its own opens it, not this page's origin
			hc.SetHeader("Content-Disposition", `attachment; filename="evidence-`+in.Hash[:8]+`.pdf"`)
		}
		_, _ = hc.BodyWriter().Write(content)
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

// content hands the bytes of a file that was sent to who saves them.
func content(h *multipart.FileHeader) func(io.Writer) error {
	return func(w io.Writer) error {
		f, err := h.Open()
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return errors.Join(err, f.Close())
	}
}

// unreadable says where a file cannot be read, if that is what the error is.
func unreadable(ctx context.Context, err error) error {
	var bad intake.FileError
	if errors.As(err, &bad) {
		return located(ctx, "body.file", bad.Rule, bad.Line, bad.Column, bad.Args)
	}
	return err
}
