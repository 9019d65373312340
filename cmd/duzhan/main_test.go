package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"duzhan": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }})
}

// TestScripts runs the command as its users do (R134, R135, R136, R137, R138, R061).
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	shared := os.Getenv("DUZHAN_SHARED")
	if shared == "" {
		shared = filepath.Join(root, "..", "shared")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Condition: func(cond string) (bool, error) {
			if cond != "shared" {
				return false, nil
			}
			_, err := os.Stat(filepath.Join(shared, "data"))
			if err != nil && os.Getenv("CI") == "true" {
				t.Error("the shared folder is not there: set DUZHAN_SHARED")
			}
			return err == nil, nil
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("SHARED", shared)
			e.Setenv("LANG", "en")
			return nil
		},
	})
}
