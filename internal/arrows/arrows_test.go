package arrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "duzhan/"

// desks in the order of knowledge: a desk may import those before it, never those after it.
var desks = []string{"registry", "plan", "matter", "roster", "visit", "appeal", "trace", "brief"}

// words of no desk, with the words each may import. Any of them may import storage; clock names
// the type every package receives its time through.
var words = map[string][]string{
	"clock":    {},
	"message":  {},
	"storage":  {},
	"ledger":   {"storage"},
	"vault":    {"storage", "ledger"},
	"figure":   {"storage", "ledger"},
	"due":      {"storage", "ledger"},
	"intake":   {"storage", "ledger"},
	"access":   {"storage", "ledger", "vault"},
	"document": {"storage", "ledger", "vault"},
	"notify":   {"storage", "ledger", "vault", "due"},
}

// layer is the part of an import path that carries the rule: "internal/matter/x" is matter.
func layer(path string) string {
	rest := strings.TrimPrefix(path, module)
	first, tail, _ := strings.Cut(rest, "/")
	if first != "internal" {
		return first // cmd, data, ui, tools, bench
	}
	name, _, _ := strings.Cut(tail, "/")
	return name
}

// refused says why from may not import to; empty when it may.
func refused(from, to string) string {
	if from == to || to == "data" || to == "clock" {
		return ""
	}
	switch from {
	case "cmd", "tools", "bench":
		return ""
	case "demo": // makes the demonstration through acts, like a user
		if to == "web" || to == "ui" || to == "cmd" {
			return "the demonstration acts as users do, below the web"
		}
		return ""
	case "data", "ui":
		return "carries files and knows no package"
	}
	if to == "cmd" || to == "tools" || to == "bench" || to == "demo" {
		return "only cmd imports it"
	}
	if from == "web" {
		return ""
	}
	if to == "web" || to == "ui" {
		return "only cmd and web know the web"
	}
	if from == "acts" {
		return ""
	}
	if to == "acts" {
		return "only cmd, demo and web know acts"
	}
	fromDesk, toDesk := slices.Index(desks, from), slices.Index(desks, to)
	_, fromWord := words[from]
	_, toWord := words[to]
	switch {
	case fromDesk >= 0 && toDesk >= 0 && toDesk > fromDesk:
		return "a desk knows only the desks before it in the table"
	case fromDesk >= 0:
		return ""
	case fromWord && toDesk >= 0:
		return "a word of no desk knows no desk"
	case fromWord && toWord && !slices.Contains(words[from], to):
		return fmt.Sprintf("%s may import %v only", from, words[from])
	}
	return ""
}

func TestRefused(t *testing.T) {
	cases := map[string]struct {
		from, to string
		may      bool
	}{
		"visit knows matter":             {"visit", "matter", true},
		"matter does not know visit":     {"matter", "visit", false},
		"registry knows no desk":         {"registry", "plan", false},
		"brief knows every desk":         {"brief", "registry", true},
		"ledger knows storage":           {"ledger", "storage", true},
		"storage knows nothing":          {"storage", "ledger", false},
		"vault knows ledger":             {"vault", "ledger", true},
		"ledger does not know vault":     {"ledger", "vault", false},
		"figure knows no desk":           {"figure", "matter", false},
		"acts know every desk":           {"acts", "brief", true},
		"a desk does not know acts":      {"matter", "acts", false},
		"web knows acts":                 {"web", "acts", true},
		"acts do not know web":           {"acts", "web", false},
		"cmd knows all":                  {"cmd", "storage", true},
		"nobody knows cmd":               {"web", "cmd", false},
		"data may be imported by anyone": {"storage", "data", true},
		"data imports nothing":           {"data", "ledger", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			why := refused(c.from, c.to)
			if (why == "") != c.may {
				t.Errorf("%s → %s: %q", c.from, c.to, why)
			}
		})
	}
}

// lendsToTests tells a package such as storage/storagetest: it may know whatever it lends, and only
// tests may import it.
func lendsToTests(path string) bool {
	dir, name := filepath.Split(path)
	return strings.HasPrefix(path, module) && name == filepath.Base(dir)+"test"
}

// TestArrowsPointDown reads every package of the module, tests included.
func TestArrowsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		if lendsToTests(p.ImportPath) {
			continue
		}
		for _, to := range p.Imports {
			if lendsToTests(to) {
				t.Errorf("%s imports %s outside its tests", p.ImportPath, to)
			}
		}
		for _, to := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if lendsToTests(to) {
				continue
			}
			if !strings.HasPrefix(to, module) {
				continue
			}
			if why := refused(layer(p.ImportPath), layer(to)); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, to, why)
			}
		}
	}
}

// TestEveryPackageHasAPlace fails when a package is added that no rule speaks of.
func TestEveryPackageHasAPlace(t *testing.T) {
	known := map[string]bool{
		"cmd": true, "web": true, "acts": true, "data": true, "ui": true, "tools": true, "bench": true, "arrows": true, "demo": true,
	}
	for _, d := range desks {
		known[d] = true
	}
	for w := range words {
		known[w] = true
	}
	for _, p := range packages(t) {
		if l := layer(p.ImportPath); !known[l] {
			t.Errorf("%s: give %q a place in the table of arrows", p.ImportPath, l)
		}
	}
}

// TestOnlyCmdReadsTheWallClock: code below cmd takes its time as an argument or from a Clock.
func TestOnlyCmdReadsTheWallClock(t *testing.T) {
	root := filepath.Join("..", "..", "internal")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "testdata" || path == filepath.Join(root, "clock") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for n, line := range bytes.Split(src, []byte("\n")) {
			code, _, _ := bytes.Cut(line, []byte("//"))
			for _, call := range []string{"time.Now", "time.Since(", "time.Until("} {
				if bytes.Contains(code, []byte(call)) {
					t.Errorf("%s:%d reads the wall clock: %s", path, n+1, strings.TrimSpace(string(line)))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type listed struct {
	ImportPath                         string
	Standard                           bool
	Imports, TestImports, XTestImports []string
}

// packages lists the module's own packages.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var found []listed
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !p.Standard && strings.HasPrefix(p.ImportPath, module) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		t.Fatal("go list found no package of the module")
	}
	return found
}
