package intake

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Mapping (导入映射) is a parsed mapping; use Parse.
type Mapping struct {
	Name     string // part of every row key: keys of two mappings never meet
	About    string
	Target   Target
	FollowUp *FollowUp // nil: rows follow up nothing

	zone    *time.Location
	source  source
	key     []string
	fields  []spec
	lists   []listSpec
	missing []string
	box     *box
}

// FollowUp (复查) says what a row that follows up earlier ones does to what is open at the same site. The
// caller carries it out.
type FollowUp struct {
	Field    string   // of the record
	Is       []string // values of it that make the row a follow-up
	Verifies string   // open_at_same_site
	Fails    string   // same_code: what is found again fails and stays one finding; any: any finding fails all; never
}

type source struct {
	format    string // auto, csv, xlsx
	encoding  string // auto, utf-8, gb18030, utf-16
	delimiter byte   // 0: auto
	sheet     string // empty: the first
	header    int    // line of the column names; 0: none, columns names them
	columns   []string
}

// spec is where a field's value comes from and what is done to it.
type spec struct {
	field     Field
	name      string // without the list
	line      int
	columns   []string
	with      string
	constant  *string
	group     string // of the list's pattern
	missing   []string
	extract   *regexp.Regexp
	replace   []replacement
	values    map[string]string // loose → canonical; nil: no table
	otherwise string            // refuse, keep, missing, constant
	other     string
	dates     []format
	zone      *time.Location
	comma     bool // decimal comma
	fold      *fold
	required  bool

	at []int // indexes of columns, set when a file is open
}

type replacement struct {
	pattern *regexp.Regexp
	with    string
}

// listSpec is how one list of the target is filled: from one cell, or from groups of columns.
type listSpec struct {
	name      string
	column    string
	split     []string
	none      []string
	pattern   *regexp.Regexp
	unmatched string // refuse, keep: the whole piece is the group code
	fields    []spec
	each      [][]spec

	at int
}

type box struct {
	west, south, east, north float64
	outside                  string // missing, refuse
}

// maxMapping bounds a mapping's text; the longest alias tables are far below.
const maxMapping = 1 << 20

// Parse reads a mapping for one of the targets (none: Inspections). A mistake is a MappingError with
// line, field and rule. Nothing in a mapping is ever run or fetched.
func Parse(text []byte, targets ...Target) (Mapping, error) {
	if len(targets) == 0 {
		targets = []Target{Inspections}
	}
	if len(text) > maxMapping {
		return Mapping{}, MappingError{Rule: "intake.map.too-big"}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return Mapping{}, MappingError{Line: yamlLine(err), Rule: "intake.map.syntax", Args: map[string]string{"error": shorten(err.Error())}}
	}
	d := &decoder{}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return Mapping{}, MappingError{Rule: "intake.map.empty"}
	}
	m := d.mapping(doc.Content[0], targets)
	if d.err != nil {
		return Mapping{}, d.err
	}
	return m, nil
}

var yamlLineNo = regexp.MustCompile(`line (\d+)`)

func yamlLine(err error) int {
	if found := yamlLineNo.FindStringSubmatch(err.Error()); found != nil {
		n, _ := strconv.Atoi(found[1])
		return n
	}
	return 0
}

func (d *decoder) mapping(n *yaml.Node, targets []Target) (m Mapping) {
	d.noAliases(n)
	if d.err != nil {
		return m
	}
	o := d.object(n, "", "name", "about", "target", "source", "zone", "key", "missing", "fields", "items", "folds", "coordinates", "follow_up")
	m.Name, m.About = d.required(o, "name"), d.text(o, "about")
	names := make([]string, 0, len(targets))
	for _, t := range targets {
		names = append(names, t.Name)
	}
	m.Target = targets[max(slices.Index(names, d.choice(o, "target", names...)), 0)]
	m.zone = d.location(o, "zone")
	m.source = d.source(o)
	m.missing = d.texts(o, "missing")
	folds := d.folds(o)
	if !o.has("fields") {
		d.fail(n, "fields", "intake.map.required")
		return m
	}
	fields := d.object(o.at["fields"], "fields")
	for _, name := range fields.keys {
		f, known := m.Target.field(name)
		if list, _ := f.list(); !known || list != "" {
			d.fail(fields.at[name], fields.in(name), "intake.map.field-unknown")
			return m
		}
		m.fields = append(m.fields, d.spec(fields, name, f, &m, folds, nil))
	}
	m.lists = d.lists(o, &m, folds)
	d.complete(o, &m)
	m.key = d.texts(o, "key")
	if len(m.key) == 0 {
		d.fail(n, "key", "intake.map.required")
	}
	m.box = d.box(o, &m)
	m.FollowUp = d.followUp(o, &m)
	return m
}

// noAliases refuses YAML anchors: a mapping says each thing where it stands, and cannot grow on reading.
func (d *decoder) noAliases(n *yaml.Node) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.fail(n, "", "intake.map.alias")
	}
	for _, c := range n.Content {
		d.noAliases(c)
	}
}

func (d *decoder) required(o object, key string) string {
	s := strings.TrimSpace(d.text(o, key))
	if s == "" {
		d.fail(o.node, o.in(key), "intake.map.required")
	}
	return s
}

// location reads a zone; nil if the key is absent.
func (d *decoder) location(o object, key string) *time.Location {
	if !o.has(key) {
		return nil
	}
	name := d.text(o, key)
	l, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		d.fail(o.at[key], o.in(key), "intake.map.zone", "value", shorten(name))
		return nil
	}
	return l
}

func (d *decoder) source(o object) source {
	s := source{format: "auto", encoding: "auto", header: 1}
	if !o.has("source") {
		return s
	}
	so := d.object(o.at["source"], "source", "format", "encoding", "delimiter", "sheet", "header", "columns")
	s.format = d.choice(so, "format", "auto", "csv", "xlsx")
	s.encoding = d.choice(so, "encoding", "auto", "utf-8", "gb18030", "utf-16")
	switch by := d.choice(so, "delimiter", "auto", ",", ";", "|", "tab"); by {
	case "auto":
	case "tab":
		s.delimiter = '\t'
	default:
		if d.err == nil {
			s.delimiter = by[0]
		}
	}
	s.sheet = d.text(so, "sheet")
	s.header = d.integer(so, "header", 1, 0, 1000)
	s.columns = d.texts(so, "columns")
	if s.header == 0 && len(s.columns) == 0 {
		d.fail(so.node, so.in("columns"), "intake.map.required")
	}
	for i, c := range s.columns {
		if slices.Contains(s.columns[:i], c) {
			d.fail(so.at["columns"], so.in("columns"), "intake.map.twice", "value", shorten(c))
		}
	}
	return s
}

func (d *decoder) folds(o object) map[string]*fold {
	out := map[string]*fold{}
	if !o.has("folds") {
		return out
	}
	all := d.object(o.at["folds"], "folds")
	for _, name := range all.keys {
		fo := d.object(all.at[name], all.in(name), "case", "width", "punctuation", "spaces", "drop", "words", "aliases")
		f := &fold{
			keepCase: !d.boolean(fo, "case", true), keepWidth: !d.boolean(fo, "width", true),
			keepPunct: !d.boolean(fo, "punctuation", true), spaces: d.choice(fo, "spaces", "one", "none", "keep"),
		}
		for _, p := range d.texts(fo, "drop") {
			f.drop = append(f.drop, d.pattern(fo, "drop", p))
		}
		if d.err != nil {
			return out
		}
		keys, words := d.table(fo, "words")
		f.words = map[string]string{}
		for _, k := range keys {
			f.words[f.plain(k)] = f.plain(words[k])
		}
		f.aliases = map[string]string{}
		d.aliases(fo, f)
		out[name] = f
	}
	return out
}

// aliases reads canonical name → other names.
func (d *decoder) aliases(fo object, f *fold) {
	if !fo.has("aliases") {
		return
	}
	ao := d.object(fo.at["aliases"], fo.in("aliases"))
	found := map[string]string{}
	for _, canonical := range ao.keys {
		for _, other := range d.texts(ao, canonical) {
			k := f.key(other)
			if was, twice := found[k]; twice && was != f.key(canonical) {
				d.fail(ao.at[canonical], ao.in(canonical), "intake.map.twice", "value", shorten(other))
			}
			found[k] = f.key(canonical)
		}
	}
	f.aliases = found
}

func (d *decoder) pattern(o object, key, p string) *regexp.Regexp {
	re, err := regexp.Compile(p)
	if err != nil {
		d.fail(o.at[key], o.in(key), "intake.map.pattern", "value", shorten(p))
		return regexp.MustCompile(`\z\A.`)
	}
	return re
}

// spec reads where a field comes from. groups are the names a list's pattern offers.
func (d *decoder) spec(parent object, key string, f Field, m *Mapping, folds map[string]*fold, groups []string) spec {
	_, name := f.list()
	path := parent.in(key)
	s := spec{field: f, name: name, line: parent.at[key].Line, missing: m.missing, otherwise: "refuse", zone: m.zone}
	o := d.object(parent.at[key], path, "column", "join", "with", "constant", "group", "missing", "extract", "replace",
		"values", "otherwise", "dates", "zone", "decimal", "fold", "required")
	if d.err != nil {
		return s
	}
	sources := 0
	for _, from := range []string{"column", "join", "constant", "group"} {
		if o.has(from) {
			sources++
		}
	}
	if sources != 1 {
		d.fail(o.node, path, "intake.map.one-source")
		return s
	}
	switch {
	case o.has("constant"):
		c := d.text(o, "constant")
		s.constant = &c
		if len(o.keys) > 1 && !slices.Equal(slices.Sorted(slices.Values(o.keys)), []string{"constant", "dates"}) {
			d.fail(o.node, path, "intake.map.constant-alone")
		}
	case o.has("group"):
		s.group = d.text(o, "group")
		if !slices.Contains(groups, s.group) {
			d.fail(o.at["group"], o.in("group"), "intake.map.group-unknown", "value", shorten(s.group))
		}
	case o.has("column"):
		s.columns = []string{d.required(o, "column")}
	default:
		s.columns = d.texts(o, "join")
		if len(s.columns) == 0 {
			d.fail(o.at["join"], o.in("join"), "intake.map.required")
		}
	}
	s.with = " "
	if o.has("with") {
		s.with = d.text(o, "with")
	}
	if o.has("missing") {
		s.missing = append(slices.Clone(m.missing), d.texts(o, "missing")...)
	}
	if o.has("extract") {
		s.extract = d.pattern(o, "extract", d.text(o, "extract"))
	}
	s.replace = d.replacements(o)
	d.values(o, &s)
	if z := d.location(o, "zone"); z != nil {
		s.zone = z
	}
	s.comma = d.choice(o, "decimal", "point", "comma") == "comma"
	s.required = d.boolean(o, "required", false) || f.Required
	if o.has("fold") {
		if s.fold = folds[d.text(o, "fold")]; s.fold == nil {
			d.fail(o.at["fold"], o.in("fold"), "intake.map.fold-unknown")
		}
	}
	d.dates(o, &s, m)
	if s.constant != nil && d.err == nil {
		if _, bad := s.convert(*s.constant, env{}); bad != "" {
			d.fail(o.at["constant"], o.in("constant"), "intake.map.value", "value", shorten(*s.constant))
		}
	}
	return s
}

func (d *decoder) replacements(o object) (out []replacement) {
	keys, to := d.table(o, "replace")
	for _, k := range keys {
		out = append(out, replacement{d.pattern(o, "replace", k), to[k]})
	}
	return out
}

// values reads a value table; what it leads to must be something the field can hold.
func (d *decoder) values(o object, s *spec) {
	check := func(key, v string) {
		if s.field.Kind == Code && len(s.field.Allowed) > 0 && !slices.Contains(s.field.Allowed, v) {
			d.fail(o.at[key], o.in(key), "intake.map.code-unknown", "value", shorten(v), "allowed", strings.Join(s.field.Allowed, ", "))
		}
		if s.field.Kind == Bool && v != "true" && v != "false" {
			d.fail(o.at[key], o.in(key), "intake.map.type", "want", "true or false")
		}
	}
	if o.has("values") {
		keys, to := d.table(o, "values")
		s.values = map[string]string{}
		for _, k := range keys {
			if was, twice := s.values[loose(k)]; twice && was != to[k] {
				d.fail(o.at["values"], o.in("values."+k), "intake.map.twice")
			}
			if to[k] == "" {
				d.fail(o.at["values"], o.in("values."+k), "intake.map.required")
			}
			check("values", to[k])
			s.values[loose(k)] = to[k]
		}
	}
	n := o.at["otherwise"]
	switch {
	case n == nil:
	case s.values == nil:
		d.fail(n, o.in("otherwise"), "intake.map.otherwise-alone")
	case n.Kind == yaml.MappingNode:
		c := d.object(n, o.in("otherwise"), "constant")
		s.otherwise, s.other = "constant", d.required(c, "constant")
		check("otherwise", s.other)
	default:
		s.otherwise = d.choice(o, "otherwise", "refuse", "keep", "missing")
	}
}

func (d *decoder) dates(o object, s *spec, m *Mapping) {
	for _, text := range d.texts(o, "dates") {
		f, ok := compileFormat(text)
		if !ok {
			d.fail(o.at["dates"], o.in("dates"), "intake.map.date-format", "value", shorten(text))
		}
		if s.zone == nil && !f.has("Z") {
			d.fail(o.node, "zone", "intake.map.required")
		}
		s.dates = append(s.dates, f)
	}
	switch {
	case s.field.Kind != Time && o.has("dates"):
		d.fail(o.at["dates"], o.in("dates"), "intake.map.not-of-kind")
	case s.field.Kind == Time && len(s.dates) == 0 && m.source.format != "xlsx":
		d.fail(o.node, o.in("dates"), "intake.map.required")
	case s.field.Kind == Time && s.zone == nil:
		d.fail(o.node, "zone", "intake.map.required")
	}
}

func (d *decoder) lists(o object, m *Mapping, folds map[string]*fold) (out []listSpec) {
	if !o.has("items") {
		return nil
	}
	io := d.object(o.at["items"], "items", m.Target.lists()...)
	for _, name := range io.keys {
		lo := d.object(io.at[name], io.in(name), "column", "split", "none", "pattern", "unmatched", "fields", "each")
		l := listSpec{name: name, at: -1}
		if lo.has("each") == lo.has("fields") {
			d.fail(lo.node, lo.path, "intake.map.fields-or-each")
		}
		if d.err != nil {
			return out
		}
		if lo.has("each") {
			for _, key := range []string{"column", "split", "none", "pattern", "unmatched"} {
				if lo.has(key) {
					d.fail(lo.at[key], lo.in(key), "intake.map.not-with-each")
				}
			}
			n := lo.at["each"]
			if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
				d.fail(n, lo.in("each"), "intake.map.type", "want", "a list")
			}
			for i, c := range n.Content {
				l.each = append(l.each, d.group(c, lo.in("each")+"["+strconv.Itoa(i)+"]", name, m, folds, nil))
			}
		} else {
			l.column, l.split, l.none = d.required(lo, "column"), d.texts(lo, "split"), d.texts(lo, "none")
			l.unmatched = d.choice(lo, "unmatched", "refuse", "keep")
			var groups []string
			if lo.has("pattern") {
				// anchored: an item is understood whole or not at all
				l.pattern = d.pattern(lo, "pattern", "^(?:"+d.text(lo, "pattern")+")$")
				groups = slices.DeleteFunc(slices.Clone(l.pattern.SubexpNames()), func(s string) bool { return s == "" })
			} else {
				groups = []string{"item"}
			}
			if slices.Contains(l.split, "") {
				d.fail(lo.at["split"], lo.in("split"), "intake.map.required")
			}
			l.fields = d.group(lo.at["fields"], lo.in("fields"), name, m, folds, groups)
			for i := range l.fields {
				if l.fields[i].group != "" {
					l.fields[i].columns = []string{l.column} // what a refusal names
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// group reads the fields of one item.
func (d *decoder) group(n *yaml.Node, path, list string, m *Mapping, folds map[string]*fold, groups []string) (out []spec) {
	o := d.object(n, path)
	for _, name := range o.keys {
		f, known := m.Target.field(list + "[]." + name)
		if !known {
			d.fail(o.at[name], o.in(name), "intake.map.field-unknown")
			return out
		}
		out = append(out, d.spec(o, name, f, m, folds, groups))
	}
	for _, f := range m.Target.Fields {
		l, name := f.list()
		if l == list && f.Required && !slices.ContainsFunc(out, func(s spec) bool { return s.name == name }) {
			d.fail(n, o.in(name), "intake.map.required")
		}
	}
	return out
}

// complete refuses a mapping that leaves out what the target cannot do without.
func (d *decoder) complete(o object, m *Mapping) {
	for _, f := range m.Target.Fields {
		l, name := f.list()
		if l == "" && f.Required && !slices.ContainsFunc(m.fields, func(s spec) bool { return s.name == name }) {
			d.fail(o.at["fields"], "fields."+name, "intake.map.required")
		}
	}
}

func (d *decoder) box(o object, m *Mapping) *box {
	if !o.has("coordinates") {
		return nil
	}
	co := d.object(o.at["coordinates"], "coordinates", "box", "outside")
	b := &box{outside: d.choice(co, "outside", "missing", "refuse")}
	edges := d.texts(co, "box")
	if len(edges) != 4 {
		d.fail(co.node, co.in("box"), "intake.map.box")
		return b
	}
	for i, into := range []*float64{&b.west, &b.south, &b.east, &b.north} {
		v, err := strconv.ParseFloat(edges[i], 64)
		if err != nil || math.IsNaN(v) {
			d.fail(co.node, co.in("box"), "intake.map.box")
		}
		*into = v
	}
	if b.west >= b.east || b.south >= b.north || b.west < -180 || b.east > 180 || b.south < -90 || b.north > 90 {
		d.fail(co.node, co.in("box"), "intake.map.box")
	}
	return b
}

func (d *decoder) followUp(o object, m *Mapping) *FollowUp {
	if !o.has("follow_up") {
		return nil
	}
	fo := d.object(o.at["follow_up"], "follow_up", "when", "verifies", "fails")
	if !fo.has("when") {
		d.fail(fo.node, fo.in("when"), "intake.map.required")
		return nil
	}
	w := d.object(fo.at["when"], fo.in("when"), "field", "is")
	f := &FollowUp{
		Field: d.required(w, "field"), Is: d.texts(w, "is"),
		Verifies: d.choice(fo, "verifies", "open_at_same_site"), Fails: d.choice(fo, "fails", "same_code", "any", "never"),
	}
	if !slices.ContainsFunc(m.fields, func(s spec) bool { return s.name == f.Field }) {
		d.fail(w.at["field"], w.in("field"), "intake.map.field-unknown")
	}
	if len(f.Is) == 0 {
		d.fail(w.node, w.in("is"), "intake.map.required")
	}
	return f
}
