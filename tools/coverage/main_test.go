package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCitationsAreReadFromTestsOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a_test.go"), "// R011, 1H-02\n// R011 again on its own line\n")
	write(t, filepath.Join(dir, "a.go"), "// R012\n")
	write(t, filepath.Join(dir, "node_modules", "b_test.go"), "// R013\n")
	cited, err := citations(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(cited["R011"]) != 2 || len(cited["1H-02"]) != 1 {
		t.Errorf("cited: %v", cited)
	}
	if len(cited["R012"])+len(cited["R013"]) != 0 {
		t.Errorf("cited outside tests: %v", cited)
	}
}

func TestExclusionsAreTableRows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	write(t, file, "| id | reason |\n|---|---|\n| R016 | rhetoric, no feature |\nR017 is prose\n")
	reasons, err := exclusions(file)
	if err != nil {
		t.Fatal(err)
	}
	if reasons["R016"] != "rhetoric, no feature" || len(reasons) != 1 {
		t.Errorf("reasons: %v", reasons)
	}
	if none, err := exclusions(filepath.Join(t.TempDir(), "absent.md")); err != nil || len(none) != 0 {
		t.Errorf("an absent page must exclude nothing: %v, %v", none, err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
