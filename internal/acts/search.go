package acts

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"duzhan/internal/access"
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

// MaxFilterName is the most characters of a saved filter's name.
const MaxFilterName = 30

// SaveFilter keeps a list's filter under a name. It is a setting and no entry.
func (a *Acts) SaveFilter(ctx context.Context, c Caller, f access.SavedFilter) (ledger.ID, error) {
	if r := c.Can("read"); r != nil {
		return "", r
	}
	var refusal *ledger.Refusal
	if f.Name, refusal = cleanText("name", strings.Join(strings.Fields(f.Name), " "), true); refusal != nil {
		return "", refusal
	}
	if n := utf8.RuneCountInString(f.Name); n > MaxFilterName {
		return "", ledger.RefuseAs(ledger.Invalid, "text.too-long", "name", "max", strconv.Itoa(MaxFilterName), "length", strconv.Itoa(n))
	}
	asked, err := url.ParseQuery(f.Query)
	if err != nil || len(f.Query) > 1000 {
		return "", ledger.RefuseAs(ledger.Invalid, "input.format", "query")
	}
	asked.Del("page") // where one was in the list is no filter
	if f.Query = asked.Encode(); f.Query == "" {
		return "", ledger.Required("query")
	}
	f.ID = c.newID("filter")
	return f.ID, a.Accounts.SaveFilter(ctx, c.Actor, f)
}
