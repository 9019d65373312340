package acts

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"duzhan/internal/ledger"
)

// MaxSearch is the most characters that are searched for.
const MaxSearch = 60

// SearchText refuses what cannot be searched for, and trims. One Han character or a digit is enough, one letter is not.
func SearchText(q string) (string, *ledger.Refusal) {
	q, refusal := cleanText("q", q, true)
	if refusal != nil {
		return "", refusal
	}
	n := utf8.RuneCountInString(q)
	if n > MaxSearch {
		return "", ledger.RefuseAs(ledger.Invalid, "text.too-long", "q", "max", strconv.Itoa(MaxSearch), "length", strconv.Itoa(n))
	}
	if r, _ := utf8.DecodeRuneInString(q); n == 1 && !unicode.Is(unicode.Han, r) && !unicode.IsDigit(r) {
		return "", ledger.RefuseAs(ledger.Invalid, "search.too-short", "q")
	}
	return q, nil
}
