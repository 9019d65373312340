package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
)

// TestFocusProposals: the office is told what yesterday's figures propose, with the source as it goes into a draft; who
// drafts nothing is told nothing (R118, R119).
func TestFocusProposals(t *testing.T) {
	w, base := serve(t)
	visit := w.Visit()
	for range 3 {
		if _, err := w.Acts.HandOverFinding(context.Background(), w.As(w.Leader), w.Finding(visit), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"}); err != nil {
			t.Fatal(err)
		}
	}
	path := "/api/v1/focus-proposals?day=" + w.Time.In(actstest.Zone).AddDate(0, 0, 1).Format(time.DateOnly)
	duty := signIn(t, base, "duty")
	status, b := duty.do(http.MethodGet, path, "", nil)
	var out struct {
		Before string
		Items  []struct {
			Kind string
			N    int64
			List string
			Item struct {
				Check  string
				Source struct{ Kind, Ref string }
			}
		}
	}
	if err := json.Unmarshal(b, &out); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, b, err)
	}
	if len(out.Items) != 1 || out.Items[0].Kind != "problem" || out.Items[0].N != 3 || out.Items[0].Item.Source.Ref != out.Items[0].List || out.Items[0].Item.Check != "S07-1" {
		t.Errorf("%s", b)
	}
	if status, b := duty.do(http.MethodGet, "/api/v1/focus-proposals?day=soon", "", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("no day: %d %s", status, b)
	}
	for _, login := range []string{"leader", "secretary", "auditor"} {
		if status, b := signIn(t, base, login).do(http.MethodGet, path, "", nil); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", login, status, b)
		}
	}
}
