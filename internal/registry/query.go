package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Fold makes spellings of a name alike for search: lower case, no spaces.
func Fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), "")) }

// Regions lists all regions with their validity, by code.
func Regions(tx *storage.Tx, tenant string) ([]Region, error) {
	return regions(tx, ` WHERE tenant = $1 ORDER BY code, valid_from`, tenant)
}

func regions(tx *storage.Tx, where string, args ...any) ([]Region, error) {
	var out []Region
	err := tx.Query(`SELECT code, name, level, parent, pinyin, valid_from, valid_to FROM region`+where, args, func(scan func(...any) error) error {
		var r Region
		err := scan(&r.Code, &r.Name, &r.Level, &r.Parent, &r.Pinyin, &r.From, &r.To)
		out = append(out, r)
		return err
	})
	return out, err
}

// RegionOn finds the region of a code that is valid on a day (YYYY-MM-DD). A name is never a key: a
// text that is no code is refused, with the codes it could stand for.
func RegionOn(tx *storage.Tx, tenant, code, day string) (Region, *ledger.Refusal, error) {
	list, err := regions(tx, ` WHERE tenant = $1 AND code = $2 ORDER BY valid_from`, tenant, code)
	if err != nil {
		return Region{}, nil, err
	}
	for _, r := range list {
		if r.ValidOn(day) {
			return r, nil, nil
		}
	}
	if len(list) > 0 {
		return Region{}, ledger.RefuseAs(ledger.Invalid, "region.not-valid-then", "region", "code", code, "day", day), nil
	}
	named, err := regions(tx, ` WHERE tenant = $1 AND (name = $2 OR name LIKE $3) ORDER BY code`, tenant, code, code+"%")
	if err != nil {
		return Region{}, nil, err
	}
	if len(named) > 0 && code != "" {
		codes := make([]string, len(named))
		for i, r := range named {
			codes[i] = r.Code
		}
		return Region{}, ledger.RefuseAs(ledger.Invalid, "region.name-is-no-key", "region", "codes", strings.Join(codes, ", ")), nil
	}
	return Region{}, ledger.RefuseAs(ledger.Invalid, "region.unknown", "region"), nil
}

// Orgs lists all organisations, by kind and name.
func Orgs(tx *storage.Tx, tenant string) ([]Org, error) {
	var out []Org
	err := tx.Query(`SELECT id, kind, zh, en, region, valid_from, valid_to FROM org WHERE tenant = $1 ORDER BY kind, region, zh`, []any{tenant}, func(scan func(...any) error) error {
		var o Org
		err := scan(&o.ID, &o.Kind, &o.Zh, &o.En, &o.Region, &o.From, &o.To)
		out = append(out, o)
		return err
	})
	return out, err
}

// OrgByID finds an organisation.
func OrgByID(tx *storage.Tx, tenant string, id ledger.ID) (o Org, found bool, err error) {
	o.ID = id
	found, err = tx.Row(`SELECT kind, zh, en, region, valid_from, valid_to FROM org WHERE tenant = $1 AND id = $2`, []any{tenant, string(id)},
		&o.Kind, &o.Zh, &o.En, &o.Region, &o.From, &o.To)
	return o, found, err
}

// Supervised lists the units that an organisation supervises, by id.
func Supervised(tx *storage.Tx, tenant string, org ledger.ID) (units []ledger.ID, err error) {
	err = tx.Query(`SELECT unit FROM supervised WHERE tenant = $1 AND org = $2 ORDER BY unit`, []any{tenant, string(org)}, func(scan func(...any) error) error {
		var u ledger.ID
		err := scan(&u)
		units = append(units, u)
		return err
	})
	return units, err
}

// PersonByID finds a person.
func PersonByID(tx *storage.Tx, tenant string, id ledger.ID) (p Person, found bool, err error) {
	var org, part, recused string
	found, err = tx.Row(`SELECT org, part, recused FROM person WHERE tenant = $1 AND id = $2`, []any{tenant, string(id)}, &org, &part, &recused)
	if err != nil || !found {
		return p, found, err
	}
	p.ID, p.Org = id, ledger.ID(org)
	if recused != "" {
		p.Recused = strings.Split(recused, ",")
	}
	return p, true, json.Unmarshal([]byte(part), &p.Name)
}

// Posts lists the posts a person held at a time.
func Posts(tx *storage.Tx, tenant string, person ledger.ID, at time.Time) ([]Post, error) {
	var out []Post
	err := tx.Query(`SELECT org, role, from_at, to_at FROM post WHERE tenant = $1 AND person = $2 AND from_at <= $3
		AND (to_at = 0 OR to_at > $3) ORDER BY from_at`, []any{tenant, string(person), at.UnixMicro()}, func(scan func(...any) error) error {
		var p Post
		var org string
		var from, to int64
		if err := scan(&org, &p.Role, &from, &to); err != nil {
			return err
		}
		p.Org, p.From = ledger.ID(org), time.UnixMicro(from).UTC()
		if to != 0 {
			p.To = time.UnixMicro(to).UTC()
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// EachPost calls fn for every post held at an instant, by person and then from when; it says unit and role only.
func EachPost(tx *storage.Tx, tenant string, at time.Time, fn func(person ledger.ID, p Post)) error {
	return tx.Query(`SELECT person, org, role FROM post WHERE tenant = $1 AND from_at <= $2 AND (to_at = 0 OR to_at > $2) ORDER BY person, from_at, role`,
		[]any{tenant, at.UnixMicro()}, func(scan func(...any) error) error {
			var person, org string
			var p Post
			err := scan(&person, &org, &p.Role)
			p.Org = ledger.ID(org)
			fn(ledger.ID(person), p)
			return err
		})
}

// SiteByID finds a site.
func SiteByID(tx *storage.Tx, tenant string, id ledger.ID) (s Site, found bool, err error) {
	s.ID = id
	found, err = tx.Row(`SELECT name, type, region, address, lon, lat FROM site WHERE tenant = $1 AND id = $2`,
		[]any{tenant, string(id)}, &s.Name, &s.Type, &s.Region, &s.Address, &s.Lon, &s.Lat)
	return s, found, err
}

// Sites lists sites whose name holds q, in any of some regions (prefixes of codes), by name. The list goes
// on behind the site after.
func Sites(tx *storage.Tx, tenant, q string, regions []string, after ledger.ID, limit int) ([]Site, error) {
	args := []any{tenant, "%" + Fold(q) + "%", string(after), limit}
	in := make([]string, len(regions))
	for i, r := range regions {
		args = append(args, r+"%")
		in[i] = fmt.Sprintf("region LIKE $%d", len(args))
	}
	var out []Site
	err := tx.Query(`SELECT id, name, type, region, address, lon, lat FROM site
		WHERE tenant = $1 AND folded LIKE $2 AND (`+strings.Join(in, " OR ")+`)
		AND ($3 = '' OR (folded, id) > (SELECT folded, id FROM site WHERE tenant = $1 AND id = $3))
		ORDER BY folded, id LIMIT $4`, args,
		func(scan func(...any) error) error {
			var s Site
			err := scan(&s.ID, &s.Name, &s.Type, &s.Region, &s.Address, &s.Lon, &s.Lat)
			out = append(out, s)
			return err
		})
	return out, err
}

// SearchSites gives the ids of sites whose name or address holds q or whose region's code begins with it, in any of some
// streets (nil: everywhere), by street and name. It reads one index and no site.
func SearchSites(tx *storage.Tx, tenant, q string, streets []string, limit int) ([]ledger.ID, error) {
	args := []any{tenant, storage.Holding(Fold(q)), storage.Holding(strings.ToLower(q)), limit}
	where := `folded LIKE $2 ESCAPE '!' OR LOWER(address) LIKE $3 ESCAPE '!'`
	if isCode(q) {
		args = append(args, q+"%")
		where += ` OR region LIKE $5`
	}
	where = `(` + where + `)`
	if streets != nil {
		marks := []string{"''"}
		for _, s := range streets {
			args = append(args, s)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		where += ` AND street IN (` + strings.Join(marks, ", ") + `)`
	}
	var out []ledger.ID
	err := tx.Query(`SELECT id FROM site WHERE tenant = $1 AND `+where+` ORDER BY street, folded, id LIMIT $4`, args,
		func(scan func(...any) error) error {
			var id ledger.ID
			err := scan(&id)
			out = append(out, id)
			return err
		})
	return out, err
}

// isCode tells whether a text is the code of a district or the beginning of one below it.
func isCode(q string) bool {
	return len(q) >= 6 && len(q) <= 12 && strings.Trim(q, "0123456789") == ""
}

// Imported finds what an import's key stands for.
func Imported(tx *storage.Tx, tenant, key string) (id ledger.ID, found bool, err error) {
	var s string
	found, err = tx.Row(`SELECT subject FROM imported WHERE tenant = $1 AND key = $2`, []any{tenant, key}, &s)
	return ledger.ID(s), found, err
}

// Incidents lists all incidents: those that run first, exercises behind real ones, the last declared first.
func Incidents(tx *storage.Tx, tenant string) ([]Incident, error) {
	return incidents(tx, ` ORDER BY CASE WHEN stood_down_at IS NULL THEN 0 ELSE 1 END, exercise, declared_at DESC, id`, tenant)
}

func incidents(tx *storage.Tx, rest string, args ...any) ([]Incident, error) {
	var out []Incident
	err := tx.Query(`SELECT id, code, zh, en, phase, exercise, pack, trigger_at, declared_at, stood_down_at FROM incident WHERE tenant = $1`+rest,
		args, func(scan func(...any) error) error {
			var i Incident
			var id string
			var exercise, declared int64
			var trigger, stoodDown *int64
			if err := scan(&id, &i.Code, &i.Zh, &i.En, &i.Phase, &exercise, &i.Pack, &trigger, &declared, &stoodDown); err != nil {
				return err
			}
			i.ID, i.Exercise, i.DeclaredAt = ledger.ID(id), exercise == 1, time.UnixMicro(declared).UTC()
			if trigger != nil {
				i.TriggerAt = time.UnixMicro(*trigger).UTC()
			}
			if stoodDown != nil {
				i.StoodDownAt = time.UnixMicro(*stoodDown).UTC()
			}
			out = append(out, i)
			return nil
		})
	return out, err
}

// IncidentByID finds an incident.
func IncidentByID(tx *storage.Tx, tenant string, id ledger.ID) (i Incident, found bool, err error) {
	list, err := incidents(tx, ` AND id = $2`, tenant, string(id))
	if len(list) > 0 {
		return list[0], true, err
	}
	return i, false, err
}

// CurrentIncident is what work belongs to if nobody says: the real incident declared last that runs, or else
// the exercise.
func CurrentIncident(tx *storage.Tx, tenant string) (i Incident, found bool, err error) {
	list, err := incidents(tx, ` AND stood_down_at IS NULL ORDER BY exercise, declared_at DESC LIMIT 1`, tenant)
	if len(list) > 0 {
		return list[0], true, err
	}
	return i, false, err
}

// Counts tells whether what belongs to an incident stands in figures: an exercise does not.
func Counts(tx *storage.Tx, tenant string, incident ledger.ID) (bool, error) {
	if incident == "" {
		return true, nil
	}
	var exercise int64
	_, err := tx.Row(`SELECT exercise FROM incident WHERE tenant = $1 AND id = $2`, []any{tenant, string(incident)}, &exercise)
	return exercise == 0, err
}

// CountStaff counts the people of the supervising office and its teams: who acknowledges its rules.
func CountStaff(tx *storage.Tx, tenant string) (n int, err error) {
	_, err = tx.Row(`SELECT COUNT(*) FROM person p JOIN org o ON o.tenant = p.tenant AND o.id = p.org
		WHERE p.tenant = $1 AND o.kind IN ('commission', 'team')`, []any{tenant}, &n)
	return n, err
}
