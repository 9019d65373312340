package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/web"
)

// TestDistrictFromNothing: a duty officer with an empty jurisdiction registers regions, organisations, people
// and a team by the API, and a finding goes its whole way; no demonstration is needed (R020, R065, R079).
func TestDistrictFromNothing(t *testing.T) {
	w := actstest.Bare(t, storage.SQLite)
	ctx := context.Background()
	if err := w.Acts.SetUp(ctx, access.Tenant{Code: actstest.Tenant, Zh: "新区", En: "New district", Zone: "Asia/Shanghai"}, "emergency", 1, "epidemic-2022"); err != nil {
		t.Fatal(err)
	}
	org := registry.Org{ID: ledger.NewID(), Kind: "commission", Zh: "新区督导办", En: "New office"}
	if err := w.Acts.RegisterOrg(ctx, actstest.Tenant, org); err != nil {
		t.Fatal(err)
	}
	w.Person("duty_officer", "duty", "甲示一", org.ID, nil, nil)
	if _, err := w.Acts.BeginIncident(ctx, actstest.Tenant, registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: "x", Zh: "日常", En: "Routine", Phase: "normal"}}, w.Time); err != nil {
		t.Fatal(err)
	}
	handler, _ := web.Handler(w.Acts, "test")
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	duty := signIn(t, s.URL, "duty")

	made := func(c *client, path, body, field string) string {
		t.Helper()
		status, b := c.post(path, body)
		var out map[string]any
		_ = json.Unmarshal(b, &out)
		if status/100 != 2 {
			t.Fatalf("%s: %d %s", path, status, b)
		}
		v, _ := out[field].(string)
		return v
	}
	made(duty, "/regions", `{"source":"测试区划","items":[{"code":"500900","name":"新区","level":"district","valid_from":"2020-01-01"},{"code":"500900001","name":"新街道","level":"town","valid_from":"2020-01-01"},{"code":"500900001001","name":"新社区","level":"community","valid_from":"2020-01-01"}]}`, "")
	street := made(duty, "/orgs", `{"kind":"street","zh":"新街道","en":"New street","region":"500900001"}`, "id")
	sign := func(login string) string {
		return fmt.Sprintf(`"sign_in":{"login":"%s","password":"%s","regions":["500900001"]}`, login, actstest.Password)
	}
	if status, b := duty.post("/people", `{"name":"丙示一","org":"`+string(org.ID)+`","role":"system_admin",`+sign("mine")+`}`); status != http.StatusForbidden || !strings.Contains(string(b), "access.role-given") {
		t.Errorf("the duty officer gives himself a role over all: %d %s", status, b)
	}
	leader := made(duty, "/people", `{"name":"乙示一","org":"`+string(org.ID)+`","role":"team_leader",`+sign("leader")+`}`, "ref")
	inspector := made(duty, "/people", `{"name":"乙示二","phone":"00000000002","org":"`+string(org.ID)+`","role":"inspector",`+sign("inspector")+`}`, "ref")
	made(duty, "/people", `{"name":"丙示一","org":"`+street+`","role":"street_principal",`+sign("secretary")+`}`, "ref")
	now := w.Time.Format(time.RFC3339)
	team := made(duty, "/teams", `{"no":1,"zh":"第一组","en":"Team 1","members":[{"person":"`+leader+`","role":"leader"},{"person":"`+inspector+`","role":"inspector"}],
		"posting":{"street":"500900001","from":"`+now+`","text":"压力较大"}}`, "id")
	site := made(duty, "/sites", `{"name":"新超市","type":"S07","region":"500900001001"}`, "id")

	inspects := signIn(t, s.URL, "inspector")
	visit := `{"site":"` + site + `","team":"` + team + `","inspectors":["` + leader + `","` + inspector + `"],"methods":["inspection"]}`
	if status, b := inspects.post("/visits", visit); status != http.StatusForbidden || !strings.Contains(string(b), "visit.not-authorised") {
		t.Fatalf("R079 without an authorisation: %d %s", status, b)
	}
	made(duty, "/teams/"+team+"/authorisations", `{"issuers":["`+string(org.ID)+`"],"from":"`+now+`"}`, "id")
	visitID := made(inspects, "/visits", visit, "id")
	finding := made(inspects, "/visits/"+visitID+"/findings", `{"problem_type":"P-MARKET","severity":"moderate","themes":["supply"],"responsibility":"unit","clause":"K07-1","fact":"超市入口扫码岗18时起无人值守，6人直接进入。","no_photo_reason":"现场不便"}`, "id")
	leads := signIn(t, s.URL, "leader")
	made(leads, "/findings/"+finding+"/confirm", `{}`, "id")
	matter := made(leads, "/findings/"+finding+"/hand-over", `{"unit":"`+street+`","channel":"face_to_face","requirement":"立即整改"}`, "id")
	secretary := signIn(t, s.URL, "secretary")
	made(secretary, "/matters/"+matter+"/receive", `{}`, "id")
	made(secretary, "/matters/"+matter+"/claim", `{"text":"已增派一人","photos":["`+upload(t, secretary)+`"]}`, "id")
	made(inspects, "/matters/"+matter+"/verify", `{"passed":true,"text":"已到位","visit":"`+visitID+`"}`, "id")
	if state := made(duty, "/matters/"+matter+"/strike_off", `{}`, "state"); state != "struck_off" {
		t.Errorf("at the end: %s", state)
	}

	for name, x := range map[string]struct{ path, body, want string }{
		"a code too short":       {"/regions", `{"source":"x","items":[{"code":"50090","name":"新区","level":"district","valid_from":"2020-01-01"}]}`, "items[0].code"},
		"a day that is none":     {"/regions", `{"source":"x","items":[{"code":"500900","name":"新区","level":"district","valid_from":"2020-13-01"}]}`, "items[0].valid_from"},
		"an organisation twice":  {"/orgs", `{"kind":"street","zh":"新街道","en":"x","region":"500900001"}`, "unit.twice"},
		"a street of no region":  {"/orgs", `{"kind":"street","zh":"某街道","en":"x"}`, "body.region"},
		"a login that is taken":  {"/people", `{"name":"丙示二","org":"` + street + `","role":"street_principal",` + sign("leader") + `}`, "access.login-taken"},
		"a role that is none":    {"/people", `{"name":"丙示二","org":"` + street + `","role":"king"}`, "body.role"},
		"R082 somebody twice":    {"/teams", `{"no":2,"zh":"二","en":"2","members":[{"person":"` + leader + `","role":"leader"},{"person":"` + inspector + `","role":"inspector"}]}`, "team.person-elsewhere"},
		"R086 without a reason":  {"/teams/" + team + "/postings", `{"street":"500900001","text":""}`, "body.text"},
		"R079 without an issuer": {"/teams/" + team + "/authorisations", `{"issuers":[],"from":"` + now + `"}`, "body.issuers"},
	} {
		if status, b := duty.post(x.path, x.body); status/100 != 4 || !strings.Contains(string(b), x.want) {
			t.Errorf("%s: %d %s, want %s", name, status, b, x.want)
		}
	}
	if status, b := inspects.post("/orgs", `{"kind":"other","zh":"x","en":"x"}`); status != http.StatusForbidden {
		t.Errorf("an inspector registers: %d %s", status, b)
	}
}

// TestInbox: each sees what waits for him, findings too, with the clock of the very act (R012, ui.md 3.2).
func TestInbox(t *testing.T) {
	w, base := serve(t)
	visitID := w.Visit()
	finding := w.Finding(visitID)
	var box struct {
		Items []struct {
			Kind, Act string
			Clock     *struct{ Kind string }
		}
	}
	see := func(login string) string {
		t.Helper()
		if status := signIn(t, base, login).get("/inbox", &box); status != http.StatusOK {
			t.Fatalf("%s: %d", login, status)
		}
		var out []string
		for _, i := range box.Items {
			line := i.Kind + " " + i.Act
			if i.Clock != nil {
				line += " " + i.Clock.Kind
			}
			out = append(out, line)
		}
		return strings.Join(out, ", ")
	}
	if got := see("leader"); got != "finding hand_over hand_over" {
		t.Errorf("R012 the leader sees %q", got)
	}
	if got := see("secretary"); got != "" {
		t.Errorf("the street sees %q", got)
	}
	id, err := w.Acts.HandOverFinding(context.Background(), w.As(w.Leader), finding, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
	if err != nil {
		t.Fatal(err)
	}
	if got := see("secretary"); got != "matter receive receive" {
		t.Errorf("the street sees %q", got)
	}
	if err := w.Acts.Receive(context.Background(), w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
		t.Fatal(err)
	}
	if got := see("secretary"); got != "matter claim rectify" {
		t.Errorf("the street sees %q", got)
	}
	if err := w.Acts.Claim(context.Background(), w.As(w.Secretary), id, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)}); err != nil {
		t.Fatal(err)
	}
	if got := see("inspector"); got != "matter verify verify" {
		t.Errorf("the inspector sees %q", got)
	}
	if got := see("secretary"); got != "" {
		t.Errorf("the street sees its own verification: %q", got)
	}
}
