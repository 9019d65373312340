package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
)

// TestSamplingPlan: a leader draws, changes and accepts a plan over the API, an auditor draws it again, refusals stand at
// their field, and the units that are inspected learn neither the plan nor that there is one (R076).
func TestSamplingPlan(t *testing.T) {
	w, base := serve(t)
	err := w.Acts.L.Do(context.Background(), actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		for i := range 20 {
			x, y := 106.5+float64(i)/500, 29.7
			if err := tx.Append(ledger.Draft{Subject: ledger.NewID(), Body: registry.SiteRegisteredV1{Site: registry.Site{
				Name: "测试点位", Type: []string{"S01", "S07"}[i%2], Region: actstest.Community, Lon: &x, Lat: &y,
			}}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	day := w.Time.In(actstest.Zone).Format(time.DateOnly)
	path := "/teams/" + string(w.Team.ID) + "/samplings"
	leader, auditor := signIn(t, base, "leader"), signIn(t, base, "auditor")
	type page struct {
		Versions []struct{ No int }
		Plan     struct {
			ID        string
			State     string
			InForce   bool `json:"in_force"`
			MayAccept bool `json:"may_accept"`
			Start     *struct{ Type string }
			Stops     []struct {
				Site   struct{ ID string }
				Metres *int
				Added  bool
			}
			Out []struct{ Reason string }
		}
	}
	read := func(c *client, status int, b []byte) (p page) {
		t.Helper()
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, b)
		}
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	post := func(c *client, path, body string) page {
		t.Helper()
		status, b := c.post(path, body)
		return read(c, status, b)
	}
	for body, at := range map[string]string{`{"day":"` + day + `","n":61}`: `"location":"body.n"`, `{"day":"soon","n":5}`: `"location":"body.day"`} {
		if status, b := leader.post(path, body); status/100 != 4 || !strings.Contains(string(b), at) {
			t.Errorf("%s: %d %s", body, status, b)
		}
	}
	p := post(leader, path, `{"day":"`+day+`","n":8}`)
	if len(p.Plan.Stops) != 8 || p.Plan.State != "drawn" || !p.Plan.MayAccept || p.Plan.Start == nil || p.Plan.Start.Type != "S01" {
		t.Fatalf("drawn: %+v", p)
	}
	plan := "/samplings/" + p.Plan.ID
	out := p.Plan.Stops[3].Site.ID
	if status, b := leader.post(plan+"/changes", `{"site":"`+out+`","out":true,"text":" "}`); status/100 != 4 || !strings.Contains(string(b), `"location":"body.text"`) {
		t.Errorf("no reason: %d %s", status, b)
	}
	p = post(leader, plan+"/changes", `{"site":"`+out+`","out":true,"text":"今日停业。"}`)
	if len(p.Plan.Stops) != 7 || len(p.Plan.Out) != 1 || p.Plan.Out[0].Reason != "今日停业。" {
		t.Errorf("taken out: %+v", p.Plan)
	}
	extra, err := w.Acts.RegisterSite(context.Background(), w.As(w.Duty), acts.NewSite{Name: "测试点位", Type: "S07", Region: actstest.Community})
	if err != nil {
		t.Fatal(err)
	}
	p = post(leader, plan+"/changes", `{"site":"`+string(extra)+`","text":"群众反映。"}`)
	if last := p.Plan.Stops[len(p.Plan.Stops)-1]; !last.Added || last.Metres != nil || last.Site.ID != string(extra) {
		t.Errorf("what has no coordinates does not come last: %+v", p.Plan.Stops)
	}
	if p = post(leader, plan+"/accept", `{}`); !p.Plan.InForce {
		t.Errorf("accepted: %+v", p.Plan)
	}
	if status, b := auditor.do(http.MethodGet, "/api/v1"+plan+"/again", "", nil); status != http.StatusOK || !strings.Contains(string(b), `"same":true,"same_frame":true`) {
		t.Errorf("R076 drawn again: %d %s", status, b)
	}
	p = post(leader, path, `{"day":"`+day+`","n":3}`)
	if len(p.Versions) != 2 || p.Plan.InForce || len(p.Plan.Stops) != 3 {
		t.Errorf("another version: %+v", p)
	}
	status, b := auditor.do(http.MethodGet, "/api/v1"+path+"?day="+day, "", nil)
	if p = read(auditor, status, b); p.Plan.ID != strings.TrimPrefix(plan, "/samplings/") {
		t.Errorf("the accepted version is not the one shown: %+v", p.Plan)
	}
	for _, login := range []string{"secretary", "liaison"} {
		c := signIn(t, base, login)
		for _, address := range []string{path + "?day=" + day, plan + "/again"} {
			if status, b := c.do(http.MethodGet, "/api/v1"+address, "", nil); status != http.StatusForbidden && status != http.StatusNotFound || bytes.Contains(b, []byte("测试点位")) {
				t.Errorf("%s reads %s: %d %s", login, address, status, b)
			}
		}
	}
}
