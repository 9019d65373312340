package acts_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/brief"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

var ctx = context.Background()

// each runs a test on the small district on every engine.
func each(t *testing.T, fn func(t *testing.T, w *actstest.World)) {
	for _, e := range storagetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) { fn(t, actstest.New(t, e)) })
	}
}

// refusal gives what an error refuses; of another error its text as the code.
func refusal(err error) ledger.Refusal {
	var r *ledger.Refusal
	switch {
	case err == nil:
		return ledger.Refusal{}
	case errors.As(err, &r):
		return *r
	}
	return ledger.Refusal{Code: err.Error()}
}

func field(err error) string { return refusal(err).Field }

func because(err error) ledger.Because { return refusal(err).Why }

func code(err error) string { return refusal(err).Code }

func load(w *actstest.World, id ledger.ID) (m matter.Matter) {
	w.Read(func(tx *storage.Tx) (err error) {
		m, _, err = matter.Load(tx, actstest.Tenant, id)
		return err
	})
	return m
}

// TestChain takes a finding from the inspector to a strike-off, a relapse and a second strike-off, on both
// engines, and rebuilds the rows from the ledger (R065, R068, R070, R105, R106).
func TestChain(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		m := load(w, id)
		if m.State != matter.Assigned || m.Number == "" || m.Due() == nil || m.Responsible() != w.StreetOrg {
			t.Fatalf("after the hand-over: %+v", m)
		}
		// moderate, handed over at 08:00: the same day at midnight (R070)
		if want := time.Date(2022, 11, 21, 0, 0, 0, 0, actstest.Zone); !m.Due().Equal(want) {
			t.Errorf("due %s, want %s", m.Due(), want)
		}
		steps := []struct {
			name string
			do   func() error
			want matter.State
		}{
			{"received", func() error { return w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "丙示二", nil) }, matter.InProgress},
			{"claimed", func() error {
				return w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改。"}, []ledger.ID{w.Upload(w.Secretary)})
			}, matter.FixClaimed},
			{"failed", func() error {
				return w.Acts.Verify(ctx, w.As(w.Inspector), id, acts.Doing{Text: "仍无人。"}, false, acts.Evidence{NoPhoto: "夜间拍不清"})
			}, matter.InProgress},
			{"claimed again", func() error {
				return w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已增派。"}, []ledger.ID{w.Upload(w.Secretary)})
			}, matter.FixClaimed},
			{"verified", func() error {
				return w.Acts.Verify(ctx, w.As(w.Inspector), id, acts.Doing{Text: "已到位。"}, true, acts.Evidence{Photos: []ledger.ID{w.Upload(w.Inspector)}})
			}, matter.Verified},
			{"struck off", func() error { return w.Acts.StrikeOff(ctx, w.As(w.Duty), id, acts.Doing{}) }, matter.StruckOff},
			{"relapse", func() error {
				return w.Acts.LookBack(ctx, w.As(w.Inspector), id, acts.Doing{Text: "复发。"}, "relapse")
			}, matter.InProgress},
		}
		for _, s := range steps {
			w.Pass(20 * time.Minute)
			if err := s.do(); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			if got := load(w, id).State; got != s.want {
				t.Fatalf("%s: state %s, want %s", s.name, got, s.want)
			}
		}
		if m := load(w, id); m.Round != 3 {
			t.Errorf("round %d, want 3", m.Round)
		}
		sameAfterRebuild(t, w)
		verifyWhole(t, w)
	})
}

func verifyWhole(t *testing.T, w *actstest.World) {
	t.Helper()
	r, err := w.Acts.VerifyLedger(ctx, actstest.Tenant)
	if err != nil || !r.OK() {
		t.Fatalf("verify: %v, %v", r.Faults, err)
	}
}

// sameAfterRebuild applies the ledger anew into a SQLite database and compares every derived table; from
// PostgreSQL that compares the engines too.
func sameAfterRebuild(t *testing.T, w *actstest.World) {
	t.Helper()
	copied := storagetest.Open(t, storage.SQLite)
	if err := ledger.Rebuild(ctx, w.DB, copied, acts.Options(nil), func(int64) {}); err != nil {
		t.Fatal(err)
	}
	tables, err := storage.Tables()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, table := range tables {
		if table.Class != storage.DerivedTable {
			continue
		}
		rows, first, err := storage.Compare(ctx, w.DB, copied, table.Name)
		if err != nil || first != "" {
			t.Errorf("%s: %v\n%s", table.Name, err, first)
		}
		compared += rows
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// TestSentTwiceIsSentOnce: the same key with the same body does nothing again, with another body is refused.
func TestSentTwiceIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		v := w.Visit()
		c := w.As(w.Inspector)
		c.Key, c.Body = "key-1", []byte("a")
		form := acts.FindingForm{What: actstest.What(), Fact: actstest.Fact}
		first, err := w.Acts.RaiseFinding(ctx, c, v, form)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Acts.RaiseFinding(ctx, c, v, form)
		if err != nil || again != first {
			t.Errorf("sent twice: %s and %s, %v", first, again, err)
		}
		c.Body = []byte("b")
		if _, err := w.Acts.RaiseFinding(ctx, c, v, form); code(err) != "idempotency.key-reused" {
			t.Errorf("another body under the same key: %v", err)
		}
		w.Read(func(tx *storage.Tx) error {
			list, err := visit.FindingsOf(tx, actstest.Tenant, v)
			if len(list) != 1 {
				t.Errorf("%d findings, want 1", len(list))
			}
			// a short text cannot be guessed from what the ledger keeps of the command
			guess := sha256.Sum256([]byte("a"))
			err = errors.Join(err, ledger.Each(tx, actstest.Tenant, ledger.Filter{}, func(pos int64, b []byte) error {
				if strings.Contains(string(b), hex.EncodeToString(guess[:8])) {
					t.Errorf("entry %d holds a plain hash of what was sent", pos)
				}
				return nil
			}))
			return err
		})
	})
}

// TestVisitRules (R079, R083, R084, R103, 1H-04, 1H-07).
func TestVisitRules(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	recused := w.Person("inspector", "recused", "乙示三", w.Team.Org, []string{actstest.Street}, []string{actstest.Street})
	base := acts.NewVisit{Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查"}
	far, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "别处", Type: "S07", Region: "500112016001"})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*acts.NewVisit)
		code   string
	}{
		"1H-04 no inspector":               {func(v *acts.NewVisit) { v.Inspectors = nil }, "required"},
		"R103 no method":                   {func(v *acts.NewVisit) { v.Methods = nil }, "required"},
		"R103 unknown method":              {func(v *acts.NewVisit) { v.Methods = []string{"guess"} }, "unknown-code"},
		"R079 not in his streets":          {func(v *acts.NewVisit) { v.Site = far }, "not-found"},
		"1H-04 recused":                    {func(v *acts.NewVisit) { v.Inspectors = []ledger.ID{recused.Person} }, "visit.recused"},
		"1H-04 not a member":               {func(v *acts.NewVisit) { v.Inspectors = []ledger.ID{w.Secretary.Person} }, "visit.not-a-member"},
		"R082 the same person twice":       {func(v *acts.NewVisit) { v.Inspectors = append(v.Inspectors, v.Inspectors...) }, "visit.person-twice"},
		"unknown site":                     {func(v *acts.NewVisit) { v.Site = "nowhere-1" }, "site.unknown"},
		"unknown team":                     {func(v *acts.NewVisit) { v.Team = "nobody-01" }, "team.unknown"},
		"R079 before any authorisation":    {func(v *acts.NewVisit) { v.Started = acts.When{At: w.Time.Add(-25 * time.Hour)} }, "visit.not-authorised"},
		"R084 one alone":                   {func(v *acts.NewVisit) { v.Alone = "" }, "visit.needs-two"},
		"R079 before the posting":          {func(v *acts.NewVisit) { v.Started = acts.When{At: w.Time.Add(-time.Hour)} }, "visit.not-posted"},
		"more than the skew in the future": {func(v *acts.NewVisit) { v.Started = acts.When{At: w.Time.Add(time.Hour)} }, "time.in-future"},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			v := base
			x.change(&v)
			if _, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), v); code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
	first := w.Visit()
	if _, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), base); code(err) != "visit.two-places" {
		t.Errorf("1H-07 one person in two places: %v", err)
	}
	w.Pass(time.Hour)
	if err := w.Acts.EndVisit(ctx, w.As(w.Inspector), first, 0, acts.When{At: w.Time.Add(-2 * time.Hour)}); code(err) != "visit.end-before-start" {
		t.Errorf("end before start: %v", err)
	}
	if err := w.Acts.EndVisit(ctx, w.As(w.Inspector), first, 0, acts.When{}); err != nil {
		t.Error(err)
	}
	if _, err := w.Acts.StartVisit(ctx, w.As(w.Inspector), base); err != nil {
		t.Errorf("after the end of the first: %v", err)
	}
}

// TestRetroactive: an inspector may report up to 72 hours back; what is older a leader enters (design, section 4).
func TestRetroactive(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	w.Pass(100 * time.Hour)
	v := acts.NewVisit{Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Inspector.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查"}
	for _, x := range []struct {
		name string
		by   acts.Caller
		back time.Duration
		code string
	}{
		{"an inspector, 73 hours back", w.As(w.Inspector), 73 * time.Hour, "time.too-old"},
		{"an inspector, 71 hours back", w.As(w.Inspector), 71 * time.Hour, ""},
		{"a leader, 73 hours back", w.As(w.Leader), 73 * time.Hour, ""},
	} {
		v.Started = acts.When{At: w.Time.Add(-x.back)}
		v.Inspectors = []ledger.ID{x.by.Person}
		if _, err := w.Acts.StartVisit(ctx, x.by, v); code(err) != x.code {
			t.Errorf("%s: %v, want %q", x.name, err, x.code)
		}
	}
}

// TestFindingRules (R011, R037, R067, R085, R078).
func TestFindingRules(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	v := w.Visit()
	raise := func(change func(*acts.FindingForm)) (ledger.ID, error) {
		f := acts.FindingForm{What: actstest.What(), Fact: actstest.Fact}
		change(&f)
		return w.Acts.RaiseFinding(ctx, w.As(w.Inspector), v, f)
	}
	tests := map[string]struct {
		change func(*acts.FindingForm)
		code   string
	}{
		"R067 untyped":                      {func(f *acts.FindingForm) { f.What.Problem = "" }, "required"},
		"R037 no responsible party":         {func(f *acts.FindingForm) { f.What.Responsibility = "" }, "required"},
		"R085 no theme":                     {func(f *acts.FindingForm) { f.What.Themes = nil }, "required"},
		"R011 no clause":                    {func(f *acts.FindingForm) { f.What.Clause = "" }, "required"},
		"R011 no fact":                      {func(f *acts.FindingForm) { f.Fact = "  " }, "required"},
		"unknown problem type":              {func(f *acts.FindingForm) { f.What.Problem = "P-NONE" }, "unknown-code"},
		"unknown severity":                  {func(f *acts.FindingForm) { f.What.Severity = "terrible" }, "unknown-code"},
		"4,001 characters":                  {func(f *acts.FindingForm) { f.Fact = strings.Repeat("字", 4001) }, "text.too-long"},
		"NUL":                               {func(f *acts.FindingForm) { f.Fact = "a\x00b" }, "text.control-characters"},
		"bidi override":                     {func(f *acts.FindingForm) { f.Fact = "a\u202eb" }, "text.control-characters"},
		"R078 on the spot, nothing after":   {func(f *acts.FindingForm) { f.What.FixedOnSpot = true }, "required"},
		"somebody else's upload":            {func(f *acts.FindingForm) { f.Photos = []ledger.ID{w.Upload(w.Secretary)} }, "picture.unknown-upload"},
		"before the visit":                  {func(f *acts.FindingForm) { f.Occurred.At = w.Time.Add(-time.Hour) }, "finding.before-visit"},
		"vague words wait for confirmation": {func(f *acts.FindingForm) { f.Fact = "个别小区防控不力" }, ""},
		"a draft may lack everything":       {func(f *acts.FindingForm) { *f = acts.FindingForm{Draft: true} }, ""},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := raise(x.change); code(err) != x.code {
				t.Errorf("got %v, want %s", err, x.code)
			}
		})
	}
	for fact, want := range map[string]string{
		"个别小区防控不力":    "finding.vague.evasive",
		"防控措施落实得还不够好": "finding.vague.no-detail",
		"脏":           "finding.vague.short",
		"2单元 17:05 约15人聚集未戴口罩": "",
	} {
		id, err := raise(func(f *acts.FindingForm) { f.Fact, f.NoPhoto = fact, "现场不便拍照" })
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.ConfirmFinding(ctx, w.As(w.Leader), id, 0); code(err) != want {
			t.Errorf("R011 confirming %q: %v, want %s", fact, err, want)
		}
	}
	id, err := raise(func(*acts.FindingForm) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Acts.ConfirmFinding(ctx, w.As(w.Leader), id, 0); code(err) != "finding.no-photo" {
		t.Errorf("R011 confirmed without a picture and without a reason: %v", err)
	}
	if _, err := w.Acts.RaiseFinding(ctx, w.As(w.Leader), v, acts.FindingForm{What: actstest.What(), Fact: actstest.Fact}); code(err) != "finding.not-inspector" {
		t.Errorf("raised by who was not there: %v", err)
	}
}

// TestRegions: a code is valid in its time, and a name is never a key (兴隆社区 exists twice).
func TestRegions(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	for region, want := range map[string]string{
		"500112012013": "", "兴隆社区": "region.name-is-no-key", "999999999999": "region.unknown", "": "region.unknown",
	} {
		_, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "某点位", Type: "S07", Region: region})
		if code(err) != want {
			t.Errorf("region %q: %v, want %s", region, err, want)
		}
	}
	w.Time = time.Date(2026, 1, 1, 0, 0, 0, 0, actstest.Zone)
	if _, err := w.Acts.RegisterSite(ctx, w.As(w.Duty), acts.NewSite{Name: "某点位", Type: "S07", Region: actstest.Community}); code(err) != "region.not-valid-then" {
		t.Errorf("after the reorganisation: %v", err)
	}
}

// TestNothingNamedOutsideTheVault plants names, phones and phrases in all that is entered and looks for
// them in every table but the vault's, in logs and errors; a search finds the name while the key lives and
// not after, and figures, tree and rebuild hold (R035, R061, 1H-12, 1H-13).
func TestNothingNamedOutsideTheVault(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		planted := []string{"丙示二", "甲示一", "00000000001", actstest.Fact, "立即整改。", "已整改，张三作证", "入口无人值守备注", "通知里写到的李四", "驻点原因压力较大"}
		planted = append(planted, orderPlanted...)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		w.Pass(time.Minute)
		must(w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "丙示二", nil))
		must(w.Acts.Claim(ctx, w.As(w.Secretary), id, acts.Doing{Text: "已整改，张三作证"}, []ledger.ID{w.Upload(w.Secretary)}))
		_, err := w.Acts.DraftPublication(ctx, w.As(w.Duty), acts.PublicationForm{
			Body: plan.DraftedV1{Kind_: plan.Notice, Recipients: []ledger.ID{w.StreetOrg}}, Words: acts.Words{Title: "通知里写到的李四", Text: "通知里写到的李四"},
		})
		must(err)
		must(w.Acts.PostTeam(ctx, w.As(w.Duty), w.Team.ID, visit.Posting{Street: "500112016"}, "驻点原因压力较大", false))
		plantOrder(t, w)
		_, err = w.Acts.RegisterSite(ctx, w.As(w.Secretary), acts.NewSite{Name: "入口无人值守备注", Type: "S07", Region: actstest.Community})
		if err == nil || containsAny(err.Error(), planted) != "" {
			t.Errorf("an error that says what was entered: %v", err)
		}
		tables, err := storage.Tables()
		must(err)
		for _, table := range tables {
			if table.Class == storage.VaultTable {
				continue
			}
			w.Read(func(tx *storage.Tx) error {
				return storage.Dump(tx, table.Name, func(line string) error {
					if s := containsAny(line, planted); s != "" {
						t.Errorf("%s holds %q", table.Name, s)
					}
					return nil
				})
			})
		}
		if e := w.DB.Engine(); e == storage.SQLite { // not even in the sealed bytes of the file
			files, _ := filepath.Glob(filepath.Join(w.Dir, "*"))
			for _, f := range files {
				b, err := os.ReadFile(f)
				must(err)
				if s := containsAny(string(b), planted); s != "" {
					t.Errorf("%s holds %q", filepath.Base(f), s)
				}
			}
		}
		found, err := w.Acts.FindPeople(ctx, w.Duty, "甲示")
		must(err)
		if len(found) != 2 {
			t.Errorf("a search for a name found %d, want 2", len(found))
		}
		if found, _ := w.Acts.FindPeople(ctx, w.Duty, "无此人"); len(found) != 0 {
			t.Errorf("a search found nobody's name: %v", found)
		}
		destroyed(t, w)
	})
}

// destroyed destroys the keys and looks at what is left.
func destroyed(t *testing.T, w *actstest.World) {
	figures := func() (f map[string]int64) {
		w.Read(func(tx *storage.Tx) error {
			k, err := w.Acts.AsOf(tx, actstest.Tenant, time.Time{}, time.Time{})
			if err != nil {
				return err
			}
			f, err = figure.Figures(tx, actstest.Tenant, k.AsOf, "finding", figure.Group{})
			return err
		})
		return f
	}
	before := figures()
	for _, scope := range []string{vault.Directory, "incident:" + string(w.Incident)} {
		if _, err := w.Acts.DestroyParts(ctx, actstest.Tenant, ledger.Who{}, scope, "test"); err != nil {
			t.Fatal(err)
		}
	}
	after := figures()
	for name, n := range before {
		if after[name] != n {
			t.Errorf("%s was %d and is %d after the destruction", name, n, after[name])
		}
	}
	if found, err := w.Acts.FindPeople(ctx, w.Duty, "甲示"); err != nil || len(found) != 0 {
		t.Errorf("a search after the destruction: %v, %v", found, err)
	}
	w.Read(func(tx *storage.Tx) error {
		name, err := w.Acts.Name(tx, actstest.Tenant, w.Duty.Person)
		if name != "" {
			t.Errorf("a name after the destruction: %q", name)
		}
		return err
	})
	r, err := w.Acts.VerifyLedger(ctx, actstest.Tenant)
	if err != nil || !r.OK() || r.Parts["present"] != 0 || r.Parts["destroyed"] == 0 {
		t.Errorf("verify after the destruction: %+v, %v", r, err)
	}
	sameAfterRebuild(t, w)
	keys, err := filepath.Glob(filepath.Join(w.Dir, "*.key"))
	if err != nil || len(keys) != 2 { // the root and the checkpoint's
		t.Errorf("keys left: %v, %v", keys, err)
	}
}

func containsAny(s string, planted []string) string {
	for _, p := range planted {
		if strings.Contains(s, p) {
			return p
		}
	}
	return ""
}

// TestSnapshotHoldsForEver: after late entries, a correction and a new rule pack a frozen snapshot equals
// its recomputation (1H-09, R134).
func TestSnapshotHoldsForEver(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		id := w.Matter()
		w.Pass(10 * time.Hour)
		at := w.Time
		w.Pass(time.Second)
		snap, err := w.Acts.Freeze(ctx, w.As(w.Duty), at)
		if err != nil {
			t.Fatal(err)
		}
		w.Pass(time.Hour)
		street := "500112016"
		if err := w.Acts.Correct(ctx, w.As(w.Duty), id, acts.Doing{Text: "街道填错。"}, matter.Correction{Street: &street}); err != nil {
			t.Fatal(err)
		}
		v, err := w.Acts.StartVisit(ctx, w.As(w.Leader), acts.NewVisit{
			Site: w.Site, Team: w.Team.ID, Inspectors: []ledger.ID{w.Leader.Person}, Methods: []string{"inspection"}, Alone: "夜间抽查", Started: acts.When{At: at.Add(-time.Hour)},
		})
		if err != nil {
			t.Fatal(v, err)
		}
		w.Read(func(tx *storage.Tx) error {
			s, _, err := brief.SnapshotByID(tx, actstest.Tenant, snap)
			if err != nil {
				return err
			}
			holds, err := brief.Holds(tx, actstest.Tenant, s)
			if !holds {
				t.Error("the snapshot does not equal its recomputation")
			}
			k, err2 := w.Acts.AsOf(tx, actstest.Tenant, at, time.Time{})
			if err2 != nil {
				return err2
			}
			f, err2 := figure.Figures(tx, actstest.Tenant, k.AsOf, "finding", figure.Group{})
			if f["visits"] != s.Figures["visits"]+1 {
				t.Errorf("as known now there are %d visits, the snapshot had %d", f["visits"], s.Figures["visits"])
			}
			return errors.Join(err, err2)
		})
	})
}

// TestLadder: each step fires once, after a stop only the highest tells anybody (vector 13).
func TestLadder(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	w.Matter()
	fire := func() int {
		n, err := w.Acts.FireLadders(ctx, actstest.Tenant)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := fire(); n != 0 {
		t.Errorf("%d steps fired at once", n)
	}
	w.Pass(9 * time.Hour) // past half of 08:00 to 24:00
	if n := fire(); n != 1 {
		t.Errorf("%d steps after half the time, want 1", n)
	}
	if n := fire(); n != 0 {
		t.Errorf("%d steps fired again", n)
	}
	w.Pass(24 * time.Hour) // a stop over the deadline and all later steps
	if n := fire(); n != 1 {
		t.Errorf("%d steps after a stop, want the highest alone", n)
	}
	if n := fire(); n != 0 {
		t.Errorf("%d steps fired again after the stop", n)
	}
}

// TestQuietHours: a step at night reaches the responsible when the quiet hours end (zammad/zammad#4432).
func TestQuietHours(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	w.Matter()
	night := func(hour, minute int) time.Time { return time.Date(2022, 11, 21, hour, minute, 0, 0, actstest.Zone) }
	for _, at := range []time.Time{night(0, 10), night(3, 30)} { // at the deadline, and late by more than an hour
		w.Time = at
		if _, err := w.Acts.FireLadders(ctx, actstest.Tenant); err != nil {
			t.Fatal(err)
		}
	}
	told := map[string]int64{}
	w.Read(func(tx *storage.Tx) error {
		return tx.Query(`SELECT audience, at FROM outbox WHERE tenant = $1 AND kind LIKE 'matter.ladder%'`, []any{actstest.Tenant}, func(scan func(...any) error) error {
			var audience string
			var at int64
			err := scan(&audience, &at)
			told[audience] = at
			return err
		})
	})
	for audience, want := range map[string]time.Time{"street_principal": night(7, 0), "owner": night(7, 0), "commission_desk": night(3, 30)} {
		if got := time.UnixMicro(told[audience]); got.Sub(want).Abs() > time.Second {
			t.Errorf("%s is told at %s, want %s", audience, got.In(actstest.Zone), want)
		}
	}
}

// TestNumbersHaveNoGap (1H-06): random hand-overs, some refused in the middle, number 1 to n.
func TestNumbersHaveNoGap(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	v := w.Visit()
	for i := range 12 {
		id := w.Finding(v)
		h := acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "整改。"}
		if i%3 == 1 {
			h.Unit = "nobody-01" // refused: takes no number
		}
		_, _ = w.Acts.HandOverFinding(ctx, w.As(w.Leader), id, h)
	}
	w.Read(func(tx *storage.Tx) error {
		var n, last int64
		_, err := tx.Row(`SELECT COUNT(*), MAX(n) FROM document_number WHERE tenant = $1 AND series = $2`, []any{actstest.Tenant, "渝督交"}, &n, &last)
		if n != 8 || last != 8 {
			t.Errorf("%d numbers, the last is %d, want 8 and 8", n, last)
		}
		return err
	})
}

// TestHandOverInTime: a finding that nobody hands over within the pack's half hour shows as late, and no
// longer once it is handed over (R012).
func TestHandOverInTime(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		finding := w.Finding(w.Visit())
		waiting := func() (n, late int) {
			w.Read(func(tx *storage.Tx) (err error) {
				n, late, err = visit.OpenFindings(tx, actstest.Tenant, nil, w.Time)
				return err
			})
			return n, late
		}
		w.Pass(29 * time.Minute)
		if n, late := waiting(); n != 1 || late != 0 {
			t.Errorf("after 29 minutes %d wait, %d late", n, late)
		}
		w.Pass(2 * time.Minute)
		if n, late := waiting(); n != 1 || late != 1 {
			t.Errorf("after 31 minutes %d wait, %d late", n, late)
		}
		if _, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), finding, acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"}); err != nil {
			t.Fatal(err)
		}
		if n, late := waiting(); n != 0 || late != 0 {
			t.Errorf("handed over, %d wait, %d late", n, late)
		}
	})
}
