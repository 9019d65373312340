//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"duzhan/data"
)

// maxResident is the target of resident memory with the demonstration under load, bytes.
const maxResident = 150e6

// What the freeze of a meeting is measured at, and its target.
const (
	freezes   = 10
	maxFreeze = 2 * time.Second // each
)

// loadPaths is what a board, an inbox and an explorer ask for.
var loadPaths = []string{
	"/api/v1/board", "/api/v1/matters?limit=100", "/api/v1/matters?light=overdue&sort=due&limit=100", "/api/v1/inbox",
	"/api/v1/findings", "/api/v1/visits", "/api/v1/figures?by=street", "/api/v1/me", "/api/v1/catalogue", "/api/v1/matters.csv",
}

// demoBench serves the demonstration to 32 readers and watches its memory.
func (b *bench) demoBench() (err error) {
	dir := filepath.Join(b.dir, "demo")
	_, made, _, err := finish(b.binary, "demo", "--data", dir)
	if err != nil {
		return err
	}
	p, _, err := b.serve(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	words, err := data.DemonstrationScenario()
	if err != nil {
		return err
	}
	cookie, err := signIn(p.addr, "duty", words.Password)
	if err != nil {
		return err
	}
	before, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	took, err := storm(p.addr, targetClients, b.load, func(client, i int) (string, int) {
		return getRequest(p.addr, loadPaths[(client+i)%len(loadPaths)], cookie), 200
	})
	if err != nil {
		return err
	}
	resident, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	peak, err := p.memory("VmHWM")
	if err != nil {
		return err
	}
	b.report.line("\n### Memory with the demonstration\n")
	b.report.line("Made in %.1f s. 32 readers of board, lists, inbox, figures, catalogue and export: %.0f answers/s, p50 %s, p99 %s.\n", made.Seconds(),
		float64(len(took))/b.load.Seconds(), ms(quantile(took, 0.5)), ms(quantile(took, 0.99)))
	b.report.target("resident memory under load ≤ 150 MB", resident <= maxResident, "%s (at most %s; idle %s)", mib(resident), mib(peak), mib(before))
	return b.freezeBench(p.addr, cookie)
}

// freezeBench freezes snapshots as of instants of the demonstration's last day, each time opening the meeting of that night
// after it: the pages of all nine teams, from its own snapshot.
func (b *bench) freezeBench(addr, cookie string) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer func() { _ = c.conn.Close() }()
	ask := func(request string, into any) error {
		status, said, err := c.ask(request)
		if err == nil && status >= 300 {
			err = fmt.Errorf("status %d: %.300s", status, said)
		}
		return errors.Join(err, json.Unmarshal(said, into))
	}
	var meetings struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := ask(getRequest(addr, "/api/v1/meetings", cookie), &meetings); err != nil {
		return err
	}
	var took []time.Duration
	teams := 0
	for n := range freezes {
		var frozen, page struct {
			Slots []json.RawMessage `json:"slots"`
		}
		begun := time.Now()
		body := fmt.Sprintf(`{"as_of": "2022-11-25T17:%02d:00+08:00"}`, n)
		if err := ask(postRequest(addr, "/api/v1/snapshots", cookie, fmt.Sprintf("freeze-%d", n), body), &frozen); err != nil {
			return err
		}
		if err := ask(getRequest(addr, "/api/v1/meetings/"+meetings.Items[0].ID, cookie), &page); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
		teams = len(page.Slots)
	}
	b.report.line("\n### The nightly meeting\n")
	b.report.target(fmt.Sprintf("a snapshot frozen, then the pages of all %d teams ≤ 2 s", teams), quantile(took, 1) <= maxFreeze, "%s the slowest of %d (p50 %s)",
		ms(quantile(took, 1)), freezes, ms(quantile(took, 0.5)))
	return nil
}
