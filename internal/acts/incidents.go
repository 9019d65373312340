package acts

import (
	"context"
	"slices"

	"duzhan/data"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// DeclareIncident declares an incident that runs beside those there are. Its pack, if it names one, is
// published with it: what is of one kind of disaster is data, not code (R005, R028).
func (a *Acts) DeclareIncident(ctx context.Context, c Caller, b registry.IncidentDeclaredV2, at When) (ledger.ID, error) {
	id := c.newID("incident")
	return id, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("incident"); r != nil {
			return r
		}
		return a.declare(tx, c, id, b, at)
	})
}

func (a *Acts) declare(tx *ledger.Tx, c Caller, id ledger.ID, b registry.IncidentDeclaredV2, at When) error {
	for _, f := range []struct {
		field string
		text  *string
	}{{"code", &b.Code}, {"zh", &b.Zh}, {"en", &b.En}} {
		clean, r := cleanText(f.field, *f.text, true)
		if r != nil {
			return r
		}
		*f.text = clean
	}
	if !slices.Contains(registry.Phases, b.Phase) {
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "phase", "field", "phase")
	}
	if !at.At.IsZero() && at.At.After(tx.Now()) {
		return ledger.RefuseAs(ledger.Invalid, "time.in-future", "declared_at", "minutes", "0")
	}
	declared := at.At
	if declared.IsZero() {
		declared = tx.Now()
	}
	if b.TriggerAt.After(declared) {
		return ledger.RefuseAs(ledger.Invalid, "incident.trigger-later", "trigger_at")
	}
	running, err := registry.Incidents(tx.Tx, c.Tenant)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(running, func(i registry.Incident) bool { return i.Active() && i.Code == b.Code }) {
		return ledger.Refuse("incident.declared-already", "code")
	}
	if err := a.bringPack(tx, b.Pack); err != nil {
		return err
	}
	tx.Incident = id
	return tx.Append(ledger.Draft{Subject: id, OccurredAt: at.At, Body: b})
}

// bringPack publishes the catalogue of a pack that ships, if it is not there yet.
func (a *Acts) bringPack(tx *ledger.Tx, pack string) error {
	if pack == "" {
		return nil
	}
	lists, err := data.LoadCatalogue(pack)
	if err != nil {
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", "pack", "field", "pack")
	}
	codes, _, err := plan.Catalogues(tx.Tx, tx.Tenant)
	if err != nil || slices.Contains(codes, pack) {
		return err
	}
	parts, err := catalogueParts(lists)
	if err != nil {
		return err
	}
	return publishCatalogue(tx, pack, lists.Version, parts)
}

func (a *Acts) onIncident(ctx context.Context, c Caller, id ledger.ID, fn func(*ledger.Tx, registry.Incident) error) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("incident"); r != nil {
			return r
		}
		i, err := existing(registry.IncidentByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if !i.Active() {
			return ledger.Refuse("incident.stood-down", "incident")
		}
		tx.Incident = id
		return fn(tx, i)
	})
}

// PhaseIncident puts an incident into another phase (R006).
func (a *Acts) PhaseIncident(ctx context.Context, c Caller, id ledger.ID, phase string) error {
	return a.onIncident(ctx, c, id, func(tx *ledger.Tx, i registry.Incident) error {
		if !slices.Contains(registry.Phases, phase) {
			return ledger.RefuseAs(ledger.Invalid, "unknown-code", "phase", "field", "phase")
		}
		if i.Phase == phase {
			return ledger.Refuse("incident.same-phase", "phase")
		}
		return tx.Append(ledger.Draft{Subject: id, Body: registry.IncidentPhasedV1{Phase: phase}})
	})
}

// StandDown ends an incident: no visit starts for it any more, its retention counts from then on (R005). What
// is open stays open and runs; who stands down says that he knows how much.
func (a *Acts) StandDown(ctx context.Context, c Caller, id ledger.ID, knowsOpen int) error {
	return a.onIncident(ctx, c, id, func(tx *ledger.Tx, _ registry.Incident) error {
		open, err := matter.Count(tx.Tx, c.Tenant, matter.Filter{Incident: string(id), Open: true})
		if err != nil {
			return err
		}
		if open != knowsOpen {
			return ledger.Refuse("incident.open-matters", "open_matters", "count", storage.CountText(open))
		}
		return tx.Append(ledger.Draft{Subject: id, Body: registry.IncidentStoodDownV1{Open: open}})
	})
}

// running gives an incident back if it runs; work that belongs to none is for whatever is there.
func running(tx *storage.Tx, tenant string, id ledger.ID) (ledger.ID, error) {
	if id == "" {
		i, _, err := registry.CurrentIncident(tx, tenant)
		return i.ID, err
	}
	i, found, err := registry.IncidentByID(tx, tenant, id)
	if err == nil && found && !i.Active() {
		return "", ledger.Refuse("incident.stood-down", "incident")
	}
	return id, err
}
