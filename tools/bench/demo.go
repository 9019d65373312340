//go:build linux

package main

import (
	"errors"
	"path/filepath"

	"duzhan/data"
)

// maxResident is the target of resident memory with the demonstration under load, bytes.
const maxResident = 150e6

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
	return nil
}
