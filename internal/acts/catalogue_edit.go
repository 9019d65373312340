package acts

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
)

// MinLinkItems is the fewest check items of a key link (R146-R149).
const MinLinkItems = 6

// maxPart keeps an entry of a catalogue under the limit of entries, its header included.
const maxPart = 40_000

// maxWeight bounds how much more often one type of site is drawn than another.
const maxWeight = 9

// OwnCatalogue is the newest version of the office's own catalogue, as it is edited.
type OwnCatalogue struct {
	Version int
	Lists   map[string][]Listed
}

// CatalogueChange is one item in which a catalogue differs from the version before.
type CatalogueChange struct {
	List   string
	Code   string
	Change string // added, changed, retired, restored
	Before *Listed
	After  Listed
}

// OwnCatalogue reads the office's own lists, without those that incidents brought.
func (a *Acts) OwnCatalogue(tx *storage.Tx, tenant string) (OwnCatalogue, error) {
	c := OwnCatalogue{Lists: map[string][]Listed{"risks": {}}} // a list younger than the first catalogues
	codes, versions, err := plan.Catalogues(tx, tenant)
	if err != nil {
		return c, err
	}
	i := slices.Index(codes, CatalogueCode)
	if i < 0 {
		return c, ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	c.Version = versions[i]
	parts, err := plan.Catalogue(tx, tenant, CatalogueCode, c.Version)
	if err != nil {
		return c, err
	}
	for _, p := range parts {
		var lists map[string][]Listed
		if err := json.Unmarshal(p, &lists); err != nil {
			return c, err
		}
		for name, items := range lists {
			c.Lists[name] = append(c.Lists[name], items...)
		}
	}
	return c, nil
}

// PreviewCatalogue says what a new version would change; what it may not be is refused as at publication.
func (a *Acts) PreviewCatalogue(tx *storage.Tx, actor access.Actor, lists map[string][]Listed) ([]CatalogueChange, error) {
	if r := actor.Can("rules"); r != nil {
		return nil, r
	}
	before, err := a.OwnCatalogue(tx, actor.Tenant)
	if err != nil {
		return nil, err
	}
	_, changes, refusal := before.edit(lists)
	return changes, orRefusal(nil, refusal)
}

// PublishCatalogue publishes the next version of the office's own catalogue. Lists that are left out stay as
// they are. It gives the version.
func (a *Acts) PublishCatalogue(ctx context.Context, c Caller, seen int, lists map[string][]Listed) (version int, err error) {
	return version, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("rules"); r != nil {
			return r
		}
		before, err := a.OwnCatalogue(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		if r := (ledger.Act{Seen: seen}).Stale(before.Version); r != nil {
			return r
		}
		after, changes, refusal := before.edit(lists)
		if refusal != nil {
			return refusal
		}
		if len(changes) == 0 {
			return ledger.Refuse("catalogue.unchanged", "lists")
		}
		parts, err := splitLists(after)
		if err != nil {
			return err
		}
		version = before.Version + 1
		return publishCatalogue(tx, CatalogueCode, version, parts)
	})
}

// codeForm is what a code of a list looks like.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

// refersTo names the list that a field of an item of a list names a code of.
var refersTo = []struct {
	list, field string
	of          func(Listed) string
}{
	{"themes", "theme", func(l Listed) string { return l.Theme }},
	{"areas", "area", func(l Listed) string { return l.Area }},
	{"responsibilities", "responsibility", func(l Listed) string { return l.Responsibility }},
	{"site_types", "site_type", func(l Listed) string { return l.SiteType }},
	{"clauses", "clause", func(l Listed) string { return l.Clause }},
	{"key_links", "link", func(l Listed) string { return l.Link }},
	{"focus", "aspect", func(l Listed) string { return l.Aspect }},
}

// edit puts lists in the place of those that there are. Nothing is ever dropped, since what was written keeps
// its codes: an item is retired.
func (c OwnCatalogue) edit(lists map[string][]Listed) (map[string][]Listed, []CatalogueChange, *ledger.Refusal) {
	after := maps.Clone(c.Lists)
	var changes []CatalogueChange
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if _, known := c.Lists[name]; !known {
			return nil, nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "lists", "field", "lists")
		}
		items := slices.Clone(lists[name])
		for i := range items {
			if r := tidy(&items[i], items[:i], "lists."+name+"["+strconv.Itoa(i)+"]."); r != nil {
				return nil, nil, r
			}
		}
		for _, old := range c.Lists[name] {
			if !slices.ContainsFunc(items, func(l Listed) bool { return l.Code == old.Code }) {
				return nil, nil, ledger.Refuse("catalogue.dropped", "lists."+name, "code", old.Code)
			}
		}
		changes = append(changes, differences(name, c.Lists[name], items)...)
		after[name] = items
	}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		for i, l := range after[name] {
			for _, ref := range refersTo {
				code := ref.of(l)
				if code != "" && !slices.ContainsFunc(after[ref.list], func(x Listed) bool { return x.Code == code }) {
					return nil, nil, ledger.RefuseAs(ledger.Invalid, "catalogue.unknown-reference", fmt.Sprintf("lists.%s[%d].%s", name, i, ref.field), "code", code)
				}
			}
		}
	}
	for i, link := range after["key_links"] {
		n := 0
		for _, item := range after["link_items"] {
			if item.Link == link.Code && !item.Retired {
				n++
			}
		}
		if !link.Retired && n < MinLinkItems {
			return nil, nil, ledger.RefuseAs(ledger.Invalid, "catalogue.link-needs-items", fmt.Sprintf("lists.key_links[%d]", i),
				"code", link.Code, "min", strconv.Itoa(MinLinkItems), "count", strconv.Itoa(n))
		}
	}
	return after, changes, nil
}

// tidy refuses an item without a code of its own and words in both languages.
func tidy(l *Listed, before []Listed, field string) *ledger.Refusal {
	if !codeForm.MatchString(l.Code) {
		return ledger.RefuseAs(ledger.Invalid, "input.format", field+"code")
	}
	if slices.ContainsFunc(before, func(x Listed) bool { return x.Code == l.Code }) {
		return ledger.RefuseAs(ledger.Invalid, "plan.item-twice", field+"code", "code", l.Code)
	}
	for _, w := range []struct {
		name     string
		text     *string
		required bool
	}{{"zh", &l.Zh, true}, {"en", &l.En, true}, {"text_zh", &l.TextZh, false}, {"text_en", &l.TextEn, false}} {
		clean, r := cleanText(field+w.name, *w.text, w.required)
		if r != nil {
			return r
		}
		*w.text = clean
	}
	if l.Weight < 0 || l.Weight > maxWeight {
		return ledger.RefuseAs(ledger.Invalid, "catalogue.weight", field+"weight", "max", strconv.Itoa(maxWeight))
	}
	l.Pack, l.edition = "", ""
	return nil
}

// differences of a list, in its order.
func differences(name string, before, after []Listed) []CatalogueChange {
	var out []CatalogueChange
	for _, l := range after {
		i := slices.IndexFunc(before, func(x Listed) bool { return x.Code == l.Code })
		if i < 0 {
			out = append(out, CatalogueChange{List: name, Code: l.Code, Change: "added", After: l})
			continue
		}
		old := before[i]
		x, _ := json.Marshal(old)
		y, _ := json.Marshal(l)
		change := "changed"
		switch {
		case string(x) == string(y):
			continue
		case l.Retired && !old.Retired:
			change = "retired"
		case old.Retired && !l.Retired:
			change = "restored"
		}
		out = append(out, CatalogueChange{List: name, Code: l.Code, Change: change, Before: &old, After: l})
	}
	return out
}

// splitLists puts lists into parts that fit an entry each.
func splitLists(lists map[string][]Listed) ([]json.RawMessage, error) {
	var out []json.RawMessage
	flush := func(name string, items []Listed) error {
		b, err := json.Marshal(map[string][]Listed{name: items})
		out = append(out, b)
		return err
	}
	names := slices.Sorted(maps.Keys(lists))
	slices.SortStableFunc(names, func(x, y string) int { return cmp.Compare(len(lists[x]), len(lists[y])) })
	for _, name := range names {
		from, size := 0, 0
		for i, l := range lists[name] {
			b, err := json.Marshal(l)
			if err != nil {
				return nil, err
			}
			if size += len(b) + 1; size > maxPart {
				if err := flush(name, lists[name][from:i]); err != nil {
					return nil, err
				}
				from, size = i, len(b)+1
			}
		}
		if err := flush(name, lists[name][from:]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
