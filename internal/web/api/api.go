// Package api is the typed JSON API: everything the pages do, with OpenAPI 3.1. It decodes, calls one
// function of acts, encodes; it refuses to decide anything.
package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
)

// Cookie is the name of the session cookie.
const Cookie = "dz_session"

// maxBody bounds a JSON body, bytes: a megabyte in one field can still be read, so that its refusal names the
// field.
const maxBody = 1<<20 + 64<<10

// API answers the requests.
type API struct {
	acts    *acts.Acts
	version string
	base    BaseMap
}

type actorKey struct{}

type incidentKey struct{}

// IncidentHeader names the incident that a command is for; without it, the current one.
const IncidentHeader = "Duzhan-Incident"

// Session puts the signed-in actor and the language into the context.
func Session(a *acts.Acts) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := context.WithValue(r.Context(), langKey{}, message.Choose(r.Header.Get("Accept-Language")))
			if i := r.Header.Get(IncidentHeader); i != "" && len(i) <= 64 {
				ctx = context.WithValue(ctx, incidentKey{}, i)
			}
			if c, err := r.Cookie(Cookie); err == nil {
				actor, found, err := a.Accounts.Session(ctx, c.Value)
				if err != nil {
					WriteProblem(w, r, http.StatusInternalServerError, "internal")
					return
				}
				if found {
					ctx = context.WithValue(ctx, actorKey{}, actor)
				}
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// ActorOf is who is signed in.
func ActorOf(ctx context.Context) (access.Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(access.Actor)
	return a, ok
}

// Mount puts the API under /api/v1 of a router and gives it, for its description.
func Mount(r chi.Router, a *acts.Acts, version string, base BaseMap) huma.API {
	cfg := huma.DefaultConfig("duzhan", version)
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.OpenAPIPath = "/api/v1/openapi"
	cfg.DocsPath = ""
	cfg.SchemasPath = "/api/v1/schemas"
	cfg.CreateHooks = nil // answers carry no $schema
	cfg.Info.Description = "Command and accountability of a district in an emergency. Times are RFC 3339 with a zone."
	h := humachi.New(r, cfg)
	s := &API{acts: a, version: version, base: base}
	s.session(h)
	s.board(h)
	s.matters(h)
	s.search(h)
	s.savedFilters(h)
	s.inbox(h)
	s.matterActs(h)
	s.many(h)
	s.ledgerFiles(h)
	s.incidents(h)
	s.publications(h)
	s.focus(h)
	s.measures(h)
	s.sheets(h)
	s.orders(h)
	s.meetings(h)
	s.batches(h)
	s.grassroots(h)
	s.catalogues(h)
	s.discipline(h)
	s.suggestions(h)
	s.night(h)
	s.reports(h)
	s.visits(h)
	s.findings(h)
	s.figures(h)
	s.registry(h)
	s.teams(h)
	s.samplings(h)
	s.register(h)
	s.peopleFile(h)
	s.rulePacks(h)
	s.ledger(h)
	s.files(h)
	s.exports(h)
	s.imports(h)
	s.events(h)
	return h
}

// caller is who asks with a command.
func caller(ctx context.Context, key string, body []byte) (acts.Caller, error) {
	actor, err := signedIn(ctx)
	incident, _ := ctx.Value(incidentKey{}).(string)
	return acts.Caller{Actor: actor, Key: key, Body: body, Incident: ledger.ID(incident)}, err
}

func signedIn(ctx context.Context) (access.Actor, error) {
	actor, ok := ActorOf(ctx)
	if !ok {
		return actor, problem(langOf(ctx), http.StatusUnauthorized, "sign-in", "", nil)
	}
	return actor, nil
}

// get registers a question.
func get[I, O any](h huma.API, path, id, summary string, fn func(context.Context, access.Actor, *I) (*O, error)) {
	huma.Register(h, huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: "/api/v1" + path, Summary: summary, Tags: tag(path),
	}, func(ctx context.Context, in *I) (*struct{ Body *O }, error) {
		actor, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		body, err := fn(ctx, actor, in)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *O }{body}, nil
	})
}

// schemaName calls a schema by its type, or else by its operation: AmendFindingRequest.
func schemaName(t reflect.Type, hint string) string {
	parts := strings.Split(huma.DefaultSchemaNamer(t, hint), "-")
	for i, p := range parts {
		parts[i] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

// post registers an act on a thing.
func post[B, O any](h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, string, *B) (*O, error)) {
	huma.Register(h, huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: "/api/v1" + path, Summary: summary, Tags: tag(path), MaxBodyBytes: maxBody,
	}, func(ctx context.Context, in *struct { // without a name, so that the schema of its body is called by the operation
		ID      string `path:"id" maxLength:"64"`
		Key     string `header:"Idempotency-Key" maxLength:"128" doc:"the same key does the same thing once"`
		Body    B
		RawBody []byte
	},
	) (*struct{ Body *O }, error) {
		c, err := caller(ctx, in.Key, append([]byte(path+"\x00"+in.ID+"\x00"), in.RawBody...))
		if err != nil {
			return nil, err
		}
		body, err := fn(ctx, c, in.ID, &in.Body)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *O }{body}, nil
	})
}

// add registers an act that makes a thing.
func add[B, O any](h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, *B) (*O, error)) {
	huma.Register(h, huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: "/api/v1" + path, Summary: summary, Tags: tag(path), MaxBodyBytes: maxBody,
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		Key     string `header:"Idempotency-Key" maxLength:"128" doc:"the same key does the same thing once"`
		Body    B
		RawBody []byte
	},
	) (*struct{ Body *O }, error) {
		c, err := caller(ctx, in.Key, append([]byte(path+"\x00"), in.RawBody...))
		if err != nil {
			return nil, err
		}
		body, err := fn(ctx, c, &in.Body)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *O }{body}, nil
	})
}

func tag(path string) []string {
	return []string{strings.SplitN(strings.TrimPrefix(path, "/"), "/", 2)[0]}
}
