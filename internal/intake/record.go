package intake

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// record makes a record of a row's cells, or says which rule it broke first.
func (r *Reader) record(cells []string, line int) (*Record, *Refusal, error) {
	rec := &Record{Line: line, Fields: Fields{}}
	columns := map[string]string{}
	for i := range r.fields {
		s := &r.fields[i]
		v, given, column, raw, rule := s.read(cells, nil, r.env)
		if rule != "" {
			return nil, refusal(line, s.name, column, raw, rule, s.field), nil
		}
		if given {
			rec.Fields[s.name], columns[s.name] = v, column
			if len(rec.Notes) == 0 && strings.ContainsRune(raw, utf8.RuneError) {
				rec.Notes = append(rec.Notes, Note{Field: s.name, Value: shorten(raw), Rule: "intake.note.damaged"})
			}
		}
	}
	if bad := r.place(rec, columns); bad != nil {
		return nil, bad, nil
	}
	for _, l := range r.lists {
		if bad := r.items(rec, l, cells); bad != nil {
			return nil, bad, nil
		}
	}
	if bad := r.order(rec, columns); bad != nil {
		return nil, bad, nil
	}
	key, rule := r.rowKey(rec, cells)
	if rule != "" {
		return nil, &Refusal{Line: line, Column: strings.Join(r.m.key, " + "), Rule: rule}, nil
	}
	rec.RowKey = key
	for _, f := range r.m.Target.Fields {
		if list, name := f.list(); list == "" && f.Expected && !rec.Fields.Has(name) {
			rec.Missing = append(rec.Missing, name)
		}
	}
	if u := r.m.FollowUp; u != nil {
		rec.FollowUp = slices.Contains(u.Is, rec.Fields.Text(u.Field))
	}
	return rec, nil, nil
}

func refusal(line int, field, column, value, rule string, f Field) *Refusal {
	bad := &Refusal{Line: line, Column: column, Field: field, Value: shorten(value), Rule: rule}
	if rule == "intake.row.code-unknown" {
		bad.Args = map[string]string{"allowed": strings.Join(f.Allowed, ", ")}
	}
	return bad
}

// place sets aside coordinates that cannot be: half a pair, 0/0, outside the world or the mapping's box.
// They are looked up from addresses by machines, which find the same street in another state.
func (r *Reader) place(rec *Record, columns map[string]string) *Refusal {
	const lonName, latName = "site.lon", "site.lat"
	lon, hasLon := rec.Fields[lonName]
	lat, hasLat := rec.Fields[latName]
	if !hasLon && !hasLat {
		return nil
	}
	rule, outside := "", "missing"
	switch {
	case hasLon != hasLat, lon.Number == 0 && lat.Number == 0:
		rule = "intake.note.coordinates-half"
	case lon.Number < -180 || lon.Number > 180 || lat.Number < -90 || lat.Number > 90:
		rule = "intake.note.coordinates-outside"
	case r.m.box != nil:
		b := r.m.box
		if lon.Number < b.west || lon.Number > b.east || lat.Number < b.south || lat.Number > b.north {
			rule, outside = "intake.note.coordinates-outside", b.outside
		}
	}
	if rule == "" {
		return nil
	}
	value := lon.Text + " " + lat.Text
	if outside == "refuse" {
		return &Refusal{
			Line: rec.Line, Column: columns[lonName] + " + " + columns[latName], Field: lonName, Value: shorten(value),
			Rule: "intake.row.coordinates",
		}
	}
	delete(rec.Fields, lonName)
	delete(rec.Fields, latName)
	rec.Notes = append(rec.Notes, Note{Field: lonName, Value: shorten(value), Rule: rule})
	return nil
}

// items fills a list of the record.
func (r *Reader) items(rec *Record, l listSpec, cells []string) *Refusal {
	if l.each != nil {
		for _, specs := range l.each {
			if !filled(specs, cells) {
				continue
			}
			if bad := r.item(rec, l.name, specs, cells, nil); bad != nil {
				return bad
			}
		}
		return nil
	}
	cell, rule := r.env.clean(cells[l.at])
	if rule != "" {
		return &Refusal{Line: rec.Line, Column: l.column, Field: l.name, Value: shorten(cell), Rule: rule}
	}
	for _, piece := range pieces(cell, l.split) {
		if slices.ContainsFunc(l.none, func(n string) bool { return loose(n) == loose(piece) }) {
			continue
		}
		groups := map[string]string{"item": piece}
		if l.pattern != nil {
			found := l.pattern.FindStringSubmatch(piece)
			if found == nil && l.unmatched == "refuse" {
				return &Refusal{Line: rec.Line, Column: l.column, Field: l.name, Value: shorten(piece), Rule: "intake.row.item"}
			}
			groups = map[string]string{}
			for i, name := range l.pattern.SubexpNames() {
				if found != nil && name != "" && found[i] != "" {
					groups[name] = strings.TrimSpace(found[i])
				}
			}
			if found == nil {
				groups["code"] = piece
			}
		}
		if bad := r.item(rec, l.name, l.fields, cells, groups); bad != nil {
			return bad
		}
	}
	return nil
}

// filled tells whether a group of columns holds anything.
func filled(specs []spec, cells []string) bool {
	for _, s := range specs {
		for _, at := range s.at {
			if c := strings.TrimSpace(cells[at]); c != "" && !s.none(c) {
				return true
			}
		}
	}
	return false
}

func pieces(cell string, split []string) (out []string) {
	all := []string{cell}
	for _, by := range split {
		var next []string
		for _, p := range all {
			next = append(next, strings.Split(p, by)...)
		}
		all = next
	}
	for _, p := range all {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (r *Reader) item(rec *Record, list string, specs []spec, cells []string, groups map[string]string) *Refusal {
	it := Item{List: list, Fields: Fields{}}
	for i := range specs {
		s := &specs[i]
		v, given, column, raw, rule := s.read(cells, groups, r.env)
		if rule != "" {
			return refusal(rec.Line, s.field.Name, column, raw, rule, s.field)
		}
		if given {
			it.Fields[s.name] = v
		}
	}
	for _, f := range r.m.Target.Fields {
		in, name := f.list()
		if in != list {
			continue
		}
		if v, given := it.Fields[name]; given && f.NotSince != "" {
			if before, known := rec.Fields[f.NotSince]; known && v.Until.Before(before.Time) {
				return &Refusal{Line: rec.Line, Field: f.Name, Value: times(before, v), Rule: "intake.row.end-before-start", Args: map[string]string{"start": f.NotSince}}
			}
		}
		if f.Expected && !it.Fields.Has(name) {
			it.Missing = append(it.Missing, name)
		}
	}
	for _, other := range rec.Items {
		if other.List == list {
			it.Index++
		}
	}
	rec.Items = append(rec.Items, it)
	return nil
}

// order refuses a time that lies before the one it follows.
func (r *Reader) order(rec *Record, columns map[string]string) *Refusal {
	for _, f := range r.m.Target.Fields {
		list, name := f.list()
		if list != "" || f.NotSince == "" {
			continue
		}
		v, given := rec.Fields[name]
		before, known := rec.Fields[f.NotSince]
		if given && known && v.Until.Before(before.Time) {
			return &Refusal{
				Line: rec.Line, Column: columns[name], Field: name, Value: times(before, v),
				Rule: "intake.row.end-before-start", Args: map[string]string{"start": f.NotSince},
			}
		}
	}
	return nil
}

func times(from, to Value) string {
	return from.Time.Format(time.RFC3339) + " > " + to.Time.Format(time.RFC3339)
}

// rowKey joins the key's parts. Fields stand in their canonical form, so that a file saved again with
// another date format or spelling gives the same keys.
func (r *Reader) rowKey(rec *Record, cells []string) (key, rule string) {
	var b strings.Builder
	b.WriteString(r.m.Name)
	said := false
	for _, k := range r.key {
		b.WriteByte(0x1F) // cells hold no such character
		var part string
		switch v := rec.Fields[k.field]; {
		case k.field == "":
			if part, rule = r.env.clean(cells[k.column]); rule != "" {
				return "", rule
			}
		case !v.Time.IsZero():
			part = v.Time.UTC().Format(time.RFC3339) + "/" + string(v.Precision)
		default:
			part = v.Text
		}
		said = said || part != ""
		b.WriteString(part)
	}
	if !said {
		return "", "intake.row.key-empty"
	}
	return b.String(), ""
}
