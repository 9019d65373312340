package web_test

import (
	"bytes"
	"net/http"
	"testing"
)

// TestSuggestionsSeen: the commission reads every suggestion; a unit reads its own and nobody else's (R133).
func TestSuggestionsSeen(t *testing.T) {
	_, base := serve(t)
	if status, b := signIn(t, base, "leader").post("/suggestions", `{"text":"统一登记表样式。"}`); status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("suggested: %d %s", status, b)
	}
	for login, sees := range map[string]bool{"duty": true, "leader": true, "liaison": false, "secretary": false} {
		status, b := signIn(t, base, login).do(http.MethodGet, "/api/v1/suggestions", "", nil)
		if status != http.StatusOK || bytes.Contains(b, []byte("统一登记表样式")) != sees {
			t.Errorf("%s: %d %s", login, status, b)
		}
	}
}
