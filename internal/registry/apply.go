package registry

import (
	"encoding/json"
	"slices"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Apply turns an entry of this desk into its rows.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	var err error
	switch b := e.Body.(type) {
	case IncidentDeclaredV2:
		var trigger any
		if !b.TriggerAt.IsZero() {
			trigger = b.TriggerAt.UnixMicro()
		}
		_, err = tx.Exec(`INSERT INTO incident (tenant, id, code, zh, en, phase, exercise, declared_at, pack, trigger_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			e.Tenant, string(e.Subject), b.Code, b.Zh, b.En, b.Phase, storage.Bool(b.Exercise), e.OccurredAt.UnixMicro(), b.Pack, trigger)
	case IncidentPhasedV1:
		_, err = tx.Exec(`UPDATE incident SET phase = $3 WHERE tenant = $1 AND id = $2`, e.Tenant, string(e.Subject), b.Phase)
	case IncidentStoodDownV1:
		_, err = tx.Exec(`UPDATE incident SET stood_down_at = $3 WHERE tenant = $1 AND id = $2`, e.Tenant, string(e.Subject), e.OccurredAt.UnixMicro())
	case RegionsRegisteredV1:
		for _, r := range b.Regions {
			if _, err := tx.Exec(`INSERT INTO region (tenant, code, valid_from, valid_to, name, level, parent, pinyin)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT (tenant, code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, name = excluded.name`,
				e.Tenant, r.Code, r.From, r.To, r.Name, r.Level, r.Parent, r.Pinyin); err != nil {
				return err
			}
		}
	case OrgRegisteredV1:
		_, err = tx.Exec(`INSERT INTO org (tenant, id, kind, zh, en, region) VALUES ($1, $2, $3, $4, $5, $6)`,
			e.Tenant, string(e.Subject), b.Kind_, b.Zh, b.En, b.Region)
	case OrgDatedV1:
		_, err = tx.Exec(`UPDATE org SET valid_from = $3, valid_to = $4 WHERE tenant = $1 AND id = $2`, e.Tenant, string(e.Subject), b.From, b.To)
	case CompetenceSetV1:
		err = applyCompetence(tx, e, b)
	case PersonRegisteredV1:
		name, _ := e.Part("name")
		part, _ := json.Marshal(name)
		_, err = tx.Exec(`INSERT INTO person (tenant, id, org, part, recused) VALUES ($1, $2, $3, $4, $5)`,
			e.Tenant, string(e.Subject), string(b.Org), string(part), strings.Join(b.Recused, ","))
	case RecusalDeclaredV1:
		p, _, err := PersonByID(tx, e.Tenant, e.Subject)
		if err != nil {
			return err
		}
		all := append(p.Recused, b.Regions...)
		slices.Sort(all)
		_, err = tx.Exec(`UPDATE person SET recused = $3 WHERE tenant = $1 AND id = $2`,
			e.Tenant, string(e.Subject), strings.Join(slices.Compact(all), ","))
		return err
	case SupervisedV1:
		if _, err := tx.Exec(`DELETE FROM supervised WHERE tenant = $1 AND org = $2`, e.Tenant, string(e.Subject)); err != nil {
			return err
		}
		for _, u := range b.Units {
			if _, err := tx.Exec(`INSERT INTO supervised (tenant, org, unit) VALUES ($1, $2, $3)`, e.Tenant, string(e.Subject), string(u)); err != nil {
				return err
			}
		}
	case PostHeldV1:
		to := int64(0)
		if !b.To.IsZero() {
			to = b.To.UnixMicro()
		}
		_, err = tx.Exec(`INSERT INTO post (tenant, person, org, role, from_at, to_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			e.Tenant, string(e.Subject), string(b.Org), b.Role, b.From.UnixMicro(), to)
	case SiteRegisteredV1:
		s := b.Site
		_, err = tx.Exec(`INSERT INTO site (tenant, id, name, folded, type, region, street, address, lon, lat)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			e.Tenant, string(e.Subject), s.Name, Fold(s.Name), s.Type, s.Region, Street(s.Region), s.Address, s.Lon, s.Lat)
		if err == nil {
			err = PostSite(tx, e, SiteEvent{Site: e.Subject, Kind: SiteKnown, At: e.RecordedAt, N: 1})
		}
		if err == nil && b.Key != "" {
			_, err = tx.Exec(`INSERT INTO imported (tenant, key, subject) VALUES ($1, $2, $3)`, e.Tenant, b.Key, string(e.Subject))
		}
	}
	return err
}
