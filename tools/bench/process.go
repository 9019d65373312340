//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a child whose processor time and memory are its own.
type process struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	addr   string
}

// start runs a program and waits until it answers on its address.
func start(addr, path string, args ...string) (*process, time.Duration, error) {
	p := &process{cmd: exec.Command(path, args...), addr: addr}
	p.cmd.Stdout, p.cmd.Stderr = io.Discard, &p.stderr
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	for time.Since(begun) < time.Minute {
		resp, err := http.Get("http://" + addr + "/login")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return p, time.Since(begun), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("no answer on %s: %s", addr, p.stderr.String()), p.stop())
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(p.cmd.Path), err, p.stderr.String())
	}
	return nil
}

// ticks is the unit of processor time in /proc, a second's part (USER_HZ).
const ticks = 100

// processor is the time the process has computed, user and system.
func (p *process) processor() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticks, errors.Join(err1, err2)
}

// memory reads VmRSS (now) or VmHWM (at most), bytes.
func (p *process) memory(field string) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return procField(b, field)
}

func procField(b []byte, field string) (int64, error) {
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s", field)
}

// freeAddress is an address nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve serves a data folder.
func (b *bench) serve(data string) (*process, time.Duration, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	return start(addr, b.binary, "serve", "--data", data, "--listen", addr)
}

// finish runs a program to its end; peak is its largest resident memory, bytes.
func finish(path string, args ...string) (out string, took time.Duration, peak int64, err error) {
	cmd := exec.Command(path, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return "", 0, 0, fmt.Errorf("%s %s: %w: %s", filepath.Base(path), args[0], err, stderr.String())
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return stdout.String(), time.Since(begun), usage.Maxrss * 1024, nil
}

// facts says on what it ran.
func (b *bench) facts() error {
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				cpu = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return err
	}
	total, err := procField(info, "MemTotal")
	if err != nil {
		return err
	}
	command := "make bench"
	if b.name == "long" {
		command = "make bench-long"
	}
	b.report.line("`%s`, %s, %s, %d cores of %s, %s memory, %s.", command, time.Now().UTC().Format(time.DateOnly),
		runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), cpu, mib(total), runtime.Version())
	load, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		b.report.line("Load of the machine at the beginning, without this run: %s.", strings.Fields(string(load))[0])
	}
	return nil
}

// Targets of the binary, bytes.
const maxBinary = 60e6

// build makes the binary as it is shipped, and weighs it.
func (b *bench) build() error {
	plain := b.binary + "-plain"
	for path, flags := range map[string][]string{b.binary: {"-ldflags", "-s -w"}, plain: nil} {
		args := append([]string{"build", "-trimpath", "-o", path}, flags...)
		if _, _, _, err := finish("go", append(args, "./cmd/duzhan")...); err != nil {
			return err
		}
	}
	small, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	large, err := os.Stat(plain)
	if err != nil {
		return err
	}
	b.report.line("\n### Binary\n")
	b.report.target("binary with its pages, stripped, ≤ 60 MB", small.Size() <= maxBinary, "%s (with symbols %s)", mib(small.Size()), mib(large.Size()))
	return nil
}
