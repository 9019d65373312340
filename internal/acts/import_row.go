package acts

import (
	"encoding/json"
	"slices"
	"time"

	"duzhan/internal/document"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// record takes one row: a visit of a site with its findings. taken is false if it is there already.
func (i *importRun) record(tx *ledger.Tx, rec *intake.Record) (taken bool, refusal *RowRefused, err error) {
	tenant := i.c.Tenant
	row := i.a.V.RowHash(tenant, rec.RowKey)
	if i.in.DryRun && i.seen[row] {
		return false, nil, nil
	}
	if _, found, err := registry.Imported(tx.Tx, tenant, row); err != nil || found {
		return false, nil, err
	}
	if bad, err := i.region(tx, rec); err != nil || bad != nil {
		return false, bad, err
	}
	if i.in.DryRun {
		i.seen[row] = true
		return true, nil, nil
	}
	site, err := i.site(tx, rec)
	if err != nil {
		return false, nil, err
	}
	at := rec.Fields["visit.at"]
	r := rowTaken{rec: rec, site: site, at: at.Time.UTC(), row: row}
	if at.Until.After(at.Time) { // the last microsecond of what was reported
		r.until, r.precision = at.Until.Add(time.Microsecond).UTC(), precisionOf(at.Precision)
	}
	if err := i.visit(tx, &r); err != nil {
		return false, nil, err
	}
	if err := i.findings(tx, &r); err != nil {
		return false, nil, err
	}
	return true, nil, nil
}

// precisionOf names the interval; minutes and seconds are exact enough to have no name.
func precisionOf(p intake.Precision) ledger.Precision {
	switch p {
	case intake.ToDay:
		return ledger.Day
	case intake.ToHour:
		return ledger.Hour
	}
	return ledger.Exact
}

// rowTaken is a row on its way into the ledger.
type rowTaken struct {
	rec       *intake.Record
	site      registry.Site
	at, until time.Time
	precision ledger.Precision
	row       string
	visit     ledger.ID
	shared    bool // the visit was there before this row
	codes     []string
}

func (r *rowTaken) draft(id ledger.ID, body ledger.Body, parts ...ledger.Part) ledger.Draft {
	return ledger.Draft{Subject: id, OccurredAt: r.at, Until: r.until, Precision: r.precision, Parts: parts, Body: body}
}

func (r *rowTaken) day() string { return r.rec.Fields["visit.at"].Time.Format(time.DateOnly) }

// region makes sure that the row's region is known: a code with a name is registered, a code alone that
// nobody knows is refused.
func (i *importRun) region(tx *ledger.Tx, rec *intake.Record) (*RowRefused, error) {
	code, name := rec.Fields.Text("site.region"), rec.Fields.Text("site.region_name")
	if code == "" {
		return nil, nil
	}
	day := rec.Fields["visit.at"].Time.Format(time.DateOnly)
	_, refusal, err := registry.RegionOn(tx.Tx, i.c.Tenant, code, day)
	if err != nil || refusal == nil {
		return nil, err
	}
	if refusal.Code == "region.unknown" && name != "" {
		if i.in.DryRun {
			return nil, nil
		}
		return nil, tx.Append(ledger.Draft{Subject: "regions:" + ledger.ID(i.c.Tenant), Body: registry.RegionsRegisteredV1{
			Source: "import " + i.in.Mapping.Name, Regions: []registry.Region{{Code: code, Name: name, Level: registry.Town, From: "0001-01-01"}},
		}})
	}
	return &RowRefused{Line: rec.Line, Column: "site.region", Value: code, Rule: refusal.Code}, nil
}

// site finds the premises by their key, under whatever spelling, or registers them.
func (i *importRun) site(tx *ledger.Tx, rec *intake.Record) (registry.Site, error) {
	key := i.a.V.RowHash(i.c.Tenant, i.in.Mapping.Name+"\x1esite\x1e"+rec.Fields.Text("site.key"))
	id, found, err := registry.Imported(tx.Tx, i.c.Tenant, key)
	if err != nil {
		return registry.Site{}, err
	}
	if found {
		s, _, err := registry.SiteByID(tx.Tx, i.c.Tenant, id)
		return s, err
	}
	s := registry.Site{
		ID: ledger.NewID(), Name: rec.Fields.Text("site.name"), Type: rec.Fields.Text("site.type"),
		Region: rec.Fields.Text("site.region"), Address: rec.Fields.Text("site.address"),
	}
	if lon, ok := rec.Fields["site.lon"]; ok {
		lat := rec.Fields["site.lat"].Number
		s.Lon, s.Lat = &lon.Number, &lat
	}
	return s, tx.Append(ledger.Draft{Subject: s.ID, Body: registry.SiteRegisteredV1{Site: s, Key: key}})
}

// visit makes the row's visit, or finds the one that an earlier row with the same visit.key made.
func (i *importRun) visit(tx *ledger.Tx, r *rowTaken) error {
	keys := []string{r.row}
	if k := r.rec.Fields.Text("visit.key"); k != "" {
		shared := i.a.V.RowHash(i.c.Tenant, i.in.Mapping.Name+"\x1evisit\x1e"+k)
		id, found, err := registry.Imported(tx.Tx, i.c.Tenant, shared)
		if err != nil {
			return err
		}
		if found {
			r.visit, r.shared = id, true
			return nil
		}
		keys = append(keys, shared)
	}
	r.visit = ledger.NewID()
	body := visit.ImportedV1{Keys: keys, Site: r.site.ID, Street: registry.Street(r.site.Region), Type: r.rec.Fields.Text("visit.kind"), Day: r.day()}
	if ended, ok := r.rec.Fields["visit.ended"]; ok {
		t := ended.Until.UTC()
		body.Ended = &t
	}
	parts, err := i.seal(tx, r.rec.Fields, map[string]string{"visit.note": "note", "visit.inspector": "inspector"})
	if err != nil {
		return err
	}
	return tx.Append(r.draft(r.visit, body, parts...))
}

// seal seals the fields that hold somebody's words or name.
func (i *importRun) seal(tx *ledger.Tx, f intake.Fields, names map[string]string) ([]ledger.Part, error) {
	var contents []vault.Content
	for field, part := range names {
		if t := f.Text(field); t != "" {
			contents = append(contents, vault.Content{Name: part, Bytes: []byte(t)})
		}
	}
	if len(contents) == 0 {
		return nil, nil
	}
	return i.a.V.Seal(tx, scope(tx), vault.Finding, contents...)
}

// findings takes the row's findings: on a follow-up they first meet what was open at the site.
func (i *importRun) findings(tx *ledger.Tx, r *rowTaken) error {
	for _, it := range r.rec.Items {
		r.codes = append(r.codes, it.Fields.Text("code"))
	}
	again := map[string][]matter.Matter{}
	if r.rec.FollowUp {
		var err error
		if again, err = i.followUp(tx, r); err != nil {
			return err
		}
	}
	for n, it := range r.rec.Items {
		var keys []string
		if r.shared && n == 0 {
			keys = []string{r.row}
		}
		m, err := i.finding(tx, r, it, keys)
		if err != nil {
			return err
		}
		if open := again[it.Fields.Text("code")]; len(open) > 0 { // the same problem still: one matter, not two
			if err := i.merge(tx, r, m, open[0].ID); err != nil {
				return err
			}
			again[it.Fields.Text("code")] = open[1:]
			continue
		}
		if err := i.laterFollowUps(tx, r, m); err != nil {
			return err
		}
	}
	return nil
}

// finding makes a finding and the matter it became.
func (i *importRun) finding(tx *ledger.Tx, r *rowTaken, it intake.Item, keys []string) (ledger.ID, error) {
	tenant, street := i.c.Tenant, registry.Street(r.site.Region)
	id, mid := ledger.NewID(), ledger.NewID()
	what := visit.What{Problem: it.Fields.Text("code"), Severity: it.Fields.Text("severity"), FixedOnSpot: it.Fields["fixed_on_spot"].Bool}
	var parts []ledger.Part
	if fact := it.Fields.Text("text"); fact != "" {
		text, err := json.Marshal(visit.Text{Fact: fact, Place: it.Fields.Text("place")})
		if err != nil {
			return "", err
		}
		if parts, err = i.a.V.Seal(tx, scope(tx), vault.Finding, vault.Content{Name: "text", Type: "application/json", Bytes: text}); err != nil {
			return "", err
		}
	}
	if err := tx.Append(r.draft(id, visit.FindingImportedV1{
		Visit: r.visit, Site: r.site.ID, Street: street, What: what, Matter: mid, Keys: keys,
	}, parts...)); err != nil {
		return "", err
	}
	owner, err := i.owner(tx, it.Fields.Text("owner"))
	if err != nil {
		return "", err
	}
	n, err := document.Next(tx.Tx, tenant, seriesImported, r.rec.Fields["visit.at"].Time.Year())
	if err != nil {
		return "", err
	}
	cmd := matter.Import{
		Act: ledger.Act{At: r.at, Until: r.until, Precision: r.precision}, ID: mid, NotGiven: notGiven(it), Claimed: what.FixedOnSpot,
		Opening: matter.Opening{
			Origin: matter.OriginFinding, Source: id, Site: r.site.ID, Unit: owner, Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
			Facets: matter.Facets{Street: street, Problem: what.Problem, Severity: what.Severity, Day: r.day()},
		},
	}
	if what.FixedOnSpot {
		cmd.Opening.Facets.Channel = matter.OnSpot
	}
	if due, ok := it.Fields["due"]; ok {
		t := due.Until.UTC()
		cmd.Due = &t
	}
	drafts, refusal := cmd.Decide(matter.Matter{}, tx.Now())
	return mid, decided(tx, drafts, refusal)
}

// notGiven lists what rules of a hand-over need and the row does not have.
func notGiven(it intake.Item) []string {
	out := []string{}
	for _, fact := range []string{"owner", "due", "verifier"} {
		if slices.Contains(it.Missing, fact) {
			out = append(out, fact)
		}
	}
	return out
}

// owner finds the unit that the file names, or registers it under that name.
func (i *importRun) owner(tx *ledger.Tx, name string) (ledger.ID, error) {
	if name == "" {
		return "", nil
	}
	orgs, err := registry.Orgs(tx.Tx, i.c.Tenant)
	if err != nil {
		return "", err
	}
	for _, o := range orgs {
		if o.Zh == name || o.En == name {
			return o.ID, nil
		}
	}
	id := ledger.NewID()
	return id, tx.Append(ledger.Draft{Subject: id, Body: registry.OrgRegisteredV1{Kind_: "department", Zh: name, En: name}})
}

// unverified lists the site's imported matters that were there by a time and are neither verified nor ended.
func (i *importRun) unverified(tx *ledger.Tx, site ledger.ID, by time.Time) ([]matter.Matter, error) {
	page, err := matter.List(tx.Tx, i.c.Tenant, matter.Filter{Site: site, Open: true, Sort: "assigned"})
	return slices.DeleteFunc(page.Matters, func(m matter.Matter) bool {
		return m.NotGiven == nil || m.State != matter.InProgress && m.State != matter.FixClaimed || m.AssignedAt.After(by)
	}), err
}

// followUp lets a follow-up verify what was open at the site, or fail what it found again. It gives the
// matters found again by code.
func (i *importRun) followUp(tx *ledger.Tx, r *rowTaken) (map[string][]matter.Matter, error) {
	rule := i.in.Mapping.FollowUp
	open, err := i.unverified(tx, r.site.ID, r.draft("", nil).Effective(tx.Now(), time.Time{}))
	if err != nil {
		return nil, err
	}
	again := map[string][]matter.Matter{}
	left := slices.Clone(r.codes)
	for _, m := range open {
		found := slices.Index(left, m.Facets.Problem)
		failed := rule.Fails == "same_code" && found >= 0 || rule.Fails == "any" && len(r.codes) > 0
		if found >= 0 && rule.Fails == "same_code" {
			left = slices.Delete(left, found, found+1)
			again[m.Facets.Problem] = append(again[m.Facets.Problem], m)
		}
		if err := i.follow(tx, m, r.visit, r.at, r.until, r.precision, !failed); err != nil {
			return nil, err
		}
	}
	return again, nil
}

func (i *importRun) follow(tx *ledger.Tx, m matter.Matter, by ledger.ID, at, until time.Time, p ledger.Precision, passed bool) error {
	drafts, refusal := matter.FollowUp{
		Act: ledger.Act{At: at, Until: until, Precision: p}, Visit: by, Passed: passed,
	}.Decide(m, tx.Now())
	return decided(tx, drafts, refusal)
}

func (i *importRun) merge(tx *ledger.Tx, r *rowTaken, id, master ledger.ID) error {
	m, _, err := matter.Load(tx.Tx, i.c.Tenant, id)
	if err != nil {
		return err
	}
	into, _, err := matter.Load(tx.Tx, i.c.Tenant, master)
	if err != nil {
		return err
	}
	drafts, refusal := matter.MarkDuplicate{
		Act: ledger.Act{At: r.at, Until: r.until, Precision: r.precision}, Master: into,
	}.Decide(m, tx.Now())
	return decided(tx, drafts, refusal)
}

// laterFollowUps meets a file that is not in order of time: a follow-up that was read before this finding
// and lies after it verifies or fails it.
func (i *importRun) laterFollowUps(tx *ledger.Tx, r *rowTaken, id ledger.ID) error {
	rule := i.in.Mapping.FollowUp
	if rule == nil {
		return nil
	}
	visits, err := visit.VisitsOfSite(tx.Tx, i.c.Tenant, r.site.ID)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if v.ID == r.visit || v.Origin != visit.ByImport || !slices.Contains(rule.Is, v.Kind) {
			continue
		}
		m, _, err := matter.Load(tx.Tx, i.c.Tenant, id)
		if err != nil {
			return err
		}
		if !v.StartedAt.After(m.AssignedAt) || m.State != matter.InProgress && m.State != matter.FixClaimed {
			continue
		}
		found, err := visit.FindingsOf(tx.Tx, i.c.Tenant, v.ID)
		if err != nil {
			return err
		}
		failed := len(found) > 0 && rule.Fails == "any" || rule.Fails == "same_code" && slices.ContainsFunc(found, func(f visit.Finding) bool {
			return f.What.Problem == m.Facets.Problem
		})
		if err := i.follow(tx, m, v.ID, v.StartedAt, time.Time{}, ledger.Exact, !failed); err != nil {
			return err
		}
	}
	return nil
}
