package web_test

import (
	"net/http"
	"testing"
)

// TestChecklistSeen: who may not see a visit gets no checklist of it; what was answered is on it (R045, R097).
func TestChecklistSeen(t *testing.T) {
	w, base := serve(t)
	path := "/visits/" + string(w.Visit())
	inspector := signIn(t, base, "inspector")
	if status, b := inspector.post(path+"/answers", `{"answers":[{"item":"G1-1","result":"problem"}]}`); status != http.StatusOK {
		t.Fatalf("answered: %d %s", status, b)
	}
	var list struct {
		Items []struct{ Code, Aspect, Result string }
		Risks []struct{ Code string }
	}
	if status := inspector.get(path+"/checklist", &list); status != http.StatusOK || len(list.Risks) == 0 {
		t.Fatalf("R045 %d, %d risks", status, len(list.Risks))
	}
	for _, i := range list.Items {
		if want := map[bool]string{true: "problem"}[i.Code == "G1-1"]; i.Result != want {
			t.Errorf("R097 %s answered %q, want %q", i.Code, i.Result, want)
		}
	}
	if status := signIn(t, base, "liaison").get(path+"/checklist", nil); status != http.StatusNotFound {
		t.Errorf("a department sees a checklist of a street: %d", status)
	}
}
