package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/storage"
	"duzhan/internal/web"
	"duzhan/ui"
)

// client is somebody signed in at a real server.
type client struct {
	t    *testing.T
	base string
	http *http.Client
	lang string
}

func serve(t *testing.T) (*actstest.World, string) { return serveOn(t, storage.SQLite) }

func serveOn(t *testing.T, e storage.Engine) (*actstest.World, string) {
	w := actstest.New(t, e)
	handler, _ := web.Handler(w.Acts, "test")
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return w, s.URL
}

func signIn(t *testing.T, base, login string) *client {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	c := &client{t: t, base: base, lang: "en", http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	r, err := c.http.PostForm(base+"/login", url.Values{"login": {login}, "password": {actstest.Password}, "next": {"/board"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/board" {
		t.Fatalf("sign-in of %s: %d to %s", login, r.StatusCode, r.Header.Get("Location"))
	}
	return c
}

type problem struct {
	Status int
	Code   string
	Title  string
	Errors []struct{ Location, Message, Code string }
}

func (c *client) do(method, path, contentType string, body io.Reader, headers ...string) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept-Language", c.lang)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	r, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r.StatusCode, b
}

func (c *client) post(path, body string, headers ...string) (int, []byte) {
	c.t.Helper()
	return c.do(http.MethodPost, "/api/v1"+path, "application/json", strings.NewReader(body), headers...)
}

func (c *client) get(path string, into any) int {
	c.t.Helper()
	status, b := c.do(http.MethodGet, "/api/v1"+path, "", nil)
	if into != nil && status == http.StatusOK {
		if err := json.Unmarshal(b, into); err != nil {
			c.t.Fatalf("%s: %v in %s", path, err, b)
		}
	}
	return status
}

// TestBadInput: each gets an error that names the field and the rule, in both languages, and nothing of
// what was entered (issue 3, "Bad input"; R011, 1H-12).
func TestBadInput(t *testing.T) {
	w, base := serve(t)
	v := w.Visit()
	visit := string(v)
	path := "/visits/" + visit + "/findings"
	good := `"problem_type":"P-MARKET","severity":"moderate","themes":["supply"],"responsibility":"unit","clause":"K07-1"`
	secret := "秘密的内容"
	inspector := signIn(t, base, "inspector")
	tests := map[string]struct {
		path, body     string
		status         int
		code, location string
	}{
		"empty body":              {path, ``, 400, "input.empty", ""},
		"not JSON":                {path, `{`, 400, "input.unreadable", ""},
		"wrong type":              {path, `{"fact":7}`, 422, "input.type", "body.fact"},
		"unknown field":           {path, `{"fakt":"` + secret + `"}`, 422, "input.unknown-field", "body.fakt"},
		"unknown code":            {path, `{"problem_type":"` + secret + `","draft":true}`, 422, "unknown-code", "body.problem_type"},
		"4,001 characters":        {path, `{"fact":"` + strings.Repeat("字", 4001) + `","draft":true}`, 422, "text.too-long", "body.fact"},
		"60,000 escaped ones":     {path, `{"fact":"` + strings.Repeat(`\u5b57`, 60000) + `","draft":true}`, 422, "text.too-long", "body.fact"},
		"1 MB of text":            {path, `{"fact":"` + strings.Repeat("a", 1<<20) + `","draft":true}`, 422, "text.too-long", "body.fact"},
		"2 MB":                    {path, `{"fact":"` + strings.Repeat("a", 2<<20) + `"}`, 413, "input.too-large", "body"},
		"NUL":                     {path, `{"fact":"` + secret + `\u0000","draft":true}`, 422, "text.control-characters", "body.fact"},
		"bidi":                    {path, `{"fact":"` + secret + `\u202e","draft":true}`, 422, "text.control-characters", "body.fact"},
		"time without zone":       {path, `{"fact":"x","draft":true,"occurred_at":"2022-11-20T08:00:00"}`, 422, "input.date-time", "body.occurred_at"},
		"time in the future":      {path, `{"fact":"x","draft":true,"occurred_at":"2022-11-21T08:00:00+08:00"}`, 422, "time.in-future", "body.occurred_at"},
		"required field":          {path, `{` + good + `}`, 422, "required", "body.fact"},
		"unknown visit":           {"/visits/nowhere-1/findings", `{"draft":true}`, 404, "not-found", ""},
		"end before start":        {"/visits/" + visit + "/end", `{"ended_at":"2022-11-20T07:00:00+08:00"}`, 422, "visit.end-before-start", "body.ended_at"},
		"visit without site":      {"/visits", `{"team":"x","inspectors":[],"methods":[]}`, 422, "input.required", "body.site"},
		"malformed id":            {"/visits", `{"id":"a b","site":"x","team":"x","inspectors":[],"methods":[]}`, 422, "input.format", "body.id"},
		"region code by name":     {"/sites", `{"name":"x","type":"S07","region":"兴隆社区"}`, 422, "region.name-is-no-key", "body.region"},
		"unknown region":          {"/sites", `{"name":"x","type":"S07","region":"1"}`, 422, "region.unknown", "body.region"},
		"no such act":             {"/matters/x/close-all", `{}`, 405, "", ""},
		"confirm by an inspector": {"/findings/" + string(w.Finding(v)) + "/confirm", `{}`, 403, "access.role", ""},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"zh-CN", "en"} {
				inspector.lang = lang
				status, b := inspector.post(x.path, x.body)
				if status != x.status {
					t.Fatalf("status %d, want %d: %s", status, x.status, b)
				}
				if x.code == "" {
					continue
				}
				var p problem
				if err := json.Unmarshal(b, &p); err != nil {
					t.Fatalf("%v in %s", err, b)
				}
				found := p.Code == x.code && x.location == ""
				for _, e := range p.Errors {
					found = found || e.Code == x.code && e.Location == x.location && e.Message != ""
				}
				if !found {
					t.Errorf("want %s at %s, got %s", x.code, x.location, b)
				}
				if chinese := strings.ContainsFunc(p.Title, func(r rune) bool { return r >= 0x4e00 && r < 0xa000 }); chinese != (lang == "zh-CN") {
					t.Errorf("not in %s: %q", lang, p.Title)
				}
				if strings.Contains(string(b), secret) {
					t.Errorf("the answer says what was entered: %s", b)
				}
			}
		})
	}
}

// TestFieldOfTheForm: a refusal names the field of the form that was sent, not the part that the desk lacks,
// and counts in words that are right for one (issue 3, "Bad input").
func TestFieldOfTheForm(t *testing.T) {
	w, base := serve(t)
	m := string(w.Matter())
	secretary, duty := signIn(t, base, "secretary"), signIn(t, base, "duty")
	ask := func(c *client, act, body, want string) {
		t.Helper()
		status, b := c.post("/matters/"+m+"/"+act, body)
		var p problem
		if err := json.Unmarshal(b, &p); err != nil || len(p.Errors) != 1 || p.Errors[0].Location != want {
			t.Errorf("%s: %d %s, want %s (%v)", act, status, b, want, err)
		}
		if strings.HasPrefix(p.Title, "1 fields") {
			t.Errorf("%s: %q", act, p.Title)
		}
	}
	if status, b := secretary.post("/matters/"+m+"/receive", `{}`); status != 200 {
		t.Fatalf("%d %s", status, b)
	}
	until := w.Time.Add(40 * 24 * time.Hour).Format(time.RFC3339)
	ask(secretary, "claim", `{"text":"已整改","photos":[]}`, "body.photos")
	ask(secretary, "claim", `{"text":"","photos":[]}`, "body.text")
	ask(secretary, "claim", `{"text":"x","photos":[7]}`, "body.photos[0]")
	ask(secretary, "ask_extension", `{"reason":"","progress":"x","until":"`+until+`"}`, "body.reason")
	ask(duty, "put_on_record", `{"plan":"","review_at":"`+until+`"}`, "body.plan")
	ask(duty, "put_on_record", `{"plan":"`+strings.Repeat("a", 4001)+`","review_at":"`+until+`"}`, "body.plan")
	ask(duty, "correct", `{"text":"x","fields":{"severity":"none"}}`, "body.fields.severity")
}

// TestChainOverHTTP goes the way of one finding, as the pages do (R058, R060, R065).
func TestChainOverHTTP(t *testing.T) {
	w, base := serve(t)
	inspector, leader, secretary, duty := signIn(t, base, "inspector"), signIn(t, base, "leader"), signIn(t, base, "secretary"), signIn(t, base, "duty")
	visit := string(w.Visit())
	must := func(status int, b []byte) []byte {
		t.Helper()
		if status != http.StatusOK && status != http.StatusCreated {
			t.Fatalf("%d %s", status, b)
		}
		return b
	}
	var raised struct {
		ID      string
		Version int
	}
	b := must(inspector.post("/visits/"+visit+"/findings", `{"problem_type":"P-MARKET","severity":"moderate","themes":["supply"],"responsibility":"unit","clause":"K07-1","fact":"`+actstest.Fact+`","photos":["`+upload(t, inspector)+`"]}`, "Idempotency-Key", "k1"))
	if err := json.Unmarshal(b, &raised); err != nil {
		t.Fatal(err)
	}
	if status, _ := inspector.post("/visits/"+visit+"/findings", `{"draft":true}`, "Idempotency-Key", "k1"); status != http.StatusConflict {
		t.Errorf("same key, another body: %d", status)
	}
	must(leader.post("/findings/"+raised.ID+"/confirm", `{"version":1}`))
	if status, b := leader.post("/findings/"+raised.ID+"/hand-over", `{"version":1,"unit":"`+string(w.StreetOrg)+`","channel":"face_to_face","requirement":"整改"}`); status != http.StatusConflict || !strings.Contains(string(b), "stale") {
		t.Errorf("stale version: %d %s", status, b)
	}
	var m struct {
		ID, State, Number string
		Version           int
		Fact              *string
		Timeline          []struct{ Act string }
		Acts              []struct {
			Act     string
			Allowed bool
			Why     *string
		}
	}
	into := func(b []byte) {
		t.Helper()
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
	}
	into(must(leader.post("/findings/"+raised.ID+"/hand-over", `{"version":2,"unit":"`+string(w.StreetOrg)+`","channel":"face_to_face","requirement":"整改"}`)))
	into(must(secretary.post("/matters/"+m.ID+"/receive", `{"version":1,"owner_name":"丙示二"}`)))
	if status, b := secretary.post("/matters/"+m.ID+"/verify", `{"passed":true,"text":"x"}`); status != http.StatusForbidden {
		t.Errorf("1H-05 the street verifies: %d %s", status, b)
	}
	into(must(secretary.post("/matters/"+m.ID+"/claim", `{"version":2,"text":"已整改","photos":["`+upload(t, secretary)+`"]}`)))
	if status, b := duty.post("/matters/"+m.ID+"/strike_off", `{}`); status != http.StatusConflict || !strings.Contains(string(b), "matter.forbidden-transition") {
		t.Errorf("R062 strike-off before verification: %d %s", status, b)
	}
	into(must(inspector.post("/matters/"+m.ID+"/verify", `{"passed":true,"text":"已到位","photos":["`+upload(t, inspector)+`"]}`)))
	into(must(duty.post("/matters/"+m.ID+"/strike_off", `{}`)))
	if m.State != "struck_off" || len(m.Timeline) < 7 || m.Fact == nil || *m.Fact != actstest.Fact {
		t.Errorf("at the end: %+v", m)
	}
	for _, a := range m.Acts {
		if !a.Allowed && (a.Why == nil || *a.Why == "") {
			t.Errorf("%s is closed and nothing says why", a.Act)
		}
	}
	var f struct{ Figures map[string]int64 }
	duty.get("/figures", &f)
	if f.Figures["assigned"] != 1 || f.Figures["closed"] != 1 {
		t.Errorf("figures: %v", f.Figures)
	}
}

func upload(t *testing.T, c *client) string {
	t.Helper()
	status, b := sendPicture(c, actstest.Picture())
	var u struct{ ID string }
	if err := json.Unmarshal(b, &u); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s %v", status, b, err)
	}
	return u.ID
}

func sendPicture(c *client, picture []byte, headers ...string) (int, []byte) {
	body, kind := formWith(c.t, picture)
	return c.do(http.MethodPost, "/api/v1/uploads", kind, body, headers...)
}

// formWith is a form with one file, and its content type.
func formWith(t *testing.T, file []byte) (*bytes.Buffer, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	return &body, form.FormDataContentType()
}

// TestPictureSentTwice: the same key and picture get the same receipt, before and after an act took it; the
// same key and another picture are a conflict, and neither is lost (R058).
func TestPictureSentTwice(t *testing.T) {
	w, base := serve(t)
	c, other := signIn(t, base, "inspector"), signIn(t, base, "leader")
	send := func(c *client, picture []byte, key string, want int) string {
		t.Helper()
		status, b := sendPicture(c, picture, "Idempotency-Key", key)
		if status != want {
			t.Fatalf("%s: %d, want %d: %s", key, status, want, b)
		}
		return string(b)
	}
	one, two := actstest.Picture(), withGPS(actstest.Picture())
	first := send(c, one, "k1", 201)
	if again := send(c, one, "k1", 201); again != first {
		t.Errorf("sent again: %s, at first %s", again, first)
	}
	if no := send(c, two, "k1", 409); !strings.Contains(no, "idempotency.key-reused") {
		t.Errorf("another picture under the key: %s", no)
	}
	if send(c, two, "k2", 201) == first || send(other, one, "k1", 201) == first {
		t.Error("another key, or somebody else's, has the same receipt")
	}
	var u struct{ ID string }
	if err := json.Unmarshal([]byte(first), &u); err != nil {
		t.Fatal(err)
	}
	findings := "/visits/" + string(w.Visit()) + "/findings"
	if status, b := c.post(findings, `{"draft":true,"fact":"x","photos":["`+u.ID+`"]}`); status != 200 {
		t.Fatalf("%d %s", status, b)
	}
	if again := send(c, one, "k1", 201); again != first {
		t.Errorf("sent again when it was taken: %s", again)
	}
	if status, b := c.post(findings, `{"draft":true,"fact":"x"}`, "Idempotency-Key", "k3"); status != 200 {
		t.Fatalf("%d %s", status, b)
	}
	send(c, one, "k3", 409)
}

// TestPictures: what is no picture or too large is refused; metadata go, with a notice.
func TestPictures(t *testing.T) {
	_, base := serve(t)
	c := signIn(t, base, "inspector")
	if status, b := sendPicture(c, []byte("no picture")); status != 422 || !strings.Contains(string(b), "picture.not-a-picture") {
		t.Errorf("no picture: %d %s", status, b)
	}
	if status, b := sendPicture(c, make([]byte, 50<<20)); status != 422 && status != 413 {
		t.Errorf("50 MB: %d %.200s", status, b)
	}
	status, b := sendPicture(c, withGPS(actstest.Picture()))
	if status != http.StatusCreated || !strings.Contains(string(b), "gps_removed") {
		t.Errorf("GPS: %d %s", status, b)
	}
}

// withGPS puts an EXIF segment with a GPS directory behind the JPEG's first marker.
func withGPS(jpeg []byte) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	exif := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xff, 0xe1, byte((len(exif) + 2) >> 8), byte(len(exif) + 2)}, exif...)
	return append(append(append([]byte{}, jpeg[:2]...), segment...), jpeg[2:]...)
}

// TestStrangers: without a session 401; another tenant's ids are not there (R001); outside the
// jurisdiction they are not there either (R144, R145).
func TestStrangers(t *testing.T) {
	w, base := serve(t)
	id := string(w.Matter())
	stranger := &client{t: t, base: base, http: http.DefaultClient, lang: "en"}
	if status := stranger.get("/matters/"+id, nil); status != http.StatusUnauthorized {
		t.Errorf("without a session: %d", status)
	}
	otherTenant(t, w)
	for login, want := range map[string]int{"other": http.StatusNotFound, "liaison": http.StatusNotFound, "secretary": http.StatusOK, "duty": http.StatusOK} {
		c := signIn(t, base, login)
		if status := c.get("/matters/"+id, nil); status != want {
			t.Errorf("%s: %d, want %d", login, status, want)
		}
		var list struct{ Found int }
		c.get("/matters", &list)
		if (list.Found == 1) != (want == http.StatusOK) {
			t.Errorf("%s lists %d", login, list.Found)
		}
	}
}

// TestRosterOnly: the organisation department reads teams and where they are, and nothing that they found; who
// looks after personal information reads the ledger's headers and nothing of what it seals (1B-02, 1B-18).
func TestRosterOnly(t *testing.T) {
	w, base := serve(t)
	m := string(w.Matter())
	w.Person("org_dept_viewer", "organiser", "戊示一", w.Commission, nil, nil)
	w.Person("privacy_officer", "privacy", "戊示二", w.Commission, nil, nil)
	for login, open := range map[string][]string{"organiser": {"/teams", "/orgs", "/regions", "/me"}, "privacy": {"/ledger", "/ledger/entries", "/ledger/entries/3", "/me"}} {
		c := signIn(t, base, login)
		for _, path := range open {
			if status := c.get(path, nil); status != http.StatusOK {
				t.Errorf("%s %s: %d", login, path, status)
			}
		}
		for _, path := range []string{"/matters", "/matters/" + m, "/findings", "/visits", "/figures", "/board", "/sites", "/people?q=示", "/matters.csv", "/inbox"} {
			if status := c.get(path, nil); status != http.StatusForbidden {
				t.Errorf("%s %s: %d", login, path, status)
			}
		}
	}
}

func otherTenant(t *testing.T, w *actstest.World) {
	t.Helper()
	ctx := t.Context()
	if err := w.Acts.SetUp(ctx, access.Tenant{Code: "500109", Zh: "别区", En: "Other", Zone: "Asia/Shanghai"}, "emergency", 1, "epidemic-2022"); err != nil {
		t.Fatal(err)
	}
	if err := w.Acts.CreateAccount(ctx, access.Actor{
		Tenant: "500109", Account: "account-other", Login: "other", Person: "person-other", Unit: "unit-other", Roles: []string{"duty_officer"},
	}, actstest.Password); err != nil {
		t.Fatal(err)
	}
}

// TestSignIn: a wrong password and an unknown account get the same answer; five wrong ones lock; another
// site's page may not post; a redirect stays inside.
func TestSignIn(t *testing.T) {
	_, base := serve(t)
	c := signIn(t, base, "duty")
	try := func(login, password string) string {
		r, err := c.http.PostForm(base+"/login?lang=en", url.Values{"login": {login}, "password": {password}, "next": {"//evil.example/x"}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		b, _ := io.ReadAll(r.Body)
		if r.StatusCode == http.StatusSeeOther {
			return r.Header.Get("Location")
		}
		return string(b)
	}
	if !strings.Contains(try("nobody", "x"), "Account or password is wrong") || !strings.Contains(try("leader", "x"), "Account or password is wrong") {
		t.Error("a wrong sign-in does not say so")
	}
	if to := try("duty", actstest.Password); to != "/" {
		t.Errorf("redirected to %s", to)
	}
	for range 5 {
		try("leader", "wrong")
	}
	if !strings.Contains(try("leader", actstest.Password), "locked") {
		t.Error("five wrong passwords do not lock")
	}
	if status, b := c.post("/sites", `{}`, "Origin", "https://evil.example"); status != http.StatusForbidden {
		t.Errorf("another site's page posts: %d %s", status, b)
	}
}

// TestSessionOfAProgram signs in and out by the API.
func TestSessionOfAProgram(t *testing.T) {
	_, base := serve(t)
	jar, _ := cookiejar.New(nil)
	c := &client{t: t, base: base, http: &http.Client{Jar: jar}, lang: "en"}
	if status, b := c.post("/session", `{"login":"duty","password":"wrong-password"}`); status != http.StatusForbidden {
		t.Fatalf("wrong password: %d %s", status, b)
	}
	if status, b := c.post("/session", `{"login":"duty","password":"`+actstest.Password+`"}`); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, b)
	}
	if status := c.get("/me", nil); status != http.StatusOK {
		t.Errorf("signed in: %d", status)
	}
	if status, b := c.do(http.MethodDelete, "/api/v1/session", "", nil); status != http.StatusNoContent {
		t.Errorf("sign-out: %d %s", status, b)
	}
	if status := c.get("/me", nil); status != http.StatusUnauthorized {
		t.Errorf("signed out: %d", status)
	}
}

// TestUrgingIsCounted: how often a matter was urged stands on it, each time with who and when in its timeline (R120).
func TestUrgingIsCounted(t *testing.T) {
	w, base := serve(t)
	duty := signIn(t, base, "duty")
	path := "/matters/" + string(w.Matter())
	var page struct {
		Urged    int
		Timeline []struct{ Act string }
	}
	for n := range 3 {
		if duty.get(path, &page); page.Urged != n {
			t.Errorf("urged %d times, want %d", page.Urged, n)
		}
		if status, b := duty.post(path+"/urge", `{"text":"请尽快整改。"}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, b)
		}
	}
	duty.get(path, &page)
	said := 0
	for _, e := range page.Timeline {
		if strings.HasSuffix(e.Act, "urged") {
			said++
		}
	}
	if page.Urged != 3 || said != 3 {
		t.Errorf("urged %d times, %d in the timeline", page.Urged, said)
	}
}

// TestNoBulkClose: the API has no act that closes more than one matter. Of many at once it urges, reassigns and hands
// over; every other act is refused by name, for one matter as for 500 (R062).
func TestNoBulkClose(t *testing.T) {
	w, base := serve(t)
	_, described := web.Handler(w.Acts, "test")
	for path, item := range described.OpenAPI().Paths {
		many := strings.Contains(path, "matters") && !strings.Contains(path, "{id}") || strings.HasPrefix(path, "/api/v1/many/")
		if item.Post != nil && many && !slices.Contains([]string{"/api/v1/many/urge", "/api/v1/many/reassign", "/api/v1/many/hand-over", "/api/v1/many/{id}"}, path) {
			t.Errorf("an act on many matters: %s", path)
		}
	}
	id := string(w.Matter())
	duty := signIn(t, base, "duty")
	var five []string
	for i := range 500 {
		five = append(five, fmt.Sprintf(`{"id":"%s-%d","version":1}`, id, i))
	}
	for _, items := range []string{`{"id":"` + id + `"}`, strings.Join(five, ",")} {
		for _, act := range []string{"strike_off", "verify", "close", "withdraw", "look_back", "claim"} {
			status, b := duty.post("/many/"+act, `{"items":[`+items+`]}`)
			var p problem
			if err := json.Unmarshal(b, &p); err != nil || status != http.StatusUnprocessableEntity || p.Code != "many.one-by-one" || len(p.Errors) != 1 || p.Errors[0].Location != "body.items" {
				t.Errorf("%s many: %d %s", act, status, b)
			}
		}
	}
	if status, b := duty.post("/many/urge", `{"text":"催","items":[`+strings.Join(five, ",")+`]}`); status != http.StatusUnprocessableEntity || !strings.Contains(string(b), "many.too-many") {
		t.Errorf("500 urged: %d %s", status, b)
	}
}

// TestManyOverHTTP: the answer names each matter with its rule, and the slips of many are those of one (R114).
func TestManyOverHTTP(t *testing.T) {
	w, base := serve(t)
	duty := signIn(t, base, "duty")
	v := w.Visit()
	matter := func() string {
		id, err := w.Acts.HandOverFinding(t.Context(), w.As(w.Leader), w.Finding(v), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
		if err != nil {
			t.Fatal(err)
		}
		return string(id)
	}
	a, b := matter(), matter()
	var answer struct {
		Taken, Refused int
		Items          []struct {
			ID, Code, Why string
			Taken         bool
			Matter        *struct{ Number string }
		}
	}
	body := `{"text":"请今晚办结。","items":[{"id":"` + a + `"},{"id":"` + b + `","version":9},{"id":"nowhere"}]}`
	for range 2 {
		status, got := duty.post("/many/urge", body, "Idempotency-Key", "one")
		if err := json.Unmarshal(got, &answer); err != nil || status != http.StatusCreated || answer.Taken != 1 || answer.Refused != 2 {
			t.Fatalf("%d %s", status, got)
		}
	}
	if x := answer.Items; !x[0].Taken || x[0].Matter == nil || x[1].Code != "stale" || x[1].Why == "" || x[1].Matter == nil || x[2].Code != "not-found" || x[2].Matter != nil {
		t.Errorf("%+v", x)
	}
	_, reassign := duty.post("/many/reassign", `{"unit":"`+string(w.Department)+`","decision_text":" ","items":[{"id":"`+a+`"}]}`)
	if !strings.Contains(string(reassign), `"location":"body.decision_text"`) {
		t.Errorf("reassigned without words: %s", reassign)
	}
	if _, reassign = duty.post("/many/reassign", `{"unit":"`+string(w.Department)+`","decision_text":"由部门办理。","items":[{"id":"`+a+`"}]}`); !strings.Contains(string(reassign), `"code":"matter.forbidden-transition"`) {
		t.Errorf("reassigned without an objection: %s", reassign)
	}
	type page struct {
		ID, Number  string
		Timeline    []struct{ Act string }
		Requirement *string
	}
	var slips struct {
		Items   []struct{ Matter *page }
		Missing []string
	}
	var one page
	if duty.get("/matters/"+b, &one); duty.get("/slips?ids="+b+","+a+",nowhere", &slips) != http.StatusOK {
		t.Fatal("no slips")
	}
	if len(slips.Items) != 2 || !reflect.DeepEqual(*slips.Items[0].Matter, one) || slips.Items[1].Matter.ID != a || !slices.Equal(slips.Missing, []string{"nowhere"}) {
		t.Errorf("slips: %+v", slips)
	}
	for _, list := range []string{strings.Repeat("x,", 201), ""} {
		if status := duty.get("/slips?ids="+list, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("slips of %q: %d", list, status)
		}
	}
	// who may not see a matter gets no slip of it
	if signIn(t, base, "liaison").get("/slips?ids="+a, &slips); len(slips.Items) != 0 || len(slips.Missing) != 1 {
		t.Errorf("a department that it is not addressed to: %+v", slips)
	}
}

// TestLive: what one person does shows on another's stream within the second (issue 3, point 8).
func TestLive(t *testing.T) {
	w, base := serve(t)
	c := signIn(t, base, "duty")
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/events", nil)
	r, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	buf := make([]byte, 4096)
	n, err := r.Body.Read(buf)
	if err != nil || !strings.Contains(string(buf[:n]), "event: hello") {
		t.Fatalf("%q %v", buf[:n], err)
	}
	id := string(w.Visit())
	n, err = r.Body.Read(buf) // ends with the test's own time limit if nothing comes
	if err != nil || !strings.Contains(string(buf[:n]), "visit:"+id) || strings.Contains(string(buf[:n]), "测试超市") {
		t.Errorf("%q %v", buf[:n], err)
	}
}

// TestBadImport: a mapping and a file that cannot be read say where and why, in both languages.
func TestBadImport(t *testing.T) {
	_, base := serve(t)
	c := signIn(t, base, "duty")
	send := func(mapping, file string) (int, []byte) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, text := range map[string]string{"map": mapping, "file": file} {
			part, _ := form.CreateFormFile(name, name+".txt")
			_, _ = part.Write([]byte(text))
		}
		_ = form.Close()
		return c.do(http.MethodPost, "/api/v1/imports", form.FormDataContentType(), &body)
	}
	for _, lang := range []string{"zh-CN", "en"} {
		c.lang = lang
		status, b := send("name: x\ntarget: inspections\nnonsense: 1\n", "a,b\n1,2\n")
		if status != http.StatusUnprocessableEntity || !strings.Contains(string(b), "intake.map.") || !strings.Contains(string(b), "body.map") {
			t.Errorf("%s: %d %s", lang, status, b)
		}
	}
}

// TestCompressed reads text compressed, as a browser asks for it, and everything else as it is.
func TestCompressed(t *testing.T) {
	_, base := serve(t)
	ask := func(method, path string, headers ...string) *http.Response {
		r, _ := http.NewRequest(method, base+path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		answer, err := http.DefaultTransport.RoundTrip(r) // follows no redirect
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	style := ask(http.MethodGet, "/assets/public.css")
	if style.Header.Get("Content-Encoding") != "gzip" || style.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("not compressed: %v", style.Header)
	}
	z, err := gzip.NewReader(style.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, ui.PublicCSS) {
		t.Errorf("another style sheet than was written: %v", err)
	}
	for name, answer := range map[string]*http.Response{
		"a part": ask(http.MethodGet, "/assets/public.css", "Range", "bytes=0-9"), "a command": ask(http.MethodPost, "/logout"),
	} {
		if e := answer.Header.Get("Content-Encoding"); e != "" {
			t.Errorf("%s is compressed: %s", name, e)
		}
	}
}

// TestRulePacks: the desk publishes a version, everybody who reads sees which is in force, and what is wrong is
// named by its field.
func TestRulePacks(t *testing.T) {
	w, base := serve(t)
	duty, inspector := signIn(t, base, "duty"), signIn(t, base, "inspector")
	var list struct {
		Items []struct {
			Version int
			InForce bool `json:"in_force"`
			Pack    map[string]any
		}
	}
	if status := inspector.get("/rule-packs", &list); status != 200 || len(list.Items) != 1 || !list.Items[0].InForce {
		t.Fatalf("%d %+v", status, list)
	}
	pack := list.Items[0].Pack
	send := func(c *client, from time.Time) (int, []byte) {
		b, _ := json.Marshal(map[string]any{"valid_from": from, "pack": pack})
		return c.post("/rule-packs", string(b), "Idempotency-Key", from.String())
	}
	if status, b := send(duty, w.Time); status != 422 || !strings.Contains(string(b), "body.pack.version") {
		t.Errorf("the same version: %d %s", status, b)
	}
	pack["version"] = 2
	if status, b := send(inspector, w.Time); status != 403 {
		t.Errorf("an inspector: %d %s", status, b)
	}
	if status, b := send(duty, w.Time.Add(-time.Hour)); status != 422 || !strings.Contains(string(b), "body.valid_from") {
		t.Errorf("in the past: %d %s", status, b)
	}
	for range 2 { // sent again it is published once
		if status, b := send(duty, w.Time.Add(time.Hour)); status != 201 || !strings.Contains(string(b), `"in_force":false`) {
			t.Errorf("%d %s", status, b)
		}
	}
	if duty.get("/rule-packs", &list); len(list.Items) != 2 || list.Items[0].InForce || !list.Items[1].InForce {
		t.Errorf("%+v", list)
	}
}
