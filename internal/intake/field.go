package intake

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxCell bounds a cell's bytes; spreadsheets themselves stop at 32,767 characters.
const maxCell = 32_767

// clean checks and trims one cell; rule is empty if it may be used. U+FFFD is what a decoder puts for bytes
// it cannot read; in a UTF-8 file it is damage done before the file was written, and stays.
func (e env) clean(s string) (text, rule string) {
	if len(s) > maxCell {
		return s, "intake.row.cell-too-long"
	}
	if !utf8.ValidString(s) || (e.decoded && strings.ContainsRune(s, utf8.RuneError)) {
		return s, "intake.row.encoding"
	}
	for _, r := range s {
		switch {
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7F:
			return s, "intake.row.control"
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // turn the reading direction: a trap for the eye
			return s, "intake.row.control"
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "\uFEFF")), ""
}

// read finds a field's value in a row. given is false if nothing stands there; rule is the broken one.
func (s *spec) read(cells []string, groups map[string]string, e env) (v Value, given bool, column, raw, rule string) {
	if s.constant != nil {
		v, rule = s.convert(*s.constant, env{})
		return v, true, "", *s.constant, rule
	}
	var parts []string
	if s.group != "" {
		if p := groups[s.group]; p != "" && !s.none(p) {
			if p = s.rewrite(p); p != "" {
				parts = append(parts, p)
			}
		}
	}
	for i, at := range s.at {
		p, broken := e.clean(cells[at])
		if broken != "" {
			return v, false, s.columns[i], p, broken
		}
		if p == "" || s.none(p) {
			continue
		}
		if p = s.rewrite(p); p != "" {
			parts = append(parts, p)
		}
	}
	column = strings.Join(s.columns, " + ")
	raw = strings.Join(parts, s.with)
	if raw == "" {
		if s.required {
			return v, false, column, "", "intake.row.required"
		}
		return v, false, column, "", ""
	}
	text, given, rule := s.look(raw)
	if rule != "" || !given {
		return v, given, column, raw, rule
	}
	if s.fold != nil {
		if text = s.folded(parts, text); text == "" {
			text = raw // nothing but punctuation: better its own than nobody's
		}
	}
	v, rule = s.convert(text, e)
	return v, rule == "", column, raw, rule
}

// folded folds each part by itself, so that an alias of a name holds whatever its address is.
func (s *spec) folded(parts []string, text string) string {
	if s.values != nil || len(parts) == 1 {
		return s.fold.key(text)
	}
	keys := make([]string, len(parts))
	for i, p := range parts {
		keys[i] = s.fold.key(p)
	}
	return strings.TrimSpace(strings.Join(keys, s.with))
}

func (s *spec) none(p string) bool {
	l := loose(p)
	return slices.ContainsFunc(s.missing, func(m string) bool { return loose(m) == l })
}

// rewrite takes out of a cell what is meant and replaces the rest.
func (s *spec) rewrite(p string) string {
	if s.extract != nil {
		found := s.extract.FindStringSubmatch(p)
		if found == nil {
			return ""
		}
		p = found[min(1, len(found)-1)]
	}
	for _, r := range s.replace {
		p = r.pattern.ReplaceAllString(p, r.with)
	}
	return strings.TrimSpace(p)
}

// look goes through the value table.
func (s *spec) look(raw string) (text string, given bool, rule string) {
	if s.values == nil {
		return raw, true, ""
	}
	if to, found := s.values[loose(raw)]; found {
		return to, true, ""
	}
	switch s.otherwise {
	case "keep":
		return raw, true, ""
	case "constant":
		return s.other, true, ""
	case "missing":
		if s.required {
			return "", false, "intake.row.required"
		}
		return "", false, ""
	default:
		return "", false, "intake.row.value-unknown"
	}
}

var truth = map[string]bool{
	"true": true, "yes": true, "y": true, "1": true, "是": true, "√": true, "✓": true,
	"false": false, "no": false, "n": false, "0": false, "否": false, "×": false, "✗": false,
}

// env is what the open file and the caller's time say about every value.
type env struct {
	latest   time.Time // the last instant that is not the future; zero: not checked
	decoded  bool      // the text was not UTF-8 in the file
	serials  bool      // a number may be a spreadsheet's date
	date1904 bool      // and counts from 1904
}

// convert makes a text a value of the field's kind.
func (s *spec) convert(text string, e env) (v Value, rule string) {
	switch s.field.Kind {
	case Time:
		v, ok := s.time(text, e)
		if !ok {
			return v, "intake.row.date"
		}
		if s.field.Past && !e.latest.IsZero() && v.Time.After(e.latest) {
			return v, "intake.row.future"
		}
		return v, ""
	case Float, Int:
		number := text
		if s.comma {
			number = strings.Replace(text, ",", ".", 1)
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || (s.field.Kind == Int && n != math.Trunc(n)) {
			return v, "intake.row.number"
		}
		return Value{Text: text, Number: n}, ""
	case Bool:
		b, known := truth[loose(text)]
		if !known {
			return v, "intake.row.bool"
		}
		return Value{Text: strconv.FormatBool(b), Bool: b}, ""
	case Code:
		if len(s.field.Allowed) > 0 && !slices.Contains(s.field.Allowed, text) {
			return v, "intake.row.code-unknown"
		}
		return Value{Text: text}, ""
	default:
		return Value{Text: text}, ""
	}
}

// time tries the formats in their order, then a spreadsheet's serial number.
func (s *spec) time(text string, e env) (Value, bool) {
	for _, f := range s.dates {
		if v, ok := f.parse(text, s.zone); ok {
			return v, true
		}
	}
	if !e.serials {
		return Value{}, false
	}
	return serial(text, s.zone, e.date1904)
}
