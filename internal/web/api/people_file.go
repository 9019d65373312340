package api

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
)

// PeopleRead is a file of people row by row: read = new + changed + same + refused.
type PeopleRead struct {
	Read     int                  `json:"read"`
	New      int                  `json:"new"`
	Changed  int                  `json:"changed"`
	Same     int                  `json:"same"`
	Refused  int                  `json:"refused"`
	Rows     []PersonRow          `json:"rows" doc:"those that are not the same, in the file's order"`
	Accounts []acts.OpenedAccount `json:"accounts" doc:"opened by this, with the passwords to hand over; they are kept nowhere else"`
}

// PersonRow is a row of the file and what it comes to.
type PersonRow struct {
	Line    int                 `json:"line"`
	State   string              `json:"state" enum:"new,changed,refused"`
	Name    string              `json:"name"`
	Unit    string              `json:"unit"`
	Changes []acts.PersonChange `json:"changes"`
	Column  string              `json:"column,omitempty" doc:"of a refused row"`
	Value   string              `json:"value,omitempty"`
	Rule    string              `json:"rule,omitempty"`
	Message string              `json:"message,omitempty"`
}

// peopleFile reads a file of people twice over: once to look, once to write.
func (s *API) peopleFile(h huma.API) {
	file := func(path, id, summary string, fn func(context.Context, acts.Caller, func(io.Writer) error) ([]acts.PersonLine, []acts.OpenedAccount, error)) {
		huma.Register(h, huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/api/v1" + path, Tags: tag(path), Summary: summary, MaxBodyBytes: maxSitesFile,
		}, func(ctx context.Context, in *struct {
			Key     string `header:"Idempotency-Key" maxLength:"128" doc:"the same key tells the passwords of the accounts again"`
			RawBody multipart.Form
		},
		) (*struct{ Body *PeopleRead }, error) {
			c, err := caller(ctx, in.Key, nil)
			if err != nil {
				return nil, err
			}
			files := in.RawBody.File["file"]
			if len(files) != 1 {
				return nil, toProblem(ctx, ledger.Required("file"))
			}
			lines, opened, err := fn(ctx, c, content(files[0]))
			if err != nil {
				return nil, toProblem(ctx, unreadable(ctx, err))
			}
			return &struct{ Body *PeopleRead }{peopleRead(langOf(ctx), lines, opened)}, nil
		})
	}
	file("/people/file", "preview-people", "What a CSV or XLSX file of people would change, row by row; nothing is entered",
		func(ctx context.Context, c acts.Caller, save func(io.Writer) error) ([]acts.PersonLine, []acts.OpenedAccount, error) {
			lines, err := s.acts.PreviewPeople(ctx, c, save)
			return lines, nil, err
		})
	file("/people/file/apply", "apply-people", "Register and change people from a CSV or XLSX file; refused rows stay out", s.acts.ApplyPeople)
}

func peopleRead(lang message.Lang, lines []acts.PersonLine, opened []acts.OpenedAccount) *PeopleRead {
	out := &PeopleRead{Read: len(lines), Rows: []PersonRow{}, Accounts: append([]acts.OpenedAccount{}, opened...)}
	for _, l := range lines {
		row := PersonRow{Line: l.Line, State: l.State, Name: l.Name, Unit: l.Unit, Changes: append([]acts.PersonChange{}, l.Changes...)}
		switch l.State {
		case acts.PersonNew:
			out.New++
		case acts.PersonChanged:
			out.Changed++
		case acts.PersonRefused:
			out.Refused++
			row.Column, row.Value, row.Rule, row.Message = l.Bad.Column, l.Bad.Value, l.Bad.Rule, message.Say(lang, "refusal."+l.Bad.Rule, l.Bad.Args)
		default:
			out.Same++
			continue
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
