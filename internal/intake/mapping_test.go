package intake

import (
	"errors"
	"os"
	"strings"
	"testing"
)

const small = `name: small
zone: Asia/Shanghai
key: [id]
fields:
  site.key: {column: site}
  site.name: {column: site}
  visit.at: {column: at, dates: [YYYY-MM-DD HH:mm]}
  visit.ended: {column: end, dates: [YYYY-MM-DD HH:mm]}
  visit.kind: {column: kind, values: {again: follow_up, first: routine}, otherwise: refuse}
  site.lon: {column: lon}
  site.lat: {column: lat}
items:
  finding:
    column: found
    split: ";"
    pattern: '(?P<code>[A-Z]+\d*)(?: (?P<done>yes|no))?'
    fields:
      code: {group: code}
      fixed_on_spot: {group: done}
      text: {column: note}
coordinates: {box: [106, 29, 107, 30]}
follow_up:
  when: {field: visit.kind, is: follow_up}
`

func parse(t testing.TB, text string) Mapping {
	t.Helper()
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMappingMistakesNameLineFieldAndRule(t *testing.T) {
	for name, v := range map[string]struct {
		from, to    string
		line        int
		field, rule string
	}{
		// the line is where the YAML parser noticed
		"no YAML":                 {"zone: Asia/Shanghai", "zone: [", 1, "", "intake.map.syntax"},
		"unknown key":             {"key: [id]", "keys: [id]", 3, "keys", "intake.map.key-unknown"},
		"key twice":               {"key: [id]", "name: x", 3, "name", "intake.map.twice"},
		"no name":                 {"name: small", "name: ''", 1, "name", "intake.map.required"},
		"nothing behind a key":    {"name: small", "name:", 1, "name", "intake.map.required"},
		"no key":                  {"key: [id]\n", "", 1, "key", "intake.map.required"},
		"unknown zone":            {"Asia/Shanghai", "Asia/Nowhere", 2, "zone", "intake.map.zone"},
		"no zone for a date":      {"zone: Asia/Shanghai\n", "", 6, "zone", "intake.map.required"},
		"unknown target":          {"name: small", "name: small\ntarget: moon", 2, "target", "intake.map.value"},
		"unknown field":           {"site.name:", "site.nome:", 6, "fields.site.nome", "intake.map.field-unknown"},
		"item's field in fields":  {"site.name:", "finding[].code:", 6, "fields.finding[].code", "intake.map.field-unknown"},
		"required field left out": {"  site.name: {column: site}\n", "", 5, "fields.site.name", "intake.map.required"},
		"two sources":             {"site.name: {column: site}", "site.name: {column: site, constant: x}", 6, "fields.site.name", "intake.map.one-source"},
		"no source":               {"site.name: {column: site}", "site.name: {trim: x}", 6, "fields.site.name.trim", "intake.map.key-unknown"},
		"empty source":            {"site.name: {column: site}", "site.name: {}", 6, "fields.site.name", "intake.map.one-source"},
		"date without dates":      {"at, dates: [YYYY-MM-DD HH:mm]", "at", 7, "fields.visit.at.dates", "intake.map.required"},
		"date format":             {"{column: at, dates: [YYYY-MM-DD HH:mm]", "{column: at, dates: [yyyy]", 7, "fields.visit.at.dates", "intake.map.date-format"},
		"dates of a text":         {"site.name: {column: site}", "site.name: {column: site, dates: [YYYY-MM-DD]}", 6, "fields.site.name.dates", "intake.map.not-of-kind"},
		"code not of the target":  {"again: follow_up", "again: followup", 9, "fields.visit.kind.values", "intake.map.code-unknown"},
		"otherwise":               {"otherwise: refuse", "otherwise: guess", 9, "fields.visit.kind.otherwise", "intake.map.value"},
		"otherwise alone":         {"values: {again: follow_up, first: routine}, ", "", 9, "fields.visit.kind.otherwise", "intake.map.otherwise-alone"},
		"value twice":             {"first: routine", "AGAIN: routine", 9, "fields.visit.kind.values.AGAIN", "intake.map.twice"},
		"unknown fold":            {"site.key: {column: site}", "site.key: {column: site, fold: f}", 5, "fields.site.key.fold", "intake.map.fold-unknown"},
		"unknown group":           {"{group: done}", "{group: fixed}", 19, "items.finding.fields.fixed_on_spot.group", "intake.map.group-unknown"},
		"pattern":                 {"'(?P<code>", "'(?P<code>(", 16, "items.finding.pattern", "intake.map.pattern"},
		"unknown list":            {"  finding:\n", "  findings:\n", 13, "items.findings", "intake.map.key-unknown"},
		"item without its code":   {"      code: {group: code}\n", "", 18, "items.finding.fields.code", "intake.map.required"},
		"box":                     {"[106, 29, 107, 30]", "[107, 29, 106, 30]", 21, "coordinates.box", "intake.map.box"},
		"follow-up's field":       {"field: visit.kind, is", "field: visit.note, is", 23, "follow_up.when.field", "intake.map.field-unknown"},
		"anchors":                 {"key: [id]", "key: &k [id]", 3, "", "intake.map.alias"},
		"constant with more":      {"site.name: {column: site}", "site.name: {constant: x, values: {x: y}}", 6, "fields.site.name", "intake.map.constant-alone"},
		"constant of wrong kind":  {"site.lon: {column: lon}", "site.lon: {constant: east}", 10, "fields.site.lon.constant", "intake.map.value"},
		"constant not allowed":    {"visit.kind: {column: kind, values: {again: follow_up, first: routine}, otherwise: refuse}", "visit.kind: {constant: weekly}", 9, "fields.visit.kind.constant", "intake.map.value"},
		"header out of range":     {"key: [id]", "source: {header: -1}\nkey: [id]", 3, "source.header", "intake.map.range"},
		"no header, no columns":   {"key: [id]", "source: {header: 0}\nkey: [id]", 3, "source.columns", "intake.map.required"},
		"delimiter":               {"key: [id]", "source: {delimiter: x}\nkey: [id]", 3, "source.delimiter", "intake.map.value"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(small, v.from) {
				t.Fatalf("the mapping has no %q", v.from)
			}
			_, err := Parse([]byte(strings.Replace(small, v.from, v.to, 1)))
			var e MappingError
			if !errors.As(err, &e) || e.Line != v.line || e.Field != v.field || e.Rule != v.rule {
				t.Errorf("got %v, want line %d: %s: %s", err, v.line, v.field, v.rule)
			}
		})
	}
	if _, err := Parse(nil); err == nil {
		t.Error("an empty mapping is taken")
	}
	if _, err := Parse(make([]byte, maxMapping+1)); err == nil {
		t.Error("a mapping without bounds is taken")
	}
}

// A caller may name the codes in force; a table that leads elsewhere is refused before any row is read.
func TestTargetWithCodes(t *testing.T) {
	text, err := os.ReadFile("../../docs/examples/ledger-zh.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(text, Inspections.With("site.region", []string{"500112002", "500112023", "500112011"})); err != nil {
		t.Error(err)
	}
	var e MappingError
	if _, err = Parse(text, Inspections.With("site.region", []string{"500112002"})); !errors.As(err, &e) || e.Rule != "intake.map.code-unknown" {
		t.Errorf("got %v", err)
	}
	if f, _ := Inspections.field("site.region"); len(f.Allowed) != 0 {
		t.Error("With changed the target itself")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range []string{"delaware.yaml", "ledger-zh.yaml"} {
		if b, err := os.ReadFile("../../docs/examples/" + name); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("fields: {visit.at: {column: [x]}}\nitems: {finding: {each: [1]}}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			if !errors.As(err, new(MappingError)) {
				t.Errorf("%T does not say where", err)
			}
			return
		}
		if m.Name == "" || len(m.key) == 0 {
			t.Error("a mapping without name or key is taken")
		}
	})
}
