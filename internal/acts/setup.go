package acts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
)

// regionsPerEntry keeps an entry of regions well under its limit.
const regionsPerEntry = 150

// SetUp makes a tenant with the rule pack and the catalogue that ship, in force from a time.
func (a *Acts) SetUp(ctx context.Context, t access.Tenant, pack string, packVersion int, catalogue string) error {
	if _, err := time.LoadLocation(t.Zone); err != nil {
		return ledger.RefuseAs(ledger.Invalid, "input.format", "zone")
	}
	body, err := data.RulePack(pack, packVersion)
	if err != nil {
		return err
	}
	parsed, err := due.ParsePack(body)
	if err != nil {
		return err
	}
	lists, err := data.LoadCatalogue(catalogue)
	if err != nil {
		return err
	}
	parts, err := catalogueParts(lists)
	if err != nil {
		return err
	}
	return a.L.Do(ctx, t.Code, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		if err := access.PutTenant(tx, t); err != nil {
			return err
		}
		if err := tx.Append(ledger.Draft{Subject: "rule-pack:" + ledger.ID(parsed.Code), Body: plan.RulePackPublishedV1{
			Code: RulePackCode, Version: parsed.Version, ValidFrom: time.UnixMicro(0).UTC(), Pack: body,
		}}); err != nil {
			return err
		}
		return publishCatalogue(tx, CatalogueCode, lists.Version, parts)
	})
}

// publishCatalogue publishes a version of a catalogue under a code.
func publishCatalogue(tx *ledger.Tx, code string, version int, parts []json.RawMessage) error {
	for i, p := range parts {
		if err := tx.Append(ledger.Draft{Subject: "catalogue:" + ledger.ID(code), Body: plan.CataloguePublishedV1{
			Code: code, Version: version, Part: i, Lists: p,
		}}); err != nil {
			return err
		}
	}
	return nil
}

// catalogueParts splits a catalogue into its lists; the largest get an entry of their own.
func catalogueParts(c data.Catalogue) ([]json.RawMessage, error) {
	var out []json.RawMessage
	for _, lists := range []map[string]any{
		{
			"themes": c.Themes, "areas": c.Areas, "responsibilities": c.Responsibilities, "focus": c.Focus, "problem_types": c.ProblemTypes,
			"site_types": c.SiteTypes, "severities": c.Severities, "channels": c.Channels, "visit_methods": c.VisitMethods,
		},
		{"items": c.Items},
		{"clauses": c.Clauses},
		{"key_links": c.KeyLinks, "link_items": c.LinkItems, "risks": c.Risks},
	} {
		b, err := json.Marshal(lists)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// RegisterRegions puts regions into the ledger, from a named source.
func (a *Acts) RegisterRegions(ctx context.Context, tenant, source string, regions []registry.Region) error {
	return a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		for len(regions) > 0 {
			n := min(len(regions), regionsPerEntry)
			if err := tx.Append(ledger.Draft{Subject: "regions:" + ledger.ID(tenant), Body: registry.RegionsRegisteredV1{Source: source, Regions: regions[:n]}}); err != nil {
				return err
			}
			regions = regions[n:]
		}
		return nil
	})
}

// BeginIncident declares the first incident of a jurisdiction, when nobody is there yet who may.
func (a *Acts) BeginIncident(ctx context.Context, tenant string, b registry.IncidentDeclaredV2, at time.Time) (ledger.ID, error) {
	id := ledger.NewID()
	return id, a.do(ctx, Caller{Actor: access.Actor{Tenant: tenant}}, func(tx *ledger.Tx) error {
		return a.declare(tx, Caller{Actor: access.Actor{Tenant: tenant}}, id, b, When{At: at})
	})
}

// RegisterOrg adds an organisation.
func (a *Acts) RegisterOrg(ctx context.Context, tenant string, o registry.Org) error {
	return a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		return tx.Append(ledger.Draft{Subject: o.ID, Body: registry.OrgRegisteredV1{Kind_: o.Kind, Zh: o.Zh, En: o.En, Region: o.Region}})
	})
}

// RegisterPerson adds somebody who works here, with the post he holds.
func (a *Acts) RegisterPerson(ctx context.Context, tenant string, p NewPerson, role string, from time.Time) error {
	return a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		if err := a.registerPerson(tx, p); err != nil {
			return err
		}
		return tx.Append(ledger.Draft{Subject: p.ID, Body: registry.PostHeldV1{Post: registry.Post{Org: p.Org, Role: role, From: from.UTC()}}})
	})
}

// CreateAccount lets somebody sign in.
func (a *Acts) CreateAccount(ctx context.Context, actor access.Actor, password string) error {
	return a.L.Do(ctx, actor.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error { return access.Create(tx, actor, password) })
}

// DistrictRegions are the regions that ship: Yubei, its towns and streets and their communities, valid
// until the reorganisation of November 2025.
func DistrictRegions(code, name string) ([]registry.Region, error) {
	const from, to = "2018-01-01", "2025-11-06"
	out := []registry.Region{{Code: code, Name: name, Level: registry.District, From: from, To: to}}
	towns, err := data.Towns()
	if err != nil {
		return nil, err
	}
	for _, t := range towns {
		out = append(out, registry.Region{Code: t.Code, Name: t.Name, Level: registry.Town, Parent: code, Pinyin: t.Pinyin, From: from, To: to})
	}
	communities, err := data.Communities()
	if err != nil {
		return nil, err
	}
	for _, c := range communities {
		out = append(out, registry.Region{Code: c.Code, Name: c.Short, Level: registry.Community, Parent: c.Town, From: from, To: to})
	}
	if len(out) == 1 {
		return nil, fmt.Errorf("no towns of %s ship", code)
	}
	return out, nil
}
