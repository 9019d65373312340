// Package intake owns the mapping language of imports: how a file of another office (CSV, XLSX) becomes
// records of a target's fields, and which rows are refused by which rule. It refuses to know what a record
// is used for, which codes are in force and which rows were taken before: the caller says so, counts,
// and keeps keys. docs/import.md explains the language to people who never saw this code.
package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Precision (精度) says how exactly a time is known.
type Precision string

// The precisions a date format can have.
const (
	ToDay    Precision = "day"
	ToHour   Precision = "hour"
	ToMinute Precision = "minute"
	ToSecond Precision = "second"
)

// Value is what a record has for a field. Text always holds the canonical words; for a time it is empty.
type Value struct {
	Text      string
	Time      time.Time // the first instant of what was reported
	Until     time.Time // the last: of a day or hour its last microsecond, else Time
	Precision Precision
	Number    float64
	Bool      bool
}

// Fields of a record or item by name, without the list's prefix; a field that is not given is absent.
type Fields map[string]Value

// Text gives the words of a field, empty if it is not given.
func (f Fields) Text(name string) string { return f[name].Text }

// Has tells whether a field is given.
func (f Fields) Has(name string) bool { _, ok := f[name]; return ok }

// Item is one of several things in one row, such as a finding among the findings of an inspection.
type Item struct {
	List    string // the target's list, such as finding
	Index   int    // from 0, stable within its row
	Fields  Fields
	Missing []string // expected by the target and not given
}

// Record is a row that was understood.
type Record struct {
	Line     int    // where the row begins in the file; the first line is 1
	RowKey   string // the same for the same row of the same mapping, whenever it is read
	Fields   Fields
	Items    []Item
	Missing  []string // expected by the target and not given
	Notes    []Note   // taken, but something in it was set aside
	FollowUp bool     // the mapping's follow_up.when holds
}

// Note says that a value was set aside although the row was taken.
type Note struct{ Field, Value, Rule string }

// Refusal is a row that was not taken, with the one rule it broke first.
type Refusal struct {
	Line   int
	Column string // as the file names it; empty if the whole row is meant
	Field  string // of the target; empty if none is meant
	Value  string // what stood there, shortened
	Rule   string // stable code intake.row.…
	Args   map[string]string
}

// MappingError is a mistake in a mapping: where, which field, which rule.
type MappingError struct {
	Line  int    // in the mapping; 0 if the text as a whole is meant
	Field string // path, such as fields.visit.at.dates
	Rule  string // stable code intake.map.…
	Args  map[string]string
}

func (e MappingError) Error() string { return say(e.Line, e.Field, e.Rule, e.Args) }

// FileError is a file that cannot be read with this mapping at all: where and which rule.
type FileError struct {
	Line   int
	Column string // a column's name or a cell such as F2
	Rule   string // stable code intake.file.…
	Args   map[string]string
	Cause  error
}

func (e FileError) Error() string {
	s := say(e.Line, e.Column, e.Rule, e.Args)
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives what the file system or a format's library said.
func (e FileError) Unwrap() error { return e.Cause }

func say(line int, where, rule string, args map[string]string) string {
	var b strings.Builder
	if line > 0 {
		fmt.Fprintf(&b, "line %d: ", line)
	}
	if where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(rule)
	for _, k := range slices.Sorted(maps.Keys(args)) {
		fmt.Fprintf(&b, " %s=%q", k, args[k])
	}
	return b.String()
}

// shorten keeps refusals readable and reports small.
func shorten(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
