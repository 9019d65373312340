package data

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const pack = "epidemic-2022"

// named collects every list of the catalogue as (list, items).
func named(t *testing.T) map[string][]Named {
	t.Helper()
	c, err := LoadCatalogue(pack)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]Named{}
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() != reflect.Slice {
			continue
		}
		for j := range f.Len() {
			e := f.Index(j)
			n, plain := e.Interface().(Named)
			if !plain {
				n = e.FieldByName("Named").Interface().(Named)
			}
			lists[v.Type().Field(i).Name] = append(lists[v.Type().Field(i).Name], n)
		}
	}
	return lists
}

func TestCatalogueWordsAndCodes(t *testing.T) {
	lists := named(t)
	if len(lists) != 14 {
		t.Errorf("lists with items: %d, want 14", len(lists))
	}
	for list, items := range lists {
		seen := map[string]bool{}
		for _, n := range items {
			if n.Code == "" || strings.TrimSpace(n.ZH) == "" || strings.TrimSpace(n.EN) == "" {
				t.Errorf("%s: code, zh or en is empty: %+v", list, n)
			}
			if seen[n.Code] {
				t.Errorf("%s: code %s stands twice", list, n.Code)
			}
			seen[n.Code] = true
		}
	}
}

// R037 four responsibilities, R085 two themes, R074 over-enforcement, R031 every key point has items.
func TestCatalogueHangsTogether(t *testing.T) {
	c, err := LoadCatalogue(pack)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]map[string]bool{}
	for list, items := range named(t) {
		has[list] = map[string]bool{"": list == "Areas"}
		for _, n := range items {
			has[list][n.Code] = true
		}
	}
	for name, ok := range map[string]bool{
		"R037 four responsibilities": len(c.Responsibilities) == 4,
		"R085 two themes":            len(c.Themes) == 2,
		"R107 five areas":            len(c.Areas) == 5,
		"R074 over-enforcement":      has["ProblemTypes"]["OVERREACH"],
		"R103 ten visit methods":     len(c.VisitMethods) == 10,
		"four severities":            len(c.Severities) == 4,
		"90 items and 30":            len(c.Items) == 120 && len(c.Clauses) == 120,
	} {
		if !ok {
			t.Error(name)
		}
	}
	for _, p := range c.ProblemTypes {
		if !has["Themes"][p.Theme] || !has["Areas"][p.Area] || !has["Responsibilities"][p.Responsibility] {
			t.Errorf("problem type %s has an unknown default: %+v", p.Code, p)
		}
	}
	perType, perAspect := map[string]int{}, map[string]int{}
	clauseOf := map[string]string{}
	for _, it := range c.Items {
		if (it.SiteType == "") == (it.Aspect == "") {
			t.Errorf("item %s belongs to a kind of premises or to an aspect: %+v", it.Code, it)
		}
		perAspect[it.Aspect]++
		if it.SiteType != "" && !has["SiteTypes"][it.SiteType] || it.Aspect != "" && !has["Focus"][it.Aspect] || !has["Clauses"][it.Clause] {
			t.Errorf("item %s: unknown site type or clause: %+v", it.Code, it)
		}
		perType[it.SiteType]++
		clauseOf[it.Code] = it.Clause
	}
	for _, cl := range c.Clauses {
		if clauseOf[cl.Item] != cl.Code || cl.TextZH == "" || cl.TextEN == "" {
			t.Errorf("clause %s does not belong to its item or has no text", cl.Code)
		}
	}
	for _, f := range c.Focus { // R097, R098, R099, R102: six groups of at least five items
		if perAspect[f.Code] < 5 {
			t.Errorf("aspect %s has %d items, want 5", f.Code, perAspect[f.Code])
		}
	}
	for i := 1; i <= 15; i++ {
		if code := fmt.Sprintf("S%02d", i); perType[code] != 6 {
			t.Errorf("site type %s has %d items, want 6", code, perType[code])
		}
	}
}

func TestRegions(t *testing.T) {
	towns, err := Towns()
	if err != nil {
		t.Fatal(err)
	}
	communities, err := Communities()
	if err != nil {
		t.Fatal(err)
	}
	districts, err := Districts()
	if err != nil {
		t.Fatal(err)
	}
	if len(towns) != 30 || len(communities) != 412 || len(districts) == 0 {
		t.Errorf("%d towns, %d communities, %d districts", len(towns), len(communities), len(districts))
	}
	town := map[string]Town{}
	nine, managed, communitiesOfNine := 0, 0, 0
	for _, w := range towns {
		town[w.Code] = w
		if w.Nine {
			nine++
		}
		if w.Managed {
			managed++
		}
	}
	xinglong := map[string]bool{}
	for _, c := range communities {
		w, known := town[c.Town]
		if !known || !strings.HasPrefix(c.Code, c.Town) {
			t.Errorf("community %s hangs under no town", c.Code)
		}
		if w.Nine {
			communitiesOfNine++
		}
		if c.Short == "兴隆社区" {
			xinglong[c.Town] = true
		}
	}
	if nine != 9 || managed != 22 || communitiesOfNine != 133 || len(xinglong) != 2 {
		t.Errorf("R087-R095: %d streets with %d communities, %d managed, 兴隆社区 in %d towns", nine, communitiesOfNine, managed, len(xinglong))
	}
	grid, err := Tiles()
	if err != nil {
		t.Fatal(err)
	}
	at := map[[2]int]string{}
	for _, c := range grid.Cells {
		if _, known := town[c.Code]; !known || c.Col >= grid.Cols || c.Row >= grid.Rows || at[[2]int{c.Col, c.Row}] != "" {
			t.Errorf("tile %+v is unknown, outside or on another", c)
		}
		at[[2]int{c.Col, c.Row}] = c.Code
	}
	if len(grid.Cells) != 30 {
		t.Errorf("%d tiles", len(grid.Cells))
	}
}

// R084, R082, R134-R138: the splits sum to the totals of the report.
func TestGoldenSums(t *testing.T) {
	g, err := GoldenStats()
	if err != nil {
		t.Fatal(err)
	}
	var people, visits, findings, rectified, open, dayVisits, dayFindings int
	for _, s := range g.ByStreet {
		people += s.TeamSize
		visits += s.Visits
		findings += s.Findings
		rectified += s.Rectified
		open += s.Open
	}
	for _, d := range g.ByDay {
		dayVisits += d.Visits
		dayFindings += d.Findings
	}
	w := g.Totals
	if len(g.ByStreet) != w.Teams || people != w.Inspectors || visits != w.Visits || findings != w.Findings ||
		rectified != w.Rectified || open != w.Open || dayVisits != w.Visits || dayFindings != w.Findings {
		t.Errorf("splits do not sum to %+v", w)
	}
}

func TestRawFilesAreJSON(t *testing.T) {
	p, err := RulePack("emergency", 1)
	if err != nil || !json.Valid(p) {
		t.Errorf("rule pack: %v", err)
	}
	if !json.Valid(Holidays()) {
		t.Error("holidays are not JSON")
	}
}

// R146 containment, R147 quarantine, R148 testing, R149 checkpoints: each key link has at least six check items.
func TestKeyLinks(t *testing.T) {
	c, err := LoadCatalogue(pack)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, i := range c.LinkItems {
		n[i.Link]++
	}
	if len(c.KeyLinks) != 4 {
		t.Errorf("%d key links, want 4", len(c.KeyLinks))
	}
	for _, l := range c.KeyLinks {
		if n[l.Code] < 6 {
			t.Errorf("%s %s has %d items, want 6", l.Code, l.ZH, n[l.Code])
		}
		delete(n, l.Code)
	}
	if len(n) > 0 {
		t.Errorf("items of links that there are not: %v", n)
	}
}

// TestReportedProblems: what the report names can be typed (R139, R140).
func TestReportedProblems(t *testing.T) {
	c, err := LoadCatalogue("epidemic-2022")
	if err != nil {
		t.Fatal(err)
	}
	for code, zh := range map[string]string{"P-CROWD": "人员集中打堆未规范佩戴口罩", "P-MARKET": "保供超市重经营轻防控"} {
		if !slices.ContainsFunc(c.ProblemTypes, func(p ProblemType) bool { return p.Code == code && p.ZH == zh }) {
			t.Errorf("R139, R140: no %s %s", code, zh)
		}
	}
}
