package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
)

// Instants are the two times of a figure.
type Instants struct {
	AsOf    string `help:"What had happened by then: RFC 3339 with a zone. Default: now."`
	KnownAt string `help:"As far as was known by then. Default: as known now."`
}

func (i Instants) times() (t, k time.Time, err error) {
	if t, err = instant("as-of", i.AsOf); err != nil {
		return t, k, err
	}
	k, err = instant("known-at", i.KnownAt)
	return t, k, err
}

func instant(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("--%s: a time needs a date, a clock and a zone, such as 2022-11-25T18:00:00+08:00", flag)
	}
	return t, nil
}

// FiguresCmd prints figures.
type FiguresCmd struct {
	Store  `embed:""`
	Define string `help:"Print the definition of a figure, and nothing else."`
	By     string `help:"Split by an axis: street, addressee, team, channel, theme, area, responsibility, day."`
	JSON   bool   `name:"json" help:"Print JSON."`
	Origin string `help:"Origin of the matters counted." default:"finding"`
	Instants
}

// answer is the JSON that FiguresCmd prints.
type answer struct {
	AsOf      string           `json:"as_of"`
	KnownAt   string           `json:"known_at"`
	Known     int64            `json:"known"`
	Figures   map[string]int64 `json:"figures"`
	By        string           `json:"by,omitempty"`
	Split     []splitRow       `json:"split,omitempty"`
	LeftOut   []string         `json:"left_out,omitempty"` // figures that the axis does not apply to
	MayExceed bool             `json:"may_exceed_total,omitempty"`
	Note      string           `json:"note,omitempty"`
	Demo      string           `json:"demo,omitempty"`
}

type splitRow struct {
	Code    string           `json:"code"`
	Name    string           `json:"name"`
	NameEn  string           `json:"name_en"`
	Value   string           `json:"value"` // on the axis: an id or a code
	Figures map[string]int64 `json:"figures"`
}

const (
	demoMark   = "演示数据·虚构 / invented data"
	exceedNote = "an item can stand under several values: the split may sum to more than the total / 同一事项可计入多项，合计可能大于总数"
)

// Run prints the figures.
func (c FiguresCmd) Run(e *env) error {
	if c.Define != "" {
		return c.define(e)
	}
	if c.By != "" && !slices.Contains(figure.Axes, c.By) {
		return fmt.Errorf("--by: figures can be split by %s", strings.Join(figure.Axes, ", "))
	}
	t, k, err := c.times()
	if err != nil {
		return err
	}
	return c.with(e, func(o *opened, tenant access.Tenant) error {
		a, err := c.compute(e, o, tenant, t, k)
		if err != nil {
			return err
		}
		if c.JSON {
			enc := json.NewEncoder(e.stdout)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(a)
		}
		return a.print(e)
	})
}

func (c FiguresCmd) compute(e *env, o *opened, tenant access.Tenant, t, k time.Time) (answer, error) {
	zone, err := time.LoadLocation(tenant.Zone)
	if err != nil {
		return answer{}, err
	}
	a := answer{By: c.By}
	if tenant.Demo {
		a.Demo = demoMark
	}
	return a, o.db.Read(e.ctx, func(tx *storage.Tx) error {
		known, err := o.acts.AsOf(tx, tenant.Code, t, k)
		if err != nil {
			return err
		}
		a.AsOf, a.KnownAt, a.Known = known.T.In(zone).Format(time.RFC3339Nano), known.KnownAt.In(zone).Format(time.RFC3339Nano), known.Known
		if a.Figures, err = figure.Figures(tx, tenant.Code, known.AsOf, c.Origin, figure.Group{}); err != nil || c.By == "" {
			return err
		}
		rows, err := o.acts.FiguresBy(tx, tenant.Code, known.AsOf, c.Origin, c.By)
		for _, r := range rows {
			a.Split = append(a.Split, splitRow{r.Code, r.Zh, r.En, r.Value, r.Figures})
		}
		a.LeftOut = figure.LeftOut(c.By)
		if a.MayExceed = figure.MayExceed(c.By); a.MayExceed {
			a.Note = exceedNote
		}
		return err
	})
}

func (a answer) print(e *env) error {
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	if a.Demo != "" {
		fmt.Fprintln(w, a.Demo)
	}
	fmt.Fprintf(w, "as of %s, as known at %s (%d entries)\n", a.AsOf, a.KnownAt, a.Known)
	for _, d := range figure.Definitions {
		fmt.Fprintf(w, "%s\t%d\t%s · %s\n", d.Name, a.Figures[d.Name], d.Zh, d.En)
	}
	for _, r := range a.Split {
		fmt.Fprintf(w, "\n%s = %s  %s\n", a.By, r.Code, r.Name)
		for _, d := range figure.Definitions {
			n, on := r.Figures[d.Name]
			switch {
			case !on:
				fmt.Fprintf(w, "  %s\t—\n", d.Name)
			case n != 0:
				fmt.Fprintf(w, "  %s\t%d\n", d.Name, n)
			}
		}
	}
	if a.Note != "" {
		fmt.Fprintln(w, "\n"+a.Note)
	}
	return w.Flush()
}

func (c FiguresCmd) define(e *env) error {
	d, ok := figure.Define(c.Define)
	if !ok {
		names := make([]string, len(figure.Definitions))
		for i, x := range figure.Definitions {
			names[i] = x.Name
		}
		return fmt.Errorf("--define: there is no figure %s; there are %s", c.Define, strings.Join(names, ", "))
	}
	if c.JSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(d)
	}
	_, err := fmt.Fprintf(e.stdout, "%s · %s（%s）\n%s\n%s (%s)\n%s\n", d.Name, d.Zh, d.UnitZh, d.TextZh, d.En, d.UnitEn, d.TextEn)
	return err
}

// BriefCmd prints what is reported.
type BriefCmd struct {
	Store    `embed:""`
	Sentence bool `help:"Print the sentence of the report."`
	Instants
}

// Run prints the sentence; its numbers are figures, none is typed.
func (c BriefCmd) Run(e *env) error {
	t, k, err := c.times()
	if err != nil {
		return err
	}
	if !c.Sentence {
		return fmt.Errorf("brief prints --sentence")
	}
	return c.with(e, func(o *opened, tenant access.Tenant) error {
		zone, err := time.LoadLocation(tenant.Zone)
		if err != nil {
			return err
		}
		return o.db.Read(e.ctx, func(tx *storage.Tx) error {
			known, err := o.acts.AsOf(tx, tenant.Code, t, k)
			if err != nil {
				return err
			}
			f, err := figure.Figures(tx, tenant.Code, known.AsOf, string(matter.OriginFinding), figure.Group{})
			if err != nil {
				return err
			}
			if tenant.Demo {
				fmt.Fprintln(e.stderr, demoMark)
			}
			_, err = fmt.Fprintln(e.stdout, brief.Sentence(known.T, zone, f))
			return err
		})
	})
}
