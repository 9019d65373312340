package message

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	refusal     = regexp.MustCompile(`Refuse(?:As)?\((?:ledger\.\w+, |NotFound, |Invalid, |Conflict, |Forbidden, )?"([a-z][a-z0-9.-]+)"`)
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
)

// TestBothLanguagesSayTheSame: the same keys, the same placeholders, nothing empty.
func TestBothLanguagesSayTheSame(t *testing.T) {
	for key, zh := range sentences[Zh] {
		en, ok := sentences[En][key]
		if !ok || strings.TrimSpace(en) == "" || strings.TrimSpace(zh) == "" {
			t.Errorf("%s has no sentence in one language", key)
			continue
		}
		a, b := placeholder.FindAllString(zh, -1), placeholder.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: placeholders %v and %v", key, a, b)
		}
	}
	if len(sentences[Zh]) != len(sentences[En]) {
		t.Errorf("%d and %d sentences", len(sentences[Zh]), len(sentences[En]))
	}
}

// TestEveryRefusalHasASentence looks for every code that the program refuses with.
func TestEveryRefusalHasASentence(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range refusal.FindAllStringSubmatch(string(b), -1) {
			found++
			if !Has("refusal." + m[1]) {
				t.Errorf("%s refuses with %s, which has no sentence", path, m[1])
			}
		}
		return err
	})
	if err != nil || found < 50 {
		t.Fatal(found, err)
	}
}

// TestChoose picks the first language that is asked for and spoken.
func TestChoose(t *testing.T) {
	for accept, want := range map[string]Lang{"": Zh, "en": En, "fr, en;q=0.5": En, "zh-TW,en": Zh, "en-GB,zh": En, "*": Zh} {
		if got := Choose(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
