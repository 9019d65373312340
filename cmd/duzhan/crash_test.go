package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// TestAcknowledgedIsThere kills the server in the middle of a load and looks for every finding that was
// acknowledged; the ledger is whole, and sending all again adds none.
func TestAcknowledgedIsThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	bin := filepath.Join(t.TempDir(), "duzhan")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.Command(bin, "demo", "--data", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server, base := start(t, bin, dir)
	c := signedIn(t, base, "inspector1")
	visitID := startVisit(t, c, base, dir)
	var mu sync.Mutex
	acked := map[string]bool{}
	post := func(i int) bool {
		body := fmt.Sprintf(`{"id":"finding-%06d","fact":"崩溃测试第%d条","draft":true}`, i, i)
		r, err := c.Post(base+"/api/v1/visits/"+visitID+"/findings", "application/json", strings.NewReader(body))
		if err != nil {
			return false
		}
		defer func() { _ = r.Body.Close() }()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Logf("%d %s %v", r.StatusCode, b, err)
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		acked[fmt.Sprintf("finding-%06d", i)] = true
		return true
	}
	var wg sync.WaitGroup
	for s := range 8 {
		wg.Go(func() {
			for i := s; i < 100_000; i += 8 {
				if !post(i) {
					return
				}
				mu.Lock()
				n := len(acked)
				mu.Unlock()
				if n >= 400 {
					_ = server.Process.Kill()
				}
			}
		})
	}
	wg.Wait()
	_ = server.Process.Kill()
	_ = server.Wait()
	if len(acked) < 400 {
		t.Fatalf("%d acknowledged before the kill", len(acked))
	}
	if n := stored(t, dir, acked); n < len(acked) {
		t.Fatalf("%d findings stored, %d acknowledged", n, len(acked))
	}
	var out bytes.Buffer
	if code := run([]string{"verify", "--data", dir}, nil, &out, io.Discard); code != 0 {
		t.Errorf("verify: %s", out.String())
	}
}

// start starts the server on a free port and gives its address.
func start(t *testing.T, bin, dir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(bin, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(line), "serves on ")
	return cmd, address
}

func signedIn(t *testing.T, base, login string) *http.Client {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	words, err := data.DemonstrationScenario()
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.PostForm(base+"/login", url.Values{"login": {login}, "password": {words.Password}})
	if err != nil || r.StatusCode != http.StatusSeeOther {
		t.Fatal(err, r)
	}
	return c
}

// startVisit starts a visit of the inspector's street by the API.
func startVisit(t *testing.T, c *http.Client, base, dir string) string {
	t.Helper()
	var me struct {
		Person struct{ Ref string }
		Scope  struct{ Regions []string }
	}
	get(t, c, base+"/api/v1/me", &me)
	var sites struct{ Items []struct{ ID string } }
	get(t, c, base+"/api/v1/sites?limit=1&region="+me.Scope.Regions[0], &sites)
	team := ""
	inStore(t, dir, func(tx *storage.Tx, tenant string) error {
		teams, err := visit.Teams(tx, tenant)
		for _, x := range teams {
			for _, m := range x.Members {
				if string(m.Person) == me.Person.Ref {
					team = string(x.ID)
				}
			}
		}
		return err
	})
	body, _ := json.Marshal(map[string]any{"site": sites.Items[0].ID, "team": team, "inspectors": []string{me.Person.Ref}, "methods": []string{"inspection"}, "alone_reason": "夜间抽查"})
	r, err := c.Post(base+"/api/v1/visits", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	var v struct{ ID string }
	b, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(b, &v); err != nil || v.ID == "" {
		t.Fatalf("%d %s", r.StatusCode, b)
	}
	return v.ID
}

func get(t *testing.T, c *http.Client, address string, into any) {
	t.Helper()
	r, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// stored counts which of the acknowledged findings are in the ledger's rows.
func stored(t *testing.T, dir string, acked map[string]bool) (n int) {
	inStore(t, dir, func(tx *storage.Tx, tenant string) error {
		for id := range acked {
			_, found, err := visit.LoadFinding(tx, tenant, ledger.ID(id))
			if err != nil {
				return err
			}
			if found {
				n++
			} else {
				t.Errorf("%s was acknowledged and is not there", id)
			}
		}
		return nil
	})
	return n
}

func inStore(t *testing.T, dir string, fn func(tx *storage.Tx, tenant string) error) {
	t.Helper()
	err := Store{Data: dir}.with(&env{ctx: context.Background()}, func(o *opened, x access.Tenant) error {
		return o.db.Read(t.Context(), func(tx *storage.Tx) error { return fn(tx, x.Code) })
	})
	if err != nil {
		t.Fatal(err)
	}
}
