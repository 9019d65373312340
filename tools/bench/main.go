//go:build linux

// Command bench measures what docs/bench.md reports: intake over HTTP beside a floor, figures, lists,
// start, memory, rebuild and import, each at its sizes in one run. It owns the numbers and their targets;
// it refuses to fail for a number: a missed target is written down as missed.
//
// Processes are read from /proc, so it runs on Linux.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// scale is how much one run measures.
type scale struct {
	name      string
	intake    time.Duration // per number of clients
	entries   []int64       // sizes of the ledger, rising
	inAnHour  int64         // entries recorded within one hour; also rebuilt
	rows      int           // of an import
	questions int           // figures asked for at each size
	load      time.Duration // of the demonstration
}

var scales = map[string]scale{
	"short": {
		name: "short", intake: 3 * time.Second, entries: []int64{10_000, 100_000, 1_000_000}, inAnHour: 100_000,
		rows: 20_000, questions: 400, load: 5 * time.Second,
	},
	"long": {
		name: "long", intake: 10 * time.Second, entries: []int64{10_000, 100_000, 1_000_000, 10_000_000}, inAnHour: 1_000_000,
		rows: 1_000_000, questions: 1000, load: 20 * time.Second,
	},
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "floor" {
		exit(serveFloor(os.Args[2], os.Args[3]))
	}
	if len(os.Args) < 2 || scales[os.Args[1]].name == "" {
		fmt.Fprintln(os.Stderr, "usage: bench short|long [part...]; parts: binary intake figures start demo import district")
		os.Exit(2)
	}
	exit(run(scales[os.Args[1]], os.Args[2:]))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench is a run.
type bench struct {
	scale
	ctx    context.Context
	dir    string // everything it makes; removed at the end
	binary string
	report report
}

func run(s scale, parts []string) error {
	dir, err := os.MkdirTemp(os.Getenv("DUZHAN_BENCH_DIR"), "duzhan-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{scale: s, ctx: context.Background(), dir: dir, binary: filepath.Join(dir, "duzhan")}
	b.report.begin(s.name)
	if err := b.facts(); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		fn   func() error
	}{
		{"binary", b.build}, {"intake", b.intakeBench}, {"figures", b.figuresBench}, {"demo", b.demoBench}, {"import", b.importBench}, {"district", b.districtBench},
	} {
		if len(parts) > 0 && part.name != "binary" && !has(parts, part.name) {
			continue
		}
		begun := time.Now()
		if err := part.fn(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s took %.0f s\n", part.name, time.Since(begun).Seconds())
	}
	if len(parts) > 0 { // a part of a run is for looking, not for the record
		fmt.Println(b.report.text())
		return nil
	}
	fmt.Println(b.report.text())
	return b.report.write("docs/bench.md")
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
