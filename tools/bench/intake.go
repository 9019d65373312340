//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"duzhan/internal/ledger"
)

// Targets of the intake.
const (
	maxPerFinding = 300 * time.Microsecond // of processor time, at targetClients
	targetClients = 32
	slowSync      = time.Millisecond // from here on the floor's rate counts too
	minOfFloor    = 0.4
)

var clientCounts = []int{1, 8, 32, 128}

const findingJSON = `{"id":"%s","problem_type":"P-MARKET","severity":"moderate","fact":"超市入口扫码岗18时起无人值守，6人未扫码直接进入，值班表上的两名人员均不在岗。",` +
	`"place_detail":"东门入口","themes":["supply"],"area":"A1","responsibility":"unit","clause":"K07-1","item":"S07-1"}`

// measured is what one storm gave.
type measured struct {
	rate      float64 // a second
	p50, p99  time.Duration
	processor time.Duration // of the server, per request
}

// intakeBench sends findings from many clients, to the product and to the floor, one after the other.
func (b *bench) intakeBench() error {
	sync, err := fdatasync(b.dir)
	if err != nil {
		return err
	}
	b.report.line("\n### Durable intake over HTTP, signed in\n")
	b.report.line("The floor is a bare handler that appends the same bytes to a file, one fdatasync for all who wait. Server and clients share")
	b.report.line("the cores. An fdatasync behind 4 KiB takes %s (median).\n", ms(sync))
	product, floor, err := b.storms()
	if err != nil {
		return err
	}
	b.report.line("| clients | findings/s | p50 | p99 | processor time per finding | floor/s | p50 | p99 | processor time | rate : floor |")
	b.report.line("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for i, n := range clientCounts {
		p, f := product[i], floor[i]
		b.report.line("| %d | %.0f | %s | %s | %s | %.0f | %s | %s | %s | %.2f |", n, p.rate, ms(p.p50), ms(p.p99), ms(p.processor),
			f.rate, ms(f.p50), ms(f.p99), ms(f.processor), p.rate/f.rate)
	}
	b.report.line("")
	for i, n := range clientCounts {
		if n != targetClients {
			continue
		}
		b.report.target("processor time per finding at 32 clients ≤ 0.30 ms", product[i].processor <= maxPerFinding, "%s", ms(product[i].processor))
		if sync >= slowSync {
			b.report.target("rate at 32 clients ≥ 40 % of the floor's", product[i].rate >= minOfFloor*floor[i].rate, "%.0f %%", 100*product[i].rate/floor[i].rate)
		} else {
			b.report.line("- rate at 32 clients: %.0f %% of the floor's (a target only where an fdatasync takes ≥ 1 ms)", 100*product[i].rate/floor[i].rate)
		}
	}
	return nil
}

func (b *bench) storms() (product, floor []measured, err error) {
	dir := filepath.Join(b.dir, "intake")
	w, err := newWorld(b.ctx, dir, time.Now().Add(-time.Minute))
	if err != nil {
		return nil, nil, err
	}
	visit, err := w.visit(b.ctx)
	if err = errors.Join(err, w.close()); err != nil {
		return nil, nil, err
	}
	p, _, err := b.serve(dir)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, nil, err
	}
	f, _, err := start(addr, self, "floor", addr, filepath.Join(b.dir, "floor"))
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	cookie, err := signIn(p.addr, "inspector", password)
	if err != nil {
		return nil, nil, err
	}
	path := "/api/v1/visits/" + string(visit) + "/findings"
	for _, n := range clientCounts {
		for _, s := range []struct {
			p    *process
			into *[]measured
		}{{p, &product}, {f, &floor}} {
			m, err := s.p.storm(n, b.intake, path, cookie)
			if err != nil {
				return nil, nil, err
			}
			*s.into = append(*s.into, m)
		}
	}
	return product, floor, nil
}

// storm sends findings, each with a key and an id of its own, after a second of warming up.
func (p *process) storm(clients int, length time.Duration, path, cookie string) (measured, error) {
	next := func(int, int) (string, int) {
		return postRequest(p.addr, path, cookie, string(ledger.NewID()), fmt.Sprintf(findingJSON, ledger.NewID())), 200
	}
	if _, err := storm(p.addr, clients, length/4, next); err != nil {
		return measured{}, err
	}
	before, err := p.processor()
	if err != nil {
		return measured{}, err
	}
	begun := time.Now()
	took, err := storm(p.addr, clients, length, next)
	if err != nil {
		return measured{}, err
	}
	length = time.Since(begun)
	after, err := p.processor()
	n := len(took)
	return measured{
		rate: float64(n) / length.Seconds(), p50: quantile(took, 0.5), p99: quantile(took, 0.99),
		processor: (after - before) / time.Duration(n),
	}, err
}
