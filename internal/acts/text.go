package acts

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"duzhan/internal/ledger"
)

// MaxText is the most characters of a text that somebody writes.
const MaxText = 4000

// cleanText refuses what no text may hold, and trims. An empty text is refused if it is required.
func cleanText(field, s string, required bool) (string, *ledger.Refusal) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		return "", ledger.RefuseAs(ledger.Invalid, "text.not-utf8", field)
	case n == 0 && required:
		return "", ledger.Required(field)
	case n > MaxText:
		return "", ledger.RefuseAs(ledger.Invalid, "text.too-long", field, "max", strconv.Itoa(MaxText), "length", strconv.Itoa(n))
	case strings.ContainsFunc(s, forbidden):
		return "", ledger.RefuseAs(ledger.Invalid, "text.control-characters", field)
	}
	return s, nil
}

// forbidden characters: controls other than line breaks and tabs, and those that turn the direction
// of writing, so that a text cannot show other than it says.
func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case r < 0x20 || r == 0x7f:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return true
	}
	return false
}
