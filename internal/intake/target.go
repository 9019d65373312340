package intake

import (
	"slices"
	"strings"
)

// Kind of a field's value.
type Kind string

// The kinds of fields.
const (
	Text  Kind = "text"
	Time  Kind = "time"
	Float Kind = "float"
	Bool  Kind = "bool"
	Code  Kind = "code" // one of Allowed, or any code if that is empty
	Int   Kind = "int"
)

// Field of a target. A name such as finding[].code belongs to the list finding: a row has any number.
type Field struct {
	Name     string
	Kind     Kind
	Required bool
	Expected bool     // counted as missing when it is not given
	Past     bool     // a time that cannot lie in the future
	NotSince string   // name of a time of the same record that this one must not precede
	Allowed  []string // codes; empty: any
}

// list splits finding[].code into finding, code; a field of the row itself has no list.
func (f Field) list() (list, name string) {
	if l, n, in := strings.Cut(f.Name, "[]."); in {
		return l, n
	}
	return "", f.Name
}

// Target (导入目标) is what rows become.
type Target struct {
	Name   string
	Fields []Field
}

// With gives the target with the codes that a field allows, for lists that only the caller knows.
func (t Target) With(field string, allowed []string) Target {
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		if t.Fields[i].Name == field {
			t.Fields[i].Allowed = allowed
		}
	}
	return t
}

func (t Target) field(name string) (Field, bool) {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return t.Fields[i], true
}

// lists names the target's lists in their order.
func (t Target) lists() (out []string) {
	for _, f := range t.Fields {
		if l, _ := f.list(); l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// Inspections is the target of ledgers of inspections: a row is a visit with any number of findings. Rows
// with the same visit.key are one visit; a row without one is a visit of its own.
var Inspections = Target{Name: "inspections", Fields: []Field{
	{Name: "site.key", Kind: Text, Required: true},
	{Name: "site.name", Kind: Text, Required: true},
	{Name: "site.address", Kind: Text},
	{Name: "site.type", Kind: Code},
	{Name: "site.region", Kind: Code, Expected: true},
	{Name: "site.region_name", Kind: Text},
	{Name: "site.lon", Kind: Float, Expected: true},
	{Name: "site.lat", Kind: Float, Expected: true},
	{Name: "visit.key", Kind: Text},
	{Name: "visit.at", Kind: Time, Required: true, Past: true},
	{Name: "visit.ended", Kind: Time, Past: true, NotSince: "visit.at"},
	{Name: "visit.kind", Kind: Code, Allowed: []string{"routine", "follow_up", "complaint", "other"}},
	{Name: "visit.inspector", Kind: Text, Expected: true},
	{Name: "visit.note", Kind: Text},
	{Name: "finding[].code", Kind: Code, Required: true},
	{Name: "finding[].text", Kind: Text},
	{Name: "finding[].place", Kind: Text},
	{Name: "finding[].severity", Kind: Code, Expected: true, Allowed: []string{"minor", "moderate", "major", "urgent"}},
	{Name: "finding[].fixed_on_spot", Kind: Bool, Expected: true},
	{Name: "finding[].owner", Kind: Text, Expected: true}, // the unit that must act, never a person
	{Name: "finding[].due", Kind: Time, Expected: true, NotSince: "visit.at"},
	{Name: "finding[].verifier", Kind: Text, Expected: true},
}}

// Premises is the target of lists of sites, such as a department's for its self-check: a row is a site.
var Premises = Target{Name: "premises", Fields: []Field{
	{Name: "site.name", Kind: Text, Required: true},
	{Name: "site.region", Kind: Text, Required: true},
	{Name: "site.type", Kind: Text},
	{Name: "site.address", Kind: Text},
}}

// People is the target of lists of people with their posts: a row is a person in a unit.
var People = Target{Name: "people", Fields: []Field{
	{Name: "person.name", Kind: Text, Required: true},
	{Name: "person.unit", Kind: Text, Required: true},
	{Name: "person.role", Kind: Text, Required: true},
	{Name: "person.title", Kind: Text},
	{Name: "person.phone", Kind: Text},
	{Name: "person.login", Kind: Text},
}}
