// Package ui carries the built desk pages inside the binary. It owns no behaviour: who may see a
// page and under which headers it travels is the business of web.
package ui

import (
	"embed"
	"io/fs"
)

// dist holds what `make ui` built; in a tree where nobody built, only the file that keeps the folder.
//
//go:embed all:dist
var dist embed.FS

// PublicCSS is the style of pages that work without script; they need no build.
//
//go:embed src/public.css
var PublicCSS []byte

// Dist returns the built files: index.html, assets/ and .vite/manifest.json.
// built is false when the pages were not built before the binary; web then says so on every page.
func Dist() (files fs.FS, built bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil { // only a malformed path fails, and the path is a constant
		return dist, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
