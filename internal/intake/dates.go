package intake

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// format is a compiled date format such as YYYY-MM-DD HH:mm. Its tokens: YYYY YY MMMM MMM MM M DD D HH H
// hh h mm m ss s SSS A (AM, PM, 上午, 下午) Z (offset). T and text in '…' stand for themselves, as does
// what is no letter; a blank stands for one or more.
type format struct {
	text   string
	tokens []string // a literal begins with '
}

var dateTokens = []string{"YYYY", "YY", "MMMM", "MMM", "MM", "M", "DD", "D", "HH", "H", "hh", "h", "mm", "m", "ss", "s", "SSS", "A", "Z"}

// compileFormat refuses formats with unknown letters or without year, month and day.
func compileFormat(text string) (format, bool) {
	f := format{text: text}
	rest := width.Fold.String(text)
next:
	for rest != "" {
		if rest[0] == '\'' {
			literal, after, closed := strings.Cut(rest[1:], "'")
			if !closed {
				return f, false
			}
			f.tokens, rest = append(f.tokens, "'"+literal), after
			continue
		}
		for _, t := range dateTokens {
			if strings.HasPrefix(rest, t) {
				f.tokens, rest = append(f.tokens, t), rest[len(t):]
				continue next
			}
		}
		r, size := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError || (r < unicode.MaxASCII && unicode.IsLetter(r) && r != 'T') {
			return f, false
		}
		f.tokens, rest = append(f.tokens, "'"+rest[:size]), rest[size:]
	}
	return f, f.has("YYYY", "YY") && f.has("MMMM", "MMM", "MM", "M") && f.has("DD", "D")
}

func (f format) has(some ...string) bool {
	for _, t := range f.tokens {
		for _, a := range some {
			if t == a {
				return true
			}
		}
	}
	return false
}

func (f format) precision() Precision {
	switch {
	case f.has("ss", "s"):
		return ToSecond
	case f.has("mm", "m"):
		return ToMinute
	case f.has("HH", "H", "hh", "h"):
		return ToHour
	default:
		return ToDay
	}
}

var months = []string{
	"january", "february", "march", "april", "may", "june", "july",
	"august", "september", "october", "november", "december",
}

// civil is what a text said before it is checked.
type civil struct {
	year, month, day, hour, minute, second, nano int
	afternoon, half                              bool // half: an AM or PM was said
	zone                                         *time.Location
}

// parse reads a text; ok is false if it does not have this format or is no date.
func (f format) parse(text string, zone *time.Location) (Value, bool) {
	c := civil{zone: zone}
	rest := strings.TrimSpace(width.Fold.String(text))
	for _, t := range f.tokens {
		var ok bool
		if rest, ok = c.take(t, rest); !ok {
			return Value{}, false
		}
	}
	if rest != "" {
		return Value{}, false
	}
	return c.value(f.precision())
}

// take reads one token from the beginning of s.
func (c *civil) take(token, s string) (string, bool) {
	if literal, is := strings.CutPrefix(token, "'"); is {
		if literal == " " {
			after := strings.TrimLeft(s, " ")
			return after, len(after) < len(s)
		}
		return strings.CutPrefix(s, literal)
	}
	switch token {
	case "MMM", "MMMM":
		for i, name := range months {
			if token == "MMM" {
				name = name[:3]
			}
			if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
				c.month = i + 1
				return s[len(name):], true
			}
		}
		return s, false
	case "A":
		for word, afternoon := range map[string]bool{"am": false, "pm": true, "上午": false, "下午": true} {
			if len(s) >= len(word) && strings.EqualFold(s[:len(word)], word) {
				c.afternoon, c.half = afternoon, true
				return s[len(word):], true
			}
		}
		return s, false
	case "Z":
		return c.offset(s)
	}
	least, most := len(token), len(token)
	if most == 1 {
		most = 2
	}
	n, digits := 0, 0
	for digits < most && digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		n = n*10 + int(s[digits]-'0')
		digits++
	}
	if digits < least {
		return s, false
	}
	switch token {
	case "YYYY":
		c.year = n
	case "YY":
		if c.year = 2000 + n; n > 68 { // as POSIX reads two digits
			c.year = 1900 + n
		}
	case "MM", "M":
		c.month = n
	case "DD", "D":
		c.day = n
	case "HH", "H", "hh", "h":
		c.hour = n
	case "mm", "m":
		c.minute = n
	case "ss", "s":
		c.second = n
	case "SSS":
		c.nano = n * 1_000_000
	}
	return s[digits:], true
}

// offset reads Z, +08:00, +0800 or +08.
func (c *civil) offset(s string) (string, bool) {
	if after, utc := strings.CutPrefix(s, "Z"); utc {
		c.zone = time.UTC
		return after, true
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if len(s) < len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s[:len(layout)]); err == nil {
			_, seconds := t.Zone()
			c.zone = time.FixedZone("", seconds)
			return s[len(layout):], true
		}
	}
	return s, false
}

func (c *civil) value(p Precision) (Value, bool) {
	if c.half {
		if c.hour < 1 || c.hour > 12 {
			return Value{}, false
		}
		if c.hour %= 12; c.afternoon {
			c.hour += 12
		}
	}
	midnight := c.hour == 24 && c.minute == 0 && c.second == 0 // 24:00 ends the day
	if c.year < 1 || c.month < 1 || c.month > 12 || c.hour > 23 && !midnight || c.minute > 59 || c.second > 59 {
		return Value{}, false
	}
	if d := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC); d.Day() != c.day {
		return Value{}, false
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nano, c.zone)
	return spanOf(t, p), true
}

// spanOf gives the value of a time known to a precision. A minute is exact: a deadline at 18:00 ends at
// 18:00, not at the end of that minute.
func spanOf(t time.Time, p Precision) Value {
	v := Value{Time: t, Until: t, Precision: p}
	switch p {
	case ToDay:
		v.Until = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location()).Add(-time.Microsecond)
	case ToHour:
		v.Until = t.Add(time.Hour - time.Microsecond)
	}
	return v
}
