package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"

	"github.com/danielgtaylor/huma/v2"
)

// heartbeat keeps a stream alive; a page that hears nothing for twice as long polls.
const heartbeat = 15 * time.Second

// events streams what changed: keys and positions, never contents.
func (s *API) events(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "events", Method: http.MethodGet, Path: "/api/v1/events", Tags: []string{"events"},
		Summary: "Live changes (text/event-stream): keys and positions, never contents",
	}, func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		actor, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			changes, cancel := s.acts.L.Subscribe(actor.Tenant)
			defer cancel()
			hc.SetHeader("Content-Type", "text/event-stream")
			hc.SetHeader("Cache-Control", "no-store")
			hc.SetHeader("X-Accel-Buffering", "no")
			w := hc.BodyWriter()
			flush := func() {
				if f, ok := w.(http.Flusher); ok {
					f.Flush()
				}
			}
			// taken after subscribing: who knows the first head entries misses nothing from here on
			head, err := s.head(ctx, actor.Tenant)
			if err != nil {
				slog.ErrorContext(ctx, "events", "error", err)
				return
			}
			_, _ = fmt.Fprintf(w, "event: hello\ndata: {\"head\":%d}\n\n", head)
			flush()
			tick := time.NewTicker(heartbeat)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil {
						return
					}
				case c := <-changes:
					if _, err := fmt.Fprint(w, eventOf(c)); err != nil {
						return
					}
				}
				flush()
			}
		}}, nil
	})
}

// head is the number of entries there are.
func (s *API) head(ctx context.Context, tenant string) (n int64, err error) {
	err = s.acts.L.DB().Read(ctx, func(tx *storage.Tx) error {
		n, err = ledger.Size(tx, tenant)
		return err
	})
	return n, err
}

// maxSubjects bounds an event; an import changes more than a page wants to hear of one by one.
const maxSubjects = 50

func eventOf(c ledger.Change) string {
	last := c.Entries[len(c.Entries)-1]
	var subjects []string
	for _, e := range c.Entries[:min(len(c.Entries), maxSubjects)] {
		desk, _, _ := strings.Cut(e.Type, ".")
		subjects = append(subjects, fmt.Sprintf("%q", desk+":"+string(e.Subject)))
	}
	return fmt.Sprintf("event: change\nid: %d\ndata: {\"pos\":%d,\"at\":%q,\"subjects\":[%s]}\n\n",
		last.Pos, last.Pos, last.RecordedAt.Format(time.RFC3339Nano), strings.Join(subjects, ","))
}
