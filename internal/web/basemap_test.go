package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"duzhan/internal/acts/actstest"
	"duzhan/internal/storage"
	"duzhan/internal/web"
	"duzhan/internal/web/api"
)

// TestBaseMapPolicy: pages may load images from the one server that the office put a map on, and from no other; without
// a map from none (ui.md 1).
func TestBaseMapPolicy(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	at := func(options ...web.Option) (images string, shown *api.BaseMap) {
		t.Helper()
		handler, _ := web.Handler(w.Acts, "test", options...)
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		r, err := http.Get(s.URL + "/login")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		for part := range strings.SplitSeq(r.Header.Get("Content-Security-Policy"), ";") {
			if strings.Contains(part, "img-src") {
				images = strings.TrimSpace(part)
			}
		}
		_, b := signIn(t, s.URL, "duty").do(http.MethodGet, "/api/v1/me", "", nil)
		var me struct {
			Map *api.BaseMap `json:"map"`
		}
		if err := json.Unmarshal(b, &me); err != nil {
			t.Fatal(err)
		}
		return images, me.Map
	}
	if images, shown := at(); images != "img-src 'self' blob: data:" || shown != nil {
		t.Errorf("without a map: %s %+v", images, shown)
	}
	m, err := api.ParseBaseMap("https://tiles.test:8443/{z}/{x}/{y}.png", "© Test", 17)
	if err != nil {
		t.Fatal(err)
	}
	if images, shown := at(web.WithMap(m)); images != "img-src 'self' blob: data: https://tiles.test:8443" || shown == nil || *shown != m {
		t.Errorf("with a map: %s %+v", images, shown)
	}
}
