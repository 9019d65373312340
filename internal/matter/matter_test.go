package matter

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"

	"pgregory.net/rapid"
)

var start = time.Date(2022, 11, 20, 10, 0, 0, 0, time.UTC)

const (
	street, team, desk ledger.ID = "unit-street", "unit-team", "unit-desk"
)

func parts(names ...string) []ledger.Part {
	var ps []ledger.Part
	for _, n := range names {
		ps = append(ps, ledger.Part{Name: n, Hash: "sha256:x"})
	}
	return ps
}

// carried is what a complete act carries.
func carried(person, unit ledger.ID) ledger.Act {
	return ledger.Act{Person: person, Unit: unit, Parts: parts("text", "progress", "requirement", "photo.after.1")}
}

// run is a matter with the ledger's times.
type run struct {
	m   Matter
	now time.Time
	pos int64
	// posted are the points as they stand, with the position that posted them
	posted []at
	refuse *ledger.Refusal
}

type at struct {
	figure.Point
	pos int64
}

func (r *run) do(c Command) *ledger.Refusal {
	drafts, refusal := c.Decide(r.m, r.now)
	if (refusal == nil) == (len(drafts) == 0) {
		panic("entries and refusal must exclude each other")
	}
	for _, d := range drafts {
		r.now = r.now.Add(time.Microsecond)
		e := ledger.Entry{Pos: r.pos, Subject: d.Subject, OccurredAt: d.OccurredAt, Until: d.Until, RecordedAt: r.now, Who: who(c), Parts: d.Parts, Body: d.Body}
		if d.OccurredAt.IsZero() {
			e.OccurredAt = r.now
		}
		before := r.m.Points()
		r.m = r.m.After(e)
		for _, p := range figure.Diff(before, r.m.Points()) {
			r.posted = append(r.posted, at{p, r.pos})
		}
		r.pos++
	}
	r.refuse = refusal
	return refusal
}

func who(c Command) ledger.Who {
	a := actOf(c)
	return ledger.Who{Person: a.Person, Unit: a.Unit}
}

func actOf(c Command) ledger.Act {
	switch c := c.(type) {
	case Assign:
		return c.Act
	case FixOnSpot:
		return c.Act
	case Receive:
		return c.Act
	case Refuse:
		return c.Act
	case Reassign:
		return c.Act
	case Uphold:
		return c.Act
	case AskExtension:
		return c.Act
	case DecideExtension:
		return c.Act
	case Claim:
		return c.Act
	case ReplyOrder:
		return c.Act
	case Verify:
		return c.Act
	case StrikeOff:
		return c.Act
	case Reopen:
		return c.Act
	case LookBack:
		return c.Act
	case PutOnRecord:
		return c.Act
	case Withdraw:
		return c.Act
	case MarkDuplicate:
		return c.Act
	case UnmarkDuplicate:
		return c.Act
	case Urge:
		return c.Act
	case Explain:
		return c.Act
	case Correct:
		return c.Act
	}
	return ledger.Act{}
}

// sums of all kinds as of an instant, as far as the first known entries say.
func (r *run) sums(t time.Time, known int64) map[string]int64 {
	out := map[string]int64{}
	for _, p := range r.posted {
		if p.pos < known && !p.At.After(t) && strings.Contains(string(p.Groups), "\n=\n") {
			kind, _, _ := strings.Cut(p.Series, "@")
			out[kind] += p.N
		}
	}
	return out
}

func opening() Opening {
	return Opening{
		Origin: OriginFinding, Source: "finding-1", Unit: street, Number: "渝督交〔2022〕1号", Series: "渝督交", Year: 2022, Serial: 1,
		Facets: Facets{Street: "500112012", Channel: FaceToFace, Themes: []string{"still"}, Problem: "P-CROWD", Day: "2022-11-20"},
	}
}

func assigned(due time.Time) *run {
	r := &run{now: start}
	r.do(Assign{Act: carried("leader-1", team), ID: "matter-1", Opening: opening(), Clocks: []Clock{{Kind: ClockRectify, Start: start, Due: due}}})
	return r
}

// severeClaimed is a severe matter, claimed.
func severeClaimed() *run {
	r := claimedRun()
	r.m.Facets.Severity = "major"
	return r
}

// claimedRun is a matter received and claimed by the street.
func claimedRun() *run {
	r := assigned(start.Add(2 * time.Hour))
	r.do(Receive{Act: carried("secretary", street)})
	r.do(Claim{Act: carried("secretary", street)})
	return r
}

// TestWhoMayNot: rules that depend on what happened (1H-05, R039, R062, R145, 2.1.07).
func TestWhoMayNot(t *testing.T) {
	tests := map[string]struct {
		run  func() *run
		cmd  Command
		code string
	}{
		"1H-05 claimant verifies":               {claimedRun, Verify{Act: carried("secretary", team), Passed: true}, "matter.verify.own-work"},
		"1H-05 responsible unit verifies":       {claimedRun, Verify{Act: carried("other", street), Passed: true}, "matter.verify.own-work"},
		"R039 another unit verifies":            {claimedRun, Verify{Act: carried("inspector", team), Passed: true}, ""},
		"R062 strike-off before verification":   {claimedRun, StrikeOff{Act: carried("duty", desk)}, "matter.forbidden-transition"},
		"1H-05 responsible unit strikes off":    {verifiedRun, StrikeOff{Act: carried("other", street)}, "matter.strike-off.own-work"},
		"1H-05 claimant strikes off":            {verifiedRun, StrikeOff{Act: carried("secretary", desk)}, "matter.strike-off.own-work"},
		"R062 strike-off":                       {verifiedRun, StrikeOff{Act: carried("duty", desk)}, ""},
		"R105 hand-over without unit":           {empty, Assign{Act: carried("l", team), Opening: Opening{}}, "required"},
		"R012 hand-over without deadline":       {empty, Assign{Act: carried("l", team), Opening: opening()}, "required"},
		"R078 on the spot without after":        {empty, FixOnSpot{Act: ledger.Act{}, Opening: opening()}, "required"},
		"R039 severe, verified by words":        {severeClaimed, Verify{Act: ledger.Act{Person: "i", Unit: team, Parts: parts("text", "no-photo")}, Passed: true}, "matter.verify.on-site"},
		"R039 severe, verified on a visit":      {severeClaimed, Verify{Act: ledger.Act{Person: "i", Unit: team, Parts: parts("text")}, Visit: "visit-001", Passed: true}, ""},
		"R039 severe, found undone":             {severeClaimed, Verify{Act: ledger.Act{Person: "i", Unit: team, Parts: parts("text", "no-photo")}}, ""},
		"master of others merged":               {func() *run { return assigned(start.Add(time.Hour)) }, MarkDuplicate{Act: carried("duty", desk), Master: Matter{ID: "matter-2", State: Assigned}, Duplicates: 1}, "matter.duplicate.is-master"},
		"another unit receives":                 {func() *run { return assigned(start.Add(time.Hour)) }, Receive{Act: carried("x", team)}, "matter.not-responsible"},
		"2.1.20 second objection":               {objectedTwice, Refuse{Act: carried("secretary", street), Reason: "not_ours"}, "matter.refuse.twice"},
		"objection without a known reason":      {func() *run { return assigned(start.Add(time.Hour)) }, Refuse{Act: carried("s", street), Reason: "busy"}, "unknown-code"},
		"own objection decided":                 {objected, Uphold{Act: carried("s", street)}, "matter.own-case"},
		"reassigned to the same unit":           {objected, Reassign{Act: carried("duty", desk), To: street}, "matter.reassign.same-unit"},
		"R131 extension by the asker decided":   {asked, DecideExtension{Act: carried("secretary", desk), Granted: true, NewDue: later(9)}, "matter.own-case"},
		"2.1.07 grant without a date":           {asked, DecideExtension{Act: carried("duty", desk), Granted: true}, "required"},
		"second extension while one waits":      {asked, AskExtension{Act: carried("secretary", street), NewDue: start.Add(9 * time.Hour)}, "matter.extension.pending"},
		"claim while an extension waits":        {asked, Claim{Act: carried("secretary", street)}, "matter.extension.pending"},
		"claim without a picture":               {received, Claim{Act: ledger.Act{Person: "s", Unit: street, Parts: parts("text")}}, "required"},
		"claim of a matter not received":        {func() *run { return assigned(start.Add(time.Hour)) }, Claim{Act: carried("s", street)}, "matter.forbidden-transition"},
		"urging impossible after the end":       {struckOff, Urge{Act: carried("duty", desk)}, "matter.forbidden-transition"},
		"R068 look-back by the unit itself":     {struckOff, LookBack{Act: carried("s", street)}, "matter.verify.own-work"},
		"R068 look-back finds a relapse":        {struckOff, LookBack{Act: carried("inspector", team), Relapse: true, Due: start.Add(9 * time.Hour)}, ""},
		"duplicate of itself":                   {received, MarkDuplicate{Act: carried("l", team), Master: Matter{ID: "matter-1", State: Assigned}}, "matter.duplicate.bad-master"},
		"duplicate of a duplicate":              {received, MarkDuplicate{Act: carried("l", team), Master: Matter{ID: "matter-2", State: Duplicate}}, "matter.duplicate.bad-master"},
		"stale version":                         {received, Claim{Act: ledger.Act{Person: "s", Unit: street, Seen: 1}}, "stale"},
		"withdrawn by the responsible unit":     {received, Withdraw{Act: carried("s", street)}, "matter.own-case"},
		"correction of nothing":                 {received, Correct{Act: carried("duty", desk)}, "matter.correct.nothing"},
		"on record by the unit itself":          {received, PutOnRecord{Act: carried("s", street), Until: start.Add(99 * time.Hour)}, "matter.own-case"},
		"hand-over twice":                       {received, Assign{Act: carried("l", team), ID: "matter-1", Opening: opening()}, "matter.already-assigned"},
		"follow-up of what was not imported":    {received, FollowUp{Act: carried("", ""), Passed: true}, "matter.forbidden-transition"},
		"new deadline after the old has passed": {lateObjected, Reassign{Act: carried("duty", desk), To: "unit-other", Due: later(9)}, "matter.due-passed"},
	}
	for name, x := range tests {
		t.Run(name, func(t *testing.T) {
			r := x.run()
			code := ""
			if refusal := r.do(x.cmd); refusal != nil {
				code = refusal.Code
			}
			if code != x.code {
				t.Errorf("refused with %q, want %q", code, x.code)
			}
		})
	}
}

func empty() *run { return &run{now: start} }

func later(hours int) *time.Time {
	t := start.Add(time.Duration(hours) * time.Hour)
	return &t
}

func received() *run {
	r := assigned(start.Add(2 * time.Hour))
	r.do(Receive{Act: carried("secretary", street)})
	return r
}

func verifiedRun() *run {
	r := claimedRun()
	r.do(Verify{Act: carried("inspector", team), Passed: true})
	return r
}

func struckOff() *run {
	r := verifiedRun()
	r.do(StrikeOff{Act: carried("duty", desk)})
	return r
}

func objected() *run {
	r := assigned(start.Add(2 * time.Hour))
	r.do(Refuse{Act: carried("secretary", street), Reason: "not_ours", Clocks: []Clock{{Kind: ClockObjection, Start: r.now, Due: r.now}}})
	return r
}

func lateObjected() *run {
	r := objected()
	r.now = start.Add(5 * time.Hour)
	return r
}

func objectedTwice() *run {
	r := objected()
	r.do(Uphold{Act: carried("duty", desk)})
	return r
}

func asked() *run {
	r := received()
	r.do(AskExtension{Act: carried("secretary", street), NewDue: start.Add(5 * time.Hour)})
	return r
}

// TestExtensionVectors: vectors 11, 12, 14 and 15 of standards.md, appendix F.
func TestExtensionVectors(t *testing.T) {
	due := start.Add(2 * time.Hour)
	for name, x := range map[string]struct {
		at   time.Time
		code string
	}{
		"11 asked a second before": {due.Add(-time.Second), ""},
		"12 asked at the deadline": {due, "matter.extension.too-late"},
	} {
		t.Run(name, func(t *testing.T) {
			r := received()
			r.now = x.at
			code := ""
			if refusal := r.do(AskExtension{Act: carried("secretary", street), NewDue: due.Add(time.Hour)}); refusal != nil {
				code = refusal.Code
			}
			if code != x.code {
				t.Errorf("refused with %q, want %q", code, x.code)
			}
		})
	}
	t.Run("15 a false claim buys no time", func(t *testing.T) {
		r := claimedRun()
		r.now = due.Add(10 * time.Hour)
		r.do(Verify{Act: carried("inspector", team)})
		if s := r.sums(due.Add(time.Minute), r.pos); s[KindOverdue] != 1 || s[KindRectified] != 0 {
			t.Errorf("after the failure: %v", s)
		}
		if r.m.Round != 2 {
			t.Errorf("round %d, want 2", r.m.Round)
		}
	})
}

// TestTableKnowsEveryAct: every row of the table names acts that commands exist for, and every state is
// left by some act or is an end (standards.md, appendix C).
func TestTableKnowsEveryAct(t *testing.T) {
	for _, s := range States {
		if acts := Acts(s); len(acts) == 0 && s != Withdrawn {
			t.Errorf("no act leads out of %s", s)
		}
	}
	var decide []byte
	for _, name := range []string{"decide.go", "order_decide.go"} { // every act has a command that checks it against the table
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		decide = append(decide, text...)
	}
	for _, tr := range Transitions {
		if tr.Act != "assign" && tr.Act != "fix_on_spot" && !strings.Contains(string(decide), `"`+tr.Act+`"`) {
			t.Errorf("no command decides %s", tr.Act)
		}
		for _, s := range append([]State{tr.To}, tr.From...) {
			if s != "" && s != back && !slices.Contains(States, s) {
				t.Errorf("row %d names the unknown state %s", tr.N, s)
			}
		}
	}
}

// TestEveryMustIsAsked: what the table says an act must carry is asked for, each thing by its name
// (standards.md, appendix C).
func TestEveryMustIsAsked(t *testing.T) {
	later := start.Add(time.Hour)
	open := func() *run { return assigned(start.Add(2 * time.Hour)) }
	received := func() *run { r := open(); r.do(Receive{Act: carried("secretary", street)}); return r }
	refused := func() *run {
		r := open()
		r.do(Refuse{Act: carried("secretary", street), Reason: "not_ours"})
		return r
	}
	asked := func() *run {
		r := received()
		r.do(AskExtension{Act: carried("secretary", street), NewDue: start.Add(4 * time.Hour)})
		return r
	}
	struck := func() *run {
		r := claimedRun()
		r.do(Verify{Act: carried("inspector", team), Passed: true})
		r.do(StrikeOff{Act: carried("duty", desk)})
		return r
	}
	merged := func() *run {
		r := open()
		r.do(MarkDuplicate{Act: carried("duty", desk), Master: Matter{ID: "matter-2", State: Assigned}})
		return r
	}
	none := func() *run { return &run{now: start} }
	clocks := []Clock{{Kind: ClockRectify, Start: start, Due: later}}
	severity := "major"
	acts := map[string]struct {
		before func() *run
		with   func(a ledger.Act, lacks string) Command
	}{
		"assign": {none, func(a ledger.Act, lacks string) Command {
			c := Assign{Act: a, ID: "matter-1", Opening: opening(), Clocks: clocks}
			switch lacks {
			case "unit":
				c.Opening.Unit = ""
			case "rule":
				c.Clocks = nil
			case "number":
				c.Opening.Number = ""
			}
			return c
		}},
		"fix_on_spot": {none, func(a ledger.Act, lacks string) Command {
			c := FixOnSpot{Act: a, ID: "matter-1", Opening: opening()}
			switch lacks {
			case "unit":
				c.Opening.Unit = ""
			case "number":
				c.Opening.Number = ""
			}
			return c
		}},
		"receive": {open, func(a ledger.Act, _ string) Command { return Receive{Act: a} }},
		"refuse": {open, func(a ledger.Act, lacks string) Command {
			return Refuse{Act: a, Reason: map[bool]string{false: "not_ours"}[lacks == "reason"]}
		}},
		"reassign": {refused, func(a ledger.Act, lacks string) Command {
			return Reassign{Act: a, To: map[bool]ledger.ID{false: "unit-other"}[lacks == "unit"]}
		}},
		"uphold_assignment": {refused, func(a ledger.Act, _ string) Command { return Uphold{Act: a} }},
		"ask_extension": {received, func(a ledger.Act, lacks string) Command {
			return AskExtension{Act: a, NewDue: map[bool]time.Time{false: start.Add(4 * time.Hour)}[lacks == "until"]}
		}},
		"decide_extension":  {asked, func(a ledger.Act, _ string) Command { return DecideExtension{Act: a} }},
		"claim":             {received, func(a ledger.Act, _ string) Command { return Claim{Act: a} }},
		"verify":            {claimedRun, func(a ledger.Act, _ string) Command { return Verify{Act: a, Passed: true} }},
		"fail_verification": {claimedRun, func(a ledger.Act, _ string) Command { return Verify{Act: a} }},
		"strike_off": {func() *run {
			r := claimedRun()
			r.do(Verify{Act: carried("inspector", team), Passed: true})
			return r
		}, func(a ledger.Act, _ string) Command { return StrikeOff{Act: a} }},
		"reopen": {struck, func(a ledger.Act, lacks string) Command {
			return Reopen{Act: a, Reason: map[bool]string{false: "relapse"}[lacks == "reason"], Due: later}
		}},
		"look_back": {struck, func(a ledger.Act, _ string) Command { return LookBack{Act: a} }},
		"put_on_record": {received, func(a ledger.Act, lacks string) Command {
			return PutOnRecord{Act: a, Until: map[bool]time.Time{false: start.Add(48 * time.Hour)}[lacks == "review_at"]}
		}},
		"mark_duplicate": {open, func(a ledger.Act, lacks string) Command {
			return MarkDuplicate{Act: a, Master: map[bool]Matter{false: {ID: "matter-2", State: Assigned}}[lacks == "master"]}
		}},
		"unmark_duplicate": {merged, func(a ledger.Act, _ string) Command { return UnmarkDuplicate{Act: a} }},
		"withdraw":         {open, func(a ledger.Act, _ string) Command { return Withdraw{Act: a} }},
		"urge":             {open, func(a ledger.Act, _ string) Command { return Urge{Act: a} }},
		"explain": {received, func(a ledger.Act, lacks string) Command {
			return Explain{Act: a, Day: "2022-11-20", Expected: map[bool]time.Time{false: start.Add(20 * time.Hour)}[lacks == "expected_at"]}
		}},
		"correct": {open, func(a ledger.Act, _ string) Command { return Correct{Act: a, Fields: Correction{Severity: &severity}} }},
	}
	acts["reply"] = struct {
		before func() *run
		with   func(ledger.Act, string) Command
	}{func() *run {
		r := received()
		r.m.Origin = OriginOrder
		return r
	}, func(a ledger.Act, _ string) Command { return ReplyOrder{Act: a} }}
	ofUnit := []string{"receive", "refuse", "ask_extension", "claim", "reply"}
	for _, tr := range Transitions {
		x, ok := acts[tr.Act]
		if !ok {
			t.Fatalf("no command for %s", tr.Act)
		}
		act := carried("duty", desk)
		if slices.Contains(ofUnit, tr.Act) {
			act = carried("secretary", street)
		}
		r := x.before()
		if refusal := r.do(x.with(act, "")); refusal != nil {
			t.Errorf("%s, complete: %v", tr.Act, refusal)
		} else if want := tr.To; want != "" && want != back && r.m.State != want {
			t.Errorf("%s leads to %s, the table says %s", tr.Act, r.m.State, want)
		}
		for _, must := range tr.Must {
			bare := act
			oneOf := strings.Split(must, "|")
			bare.Parts = slices.DeleteFunc(slices.Clone(act.Parts), func(p ledger.Part) bool { return slices.Contains(oneOf, p.Name) })
			refusal := x.before().do(x.with(bare, must))
			if refusal == nil || refusal.Code != "required" || refusal.Field != oneOf[0] {
				t.Errorf("%s without %s: %+v", tr.Act, must, refusal)
			}
		}
	}
}

// TestRandomCommands runs random commands by random people, with time going in jumps and reports arriving
// late and out of order, and checks after each what must always hold, at every instant and for every
// state of knowledge (1H-01, 1H-02, 1H-05, 1H-09, 1H-14).
func TestRandomCommands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := assigned(start.Add(2 * time.Hour))
		var before []map[string]int64
		probes := []time.Time{start, start.Add(time.Hour), start.Add(2 * time.Hour), start.Add(5 * time.Hour), start.Add(100 * time.Hour)}
		rt.Repeat(map[string]func(*rapid.T){
			"command": func(rt *rapid.T) {
				r.now = r.now.Add(time.Duration(rapid.IntRange(0, 240).Draw(rt, "minutes")) * time.Minute)
				old := r.m
				known := r.pos
				for _, p := range probes {
					before = append(before, r.sums(p, known))
				}
				c := randomCommand(rt, r)
				refusal := r.do(c)
				// what was known stays what was known, whatever is learnt later (1H-09)
				for i, p := range probes {
					now := r.sums(p, known)
					for k, n := range before[len(before)-len(probes)+i] {
						if now[k] != n {
							rt.Fatalf("%s as of %s as then known was %d and is %d", k, p, n, now[k])
						}
					}
				}
				if refusal == nil {
					checkAct(rt, old, r.m, c)
				}
			},
			"": func(rt *rapid.T) {
				for known := int64(0); known <= r.pos; known++ {
					for _, p := range append(probes, r.now) {
						invariants(rt, r.sums(p, known))
					}
				}
			},
		})
	})
}

func invariants(rt *rapid.T, s map[string]int64) {
	for k, n := range s {
		if n < 0 || n > 1 {
			rt.Fatalf("%s counts one matter %d times: %v", k, n, s)
		}
	}
	if s[KindRectified] < s[KindVerified] || s[KindVerified] < s[KindClosed] { // 1H-02
		rt.Fatalf("rectified ≥ verified ≥ closed does not hold: %v", s)
	}
	if s[KindRectified] > s[KindAssigned] || s[KindOverdue] > s[KindAssigned]-s[KindRectified] { // 1H-01
		rt.Fatalf("assigned = rectified + in progress ≥ overdue does not hold: %v", s)
	}
	if s[KindAssigned]+s[KindWithdrawn]+s[KindMerged] > 1 {
		rt.Fatalf("counted and counted apart: %v", s)
	}
}

// checkAct checks what an accepted command may not have done.
func checkAct(rt *rapid.T, old, m Matter, c Command) {
	a := actOf(c)
	if v, ok := c.(Verify); ok && v.Passed && (a.Unit == old.Responsible() || a.Person == old.ClaimedBy) {
		rt.Fatal("1H-05: somebody verified his own work")
	}
	if _, ok := c.(StrikeOff); ok && (a.Unit == old.Responsible() || a.Person == old.ClaimedBy || old.State != Verified) {
		rt.Fatal("1H-05: somebody struck off his own work, or what was not verified")
	}
	moved := len(m.Episodes) == len(old.Episodes) && old.Due() != nil && !m.Due().Equal(*old.Due())
	if moved { // 1H-14: only an approved extension or an approved return moves a deadline
		switch x := c.(type) {
		case DecideExtension:
			if !x.Granted {
				rt.Fatal("1H-14: a denied extension moved the deadline")
			}
		case Reassign, PutOnRecord:
		default:
			rt.Fatalf("1H-14: %T moved the deadline", c)
		}
	}
	if m.Version != old.Version+1 {
		rt.Fatalf("version %d after %d", m.Version, old.Version)
	}
}

func randomCommand(rt *rapid.T, r *run) Command {
	a := carried(
		rapid.SampledFrom([]ledger.ID{"secretary", "inspector", "leader-1", "duty"}).Draw(rt, "person"),
		rapid.SampledFrom([]ledger.ID{street, team, desk, "unit-other"}).Draw(rt, "unit"))
	if rapid.IntRange(0, 3).Draw(rt, "late report") == 0 {
		a.At = r.now.Add(-time.Duration(rapid.IntRange(0, 600).Draw(rt, "minutes ago")) * time.Minute)
	}
	day := r.now.Add(time.Duration(rapid.IntRange(1, 48).Draw(rt, "hours on")) * time.Hour)
	clock := []Clock{{Kind: ClockRectify, Start: r.now, Due: day}}
	return rapid.SampledFrom([]Command{
		Receive{Act: a},
		Refuse{Act: a, Reason: "not_ours", Clocks: []Clock{{Kind: ClockObjection, Start: r.now, Due: day}}},
		Reassign{Act: a, To: "unit-other"},
		Reassign{Act: a, To: street, Due: &day},
		Uphold{Act: a},
		AskExtension{Act: a, NewDue: day},
		DecideExtension{Act: a, Granted: true, NewDue: &day, Clocks: clock},
		DecideExtension{Act: a},
		Claim{Act: a},
		Verify{Act: a, Passed: true},
		Verify{Act: a},
		StrikeOff{Act: a},
		LookBack{Act: a},
		LookBack{Act: a, Relapse: true, Due: day, Clocks: clock},
		Reopen{Act: a, Reason: "citizen", Due: day, Clocks: clock},
		PutOnRecord{Act: a, Until: day},
		Withdraw{Act: a},
		MarkDuplicate{Act: a, Master: Matter{ID: "matter-2", State: Assigned}},
		UnmarkDuplicate{Act: a},
		Urge{Act: a},
		Correct{Act: a, Fields: Correction{Themes: []string{"supply"}}},
	}).Draw(rt, "command")
}
