package acts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// seriesAuthorised numbers authorisations of teams.
const seriesAuthorised = "渝督授"

// NewTeam is a team as it is formed, with its first document and its first posting if they are known.
type NewTeam struct {
	ID            ledger.ID // made by the client, or empty
	No            int64
	Zh, En        string
	Org           ledger.ID // its organisation; empty: made with it
	Formed        When
	Issuers       []ledger.ID
	Members       []visit.Member
	Postings      []visit.Posting
	Why           string // why these streets
	Authorisation *visit.Authorisation
}

// FormTeam forms a team with its members, its authorisation and its first postings.
func (a *Acts) FormTeam(ctx context.Context, c Caller, t NewTeam) (ledger.ID, error) {
	if t.ID == "" {
		t.ID = c.newID("team")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return t.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		return a.formTeam(tx, c, t, zone)
	})
}

func (a *Acts) formTeam(tx *ledger.Tx, c Caller, t NewTeam, zone *time.Location) error {
	if err := a.checkTime(tx, c, "formed_at", t.Formed); err != nil {
		return err
	}
	at, until := t.Formed.interval(tx, zone)
	act := ledger.Act{Person: c.Person, Unit: c.Unit, At: at, Until: until, Precision: t.Formed.Precision}
	others, err := visit.Teams(tx.Tx, c.Tenant)
	if err != nil {
		return err
	}
	for i := range t.Members {
		if t.Members[i].From.IsZero() {
			if t.Members[i].From = at; at.IsZero() {
				t.Members[i].From = tx.Now()
			}
		}
		if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, t.Members[i].Person); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "person.unknown", "members"))
		}
	}
	if t.Org == "" {
		t.Org = c.newID("team-org")
		if err := tx.Append(ledger.Draft{Subject: t.Org, Body: registry.OrgRegisteredV1{Kind_: "team", Zh: t.Zh, En: t.En}}); err != nil {
			return err
		}
	}
	before, _, err := visit.TeamByID(tx.Tx, c.Tenant, t.ID)
	if err != nil {
		return err
	}
	drafts, refusal := visit.FormTeam{
		Act: act, ID: t.ID, Incident: tx.Incident, No: t.No, Zh: t.Zh, En: t.En, Org: t.Org, Issuers: t.Issuers, Members: t.Members, Others: others,
	}.Decide(before, tx.Now())
	if err := decided(tx, drafts, refusal); err != nil {
		return err
	}
	if t.Authorisation != nil {
		if len(t.Authorisation.Issuers) == 0 {
			t.Authorisation.Issuers = t.Issuers
		}
		if err := a.authorise(tx, c, t.ID, *t.Authorisation, zone); err != nil {
			return err
		}
	}
	for _, p := range t.Postings {
		if err := a.post(tx, c, t.ID, p, t.Why, false, zone); err != nil {
			return err
		}
	}
	return nil
}

// onTeam runs fn on a team as it is.
func (a *Acts) onTeam(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, visit.Team, *time.Location) error) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can(act); r != nil {
			return r
		}
		t, err := existing(visit.TeamByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		tx.Incident = t.Incident
		return fn(tx, t, zone)
	})
}

// othersOf lists all teams but one.
func othersOf(tx *ledger.Tx, id ledger.ID) ([]visit.Team, error) {
	teams, err := visit.Teams(tx.Tx, tx.Tenant)
	return slices.DeleteFunc(teams, func(t visit.Team) bool { return t.ID == id }), err
}

// JoinTeam adds somebody to a team.
func (a *Acts) JoinTeam(ctx context.Context, c Caller, id ledger.ID, m visit.Member) error {
	return a.onTeam(ctx, c, id, "register", func(tx *ledger.Tx, t visit.Team, _ *time.Location) error {
		if m.From.IsZero() {
			m.From = tx.Now()
		}
		if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, m.Person); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "person.unknown", "person"))
		}
		others, err := othersOf(tx, id)
		if err != nil {
			return err
		}
		drafts, refusal := visit.Join{Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), Member: m, Others: others}.Decide(t, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// LeaveTeam ends somebody's time in a team.
func (a *Acts) LeaveTeam(ctx context.Context, c Caller, id, person ledger.ID) error {
	return a.onTeam(ctx, c, id, "register", func(tx *ledger.Tx, t visit.Team, _ *time.Location) error {
		drafts, refusal := visit.Leave{Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), Leaver: person}.Decide(t, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// PostTeam sends a team to a street, with the reason for this street.
func (a *Acts) PostTeam(ctx context.Context, c Caller, id ledger.ID, p visit.Posting, why string, shared bool) error {
	return a.onTeam(ctx, c, id, "register", func(tx *ledger.Tx, _ visit.Team, zone *time.Location) error {
		return a.post(tx, c, id, p, why, shared, zone)
	})
}

func (a *Acts) post(tx *ledger.Tx, c Caller, id ledger.ID, p visit.Posting, why string, shared bool, zone *time.Location) error {
	t, _, err := visit.TeamByID(tx.Tx, c.Tenant, id)
	if err != nil {
		return err
	}
	if p.From.IsZero() {
		p.From = tx.Now()
	}
	r, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, p.Street, p.From.In(zone).Format(time.DateOnly))
	if refusal == nil && err == nil && r.Level != registry.Town {
		refusal = ledger.RefuseAs(ledger.Invalid, "region.no-street", "street")
	}
	if err != nil || refusal != nil {
		if refusal != nil {
			refusal.Field = "street"
		}
		return orRefusal(err, refusal)
	}
	others, err := othersOf(tx, id)
	if err != nil {
		return err
	}
	act := visitAct(c, 0, time.Time{}, time.Time{}, "")
	if act.Parts, err = a.sealText(tx, "reason", "text", why, false); err != nil {
		return err
	}
	drafts, refusal := visit.Post{Act: act, Posting: p, Others: others, Shared: shared}.Decide(t, tx.Now())
	return decided(tx, drafts, refusal)
}

// AuthoriseTeam issues the document without which a team starts no visit; it gets the next number.
func (a *Acts) AuthoriseTeam(ctx context.Context, c Caller, id ledger.ID, w visit.Authorisation) error {
	return a.onTeam(ctx, c, id, "authorise", func(tx *ledger.Tx, _ visit.Team, zone *time.Location) error {
		return a.authorise(tx, c, id, w, zone)
	})
}

func (a *Acts) authorise(tx *ledger.Tx, c Caller, id ledger.ID, w visit.Authorisation, zone *time.Location) error {
	t, _, err := visit.TeamByID(tx.Tx, c.Tenant, id)
	if err != nil {
		return err
	}
	for _, issuer := range w.Issuers {
		if _, found, err := registry.OrgByID(tx.Tx, c.Tenant, issuer); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "issuers"))
		}
	}
	for i, street := range w.Streets {
		if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, street, w.From.In(zone).Format(time.DateOnly)); err != nil || refusal != nil {
			if refusal != nil {
				refusal.Field = fmt.Sprintf("streets[%d]", i)
			}
			return orRefusal(err, refusal)
		}
	}
	n, err := document.Next(tx.Tx, c.Tenant, seriesAuthorised, tx.Now().In(zone).Year())
	if err != nil {
		return err
	}
	w.Number, w.Series, w.Year, w.Serial = n.String(), n.Series, n.Year, n.N
	drafts, refusal := visit.Authorise{Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), Authorisation: w}.Decide(t, tx.Now())
	return decided(tx, drafts, refusal)
}

// ReportToTeam is a member's answer to the order to join: he has it, or he is there.
func (a *Acts) ReportToTeam(ctx context.Context, c Caller, id ledger.ID, mustered bool, w When) error {
	return a.onTeam(ctx, c, id, "read", func(tx *ledger.Tx, t visit.Team, zone *time.Location) error {
		if err := a.checkTime(tx, c, "occurred_at", w); err != nil {
			return err
		}
		at, until := w.interval(tx, zone)
		drafts, refusal := visit.Report{Act: visitAct(c, 0, at, until, w.Precision), Mustered: mustered}.Decide(t, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// NewOrg is an organisation to register.
type NewOrg struct{ Kind, Zh, En, Region string }

// orgKinds are the kinds of organisations that are registered by hand; a team's comes with the team.
var orgKinds = []string{"commission", "department", "street", "resident_office", "community", "grassroots", "other"}

// AddOrg registers an organisation.
func (a *Acts) AddOrg(ctx context.Context, c Caller, o NewOrg) (ledger.ID, error) {
	id := c.newID("org")
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		if !slices.Contains(orgKinds, o.Kind) {
			return ledger.RefuseAs(ledger.Invalid, "unknown-code", "kind", "field", "kind")
		}
		var r *ledger.Refusal
		if o.Zh, r = cleanText("zh", o.Zh, true); r != nil {
			return r
		}
		if o.En, r = cleanText("en", o.En, true); r != nil {
			return r
		}
		if o.Kind == "street" && o.Region == "" {
			return ledger.Required("region")
		}
		if o.Region != "" {
			if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, o.Region, tx.Now().In(zone).Format(time.DateOnly)); err != nil || refusal != nil {
				return orRefusal(err, refusal)
			}
		}
		list, err := registry.Orgs(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(x registry.Org) bool { return x.Kind == o.Kind && x.Zh == o.Zh && x.Region == o.Region }) {
			return ledger.Refuse("unit.twice", "zh")
		}
		return tx.Append(ledger.Draft{Subject: id, Body: registry.OrgRegisteredV1{Kind_: o.Kind, Zh: o.Zh, En: o.En, Region: o.Region}})
	})
}

// AddRegions registers regions from a named source; a code valid from the same day is put right.
func (a *Acts) AddRegions(ctx context.Context, c Caller, source string, regions []registry.Region) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		source, r := cleanText("source", source, true)
		if r != nil {
			return r
		}
		if len(regions) == 0 {
			return ledger.Required("items")
		}
		for i := range regions {
			if r := regionOK(&regions[i]); r != nil {
				r.Field = fmt.Sprintf("items[%d].%s", i, r.Field)
				return r
			}
		}
		for part := range slices.Chunk(regions, regionsPerEntry) {
			if err := tx.Append(ledger.Draft{Subject: "regions:" + ledger.ID(c.Tenant), Body: registry.RegionsRegisteredV1{Source: source, Regions: part}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// regionOK refuses a region whose code, level or days are no such, and fills in the parent that the code says.
func regionOK(r *registry.Region) *ledger.Refusal {
	levels := map[string]int{registry.District: 6, registry.Town: registry.TownDigits, registry.Community: 12}
	digits, ok := levels[r.Level]
	switch {
	case !ok:
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "level", "field", "level")
	case len(r.Code) != digits || !onlyDigits(r.Code):
		return ledger.RefuseAs(ledger.Invalid, "region.code-digits", "code", "digits", fmt.Sprint(digits))
	case !isDay(r.From):
		return ledger.RefuseAs(ledger.Invalid, "input.format", "valid_from")
	case r.To != "" && (!isDay(r.To) || r.To <= r.From):
		return ledger.RefuseAs(ledger.Invalid, "input.format", "valid_to")
	}
	name, refusal := cleanText("name", r.Name, true)
	if refusal != nil {
		return refusal
	}
	r.Name = name
	if r.Parent == "" && r.Level != registry.District {
		r.Parent = r.Code[:map[string]int{registry.Town: 6, registry.Community: registry.TownDigits}[r.Level]]
	}
	return nil
}

func onlyDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// SignInOf is the account that comes with a person.
type SignInOf struct {
	Login, Password string
	Regions         []string
	Teams           []string
}

// AddPerson registers somebody with the post he holds and, if he is to sign in, an account with that role.
func (a *Acts) AddPerson(ctx context.Context, c Caller, p NewPerson, role string, in *SignInOf) (ledger.ID, error) {
	if p.ID == "" {
		p.ID = ledger.NewPersonID()
		if c.Key != "" { // the same command sent again is the same person, and the id tells nothing
			p.ID = c.newID("person")
		}
	}
	return p.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		if _, ok := access.Roles[role]; !ok {
			return ledger.RefuseAs(ledger.Invalid, "unknown-code", "role", "field", "role")
		}
		if _, found, err := registry.OrgByID(tx.Tx, c.Tenant, p.Org); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "org"))
		}
		var r *ledger.Refusal
		if p.Name, r = cleanText("name", p.Name, true); r != nil {
			return r
		}
		if p.Phone, r = cleanText("phone", p.Phone, false); r != nil {
			return r
		}
		if err := a.registerPerson(tx, p); err != nil {
			return err
		}
		if err := tx.Append(ledger.Draft{Subject: p.ID, Body: registry.PostHeldV1{Post: registry.Post{Org: p.Org, Role: role, From: tx.Now()}}}); err != nil {
			return err
		}
		if in == nil {
			return nil
		}
		if r := c.MayGive(role); r != nil {
			return r
		}
		return access.Create(tx, access.Actor{
			Tenant: c.Tenant, Account: c.newID("account"), Login: in.Login, Person: p.ID, Unit: p.Org, Roles: []string{role}, Regions: in.Regions, Teams: in.Teams,
		}, in.Password)
	})
}
