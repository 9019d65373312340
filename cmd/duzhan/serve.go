package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/figure"
	"duzhan/internal/storage"
	"duzhan/internal/web"
	"duzhan/internal/web/api"
)

// ServeCmd serves.
type ServeCmd struct {
	Store
	Listen         string `help:"Address to serve on." default:"127.0.0.1:8470"`
	MapTiles       string `help:"Address of raster tiles for a base map, with {z}, {x} and {y}: 256 pixels, Web Mercator, WGS-84 (not GCJ-02: nothing is converted). Browsers then load images from that server and no other; without it there is no map and no request." placeholder:"URL" env:"DUZHAN_MAP_TILES"`
	MapAttribution string `help:"Whose map it is, shown on it." placeholder:"TEXT" env:"DUZHAN_MAP_ATTRIBUTION"`
	MapMaxZoom     int    `help:"The largest zoom that there are tiles of." default:"18" env:"DUZHAN_MAP_MAX_ZOOM"`
}

// How often the server looks after things by itself.
const (
	ladderEvery  = 20 * time.Second
	compactEvery = time.Minute
	sweepEvery   = time.Hour
)

// Run serves until it is told to stop; commands under way are finished.
func (c ServeCmd) Run(e *env) error {
	slog.SetDefault(slog.New(slog.NewJSONHandler(e.stderr, nil)))
	base, err := api.ParseBaseMap(c.MapTiles, c.MapAttribution, c.MapMaxZoom)
	if err != nil {
		return fmt.Errorf("--map-tiles: %w", err)
	}
	o, err := c.open(e.ctx, false, nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("--listen: %w", err), o.close())
	}
	handler, _ := web.Handler(o.acts, version(), web.WithMap(base))
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return e.ctx },
	}
	fmt.Fprintf(e.stdout, "duzhan serves on http://%s\n", listener.Addr())
	if err := c.hints(e, o); err != nil {
		return errors.Join(err, o.close())
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		keep(e.ctx, o.acts)
	}()
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err = <-done:
	case <-e.ctx.Done():
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), 5*time.Second)
		err = server.Shutdown(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) { // live streams do not end by themselves
			err = server.Close()
		}
	}
	<-stopped
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, o.close())
}

// hints prints the demonstration's sign-ins, one a role.
func (c ServeCmd) hints(e *env, o *opened) error {
	tenants, err := o.tenants(e.ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if !t.Demo {
			continue
		}
		words, err := data.DemonstrationScenario()
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "演示数据·虚构 / demonstration, invented data. Password of every account: %s\n", words.Password)
		seen := map[string]bool{}
		err = o.db.Read(e.ctx, func(tx *storage.Tx) error {
			return access.Logins(tx, t.Code, func(role, login string) error {
				if !seen[role] {
					seen[role] = true
					fmt.Fprintf(e.stdout, "  %-22s %s\n", role, login)
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *opened) tenants(ctx context.Context) (list []access.Tenant, err error) {
	err = o.db.Read(ctx, func(tx *storage.Tx) error {
		list, err = access.Tenants(tx)
		return err
	})
	return list, err
}

// keep fires ladders, makes tonight's meeting, builds roll-ups and throws away pictures that nothing took, until ctx ends.
func keep(ctx context.Context, a *acts.Acts) {
	ladder, compact, sweep := time.NewTicker(ladderEvery), time.NewTicker(compactEvery), time.NewTicker(sweepEvery)
	defer ladder.Stop()
	defer compact.Stop()
	defer sweep.Stop()
	each := func(what string, fn func(tenant string) error) {
		o := opened{db: a.L.DB(), acts: a}
		tenants, err := o.tenants(ctx)
		for _, t := range tenants {
			if err == nil {
				err = fn(t.Code)
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, what, "error", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ladder.C:
			each("ladder", func(t string) error { _, err := a.FireLadders(ctx, t); return err })
		case <-compact.C:
			each("meeting", func(t string) error { _, err := a.EnsureMeeting(ctx, t); return err })
			each("roll-up", func(t string) error { return figure.Compact(ctx, a.L, t) })
		case <-sweep.C:
			each("sweep", func(t string) error { _, err := a.SweepUploads(ctx, t); return err })
		}
	}
}
