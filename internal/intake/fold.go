package intake

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// fold makes several spellings of one thing the same: case, width, punctuation, blanks, parts to drop,
// words and whole names that stand for others.
type fold struct {
	keepCase  bool
	keepWidth bool
	keepPunct bool
	spaces    string // one (default), none, keep
	drop      []*regexp.Regexp
	words     map[string]string // folded word → folded word; empty: dropped
	aliases   map[string]string // folded name → folded name
}

// key folds a text; aliases apply to the whole of it.
func (f *fold) key(s string) string {
	k := f.plain(s)
	if len(f.words) > 0 {
		kept := slices.DeleteFunc(strings.Fields(k), func(w string) bool { to, is := f.words[w]; return is && to == "" })
		for i, w := range kept {
			if to, is := f.words[w]; is {
				kept[i] = to
			}
		}
		k = strings.Join(kept, " ")
	}
	if to, is := f.aliases[k]; is {
		return to
	}
	return k
}

// plain folds without words and aliases, which are themselves compared in this form.
func (f *fold) plain(s string) string {
	for _, d := range f.drop {
		s = d.ReplaceAllString(s, " ")
	}
	s = norm.NFC.String(s)
	if !f.keepWidth {
		s = width.Fold.String(s)
	}
	if !f.keepCase {
		s = strings.ToLower(s)
	}
	if !f.keepPunct {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\'' || r == '’' || r == '‘' || r == '`' || r == '.':
				return -1 // Arby's is Arbys, A.I. is AI
			case unicode.IsPunct(r) || unicode.IsSymbol(r):
				return ' '
			default:
				return r
			}
		}, s)
	}
	switch f.spaces {
	case "none":
		return strings.Join(strings.Fields(s), "")
	case "keep":
		return strings.TrimSpace(s)
	default:
		return strings.Join(strings.Fields(s), " ")
	}
}

// loose is how words of value tables are compared: case, width and outer blanks do not matter.
func loose(s string) string { return strings.ToLower(strings.TrimSpace(width.Fold.String(s))) }
