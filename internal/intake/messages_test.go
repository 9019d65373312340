package intake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"duzhan/data/messages"
)

// Every rule a mapping, a file or a row can break has a sentence in both languages with the same arguments.
func TestEveryRuleHasItsSentences(t *testing.T) {
	sentences := map[string]map[string]string{}
	for _, lang := range []string{"zh-CN", "en"} {
		b, err := messages.FS.ReadFile("server." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		sentences[lang] = m
	}
	rule := regexp.MustCompile(`"((?:intake\.(?:row|file|map|note)|due\.pack)\.[a-z0-9-]+)"`)
	argument := regexp.MustCompile(`\{[a-z]+\}`)
	rules := map[string]bool{}
	for _, pattern := range []string{"*.go", "../due/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range rule.FindAllStringSubmatch(string(text), -1) {
				rules[found[1]] = true
			}
		}
	}
	if len(rules) < 60 {
		t.Errorf("only %d rules were found", len(rules))
	}
	for r := range rules {
		zh, en := sentences["zh-CN"]["refusal."+r], sentences["en"]["refusal."+r]
		if zh == "" || en == "" {
			t.Errorf("%s has no sentence in both languages", r)
			continue
		}
		a, b := argument.FindAllString(zh, -1), argument.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: arguments %v and %v", r, a, b)
		}
	}
}
