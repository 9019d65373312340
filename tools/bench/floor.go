//go:build linux

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// maxShared is how many requests one fdatasync of the floor serves at most.
const maxShared = 256

// floorFile appends for many who share one fdatasync.
type floorFile struct {
	f    *os.File
	jobs chan floorJob
}

type floorJob struct {
	bytes []byte
	done  chan error
}

func (f *floorFile) write() {
	for job := range f.jobs {
		batch, buf := []floorJob{job}, append([]byte(nil), job.bytes...)
	fill:
		for len(batch) < maxShared {
			select {
			case j := <-f.jobs:
				batch, buf = append(batch, j), append(buf, j.bytes...)
			default:
				break fill
			}
		}
		_, err := f.f.Write(buf)
		if err == nil {
			err = syscall.Fdatasync(int(f.f.Fd()))
		}
		for _, j := range batch {
			j.done <- err
		}
	}
}

// serveFloor is the floor: a bare handler that makes what it is sent durable and knows nothing of it.
func serveFloor(addr, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	file := &floorFile{f: f, jobs: make(chan floorJob, 4096)}
	go file.write()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		b, err := io.ReadAll(r.Body)
		if err == nil {
			j := floorJob{b, make(chan error, 1)}
			file.jobs <- j
			err = <-j.done
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// fdatasync is how long one takes behind an append of 4 KiB: the median.
func fdatasync(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	took := make([]time.Duration, 200)
	block := make([]byte, 4096)
	for i := range took {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		begun := time.Now()
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took[i] = time.Since(begun)
	}
	return quantile(took, 0.5), nil
}
