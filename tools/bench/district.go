//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// What a team's sampling plan is measured at, and its target.
const (
	samplingSites = 10_000
	samplingDraws = 20
	maxSampling   = time.Second // p95
)

// What a file of people is measured at, and its target.
const (
	peopleRows = 10_000
	maxPeople  = 20 * time.Second // preview and writing together
)

// districtBench measures what a district does beside the chain of findings.
func (b *bench) districtBench() error {
	w, err := newWorld(b.ctx, filepath.Join(b.dir, "district"), time.Now().Add(-30*24*time.Hour))
	if err != nil {
		return err
	}
	return errors.Join(b.samplingBench(w), b.peopleBench(w), w.close())
}

// peopleBench takes 10,000 people in from a file: first what it would change, then for good, then the same file again.
func (b *bench) peopleBench(w *world) error {
	unit := ""
	if err := w.db.Read(b.ctx, func(tx *storage.Tx) error {
		org, _, err := registry.OrgByID(tx, tenant, w.units[0])
		unit = org.Zh
		return err
	}); err != nil {
		return err
	}
	var file strings.Builder
	file.WriteString("姓名,单位,角色,职务,账号\n")
	for i := range peopleRows {
		fmt.Fprintf(&file, "测速%05d,%s,部门联络员,科员,\n", i, unit)
	}
	save := func(to io.Writer) error {
		_, err := io.WriteString(to, file.String())
		return err
	}
	added := func(lines []acts.PersonLine) (n int) {
		for _, l := range lines {
			if l.State == acts.PersonNew {
				n++
			}
		}
		return n
	}
	c := acts.Caller{Actor: w.duty}
	begun := time.Now()
	lines, err := w.acts.PreviewPeople(b.ctx, c, save)
	if err != nil {
		return err
	}
	if n := added(lines); n != peopleRows {
		return fmt.Errorf("%d of %d people would be taken: %+v", n, peopleRows, lines[0].Bad)
	}
	preview := time.Since(begun)
	begun = time.Now()
	if lines, _, err = w.acts.ApplyPeople(b.ctx, c, save); err != nil {
		return err
	}
	written := time.Since(begun)
	if n := added(lines); n != peopleRows {
		return fmt.Errorf("%d of %d people were taken", n, peopleRows)
	}
	begun = time.Now()
	if lines, err = w.acts.PreviewPeople(b.ctx, c, save); err != nil {
		return err
	}
	again := time.Since(begun)
	b.report.line("\n### People from a file\n")
	b.report.target(fmt.Sprintf("%s people with preview ≤ 20 s", thousands(peopleRows)), preview+written <= maxPeople, "preview %s, written in %s; the same file again %s with %d new",
		ms(preview), ms(written), ms(again), added(lines))
	return nil
}

// samplingBench draws from 10,000 sites that were visited three times each.
func (b *bench) samplingBench(w *world) error {
	const there, village = "500112004", "500112004001"
	leader, err := w.person(b.ctx, "team_leader", "sampler", []string{there})
	if err != nil {
		return err
	}
	other, err := w.person(b.ctx, "inspector", "second", []string{there})
	if err != nil {
		return err
	}
	team, err := w.acts.FormTeam(b.ctx, acts.Caller{Actor: w.duty}, acts.NewTeam{
		No: 2, Zh: "第2组", En: "Team 2", Org: w.units[0], Why: "测速", Postings: []visit.Posting{{Street: there, From: w.time}},
		Members: []visit.Member{{Person: leader.Person, Role: visit.Leader, From: w.time}, {Person: other.Person, Role: visit.Plain, From: w.time}},
	})
	if err != nil {
		return err
	}
	if err := b.fillSites(w, there, village); err != nil {
		return err
	}
	w.time = time.Now().UTC()
	day := w.time.In(time.FixedZone("+08:00", 8*3600)).Format(time.DateOnly)
	var drawn, again []time.Duration
	for range samplingDraws {
		begun := time.Now()
		id, err := w.acts.DrawSampling(b.ctx, acts.Caller{Actor: leader}, team, day, visit.MaxSample)
		if err != nil {
			return err
		}
		drawn = append(drawn, time.Since(begun))
		begun = time.Now()
		if err := b.redraw(w, leader, id); err != nil {
			return err
		}
		again = append(again, time.Since(begun))
	}
	b.report.line("\n### Sampling plan\n")
	b.report.line("%d sites are drawn from %s that were visited three times each, %d times; drawing again proves the last draw.\n", visit.MaxSample, thousands(samplingSites), samplingDraws)
	b.report.target(fmt.Sprintf("a draw from %s sites, recorded, p95 ≤ 1 s", thousands(samplingSites)), quantile(drawn, 0.95) <= maxSampling, "%s (p50 %s)",
		ms(quantile(drawn, 0.95)), ms(quantile(drawn, 0.5)))
	b.report.line("- drawn again p95: %s", ms(quantile(again, 0.95)))
	return nil
}

func (b *bench) redraw(w *world, actor access.Actor, id ledger.ID) error {
	return w.db.Read(b.ctx, func(tx *storage.Tx) error {
		r, err := w.acts.RedrawSampling(tx, actor, id)
		if err == nil && !r.Same {
			err = errors.New("drawn again it differs")
		}
		return err
	})
}

// fillSites registers sites and their visits, a few hundred in a command.
func (b *bench) fillSites(w *world, there, village string) error {
	types := []string{"S01", "S02", "S04", "S07", "S09", "S12"}
	for from := 0; from < samplingSites; from += 500 {
		w.time = w.time.Add(time.Hour)
		err := w.acts.L.Do(b.ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
			for i := from; i < from+500; i++ {
				site := ledger.NewID()
				drafts := []ledger.Draft{{Subject: site, Body: registry.SiteRegisteredV1{Site: registry.Site{
					Name: fmt.Sprintf("测速点位%05d", i), Type: types[i%len(types)], Region: village,
				}}}}
				for n := range 3 {
					drafts = append(drafts, ledger.Draft{Subject: ledger.NewID(), Body: visit.ImportedV1{
						Keys: []string{fmt.Sprintf("sample-%d-%d", i, n)}, Site: site, Street: there, Type: "routine", Day: w.time.Format(time.DateOnly),
					}})
				}
				if err := tx.Append(drafts...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
