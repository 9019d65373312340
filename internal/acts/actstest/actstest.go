// Package actstest lends tests a real ledger of a small invented district: a street, a team of two
// posted there, a site, a department, and somebody for every role, on a clock that the test sets.
package actstest

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// Tenant of the district.
const Tenant = "500112"

// Street and Community of its site.
const (
	Street    = "500112012"
	Community = "500112012013"
)

// Password of every account.
const Password = "test-duzhan-2022"

// Zone of the district.
var Zone = time.FixedZone("+08:00", 8*3600)

// World is the ledger and who is in it.
type World struct {
	T    testing.TB
	DB   *storage.DB
	Acts *acts.Acts
	Dir  string
	Time time.Time

	Commission, StreetOrg, Department           ledger.ID
	Duty, Leader, Inspector, Secretary, Liaison access.Actor
	Auditor                                     access.Actor
	Team                                        visit.Team
	Site                                        ledger.ID
	Incident                                    ledger.ID
}

// Bare is a ledger without anything in it.
func Bare(t testing.TB, e storage.Engine) *World {
	t.Helper()
	w := &World{T: t, DB: storagetest.Open(t, e), Dir: t.TempDir(), Time: time.Date(2022, 11, 20, 8, 0, 0, 0, Zone)}
	keys, err := vault.OpenKeys(w.Dir)
	w.must(err)
	signing, err := acts.OpenSigningKey(w.Dir)
	w.must(err)
	l, err := ledger.New(context.Background(), w.DB, acts.Options(func(string) time.Time { return w.Time }))
	w.must(err)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Acts = acts.New(l, vault.New(keys), signing)
	w.Acts.Dir = w.Dir
	return w
}

// New is the small district.
func New(t testing.TB, e storage.Engine) *World { return NewPhase(t, e, "normal") }

// NewPhase is the small district with its incident in a phase.
func NewPhase(t testing.TB, e storage.Engine, phase string) *World {
	t.Helper()
	w := Bare(t, e)
	ctx := context.Background()
	w.must(w.Acts.SetUp(ctx, access.Tenant{Code: Tenant, Zh: "测试区", En: "Test district", Zone: "Asia/Shanghai"}, "emergency", 1, "epidemic-2022"))
	regions, err := acts.DistrictRegions(Tenant, "测试区")
	w.must(err)
	w.must(w.Acts.RegisterRegions(ctx, Tenant, "test", regions))
	w.Incident, err = w.Acts.BeginIncident(ctx, Tenant, registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: "test", Zh: "测试", En: "Test", Phase: phase}}, w.Time)
	w.must(err)
	w.Commission = w.org("commission", "测试机关", "")
	w.StreetOrg = w.org("street", "测试街道", Street)
	w.Department = w.org("department", "测试部门", "")
	team := w.org("team", "测试一组", Street)
	w.Duty = w.Person("duty_officer", "duty", "甲示一", w.Commission, nil, nil)
	w.Auditor = w.Person("auditor", "auditor", "甲示二", w.Commission, nil, nil)
	w.Leader = w.Person("team_leader", "leader", "乙示一", team, []string{Street}, nil)
	w.Inspector = w.Person("inspector", "inspector", "乙示二", team, []string{Street}, nil)
	w.Secretary = w.Person("street_principal", "secretary", "丙示一", w.StreetOrg, []string{Street}, nil)
	w.Liaison = w.Person("dept_liaison", "liaison", "丁示一", w.Department, nil, nil)
	w.Team = visit.Team{
		ID: ledger.NewID(), No: 1, Zh: "第1组", En: "Team 1", Org: team,
		Members: []visit.Member{
			{Person: w.Leader.Person, Role: "leader", From: w.Time}, {Person: w.Inspector.Person, Role: "inspector", From: w.Time},
		},
		Postings: []visit.Posting{{Street: Street, From: w.Time}},
	}
	_, err = w.Acts.FormTeam(ctx, w.As(w.Duty), acts.NewTeam{
		ID: w.Team.ID, No: w.Team.No, Zh: w.Team.Zh, En: w.Team.En, Org: w.Team.Org, Members: w.Team.Members, Postings: w.Team.Postings,
		Why: "压力较大", Authorisation: &visit.Authorisation{Issuers: []ledger.ID{w.Commission}, From: w.Time.Add(-24 * time.Hour)},
	})
	w.must(err)
	w.Site, err = w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "测试超市", Type: "S07", Region: Community, Address: "测试路1号"})
	w.must(err)
	return w
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// As is a caller without an idempotency key.
func (w *World) As(a access.Actor) acts.Caller { return acts.Caller{Actor: a} }

// Pass lets time go by.
func (w *World) Pass(d time.Duration) { w.Time = w.Time.Add(d) }

func (w *World) org(kind, zh, region string) ledger.ID {
	id := ledger.NewID()
	w.must(w.Acts.RegisterOrg(context.Background(), Tenant, registry.Org{ID: id, Kind: kind, Zh: zh, En: "Test " + kind, Region: region}))
	return id
}

// Person adds somebody with an account.
func (w *World) Person(role, login, name string, org ledger.ID, regions, recused []string) access.Actor {
	w.T.Helper()
	p := acts.NewPerson{ID: ledger.NewPersonID(), Name: name, Phone: "00000000001", Org: org, Recused: recused}
	w.must(w.Acts.RegisterPerson(context.Background(), Tenant, p, role, w.Time))
	a := access.Actor{Tenant: Tenant, Account: ledger.NewID(), Login: login, Person: p.ID, Unit: org, Roles: []string{role}, Regions: regions}
	w.must(w.Acts.CreateAccount(context.Background(), a, Password))
	return a
}

// Picture is a small JPEG.
func Picture() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Upload sends a picture.
func (w *World) Upload(a access.Actor) ledger.ID {
	w.T.Helper()
	u, err := w.Acts.SaveUpload(context.Background(), w.As(a), bytes.NewReader(Picture()))
	w.must(err)
	return u.ID
}

// Fact is what the findings of the world say.
const Fact = "超市入口扫码岗18时起无人值守，6人直接进入。"

// What types them.
func What() visit.What {
	return visit.What{
		Problem: "P-MARKET", Severity: "moderate", Themes: []string{"supply"}, Area: "A1", Responsibility: "unit", Clause: "K07-1", Item: "S07-1",
	}
}

// Visit starts a visit of the site.
func (w *World) Visit() ledger.ID {
	w.T.Helper()
	id, err := w.Acts.StartVisit(context.Background(), w.As(w.Inspector), acts.NewVisit{
		Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查",
	})
	w.must(err)
	return id
}

// Finding raises and confirms a finding of a visit.
func (w *World) Finding(visitID ledger.ID) ledger.ID {
	w.T.Helper()
	id, err := w.Acts.RaiseFinding(context.Background(), w.As(w.Inspector), visitID, acts.FindingForm{What: What(), Fact: Fact, Place: "入口", NoPhoto: "现场不便拍照"})
	w.must(err)
	w.must(w.Acts.ConfirmFinding(context.Background(), w.As(w.Leader), id, 0))
	return id
}

// Matter hands a new finding over to the street.
func (w *World) Matter() ledger.ID {
	w.T.Helper()
	id, err := w.Acts.HandOverFinding(context.Background(), w.As(w.Leader), w.Finding(w.Visit()), acts.HandOver{
		Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。",
	})
	w.must(err)
	return id
}

// Read runs fn on a snapshot.
func (w *World) Read(fn func(tx *storage.Tx) error) {
	w.T.Helper()
	w.must(w.DB.Read(context.Background(), fn))
}
