// Package demo makes the demonstration: a seeded scenario of invented people that goes through the same
// commands as a user, on a clock of its own. Its totals and splits are those of the shipped golden file.
// It refuses to write a row or an entry by itself.
package demo

import (
	"bytes"
	"container/heap"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// Tenant is the demonstration's jurisdiction.
const Tenant = "500112"

// seed makes the scenario the same each time.
const seed = 20221119

// Clock is the scenario's time.
type Clock struct{ now time.Time }

// Now tells the scenario's time.
func (c *Clock) Now(string) time.Time { return c.now }

// scenario is the run under way.
type scenario struct {
	ctx   context.Context
	a     *acts.Acts
	clock *Clock
	rnd   *rand.Rand
	zone  *time.Location
	words data.Scenario
	gold  data.Golden
	lists data.Catalogue

	queue  queue
	end    time.Time
	people int

	commission   ledger.ID
	organisation ledger.ID // the organisation department, which issues with the commission
	duty         access.Actor
	principal    access.Actor
	top          access.Actor   // the district's leader
	commissions  []ledger.ID    // discipline commissions of all towns and streets
	grass        []access.Actor // one of each commission, then one of each stationed group
	supervised   []ledger.ID    // unit of each stationed group
	focus        ledger.ID      // the newest one
	directive    ledger.ID
	meetings     map[int]ledger.ID       // by day
	departments  map[string]access.Actor // by area
	streets      []*street
	logins       []Login
	shot         []byte // the picture drawn last
	repeat       bool   // the next picture is that one again: somebody cheats
}

// street is one of the nine with its team and people.
type street struct {
	code      string
	name      string
	org       ledger.ID
	principal access.Actor
	team      visit.Team
	leader    access.Actor
	members   []access.Actor
	sites     []ledger.ID
	siteTypes []string
	visits    []int // by day
	findings  []int // by day
	open      int
	newest    ledger.ID // matter handed over last
}

// Login is an account of the demonstration.
type Login struct{ Role, Login, Password string }

// event happens at a time.
type event struct {
	at  time.Time
	seq int
	do  func() error
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds an event; it is called by heap.
func (q *queue) Push(x any) { *q = append(*q, x.(event)) }

// Pop removes the last event; it is called by heap.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

// Start is when the scenario's clock begins.
func Start() time.Time { return time.Date(2022, 11, 19, 10, 0, 0, 0, time.UTC) } // 18:00 in the zone

// Run makes the demonstration in an empty ledger whose clock is clock. It gives the accounts.
func Run(ctx context.Context, a *acts.Acts, clock *Clock, progress func(string)) ([]Login, error) {
	s := &scenario{ctx: ctx, a: a, clock: clock, rnd: rand.New(rand.NewPCG(seed, seed)), departments: map[string]access.Actor{}, meetings: map[int]ledger.ID{}}
	var err error
	if s.words, err = data.DemonstrationScenario(); err != nil {
		return nil, err
	}
	if s.gold, err = data.GoldenStats(); err != nil {
		return nil, err
	}
	if s.lists, err = data.LoadCatalogue("epidemic-2022"); err != nil {
		return nil, err
	}
	if s.zone, err = time.LoadLocation("Asia/Shanghai"); err != nil {
		return nil, err
	}
	if s.end, err = time.Parse(time.RFC3339, s.gold.AsOf); err != nil {
		return nil, err
	}
	clock.now = Start()
	progress("setting up")
	if err := s.setUp(); err != nil {
		return nil, fmt.Errorf("set up: %w", err)
	}
	s.share()
	for _, st := range s.streets {
		s.planVisits(st)
	}
	for at := Start().Add(time.Hour); at.Before(s.end); at = at.Add(10 * time.Minute) {
		s.at(at, func() error {
			_, err := a.FireLadders(ctx, Tenant)
			return err
		})
	}
	s.planNights()
	s.planDiscipline()
	s.planSuggestions()
	s.planSampling()
	if err := s.planGrassroots(); err != nil {
		return nil, fmt.Errorf("grassroots: %w", err)
	}
	s.planOrders()
	if err := s.planSupport(); err != nil {
		return nil, fmt.Errorf("support: %w", err)
	}
	day := ""
	for s.queue.Len() > 0 {
		e := heap.Pop(&s.queue).(event)
		if e.at.After(clock.now) {
			clock.now = e.at
		}
		if today := clock.now.In(s.zone).Format(time.DateOnly); today != day {
			day = today
			progress(day)
		}
		if err := e.do(); err != nil {
			return nil, fmt.Errorf("at %s: %w", clock.now.In(s.zone).Format(time.DateTime), err)
		}
	}
	return s.logins, nil
}

func (s *scenario) at(t time.Time, do func() error) {
	heap.Push(&s.queue, event{t.UTC(), s.queue.Len() + s.people<<20, do})
	s.people++ // a running number that keeps equal times in order
}

func (s *scenario) day(d, hour, minute int) time.Time {
	return time.Date(2022, 11, 20+d, hour, minute, 0, 0, s.zone)
}

func (s *scenario) as(a access.Actor) acts.Caller { return acts.Caller{Actor: a} }

func (s *scenario) pick(list []string) string { return list[s.rnd.IntN(len(list))] }

// between is a random time between two.
func (s *scenario) between(from, to time.Time) time.Time {
	if !to.After(from) {
		return from
	}
	return from.Add(time.Duration(s.rnd.Int64N(int64(to.Sub(from))))).Truncate(time.Second)
}

// name invents a name that no real post-holder has: its middle character says so.
func (s *scenario) name(n int) string {
	surnames, given := []rune(s.words.Surnames), []rune(s.words.Given)
	return string(surnames[n%len(surnames)]) + s.words.Middle + string(given[(n*7+n/len(surnames))%len(given)])
}

// share splits the days' visits and findings over the streets so that both margins are the golden ones,
// and no day has more findings than its visits can carry.
func (s *scenario) share() {
	visits, findings := make([]int, len(s.gold.ByDay)), make([]int, len(s.gold.ByDay))
	rows, found := make([]int, len(s.streets)), make([]int, len(s.streets))
	for d, x := range s.gold.ByDay {
		visits[d], findings[d] = x.Visits, x.Findings
	}
	for i, x := range s.gold.ByStreet {
		rows[i], found[i] = x.Visits, x.Findings
		s.streets[i].open = x.Open
	}
	v, f := margins(rows, visits), margins(found, findings)
	for i, st := range s.streets {
		st.visits, st.findings = v[i], f[i]
	}
}

// margins fills a matrix with the given sums of rows and columns, as even as whole numbers allow.
func margins(rows, cols []int) [][]int {
	total := 0
	for _, c := range cols {
		total += c
	}
	m := make([][]int, len(rows))
	left := append([]int(nil), cols...)
	for i, r := range rows {
		m[i] = make([]int, len(cols))
		rest := r
		for d, c := range cols {
			m[i][d] = min(r*c/total, left[d])
			left[d] -= m[i][d]
			rest -= m[i][d]
		}
		for rest > 0 { // what rounding left goes to the days that lack most
			best := 0
			for d := range cols {
				if left[d]*cols[best] > left[best]*cols[d] {
					best = d
				}
			}
			m[i][best]++
			left[best]--
			rest--
		}
	}
	return m
}

// picture draws an invented picture: a wall, a door, a light that differs.
func (s *scenario) picture(c acts.Caller) (ledger.ID, error) {
	img := image.NewRGBA(image.Rect(0, 0, 240, 180))
	wall := color.RGBA{uint8(150 + s.rnd.IntN(80)), uint8(150 + s.rnd.IntN(80)), uint8(150 + s.rnd.IntN(80)), 255}
	door := color.RGBA{uint8(s.rnd.IntN(120)), uint8(s.rnd.IntN(120)), uint8(s.rnd.IntN(120)), 255}
	x0, w := 30+s.rnd.IntN(100), 30+s.rnd.IntN(60)
	for y := range 180 {
		for x := range 240 {
			p := wall
			switch {
			case x >= x0 && x < x0+w && y > 60 && y < 160:
				p = door
			case y >= 160:
				p = color.RGBA{90, 90, 96, 255}
			case (x+y)%48 < 2:
				p.R, p.G, p.B = p.R-20, p.G-20, p.B-20
			}
			img.SetRGBA(x, y, p)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 75}); err != nil {
		return "", err
	}
	sent := b.Bytes()
	if s.repeat && s.shot != nil {
		sent, s.repeat = s.shot, false
	}
	s.shot = b.Bytes()
	u, err := s.a.SaveUpload(s.ctx, c, bytes.NewReader(sent))
	return u.ID, err
}

func (s *scenario) fill(text string, at time.Time) string {
	n := 6 + s.rnd.IntN(20)
	return strings.NewReplacer("{n}", fmt.Sprint(n), "{m}", fmt.Sprint(2+s.rnd.IntN(4)), "{t}", at.In(s.zone).Format("15:04")).Replace(text)
}

// regionOf picks a community of a street.
func regionOf(communities []data.Community, street string, i int) string {
	var codes []string
	for _, c := range communities {
		if c.Town == street {
			codes = append(codes, c.Code)
		}
	}
	return codes[i%len(codes)]
}

// org makes an organisation.
func (s *scenario) org(kind, zh, en, region string) (ledger.ID, error) {
	id := ledger.NewID()
	return id, s.a.RegisterOrg(s.ctx, Tenant, registry.Org{ID: id, Kind: kind, Zh: zh, En: en, Region: region})
}
