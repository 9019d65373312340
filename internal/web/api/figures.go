package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/roster"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

func sortNamed(list []Named) {
	slices.SortFunc(list, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
}

// Figures are all published figures as of two times.
type Figures struct {
	AsOf      time.Time        `json:"as_of"`
	KnownAt   time.Time        `json:"known_at"`
	Known     int64            `json:"known" doc:"number of entries known"`
	Figures   map[string]int64 `json:"figures"`
	Versions  map[string]int   `json:"versions" doc:"version of each figure's definition"`
	By        string           `json:"by,omitempty"`
	Split     []SplitRow       `json:"split,omitempty"`
	MayExceed bool             `json:"may_exceed_total,omitempty"`
	LeftOut   []string         `json:"left_out,omitempty" doc:"figures that the axis does not apply to; no row has them"`
}

// SplitRow is one value of a split, in the order of the codes that the values are known by.
type SplitRow struct {
	Code    string           `json:"code" doc:"the value on the axis: what lists are filtered by"`
	Known   string           `json:"known_by" doc:"what people know it by: a team's number, a region's code"`
	Label   Words            `json:"label"`
	Figures map[string]int64 `json:"figures" doc:"without those that the axis does not apply to"`
}

// FigureInput names a figure, a group and the two times.
type FigureInput struct {
	Name  string `path:"name" maxLength:"40"`
	Axis  string `query:"axis" enum:"street,addressee,team,channel,theme,area,responsibility,day,"`
	Value string `query:"value" maxLength:"100"`
	AsOfInput
	Origin string `query:"origin" default:"finding"`
	Page   string `query:"page" maxLength:"100"`
}

func (in FigureInput) group() figure.Group {
	if in.Axis == "" {
		return figure.Group{}
	}
	return figure.Group{Axis: in.Axis, Value: in.Value}
}

func (s *API) figures(h huma.API) {
	get(h, "/figures", "figures", "The published figures as of two times", s.getFigures)
	get(h, "/figures/{name}/definition", "define-figure", "What a figure counts", func(_ context.Context, _ access.Actor, in *struct {
		Name string `path:"name" maxLength:"40"`
	},
	) (*figure.Definition, error) {
		d, ok := figure.Define(in.Name)
		if !ok {
			return nil, ledger.RefuseAs(ledger.NotFound, "figure.unknown", "")
		}
		return &d, nil
	})
	get(h, "/figures/{name}/list", "figure-list", "The list behind a number", s.figureList)
	get(h, "/figures/{name}/why", "figure-why", "Why this number", s.figureWhy)
	get(h, "/snapshots", "list-snapshots", "Frozen snapshots", s.listSnapshots)
	get(h, "/snapshots/{id}", "get-snapshot", "A snapshot, and whether it equals its recomputation", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*SnapshotView, error) {
		return s.snapshot(ctx, actor, ledger.ID(in.ID))
	})
	add(h, "/snapshots", "freeze", "Freeze the figures as of an instant", func(ctx context.Context, c acts.Caller, b *struct {
		AsOf *time.Time `json:"as_of,omitempty"`
	},
	) (*SnapshotView, error) {
		at := time.Time{}
		if b.AsOf != nil {
			at = *b.AsOf
		}
		id, err := s.acts.Freeze(ctx, c, at)
		if err != nil {
			return nil, err
		}
		return s.snapshot(ctx, c.Actor, id)
	})
}

func (s *API) getFigures(ctx context.Context, actor access.Actor, in *struct {
	AsOfInput
	By     string `query:"by" enum:"street,addressee,team,channel,theme,area,responsibility,day,"`
	Origin string `query:"origin" default:"finding"`
},
) (*Figures, error) {
	out := &Figures{By: in.By, Versions: map[string]int{}}
	for _, d := range figure.Definitions {
		out.Versions[d.Name] = d.Version
	}
	return out, s.read(ctx, actor, func(v *viewer) error {
		known, err := s.acts.AsOf(v.tx, actor.Tenant, in.AsOf, in.KnownAt)
		if err != nil {
			return err
		}
		out.AsOf, out.KnownAt, out.Known = v.local(known.T), v.local(known.KnownAt), known.Known
		if out.Figures, err = figure.Figures(v.tx, actor.Tenant, known.AsOf, in.Origin, figure.Group{}); err != nil || in.By == "" {
			return err
		}
		rows, err := s.acts.FiguresBy(v.tx, actor.Tenant, known.AsOf, in.Origin, in.By)
		out.MayExceed, out.LeftOut = figure.MayExceed(in.By), figure.LeftOut(in.By)
		for _, r := range rows {
			out.Split = append(out.Split, SplitRow{Code: r.Value, Known: r.Code, Label: Words{r.Zh, r.En}, Figures: r.Figures})
		}
		return err
	})
}

// Behind is a part of the list behind a number.
type Behind struct {
	Items []BehindItem `json:"items"`
	Next  *string      `json:"next"`
}

// BehindItem is something a figure counts.
type BehindItem struct {
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Label     string    `json:"label"`
	N         int64     `json:"n"`
	Since     time.Time `json:"since"`
	Precision string    `json:"precision" enum:",hour,evening,day" doc:"of since, if only an interval is known"`
	Pos       int64     `json:"pos"`
}

// behindPage is how many items a page of the list has.
const behindPage = 100

// movesRead bounds the points read for what moved, before pairs that cancel each other are left out.
const movesRead = 1000

func (s *API) figureList(ctx context.Context, actor access.Actor, in *FigureInput) (*Behind, error) {
	out := &Behind{Items: []BehindItem{}}
	d, ok := figure.Define(in.Name)
	if !ok {
		return nil, ledger.RefuseAs(ledger.NotFound, "figure.unknown", "")
	}
	if !d.On(in.Axis) {
		return nil, ledger.RefuseAs(ledger.Invalid, "figure.not-on-axis", "axis")
	}
	return out, s.read(ctx, actor, func(v *viewer) error {
		known, err := s.acts.AsOf(v.tx, actor.Tenant, in.AsOf, in.KnownAt)
		if err != nil {
			return err
		}
		list, err := figure.Behind(v.tx, actor.Tenant, known.AsOf, d, in.Origin, in.group(), ledger.ID(in.Page), behindPage+1)
		if err != nil {
			return err
		}
		if len(list) > behindPage {
			list = list[:behindPage]
			out.Next = token(string(list[behindPage-1].Subject))
		}
		for _, c := range list {
			label, visible, err := v.subject(d.Subject, c.Subject)
			if err != nil {
				return err
			}
			if !visible { // it counts, but is not the asker's to see
				label = ""
			}
			since := time.UnixMicro(c.At)
			precision, err := v.precision(c.Pos, since)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, BehindItem{
				Kind: d.Subject, ID: string(c.Subject), Label: label, N: c.N, Since: v.local(since), Precision: precision, Pos: c.Pos,
			})
		}
		return nil
	})
}

// precision says how exactly the time of a point is known: as its entry's report if that is what it counts by.
func (v *viewer) precision(pos int64, at time.Time) (p string, err error) {
	err = ledger.Each(v.tx, v.actor.Tenant, ledger.Filter{From: pos, Until: pos + 1}, func(_ int64, b []byte) error {
		e, err := v.a.L.Types().Decode(b)
		if err == nil && at.UnixMicro() == e.Effective(time.Time{}).UnixMicro() {
			p = string(e.Precision)
		}
		return err
	})
	return p, err
}

// subject says what a counted thing is called, and whether the actor may see it.
func (v *viewer) subject(kind string, id ledger.ID) (label string, visible bool, err error) {
	switch kind {
	case "matter", "order", "self_check":
		m, _, err := matter.Load(v.tx, v.actor.Tenant, id)
		return m.Number, v.mine(m), err
	case "visit":
		x, _, err := visit.Load(v.tx, v.actor.Tenant, id)
		if err != nil {
			return "", false, err
		}
		site, err := v.site(x.Site)
		return site.Name, v.actor.Sees(access.Place{Street: x.Street}), err
	case "site":
		site, err := v.site(id)
		return site.Name, v.actor.Sees(access.Place{Street: registry.Street(site.Region)}), err
	case "team":
		_, err := v.team(string(id))
		return v.teams[id].Zh, true, err
	case "batch":
		b, _, err := roster.BatchByID(v.tx, v.actor.Tenant, id)
		return fmt.Sprintf("№ %d", b.No), v.actor.Sees(access.Place{Street: b.Street}), err
	case "department":
		o, err := v.org(id)
		return o.Name, true, err
	case "person":
		p, err := v.person(id)
		return p.Name, true, err
	}
	return "", false, nil
}

// Why says why a figure is what it is.
type Why struct {
	Name       string            `json:"name"`
	Value      int64             `json:"value"`
	Definition figure.Definition `json:"definition"`
	Axis       string            `json:"axis"`
	AxisValue  string            `json:"axis_value"`
	AsOf       time.Time         `json:"as_of"`
	KnownAt    time.Time         `json:"known_at"`
	Entries    int64             `json:"entries" doc:"the first so many entries say so"`
	Root       string            `json:"root" doc:"the tree's root hash over them"`
	Before     time.Time         `json:"before" doc:"the same instant of the day before"`
	ValueThen  int64             `json:"value_then"`
	Moved      []MovedItem       `json:"moved" doc:"what made the difference, newest first"`
}

// MovedItem is a point that moved a figure.
type MovedItem struct {
	Pos       int64     `json:"pos"`
	At        time.Time `json:"at"`
	Precision string    `json:"precision" enum:",hour,evening,day" doc:"of at, if only an interval is known"`
	N         int64     `json:"n"`
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Label     string    `json:"label"`
}

func (s *API) figureWhy(ctx context.Context, actor access.Actor, in *FigureInput) (*Why, error) {
	d, ok := figure.Define(in.Name)
	if !ok {
		return nil, ledger.RefuseAs(ledger.NotFound, "figure.unknown", "")
	}
	if !d.On(in.Axis) {
		return nil, ledger.RefuseAs(ledger.Invalid, "figure.not-on-axis", "axis")
	}
	out := &Why{Name: in.Name, Definition: d, Axis: in.Axis, AxisValue: in.Value, Moved: []MovedItem{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		known, err := s.acts.AsOf(v.tx, actor.Tenant, in.AsOf, in.KnownAt)
		if err != nil {
			return err
		}
		f, err := figure.Figures(v.tx, actor.Tenant, known.AsOf, in.Origin, in.group())
		if err != nil {
			return err
		}
		then, err := s.acts.AsOf(v.tx, actor.Tenant, known.T.AddDate(0, 0, -1), known.KnownAt.AddDate(0, 0, -1))
		if err != nil {
			return err
		}
		g, err := figure.Figures(v.tx, actor.Tenant, then.AsOf, in.Origin, in.group())
		if err != nil {
			return err
		}
		out.Value, out.ValueThen = f[in.Name], g[in.Name]
		out.AsOf, out.KnownAt, out.Before, out.Entries = v.local(known.T), v.local(known.KnownAt), v.local(then.T), known.Known
		root, err := ledger.Root(v.tx, actor.Tenant, known.Known)
		if err != nil {
			return err
		}
		out.Root = hex.EncodeToString(root[:])
		moves, err := figure.Moves(v.tx, actor.Tenant, then.AsOf, known.AsOf, d, in.Origin, in.group(), movesRead)
		if err != nil {
			return err
		}
		for _, m := range netMoves(moves) {
			label, visible, err := v.subject(d.Subject, m.Subject)
			if err != nil {
				return err
			}
			if !visible {
				label = ""
			}
			at := time.UnixMicro(m.At)
			precision, err := v.precision(m.Pos, at)
			if err != nil {
				return err
			}
			out.Moved = append(out.Moved, MovedItem{Pos: m.Pos, At: v.local(at), Precision: precision, N: m.N, Kind: d.Subject, ID: string(m.Subject), Label: label})
		}
		return nil
	})
}

// netMoves leaves out pairs of +1 and -1 of one subject at one instant: an entry posted the one and a later entry
// took it back, which left the figure as it was. Of what is left it gives the newest, up to a page.
func netMoves(moves []figure.Moved) []figure.Moved {
	type place struct {
		subject ledger.ID
		at      int64
	}
	left := map[place]int64{}
	for _, m := range moves {
		left[place{m.Subject, m.At}] += m.N
	}
	net := slices.DeleteFunc(moves, func(m figure.Moved) bool {
		at := place{m.Subject, m.At}
		if left[at] == 0 || (left[at] > 0) != (m.N > 0) {
			return true
		}
		left[at] -= m.N
		return false
	})
	return net[:min(len(net), behindPage)]
}

// SnapshotView is a frozen snapshot.
type SnapshotView struct {
	ID       string           `json:"id"`
	AsOf     time.Time        `json:"as_of"`
	KnownAt  time.Time        `json:"known_at"`
	Known    int64            `json:"known"`
	FrozenAt time.Time        `json:"frozen_at"`
	Hash     string           `json:"hash"`
	Figures  map[string]int64 `json:"figures"`
	Sentence string           `json:"sentence"`
	Holds    bool             `json:"holds" doc:"it equals its recomputation now"`
}

// SnapshotList lists snapshots, newest first.
type SnapshotList struct {
	Items []SnapshotView `json:"items"`
}

func (v *viewer) snapshot(x brief.Snapshot) (SnapshotView, error) {
	holds, err := brief.Holds(v.tx, v.actor.Tenant, x)
	return SnapshotView{
		ID: string(x.ID), AsOf: v.local(x.AsOf), KnownAt: v.local(x.KnownAt), Known: x.Known, FrozenAt: v.local(x.FrozenAt), Hash: x.Hash,
		Figures: x.Figures, Sentence: brief.Sentence(x.AsOf, v.zone, x.Figures), Holds: holds,
	}, err
}

func (s *API) listSnapshots(ctx context.Context, actor access.Actor, _ *struct{}) (*SnapshotList, error) {
	out := &SnapshotList{Items: []SnapshotView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		list, err := brief.Snapshots(v.tx, actor.Tenant)
		if err != nil {
			return err
		}
		for _, x := range list {
			view, err := v.snapshot(x)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, view)
		}
		return nil
	})
}

func (s *API) snapshot(ctx context.Context, actor access.Actor, id ledger.ID) (*SnapshotView, error) {
	out := &SnapshotView{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		x, found, err := brief.SnapshotByID(v.tx, actor.Tenant, id)
		if err != nil {
			return err
		}
		if !found {
			return ledger.RefuseAs(ledger.NotFound, "snapshot.unknown", "")
		}
		*out, err = v.snapshot(x)
		return err
	})
}
