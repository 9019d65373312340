package acts

import (
	"encoding/json"
	"strings"
	"testing"

	"duzhan/data/messages"
)

// TestEveryEntryTypeHasAWord: a history is read by people, so no entry may show as its code in either language.
func TestEveryEntryTypeHasAWord(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en"} {
		b, err := messages.FS.ReadFile(lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(err)
		}
		for name := range Types {
			kind, _, _ := strings.Cut(name, "@")
			_, act, _ := strings.Cut(kind, ".")
			if words["act."+act] == "" {
				t.Errorf("%s: no word act.%s for entry %s", lang, act, kind)
			}
		}
	}
}
