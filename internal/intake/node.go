package intake

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// decoder walks the mapping's nodes itself, because every mistake must name its line and its field. It
// keeps the first mistake; after it, all reads give zero values.
type decoder struct{ err error }

func (d *decoder) fail(n *yaml.Node, field, rule string, args ...string) {
	if d.err != nil {
		return
	}
	e := MappingError{Field: field, Rule: rule}
	if n != nil {
		e.Line = n.Line
	}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]string{}
		}
		e.Args[args[i]] = args[i+1]
	}
	d.err = e
}

// object is a YAML mapping with its keys in order.
type object struct {
	node *yaml.Node
	path string
	keys []string
	at   map[string]*yaml.Node
}

func (o object) has(key string) bool { return o.at[key] != nil }

func (o object) in(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// object reads a mapping whose keys are among known; no known: any keys.
func (d *decoder) object(n *yaml.Node, path string, known ...string) object {
	o := object{node: n, path: path, at: map[string]*yaml.Node{}}
	if n == nil || n.Kind != yaml.MappingNode {
		d.fail(n, path, "intake.map.type", "want", "keys and values")
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			d.fail(k, path, "intake.map.type", "want", "a plain key")
			return o
		}
		if len(known) > 0 && !slices.Contains(known, k.Value) {
			d.fail(k, o.in(k.Value), "intake.map.key-unknown")
		}
		if o.has(k.Value) {
			d.fail(k, o.in(k.Value), "intake.map.twice")
		}
		o.keys, o.at[k.Value] = append(o.keys, k.Value), v
	}
	return o
}

// text reads a scalar of a key; empty if the key is absent. A key with nothing behind it is a mistake.
func (d *decoder) text(o object, key string) string {
	n := o.at[key]
	if n == nil {
		return ""
	}
	return d.scalar(n, o.in(key))
}

func (d *decoder) scalar(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, path, "intake.map.type", "want", "text")
		return ""
	}
	if n.Tag == "!!null" && n.Value == "" {
		d.fail(n, path, "intake.map.required")
	}
	return n.Value
}

// texts reads one text or a list of texts.
func (d *decoder) texts(o object, key string) []string {
	n := o.at[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []string{d.scalar(n, o.in(key))}
	}
	var out []string
	for _, c := range n.Content {
		out = append(out, d.scalar(c, o.in(key)))
	}
	return out
}

// choice reads a text that must be one of some; the first is the default.
func (d *decoder) choice(o object, key string, some ...string) string {
	s := d.text(o, key)
	if !o.has(key) {
		return some[0]
	}
	if !slices.Contains(some, s) {
		d.fail(o.at[key], o.in(key), "intake.map.value", "value", shorten(s))
	}
	return s
}

func (d *decoder) boolean(o object, key string, absent bool) bool {
	switch s := d.text(o, key); {
	case !o.has(key):
		return absent
	case s == "true":
		return true
	case s == "false":
		return false
	default:
		d.fail(o.at[key], o.in(key), "intake.map.type", "want", "true or false")
		return false
	}
}

func (d *decoder) integer(o object, key string, absent, least, most int) int {
	if !o.has(key) {
		return absent
	}
	n, err := strconv.Atoi(d.text(o, key))
	if err != nil || n < least || n > most {
		d.fail(o.at[key], o.in(key), "intake.map.range", "least", strconv.Itoa(least), "most", strconv.Itoa(most))
	}
	return n
}

// table reads text → text.
func (d *decoder) table(o object, key string) (keys []string, to map[string]string) {
	to = map[string]string{}
	if !o.has(key) {
		return nil, to
	}
	t := d.object(o.at[key], o.in(key))
	for _, k := range t.keys {
		n := t.at[k]
		if n.Kind != yaml.ScalarNode {
			d.fail(n, t.in(k), "intake.map.type", "want", "text")
			continue
		}
		to[k] = n.Value
	}
	return t.keys, to
}
