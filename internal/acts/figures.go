package acts

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/message"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// Known is a resolved as-of: the instant, and how much was known.
type Known struct {
	figure.AsOf
	KnownAt time.Time
}

// AsOf resolves the two times of a figure. A zero T is now, a zero K the head; T later than K is
// refused: what has not happened yet is not known.
func (a *Acts) AsOf(tx *storage.Tx, tenant string, t, k time.Time) (Known, error) {
	now := a.L.Now(tenant)
	size, err := ledger.Size(tx, tenant)
	if err != nil {
		return Known{}, err
	}
	last, err := ledger.LastRecorded(tx, tenant)
	if err != nil {
		return Known{}, err
	}
	if last.After(now) { // a clock that was set back does not hide what is recorded
		now = last
	}
	if k.IsZero() {
		k = now
	}
	if t.IsZero() {
		t = k
	}
	if t.After(k) {
		return Known{}, ledger.RefuseAs(ledger.Invalid, "figure.later-than-known", "as_of")
	}
	known := size
	if k.Before(now) {
		if known, err = recordedBy(tx, tenant, size, k); err != nil {
			return Known{}, err
		}
	}
	return Known{AsOf: figure.AsOf{T: t.UTC(), Known: known}, KnownAt: k.UTC()}, nil
}

// recordedBy is the number of entries recorded by k: times of recording rise with positions.
func recordedBy(tx *storage.Tx, tenant string, size int64, k time.Time) (int64, error) {
	var fault error
	n := sort.Search(int(size), func(i int) bool {
		var at int64
		if _, err := tx.Row(`SELECT at FROM ledger_entry WHERE tenant = $1 AND pos = $2`, []any{tenant, i}, &at); err != nil {
			fault = err
		}
		return at > k.UnixMicro()
	})
	return int64(n), fault
}

// Label is what a value on an axis is called; Code is what people know it by and rows are sorted by.
type Label struct{ Code, Zh, En string }

// listOf names the catalogue's list of an axis.
var listOf = map[string]string{"channel": "channels", "theme": "themes", "area": "areas", "responsibility": "responsibilities"}

// Labels gives what the values on an axis are called: a team by its number, an addressee by the region of
// its street or, if several have that, by its region and the end of its id.
func (a *Acts) Labels(tx *storage.Tx, tenant, axis string) (func(value string) Label, error) {
	known := map[string]Label{}
	switch axis {
	case "team":
		list, err := visit.Teams(tx, tenant)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			known[string(t.ID)] = Label{strconv.FormatInt(t.No, 10), t.Zh, t.En}
		}
	case "addressee":
		list, err := registry.Orgs(tx, tenant)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			l := Label{o.Region, o.Zh, o.En}
			if o.Kind != "street" || o.Region == "" {
				id := string(o.ID)
				l.Code = strings.TrimPrefix(o.Region+"-"+id[max(0, len(id)-6):], "-")
			}
			known[string(o.ID)] = l
		}
	case "street":
		list, err := registry.Regions(tx, tenant)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			known[r.Code] = Label{r.Code, r.Name, r.Name}
		}
	case "day":
	default:
		lists, err := a.Catalogue(tx, tenant)
		if err != nil {
			return nil, err
		}
		for _, l := range lists.Lists[listOf[axis]] {
			known[l.Code] = Label{l.Code, l.Zh, l.En}
		}
	}
	return func(value string) Label {
		l, ok := known[value]
		switch {
		case ok:
			return l
		case value == figure.NotGiven:
			return Label{value, message.Say(message.Zh, "figure.not-given", nil), message.Say(message.En, "figure.not-given", nil)}
		}
		return Label{value, value, value}
	}, nil
}

// Labelled is a row of a split with what its value is called.
type Labelled struct {
	figure.Row
	Label
}

// FiguresBy splits the figures by an axis, in the order of codes, never of figures.
func (a *Acts) FiguresBy(tx *storage.Tx, tenant string, at figure.AsOf, origin, axis string) ([]Labelled, error) {
	rows, err := figure.FiguresBy(tx, tenant, at, origin, axis)
	if err != nil {
		return nil, err
	}
	label, err := a.Labels(tx, tenant, axis)
	if err != nil {
		return nil, err
	}
	out := make([]Labelled, len(rows))
	for i, r := range rows {
		out[i] = Labelled{r, label(r.Value)}
	}
	slices.SortFunc(out, func(x, y Labelled) int {
		return cmp.Or(byNumber(x.Code, y.Code), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Value, y.Value))
	})
	return out, nil
}

// byNumber puts team 2 before team 10.
func byNumber(x, y string) int {
	n, errX := strconv.Atoi(x)
	m, errY := strconv.Atoi(y)
	if errX != nil || errY != nil {
		return 0
	}
	return cmp.Compare(n, m)
}

// Freeze freezes the figures as of at.
func (a *Acts) Freeze(ctx context.Context, c Caller, at time.Time) (ledger.ID, error) {
	id := c.newID("snapshot")
	if r := c.Can("snapshot"); r != nil {
		return "", r
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error { return a.freeze(tx, id, at) })
}

func (a *Acts) freeze(tx *ledger.Tx, id ledger.ID, at time.Time) error {
	known, err := a.AsOf(tx.Tx, tx.Tenant, at, time.Time{})
	if err != nil {
		return err
	}
	s, err := brief.Compute(tx.Tx, tx.Tenant, known.T, known.Known, known.KnownAt, string(matter.OriginFinding))
	if err != nil {
		return err
	}
	return tx.Append(ledger.Draft{Subject: id, Body: s})
}
