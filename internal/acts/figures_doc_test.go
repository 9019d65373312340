package acts_test

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts/actstest"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// TestFiguresDocument runs the worked examples of docs/figures.md on a real ledger (R134, R135, R136, R137,
// R138, 1H-01, 1H-02, 1H-03, 1H-04).
func TestFiguresDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/figures.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(text), "```figures\n")
	if !ok {
		t.Fatal("docs/figures.md has no examples")
	}
	block, _, _ = strings.Cut(block, "```")
	examples := strings.Split(block, "# ")[1:]
	if len(examples) < 30 {
		t.Fatalf("%d examples, at least 30", len(examples))
	}
	for _, x := range examples {
		title, lines, _ := strings.Cut(x, "\n")
		t.Run(title, func(t *testing.T) {
			w := newWorld(t)
			for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
				w.line(line)
			}
		})
	}
}

// world runs an example: matters and visits by their short names.
type world struct {
	*actstest.World
	last   int64
	visits map[string]visit.Visit
}

func newWorld(t *testing.T) *world {
	f := actstest.Bare(t, storage.SQLite)
	return &world{World: f, visits: map[string]visit.Visit{}}
}

func clockTime(t testing.TB, day, clock string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", "2022-11-"+day+" "+clock, actstest.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func dayTime(t testing.TB, s string) time.Time {
	t.Helper()
	day, clock, _ := strings.Cut(s, "T")
	return clockTime(t, day, clock)
}

func (w *world) line(line string) {
	w.T.Helper()
	words := strings.Fields(line)
	switch words[0] {
	case "?":
		w.ask(line, words[1:])
	case "!":
		w.mustRefuse(words[1:])
	default:
		w.entry(line, words)
	}
}

func (w *world) entry(line string, words []string) {
	w.T.Helper()
	w.Time = clockTime(w.T, words[0], words[1])
	words = words[2:]
	d := ledger.Draft{}
	if words[0] == "at" {
		when, precision, _ := strings.Cut(words[1], "~")
		d.Precision = ledger.Precision(precision)
		d.OccurredAt, d.Until = ledger.Interval(d.Precision, dayTime(w.T, when), actstest.Zone)
		words = words[2:]
	}
	args := map[string]string{}
	for _, a := range words[2:] {
		k, v, _ := strings.Cut(a, "=")
		args[k] = v
	}
	d.Subject = ledger.ID(words[0] + "-subject")
	d.Body = w.body(d, words[1], args)
	err := w.Acts.L.Do(context.Background(), actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error { return tx.Append(d) })
	if err != nil {
		w.T.Fatalf("%s: %v", line, err)
	}
}

// before writes what an entry of a line presupposes, a second earlier.
func (w *world) before(subject ledger.ID, body ledger.Body) {
	w.T.Helper()
	w.Time = w.Time.Add(-time.Second)
	if err := w.Acts.L.Do(context.Background(), actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		return tx.Append(ledger.Draft{Subject: subject, Body: body})
	}); err != nil {
		w.T.Fatal(err)
	}
	w.Time = w.Time.Add(time.Second)
}

func (w *world) due(s string) time.Time { return dayTime(w.T, s).UTC() }

// body makes the entry; a day is decided when a thing comes to be, as acts do.
func (w *world) body(d ledger.Draft, act string, args map[string]string) ledger.Body {
	day := d.Effective(w.Time, time.Time{}).In(actstest.Zone).Format(time.DateOnly)
	opening := matter.Opening{Origin: matter.Origin(cmp.Or(args["origin"], string(matter.OriginFinding))), Unit: ledger.ID(args["unit"]), Series: "t", Year: 2022, Serial: w.serial()}
	opening.Facets = matter.Facets{Street: args["street"], Area: args["area"], Channel: matter.FaceToFace, Problem: "P", Day: day}
	if args["themes"] != "" {
		opening.Facets.Themes = strings.Split(args["themes"], "+")
	}
	until := func() *time.Time { t := w.due(args["until"]); return &t }
	switch act {
	case "visit":
		return visit.StartedV1{Site: ledger.ID("site-" + args["site"]), Street: args["street"], Day: day}
	case "annul":
		return visit.AnnulledV1{}
	case "assign":
		return matter.AssignedV1{Opening: opening, Clocks: []matter.Clock{{Kind: matter.ClockRectify, Start: w.Time, Due: w.due(args["due"])}}}
	case "order": // drafted and issued at once
		opening.Origin, opening.Facets.Channel = matter.OriginOrder, matter.Written
		draft := matter.OrderDraftedV1{Ordered: matter.Ordered{Unit: opening.Unit, Area: args["area"], Due: w.due(args["due"]), SelfCheck: true}}
		w.before(d.Subject, draft)
		return matter.OrderIssuedV1{Opening: opening, Clocks: []matter.Clock{{Kind: matter.ClockRectify, Start: w.Time, Due: w.due(args["due"])}}}
	case "check":
		site := ledger.ID("site-" + args["site"])
		w.before(d.Subject, matter.OrderSitesListedV1{Sites: []ledger.ID{site}})
		body := matter.OrderSiteCheckedV1{Site: site, Street: args["street"], Day: day}
		if args["found"] != "" {
			body.Matter = ledger.ID(args["found"] + "-subject")
		}
		return body
	case "on_spot":
		opening.Facets.Channel = matter.OnSpot
		return matter.FixedOnSpotV1{Opening: opening}
	case "import":
		_, claimed := args["claimed"]
		return matter.ImportedV1{Opening: opening, NotGiven: strings.Split(args["not_given"], "+"), Claimed: claimed}
	case "follow":
		_, passed := args["passed"]
		return matter.FollowedUpV1{Passed: passed}
	case "claim":
		return matter.ClaimedV1{}
	case "verify":
		return matter.VerifiedV1{}
	case "fail":
		return matter.VerificationFailedV1{}
	case "strike_off":
		return matter.StruckOffV1{}
	case "ask":
		return matter.ExtensionAskedV1{Until: w.due(args["until"])}
	case "grant":
		return matter.ExtensionDecidedV1{Granted: true, Until: until()}
	case "deny":
		return matter.ExtensionDecidedV1{}
	case "withdraw":
		return matter.WithdrawnV1{}
	case "merge":
		return matter.MergedV1{Master: ledger.ID(args["into"] + "-subject")}
	case "unmerge":
		return matter.UnmergedV1{}
	case "correct":
		street := args["street"]
		return matter.CorrectedV1{Fields: matter.Correction{Street: &street}}
	case "refuse":
		return matter.RefusedV1{Reason: "not_ours"}
	case "reassign":
		return matter.ReassignedV1{Unit: ledger.ID(args["unit"])}
	case "reopen":
		return matter.ReopenedV1{Reason: "look_back", Due: w.due(args["due"])}
	case "record":
		body := matter.PutOnRecordV1{}
		m := w.matter(d.Subject)
		if w.Time.Before(*m.Due()) {
			body.Until = until()
		}
		return body
	}
	w.T.Fatalf("no act %s", act)
	return nil
}

func (w *world) matter(id ledger.ID) (m matter.Matter) {
	w.Read(func(tx *storage.Tx) (err error) {
		m, _, err = matter.Load(tx, actstest.Tenant, id)
		return err
	})
	return m
}

// question reads T, K and the group of a line.
func (w *world) question(words []string) (t, k time.Time, rest []string) {
	t, words = clockTime(w.T, words[0], words[1]), words[2:]
	if len(words) > 0 && words[0] == "known" {
		k, words = clockTime(w.T, words[1], words[2]), words[3:]
	}
	return t, k, words
}

func (w *world) ask(line string, words []string) {
	w.T.Helper()
	t, k, rest := w.question(words)
	g := figure.Group{}
	want := map[string]int64{}
	for _, x := range rest {
		name, value, _ := strings.Cut(x, "=")
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			want[name] = n
		} else {
			g = figure.Group{Axis: name, Value: value}
		}
	}
	w.Time = clockTime(w.T, "30", "23:00") // asked long after
	got := w.figures(t, k, g)
	for name, n := range want {
		if got[name] != n {
			w.T.Errorf("%s: %s = %d, want %d", line, name, got[name], n)
		}
	}
	if got["in_progress"] != got["assigned"]-got["rectified"] {
		w.T.Errorf("%s: in progress is not the difference", line)
	}
}

func (w *world) mustRefuse(words []string) {
	w.T.Helper()
	t, k, _ := w.question(words)
	w.Time = clockTime(w.T, "30", "23:00")
	w.Read(func(tx *storage.Tx) error {
		if _, err := w.Acts.AsOf(tx, actstest.Tenant, t, k); err == nil {
			w.T.Errorf("T %s later than K %s was not refused", t, k)
		}
		return nil
	})
}

func (f *world) figures(t, k time.Time, g figure.Group) (out map[string]int64) {
	f.Read(func(tx *storage.Tx) error {
		known, err := f.Acts.AsOf(tx, actstest.Tenant, t, k)
		if err != nil {
			return err
		}
		out, err = figure.Figures(tx, actstest.Tenant, known.AsOf, string(matter.OriginFinding), g)
		return err
	})
	return out
}

func (f *world) serial() int64 {
	f.last++
	return f.last
}
