package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/roster"

	"github.com/danielgtaylor/huma/v2"
)

// BatchView is a batch of support with what was attended.
type BatchView struct {
	ID          string      `json:"id"`
	No          int64       `json:"no"`
	Exercise    bool        `json:"exercise" doc:"of an exercise: outside every figure"`
	Street      Region      `json:"street"`
	Captain     Person      `json:"captain"`
	From        time.Time   `json:"from"`
	To          *time.Time  `json:"to"`
	PersonTimes int         `json:"person_times"`
	People      int         `json:"people" doc:"different people"`
	Shifts      []ShiftView `json:"shifts"`
}

// ShiftView is an attended shift.
type ShiftView struct {
	ID     string    `json:"id"`
	Duty   string    `json:"duty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	People int       `json:"people"`
}

func (s *API) batches(h huma.API) {
	get(h, "/batches", "list-batches", "Batches of support with what was attended", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[BatchView], error) {
		out := &Items[BatchView]{Items: []BatchView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := roster.Batches(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			for _, b := range list {
				if !actor.Sees(access.Place{Street: b.Street}) {
					continue
				}
				view, err := v.batchView(b)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
	add(h, "/batches", "form-batch", "Form the next batch", func(ctx context.Context, c acts.Caller, b *struct {
		Street  string     `json:"street" doc:"code of 9 digits"`
		Captain string     `json:"captain"`
		From    *time.Time `json:"from,omitempty"`
		To      *time.Time `json:"to,omitempty"`
	},
	) (*BatchView, error) {
		id, err := s.acts.FormBatch(ctx, c, acts.NewBatch{Street: b.Street, Captain: ledger.ID(b.Captain), From: utc(b.From), To: utc(b.To)})
		if err != nil {
			return nil, err
		}
		return s.batchPage(ctx, c.Actor, id)
	})
	post(h, "/batches/{id}/attendance", "confirm-attendance", "Confirm who attended a shift", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Duty   string    `json:"duty"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to"`
		People []string  `json:"people" maxItems:"500"`
	},
	) (*BatchView, error) {
		err := s.acts.ConfirmAttendance(ctx, c, ledger.ID(id), roster.Shift{Duty: b.Duty, From: b.From.UTC(), To: b.To.UTC(), People: ids(b.People)})
		if err != nil {
			return nil, err
		}
		return s.batchPage(ctx, c.Actor, ledger.ID(id))
	})
}

func (s *API) batchPage(ctx context.Context, actor access.Actor, id ledger.ID) (*BatchView, error) {
	out := &BatchView{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		b, found, err := roster.BatchByID(v.tx, actor.Tenant, id)
		if err != nil || !found || !actor.Sees(access.Place{Street: b.Street}) {
			return notFound(err)
		}
		*out, err = v.batchView(b)
		return err
	})
}

func (v *viewer) batchView(b roster.Batch) (BatchView, error) {
	view := BatchView{
		ID: string(b.ID), No: b.No, From: v.local(b.From), To: v.localSet(b.To), PersonTimes: b.PersonTimes(), Shifts: []ShiftView{},
	}
	people := map[ledger.ID]bool{}
	for _, s := range b.Shifts {
		view.Shifts = append(view.Shifts, ShiftView{ID: string(s.ID), Duty: s.Duty, From: v.local(s.From), To: v.local(s.To), People: len(s.People)})
		for _, p := range s.People {
			people[p] = true
		}
	}
	view.People = len(people)
	incident, _, err := registry.IncidentByID(v.tx, v.actor.Tenant, b.Incident)
	if err != nil {
		return view, err
	}
	view.Exercise = incident.Exercise
	if view.Street, err = v.region(b.Street); err != nil {
		return view, err
	}
	view.Captain, err = v.person(b.Captain)
	return view, err
}
