// Package public is the pages that work without script: sign-in and sign-out, later those of citizens.
// It refuses to know how a page is reached (web) and who may sign in (access).
package public

import (
	"embed"
	"html/template"
	"io"

	"duzhan/internal/message"
)

//go:embed *.html
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"say": func(l message.Lang, key string) string { return message.Say(l, key, nil) },
}).ParseFS(files, "*.html"))

// SignIn is what the sign-in page shows.
type SignIn struct {
	Lang  message.Lang
	Other string // address of the page in the other language
	Next  string // where to go afterwards
	Login string // as it was entered
	Error string
	Demo  bool
	Built bool // the desk's pages are in this binary
}

// WriteSignIn writes the sign-in page.
func WriteSignIn(w io.Writer, s SignIn) error { return pages.ExecuteTemplate(w, "signin.html", s) }
