// Package web owns how the product is reached over HTTP: routes, security headers, sessions in a
// cookie, sign-in, the embedded pages. It refuses to decide anything: handlers decode, call acts, encode.
package web

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/message"
	"duzhan/internal/storage"
	"duzhan/internal/web/api"
	"duzhan/internal/web/public"
	"duzhan/ui"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// policy lets pages load only what the binary carries, and images from one server more if the office has a map.
func policy(m api.BaseMap) string {
	images := "img-src 'self' blob: data:"
	if origin := m.Origin(); origin != "" {
		images += " " + origin
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; " + images + "; media-src 'self'; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// Option changes how everything is served.
type Option func(*options)

type options struct{ base api.BaseMap }

// WithMap puts a raster map behind the sites.
func WithMap(m api.BaseMap) Option { return func(o *options) { o.base = m } }

// signInsPerMinute from one address; an office shares one.
const signInsPerMinute = 60

// site serves the pages.
type site struct {
	acts  *acts.Acts
	files fs.FS
	built bool
}

// Handler serves everything. The huma.API describes the JSON part.
func Handler(a *acts.Acts, version string, with ...Option) (http.Handler, huma.API) {
	var o options
	for _, set := range with {
		set(&o)
	}
	files, built := ui.Dist()
	s := &site{acts: a, files: files, built: built}
	r := chi.NewRouter()
	r.Use(headers(policy(o.base)), sameSite, zip)
	r.Group(func(r chi.Router) {
		r.Use(api.Session(a))
		r.Get("/login", s.signInPage)
		r.With(httprate.LimitBy(signInsPerMinute, time.Minute, peer)).Post("/login", s.signIn)
		r.Post("/logout", s.signOut)
		r.Get("/assets/public.css", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			w.Header().Set("Cache-Control", "public, max-age=600")
			_, _ = w.Write(ui.PublicCSS)
		})
		r.Get("/*", s.page)
	})
	var described huma.API
	r.Group(func(r chi.Router) {
		r.Use(api.Session(a), noStore)
		described = api.Mount(r, a, version, o.base)
	})
	return r, described
}

// peer is the address that the connection comes from. No header is believed: a proxy in front counts as
// one address, which the limit leaves room for.
func peer(r *http.Request) (string, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return host, err
}

func headers(policy string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			next.ServeHTTP(w, r)
		})
	}
}

// zip compresses what is read and is text; a village's line is slow. What commands answer is short, pictures
// are compressed already, and the stream of changes has to leave at once.
func zip(next http.Handler) http.Handler {
	zipped := middleware.Compress(5, "text/html", "text/css", "text/csv", "text/javascript", "application/javascript",
		"application/json", "application/problem+json", "image/svg+xml")(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.Header.Get("Range") == "" { // a part of a compressed file is no part of the file
			zipped.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// sameSite refuses what changes something and comes from another site's page.
func sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			site := r.Header.Get("Sec-Fetch-Site")
			origin, err := url.Parse(r.Header.Get("Origin"))
			if site != "" && site != "same-origin" && site != "none" || r.Header.Get("Origin") != "" && (err != nil || origin.Host != r.Host) {
				api.WriteProblem(w, r, http.StatusForbidden, "cross-site")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// page serves the desk's pages to who is signed in; every address that is no file is a page of theirs.
func (s *site) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if f, err := fs.Stat(s.files, name); err == nil && !f.IsDir() && name != "index.html" {
		if strings.HasPrefix(name, "assets/") { // their names carry their hash
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		http.ServeFileFS(w, r, s.files, name)
		return
	}
	if strings.HasPrefix(name, "api/") || strings.HasPrefix(name, "assets/") {
		api.WriteProblem(w, r, http.StatusNotFound, "not-found")
		return
	}
	if _, ok := api.ActorOf(r.Context()); !ok || !s.built {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	b, err := fs.ReadFile(s.files, "index.html")
	if err != nil {
		api.WriteProblem(w, r, http.StatusInternalServerError, "internal")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b)
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	s.writeSignIn(w, r, http.StatusOK, public.SignIn{Next: r.URL.Query().Get("next")})
}

func (s *site) writeSignIn(w http.ResponseWriter, r *http.Request, status int, p public.SignIn) {
	p.Lang = langOf(r)
	other := url.Values{"next": {p.Next}, "lang": {string(message.En)}}
	if p.Lang == message.En {
		other.Set("lang", string(message.Zh))
	}
	p.Other, p.Built = "/login?"+other.Encode(), s.built
	_ = s.acts.L.DB().Read(r.Context(), func(tx *storage.Tx) error {
		tenants, err := access.Tenants(tx)
		for _, t := range tenants {
			p.Demo = p.Demo || t.Demo
		}
		return err
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = public.WriteSignIn(w, p)
}

func langOf(r *http.Request) message.Lang {
	if l := r.URL.Query().Get("lang"); l != "" {
		return message.Choose(l)
	}
	return message.Choose(r.Header.Get("Accept-Language"))
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	login, next := r.PostFormValue("login"), r.PostFormValue("next")
	token, _, err := s.acts.Accounts.SignIn(r.Context(), login, r.PostFormValue("password"))
	if err != nil {
		text := message.Say(langOf(r), "refusal.internal", map[string]string{"id": "-"})
		var refusal *ledger.Refusal
		if errors.As(err, &refusal) {
			text = message.Say(langOf(r), "refusal."+refusal.Code, refusal.Args)
		}
		s.writeSignIn(w, r, http.StatusForbidden, public.SignIn{Next: next, Login: login, Error: text})
		return
	}
	cookie := api.SessionCookie(token, r.TLS != nil)
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, inside(next), http.StatusSeeOther)
}

// inside keeps a redirect on this site.
func inside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") {
		return "/"
	}
	return next
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(api.Cookie); err == nil {
		if actor, ok := api.ActorOf(r.Context()); ok {
			_ = s.acts.Accounts.SignOut(r.Context(), actor, c.Value)
		}
	}
	cookie := api.EndedCookie()
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
