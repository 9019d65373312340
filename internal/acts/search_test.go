package acts_test

import (
	"strings"
	"testing"

	"duzhan/internal/acts"
)

// TestSearchText: what can be searched for, and the rule that refuses the rest (issue 3, "Bad input").
func TestSearchText(t *testing.T) {
	for name, c := range map[string]struct{ q, want, code string }{
		"one Han character":   {" 超 ", "超", ""},
		"one digit":           {"7", "7", ""},
		"one letter":          {"a", "", "search.too-short"},
		"one sign":            {"%", "", "search.too-short"},
		"one wide letter":     {"Ａ", "", "search.too-short"},
		"two letters":         {"ab", "ab", ""},
		"nothing":             {"  ", "", "required"},
		"60 characters":       {strings.Repeat("字", 60), strings.Repeat("字", 60), ""},
		"61 characters":       {strings.Repeat("字", 61), "", "text.too-long"},
		"a control character": {"超\x00市", "", "text.control-characters"},
		"turned writing":      {"超\u202e市", "", "text.control-characters"},
		"no UTF-8":            {"\xff\xfe", "", "text.not-utf8"},
	} {
		t.Run(name, func(t *testing.T) {
			got, refusal := acts.SearchText(c.q)
			code := ""
			if refusal != nil {
				if code = refusal.Code; refusal.Field != "q" {
					t.Errorf("refused at %s", refusal.Field)
				}
			}
			if got != c.want || code != c.code {
				t.Errorf("%q: %q %q, want %q %q", c.q, got, code, c.want, c.code)
			}
		})
	}
}
