package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
)

type hit struct{ Kind, ID, Title, Hint, Code, Page string }

type found struct {
	Q      string
	Groups []struct {
		Kind  string
		Found int
		Items []hit
	}
}

func (f found) titles(kind string) []string {
	for _, g := range f.Groups {
		if g.Kind == kind {
			var out []string
			for _, h := range g.Items {
				out = append(out, h.Title)
			}
			return out
		}
	}
	return nil
}

func seek(t *testing.T, c *client, q string) found {
	t.Helper()
	var f found
	if status := c.get("/search?q="+url.QueryEscape(q), &f); status != http.StatusOK {
		t.Fatalf("%s: %d", q, status)
	}
	return f
}

// TestSearch: by number, word, name, address, code and date, and each only sees what the lists show him (issue 4, 11).
func TestSearch(t *testing.T) {
	for _, e := range storagetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) { testSearch(t, e) })
	}
}

func testSearch(t *testing.T, e storage.Engine) {
	w, base := serveOn(t, e)
	m := w.Matter()
	elsewhere := "500112009"
	w.Person("street_principal", "neighbour", "戊示一", w.Department, []string{elsewhere}, nil)
	w.Person("inspector", "stranger", "戊示二", w.Department, []string{elsewhere}, nil)
	w.Person("org_dept_viewer", "viewer", "戊示三", w.Commission, nil, nil)
	if _, err := w.Acts.RegisterSite(context.Background(), w.As(w.Duty), acts.NewSite{Name: "100%_折扣店", Type: "S07", Region: actstest.Community, Address: "测试路2号"}); err != nil {
		t.Fatal(err)
	}
	duty, secretary, neighbour, stranger := signIn(t, base, "duty"), signIn(t, base, "secretary"), signIn(t, base, "neighbour"), signIn(t, base, "stranger")

	var page struct{ Number string }
	duty.get("/matters/"+string(m), &page)
	for _, c := range []struct {
		q, kind, title string
	}{
		{page.Number, "matter", page.Number},
		{"1", "matter", page.Number},
		{"2022-1", "matter", page.Number},
		{strings.NewReplacer("〔", "[", "〕", "]", "号", "").Replace(page.Number), "matter", page.Number},
		{"试超", "matter", page.Number},       // part of the site's name
		{"测试街道", "matter", page.Number},     // addressee
		{"P-MARKET", "matter", page.Number}, // problem type
		{"试超", "site", "测试超市"},
		{"测试路1", "site", "测试超市"},
		{actstest.Community, "site", "测试超市"},
		{"%_", "site", "100%_折扣店"}, // signs of patterns are signs
		{"试超", "visit", "测试超市"},
		{"测试部门", "unit", "Test department"},
		{"department", "unit", "Test department"},
		{"1", "team", "Team 1"},
		{"甲示二", "person", "甲示二"},
	} {
		got := seek(t, duty, c.q)
		if !slices.Contains(got.titles(c.kind), c.title) {
			t.Errorf("%s: no %s %s in %+v", c.q, c.kind, c.title, got)
		}
	}
	if got := seek(t, duty, "%_").titles("site"); len(got) != 1 {
		t.Errorf("a sign of patterns finds %v", got)
	}
	if got := seek(t, duty, "2"); got.titles("matter") != nil {
		t.Errorf("another serial: %+v", got)
	}
	if got := seek(t, secretary, page.Number).titles("matter"); len(got) != 1 {
		t.Errorf("the street does not find its own: %v", got)
	}
	for _, q := range []string{page.Number, "1", "试超", "P-MARKET", "测试街道"} { // neither listed nor counted
		for _, c := range []*client{neighbour, stranger} {
			for _, kind := range []string{"matter", "visit", "site"} {
				if got := seek(t, c, q).titles(kind); got != nil {
					t.Errorf("%s: another street's %s is found: %v", q, kind, got)
				}
			}
		}
	}
	// every hit's page is one that its finder may read
	for _, c := range []*client{duty, secretary} {
		for _, q := range []string{"测试", page.Number} {
			for _, g := range seek(t, c, q).Groups {
				for _, h := range g.Items {
					if strings.Count(h.Page, "/") != 2 || strings.Contains(h.Page, "?") || strings.HasPrefix(h.Page, "/teams") {
						continue
					}
					if status := c.get(h.Page, nil); status != http.StatusOK {
						t.Errorf("%s of %s: %d", h.Page, q, status)
					}
				}
			}
		}
	}
	if status := signIn(t, base, "viewer").get("/search?q=测试", nil); status != http.StatusForbidden {
		t.Errorf("who may not read business data searches: %d", status)
	}
}

// TestSearchHidesPersonalData: who may not look up people, and what is sealed, leave no trace: the answer is the same
// as for a text that is nowhere (issue 3, "Bad input"; R011).
func TestSearchHidesPersonalData(t *testing.T) {
	w, base := serve(t)
	w.Matter()
	answer := func(c *client, q string) string {
		_, b := c.do(http.MethodGet, "/api/v1/search?q="+url.QueryEscape(q), "", nil)
		return strings.Replace(string(b), q, "", 1)
	}
	nobody := "无此人"
	for _, login := range []string{"inspector", "secretary", "liaison"} {
		c := signIn(t, base, login)
		for _, q := range []string{"甲示一", "乙示一", "丙示", "00000000001"} {
			if got := answer(c, q); got != answer(c, nobody) {
				t.Errorf("%s learns of %s: %s", login, q, got)
			}
		}
	}
	duty := signIn(t, base, "duty")
	for _, q := range []string{"00000000001", "无人值守", "立即整改", "夜间抽查"} { // phones, facts, requirements, reasons: sealed
		if got := answer(duty, q); got != answer(duty, nobody) {
			t.Errorf("%s is found: %s", q, got)
		}
	}
	if _, err := w.Acts.DestroyParts(context.Background(), actstest.Tenant, w.Duty.Who(), "directory", "期满"); err != nil {
		t.Fatal(err)
	}
	if got := answer(duty, "甲示二"); got != answer(duty, nobody) {
		t.Errorf("a destroyed name is found: %s", got)
	}
}

// TestSearchRefuses names the field and the rule, and not what was sent.
func TestSearchRefuses(t *testing.T) {
	_, base := serve(t)
	duty := signIn(t, base, "duty")
	for q, code := range map[string]string{
		"": "required", "a": "search.too-short", strings.Repeat("密", 61): "text.too-long", "密\u202e": "text.control-characters",
	} {
		status, b := duty.do(http.MethodGet, "/api/v1/search?q="+url.QueryEscape(q), "", nil)
		var p problem
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		if status != http.StatusUnprocessableEntity || p.Code != code || len(p.Errors) != 1 || p.Errors[0].Location != "body.q" || strings.HasPrefix(p.Title, "refusal.") || strings.Contains(string(b), "密") {
			t.Errorf("%.10q: %d %s, want %s", q, status, b, code)
		}
	}
}

// TestSavedFilters: kept per account, shown to others only when shared, deleted by their owner alone.
func TestSavedFilters(t *testing.T) {
	_, base := serve(t)
	duty, leader := signIn(t, base, "duty"), signIn(t, base, "leader")
	type saved struct {
		Items []struct {
			ID, Name, Query string
			Shared, Mine    bool
		}
	}
	list := func(c *client, page string) (s saved) {
		if status := c.get("/filters?page="+page, &s); status != http.StatusOK {
			t.Fatalf("list: %d", status)
		}
		return s
	}
	for range 2 { // sent twice is saved once
		if status, b := duty.post("/filters", `{"page":"matters","name":" 超时 的 ","query":"page=x&light=late"}`, "Idempotency-Key", "one"); status != http.StatusCreated {
			t.Fatalf("%d %s", status, b)
		}
	}
	if status, b := duty.post("/filters", `{"page":"matters","name":"共用","query":"state=refused","shared":true}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, b)
	}
	own, other := list(duty, "matters"), list(leader, "matters")
	if len(own.Items) != 2 || !own.Items[0].Mine || len(list(duty, "visits").Items) != 0 {
		t.Errorf("own: %+v", own)
	}
	if len(other.Items) != 1 || other.Items[0].Mine || other.Items[0].Query != "state=refused" {
		t.Errorf("another's: %+v", other)
	}
	for _, i := range own.Items {
		if i.Name == "超时 的" && i.Query != "light=late" {
			t.Errorf("the page in the list is kept: %s", i.Query)
		}
		if status, _ := leader.post("/filters/"+i.ID+"/delete", `{}`); status != http.StatusNotFound {
			t.Errorf("another deletes it: %d", status)
		}
		if status, b := duty.post("/filters/"+i.ID+"/delete", `{}`); status != http.StatusOK {
			t.Errorf("%d %s", status, b)
		}
	}
	if left := list(leader, "matters"); len(left.Items) != 0 {
		t.Errorf("left: %+v", left)
	}
	no := func(body, code, location string) {
		t.Helper()
		status, b := duty.post("/filters", body)
		var p problem
		_ = json.Unmarshal(b, &p)
		if status/100 != 4 || len(p.Errors) != 1 || p.Errors[0].Code != code || p.Errors[0].Location != location || strings.HasPrefix(p.Errors[0].Message, "refusal.") {
			t.Errorf("%s: %d %s", body, status, b)
		}
	}
	no(`{"page":"matters","name":" ","query":"light=late"}`, "required", "body.name")
	no(`{"page":"matters","name":"`+strings.Repeat("字", 31)+`","query":"light=late"}`, "text.too-long", "body.name")
	no(`{"page":"matters","name":"全部","query":"page=2"}`, "required", "body.query")
	no(`{"page":"matters","name":"坏","query":"a=%zz"}`, "input.format", "body.query")
	no(`{"page":"ledger","name":"坏","query":"a=b"}`, "input.one-of", "body.page")
	for n := range 30 {
		if status, b := duty.post("/filters", `{"page":"visits","name":"n","query":"day=2022-11-20"}`); status != http.StatusCreated {
			t.Fatalf("%d: %d %s", n, status, b)
		}
	}
	no(`{"page":"visits","name":"多","query":"day=2022-11-20"}`, "filter.too-many", "body.name")
}
