package acts_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// grassroots are a street's discipline commission, a member of one community, and a stationed group that
// supervises the department.
func grassroots(t *testing.T, w *actstest.World) (street, community, stationed access.Actor) {
	t.Helper()
	org := func(kind, zh, region string) ledger.ID {
		id := ledger.NewID()
		if err := w.Acts.RegisterOrg(ctx, actstest.Tenant, registry.Org{ID: id, Kind: kind, Zh: zh, En: zh, Region: region}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	commission := org("street_commission", "测试街道纪工委", actstest.Street)
	street = w.Person("grassroots_inspector", "grass", "己示一", commission, []string{actstest.Street}, nil)
	member := org("community_member", "测试社区纪检委员", actstest.Community)
	community = w.Person("grassroots_inspector", "member", "己示二", member, []string{actstest.Community}, nil)
	group := org("stationed_group", "测试派驻组", "")
	stationed = w.Person("grassroots_inspector", "group", "己示三", group, nil, nil)
	if err := w.Acts.SetSupervised(ctx, w.As(w.Duty), group, []ledger.ID{w.Department}); err != nil {
		t.Fatal(err)
	}
	return street, community, stationed
}

// line is one of the ledger that is complete.
func line() acts.CheckForm {
	return acts.CheckForm{Link: "K1", Item: "K1-2", Region: actstest.Community, Site: "3栋消防通道", Problem: "通道堆放围挡2处"}
}

// lines lists what somebody sees of the grassroots ledger.
func lines(t *testing.T, w *actstest.World, a access.Actor) (out []visit.Check) {
	t.Helper()
	w.Read(func(tx *storage.Tx) error {
		s, err := w.Acts.CheckScope(tx, a)
		if err != nil {
			return err
		}
		page, err := visit.Checks(tx, actstest.Tenant, visit.CheckFilter{Scope: s})
		out = page.Items
		if page.Found != len(out) {
			t.Errorf("%d found, %d listed", page.Found, len(out))
		}
		return err
	})
	return out
}

// TestGrassrootsScope: an organisation looks at its own area or at the units it supervises, is refused anywhere
// else (403), and sees no line of others (R020, R144, R145).
func TestGrassrootsScope(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		street, community, stationed := grassroots(t, w)
		at := func(region string, target ledger.ID) acts.CheckForm {
			f := line()
			f.Region, f.Target = region, target
			return f
		}
		for _, c := range []struct {
			name          string
			by            access.Actor
			form          acts.CheckForm
			code, field   string
			ownAfterwards int
		}{
			{"street in its area", street, at(actstest.Community, ""), "", "", 1},
			{"street elsewhere", street, at("500112016001", ""), "grassroots.out-of-scope", "region", 1},
			{"street at a department", street, at("", w.Department), "grassroots.out-of-scope", "target", 1},
			{"member in his community", community, at(actstest.Community, ""), "", "", 1},
			{"member in the next one", community, at("500112012001", ""), "grassroots.out-of-scope", "region", 1},
			{"group at its unit", stationed, at("", w.Department), "", "", 1},
			{"group in an area", stationed, at(actstest.Community, ""), "grassroots.out-of-scope", "region", 1},
			{"group at another unit", stationed, at("", w.StreetOrg), "grassroots.out-of-scope", "target", 1},
		} {
			_, err := w.Acts.CheckSite(ctx, w.As(c.by), c.form)
			if code(err) != c.code || field(err) != c.field {
				t.Errorf("%s: %q at %q, want %q at %q", c.name, code(err), field(err), c.code, c.field)
			}
			if c.code != "" && because(err) != ledger.Forbidden {
				t.Errorf("%s: %v is no 403", c.name, because(err))
			}
		}
		// the street sees its member's line too, the member not the street's of the same community: it does, it lies there
		for _, c := range []struct {
			who  access.Actor
			want int
		}{{street, 2}, {community, 2}, {stationed, 1}, {w.Duty, 3}, {w.Auditor, 3}} {
			if got := lines(t, w, c.who); len(got) != c.want {
				t.Errorf("%s sees %d lines, want %d", c.who.Login, len(got), c.want)
			}
		}
		if _, err := w.Acts.CheckSite(ctx, w.As(w.Inspector), line()); code(err) != "access.role" {
			t.Errorf("a team's inspector writes into the grassroots ledger: %v", err)
		}
	})
}

// TestGrassrootsCounts: what is found and corrected counts from its correction, in a figure of its own that
// never touches the problems handed over (R152).
func TestGrassrootsCounts(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		street, _, _ := grassroots(t, w)
		w.Matter()
		before := now(w)
		f := line()
		f.At, f.CorrectedAt = acts.When{At: w.Time.Add(-time.Hour)}, w.Time.Add(-30*time.Minute)
		if _, err := w.Acts.CheckSite(ctx, w.As(street), f); err != nil {
			t.Fatal(err)
		}
		open, err := w.Acts.CheckSite(ctx, w.As(street), line())
		if err != nil {
			t.Fatal(err)
		}
		clean := line()
		clean.Problem = ""
		if _, err := w.Acts.CheckSite(ctx, w.As(street), clean); err != nil {
			t.Fatal(err)
		}
		wrong, err := w.Acts.CheckSite(ctx, w.As(street), line())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.AnnulCheck(ctx, w.As(street), wrong, 0, ""); code(err) != "required" {
			t.Errorf("annulled without a reason: %v", err)
		}
		if err := w.Acts.AnnulCheck(ctx, w.As(street), wrong, 0, "登记错了"); err != nil {
			t.Fatal(err)
		}
		count := func(found, corrected int64) {
			t.Helper()
			f := now(w)
			if f["grassroots_found"] != found || f["grassroots"] != corrected {
				t.Errorf("found %d, corrected %d, want %d and %d", f["grassroots_found"], f["grassroots"], found, corrected)
			}
			for _, name := range []string{"assigned", "rectified", "visits", "sites"} {
				if f[name] != before[name] {
					t.Errorf("%s changed from %d to %d", name, before[name], f[name])
				}
			}
		}
		count(2, 1)
		w.Pass(time.Hour)
		if err := w.Acts.CorrectCheck(ctx, w.As(street), open, 0, acts.When{}); err != nil {
			t.Fatal(err)
		}
		count(2, 2)
		w.Read(func(tx *storage.Tx) error { // R143: how far each organisation is
			list, err := visit.CheckTallies(tx, actstest.Tenant, visit.CheckFilter{Scope: visit.CheckScope{All: true}})
			if len(list) != 1 || list[0].Unit != street.Unit || list[0].Checks != 3 || list[0].Found != 2 || list[0].Corrected != 2 || list[0].Remain != 0 {
				t.Errorf("R143 tallies: %+v", list)
			}
			return err
		})
		sameAfterRebuild(t, w)
	})
}

// TestGrassrootsRefusals names the field and the rule; the form has eight fields (R151).
func TestGrassrootsRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		street, community, _ := grassroots(t, w)
		with := func(change func(*acts.CheckForm)) acts.CheckForm {
			f := line()
			change(&f)
			return f
		}
		for _, c := range []struct {
			form        acts.CheckForm
			code, field string
		}{
			{with(func(f *acts.CheckForm) { f.Link = "" }), "required", "link"},
			{with(func(f *acts.CheckForm) { f.Link = "K9" }), "unknown-code", "link"},
			{with(func(f *acts.CheckForm) { f.Item = "K2-1" }), "grassroots.item-of-other-link", "item"},
			{with(func(f *acts.CheckForm) { f.Item = "K1-99" }), "unknown-code", "item"},
			{with(func(f *acts.CheckForm) { f.Region = "" }), "required", "region"},
			{with(func(f *acts.CheckForm) { f.Region = "兴隆社区" }), "region.name-is-no-key", "region"},
			{with(func(f *acts.CheckForm) { f.Target = "nobody" }), "unit.unknown", "target"},
			{with(func(f *acts.CheckForm) { f.Site = " " }), "required", "site"},
			{with(func(f *acts.CheckForm) { f.Problem, f.CorrectedAt = "", w.Time }), "grassroots.nothing-to-correct", "corrected_at"},
			{with(func(f *acts.CheckForm) { f.CorrectedAt = w.Time.Add(-time.Minute) }), "grassroots.corrected-before-found", "corrected_at"},
			{with(func(f *acts.CheckForm) { f.CorrectedAt = w.Time.Add(time.Hour) }), "time.in-future", "corrected_at"},
			{with(func(f *acts.CheckForm) { f.At.At = w.Time.Add(time.Hour) }), "time.in-future", "occurred_at"},
		} {
			_, err := w.Acts.CheckSite(ctx, w.As(street), c.form)
			if code(err) != c.code || field(err) != c.field {
				t.Errorf("%q at %q, want %q at %q", code(err), field(err), c.code, c.field)
			}
		}
		id, err := w.Acts.CheckSite(ctx, w.As(street), line())
		if err != nil {
			t.Fatal(err)
		}
		again := line()
		again.ID = id
		if _, err := w.Acts.CheckSite(ctx, w.As(street), again); code(err) != "grassroots.exists" {
			t.Errorf("recorded twice under one id: %v", err)
		}
		if err := w.Acts.CorrectCheck(ctx, w.As(community), id, 0, acts.When{}); code(err) != "grassroots.not-yours" {
			t.Errorf("corrected by another organisation: %v", err)
		}
		if err := w.Acts.AnnulCheck(ctx, w.As(community), id, 0, "不是"); code(err) != "grassroots.not-yours" {
			t.Errorf("annulled by another organisation: %v", err)
		}
		if err := w.Acts.CorrectCheck(ctx, w.As(street), id, 7, acts.When{}); code(err) != "stale" {
			t.Errorf("corrected on an old version: %v", err)
		}
		if err := w.Acts.CorrectCheck(ctx, w.As(street), id, 0, acts.When{At: w.Time.Add(-time.Hour)}); code(err) != "grassroots.corrected-before-found" {
			t.Errorf("corrected before it was found: %v", err)
		}
		if err := w.Acts.CorrectCheck(ctx, w.As(street), id, 1, acts.When{}); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.CorrectCheck(ctx, w.As(street), id, 0, acts.When{}); code(err) != "grassroots.not-open" {
			t.Errorf("corrected twice: %v", err)
		}
		if err := w.Acts.SetSupervised(ctx, w.As(street), street.Unit, nil); code(err) != "access.role" {
			t.Errorf("an organisation widens its own scope: %v", err)
		}
		if err := w.Acts.SetSupervised(ctx, w.As(w.Duty), street.Unit, []ledger.ID{"nobody"}); code(err) != "unit.unknown" || field(err) != "units[0]" {
			t.Errorf("supervises nobody: %v", err)
		}
	})
}

// TestCatalogueEdit: a fifth key link is added without a new program (R150), what was written keeps its codes,
// and what hangs in the air is refused.
func TestCatalogueEdit(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		street, _, _ := grassroots(t, w)
		own := func() (c acts.OwnCatalogue) {
			w.Read(func(tx *storage.Tx) (err error) {
				c, err = w.Acts.OwnCatalogue(tx, actstest.Tenant)
				return err
			})
			return c
		}
		start := own()
		fifth := func(items int) map[string][]acts.Listed {
			links := append(slices.Clone(start.Lists["key_links"]), acts.Listed{Code: "K5", Zh: "社区团购", En: "Group buying"})
			list := slices.Clone(start.Lists["link_items"])
			for i := range items {
				list = append(list, acts.Listed{Code: fmt.Sprintf("K5-%d", i+1), Link: "K5", Zh: "检查项", En: "Item"})
			}
			return map[string][]acts.Listed{"key_links": links, "link_items": list}
		}
		with := func(list string, change func([]acts.Listed) []acts.Listed) map[string][]acts.Listed {
			return map[string][]acts.Listed{list: change(slices.Clone(start.Lists[list]))}
		}
		for _, c := range []struct {
			lists       map[string][]acts.Listed
			code, field string
		}{
			{fifth(5), "catalogue.link-needs-items", "lists.key_links[4]"},
			{map[string][]acts.Listed{"nothing": {}}, "unknown-code", "lists"},
			{with("site_types", func(l []acts.Listed) []acts.Listed { l[1].Weight = 10; return l }), "catalogue.weight", "lists.site_types[1].weight"},
			{with("key_links", func(l []acts.Listed) []acts.Listed { l[0].Weight = -1; return l }), "catalogue.weight", "lists.key_links[0].weight"},
			{with("areas", func(l []acts.Listed) []acts.Listed { return l[1:] }), "catalogue.dropped", "lists.areas"},
			{with("areas", func(l []acts.Listed) []acts.Listed { l[0].En = ""; return l }), "required", "lists.areas[0].en"},
			{with("areas", func(l []acts.Listed) []acts.Listed { return append(l, acts.Listed{Code: "a b", Zh: "x", En: "x"}) }), "input.format", "lists.areas[5].code"},
			{with("areas", func(l []acts.Listed) []acts.Listed { return append(l, l[0]) }), "plan.item-twice", "lists.areas[5].code"},
			{with("problem_types", func(l []acts.Listed) []acts.Listed { l[0].Theme = "none"; return l }), "catalogue.unknown-reference", "lists.problem_types[0].theme"},
			{with("items", func(l []acts.Listed) []acts.Listed { l[0].Aspect = "none"; return l }), "catalogue.unknown-reference", "lists.items[0].aspect"},
			{with("areas", func(l []acts.Listed) []acts.Listed { return l }), "catalogue.unchanged", "lists"},
		} {
			_, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), start.Version, c.lists)
			if code(err) != c.code || field(err) != c.field {
				t.Errorf("%q at %q, want %q at %q", code(err), field(err), c.code, c.field)
			}
		}
		f := line()
		f.Link, f.Item = "K5", ""
		if _, err := w.Acts.CheckSite(ctx, w.As(street), f); code(err) != "unknown-code" {
			t.Errorf("checked a link that there is not: %v", err)
		}
		if _, err := w.Acts.PublishCatalogue(ctx, w.As(street), start.Version, fifth(6)); code(err) != "access.role" {
			t.Errorf("published by an inspector: %v", err)
		}
		w.Read(func(tx *storage.Tx) error {
			changes, err := w.Acts.PreviewCatalogue(tx, w.Duty, fifth(6))
			if len(changes) != 7 || changes[0].Code != "K5" || changes[0].Change != "added" {
				t.Errorf("preview: %+v", changes)
			}
			return err
		})
		if v, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), start.Version, fifth(6)); err != nil || v != start.Version+1 {
			t.Fatalf("version %d: %v", v, err)
		}
		if _, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), start.Version, fifth(7)); code(err) != "stale" {
			t.Errorf("published over another's version: %v", err)
		}
		if _, err := w.Acts.CheckSite(ctx, w.As(street), f); err != nil {
			t.Errorf("R150 the fifth link: %v", err)
		}
		next := own()
		if want := len(slices.Collect(maps.Keys(start.Lists))); len(next.Lists) != want {
			t.Errorf("%d lists after, %d before", len(next.Lists), want)
		}
		for name, items := range start.Lists {
			if len(next.Lists[name]) < len(items) {
				t.Errorf("%s lost items", name)
			}
		}
		links := slices.Clone(next.Lists["key_links"])
		links[4].Retired = true
		if _, err := w.Acts.PublishCatalogue(ctx, w.As(w.Duty), 0, map[string][]acts.Listed{"key_links": links}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Acts.CheckSite(ctx, w.As(street), f); code(err) != "catalogue.retired" || field(err) != "link" {
			t.Errorf("a retired link: %v", err)
		}
		w.Read(func(tx *storage.Tx) error {
			c, err := w.Acts.Catalogue(tx, actstest.Tenant)
			if l, ok := c.Find("key_links", "K5"); !ok || l.Zh != "社区团购" {
				t.Errorf("what was written under K5 lost its words: %+v", l)
			}
			return err
		})
		sameAfterRebuild(t, w)
	})
}
