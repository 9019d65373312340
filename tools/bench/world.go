//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

const (
	tenant    = "500112"
	street    = "500112012"
	community = "500112012013"
	password  = "bench-duzhan-2022"
)

// world is a data folder with a small invented district, on a clock that the bench sets.
type world struct {
	dir  string
	db   *storage.DB
	acts *acts.Acts
	time time.Time

	inspector access.Actor
	duty      access.Actor
	team      ledger.ID
	site      ledger.ID
	units     []ledger.ID
	incident  ledger.ID
}

func newWorld(ctx context.Context, dir string, begin time.Time) (*world, error) {
	w := &world{dir: dir, time: begin.UTC().Truncate(time.Microsecond)}
	keys, err := vault.OpenKeys(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, err
	}
	signing, err := acts.OpenSigningKey(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, err
	}
	if w.db, err = storage.Open(ctx, filepath.Join(dir, "duzhan.db")); err != nil {
		return nil, err
	}
	opt := acts.Options(func(string) time.Time { return w.time })
	if err := ledger.Prepare(ctx, w.db, opt); err != nil {
		return nil, err
	}
	l, err := ledger.New(ctx, w.db, opt)
	if err != nil {
		return nil, errors.Join(err, w.db.Close())
	}
	w.acts = acts.New(l, vault.New(keys), signing)
	w.acts.Dir = dir
	if err := w.setUp(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *world) close() error { return errors.Join(w.acts.L.Close(), w.db.Close()) }

func (w *world) setUp(ctx context.Context) error {
	if err := w.acts.SetUp(ctx, access.Tenant{Code: tenant, Zh: "测速区", En: "Bench district", Zone: "Asia/Shanghai"}, "emergency", 1, "epidemic-2022"); err != nil {
		return err
	}
	regions, err := acts.DistrictRegions(tenant, "测速区")
	if err != nil {
		return err
	}
	for i := range regions { // the bench runs today
		regions[i].To = ""
	}
	if err := w.acts.RegisterRegions(ctx, tenant, "bench", regions); err != nil {
		return err
	}
	if w.incident, err = w.acts.BeginIncident(ctx, tenant, registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: "bench", Zh: "测速", En: "Bench", Phase: "normal"}}, w.time); err != nil {
		return err
	}
	for i := range 12 {
		org := registry.Org{ID: ledger.NewID(), Kind: "department", Zh: fmt.Sprintf("测速部门%d", i+1), En: fmt.Sprintf("Bench department %d", i+1)}
		if err := w.acts.RegisterOrg(ctx, tenant, org); err != nil {
			return err
		}
		w.units = append(w.units, org.ID)
	}
	if w.duty, err = w.person(ctx, "duty_officer", "duty", nil); err != nil {
		return err
	}
	if w.inspector, err = w.person(ctx, "inspector", "inspector", []string{street}); err != nil {
		return err
	}
	w.team = ledger.NewID()
	if _, err := w.acts.FormTeam(ctx, acts.Caller{Actor: w.duty}, acts.NewTeam{
		ID: w.team, No: 1, Zh: "第1组", En: "Team 1", Org: w.units[0],
		Members: []visit.Member{
			{Person: w.duty.Person, Role: visit.Leader, From: w.time}, {Person: w.inspector.Person, Role: visit.Plain, From: w.time},
		},
		Postings: []visit.Posting{{Street: street, From: w.time}}, Why: "测速",
		Authorisation: &visit.Authorisation{Issuers: w.units[:1], From: w.time},
	}); err != nil {
		return err
	}
	w.site, err = w.acts.RegisterSite(ctx, acts.Caller{Actor: w.duty}, acts.NewSite{Name: "测速超市", Type: "S07", Region: community, Address: "测速路1号"})
	return err
}

func (w *world) person(ctx context.Context, role, login string, regions []string) (access.Actor, error) {
	p := acts.NewPerson{ID: ledger.NewPersonID(), Name: "测示" + login, Org: w.units[0]}
	if err := w.acts.RegisterPerson(ctx, tenant, p, role, w.time); err != nil {
		return access.Actor{}, err
	}
	a := access.Actor{
		Tenant: tenant, Account: ledger.NewID(), Login: login, Person: p.ID, Unit: w.units[0], Roles: []string{role}, Regions: regions,
	}
	return a, w.acts.CreateAccount(ctx, a, password)
}

// visit starts a visit of the site that findings can be raised on.
func (w *world) visit(ctx context.Context) (ledger.ID, error) {
	return w.acts.StartVisit(ctx, acts.Caller{Actor: w.inspector}, acts.NewVisit{
		Site: w.site, Team: w.team, Inspectors: []ledger.ID{w.inspector.Person}, Methods: []string{"inspection"}, Alone: "测速",
	})
}
