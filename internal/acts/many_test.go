package acts_test

import (
	"strings"
	"testing"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/storage"
)

// chosen names things at the versions they have now.
func chosen(w *actstest.World, ids ...ledger.ID) (out []acts.Chosen) {
	for _, id := range ids {
		out = append(out, acts.Chosen{ID: id, Seen: load(w, id).Version})
	}
	return out
}

// matters hands over so many findings of one visit.
func matters(t *testing.T, w *actstest.World, n int) (ids []ledger.ID) {
	t.Helper()
	v := w.Visit()
	for range n {
		id, err := w.Acts.HandOverFinding(ctx, w.As(w.Leader), w.Finding(v), acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// codes are the rules that each of them was refused for; empty: taken.
func codes(list []acts.Outcome) string {
	var out []string
	for _, o := range list {
		if o.Refusal == nil {
			out = append(out, "taken")
		} else {
			out = append(out, o.Refusal.Code)
		}
	}
	return strings.Join(out, " ")
}

// TestUrgeMany: one text for many; each decides for itself, a stale version is refused for that one alone, and what was
// taken stays taken when the request comes again.
func TestUrgeMany(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		ids := matters(t, w, 3)
		fresh, stale, closed := ids[0], ids[1], ids[2]
		list := append(chosen(w, fresh, stale, closed), acts.Chosen{ID: "nowhere"})
		if err := w.Acts.Urge(ctx, w.As(w.Duty), stale, acts.Doing{Text: "先催一次。"}, false); err != nil {
			t.Fatal(err)
		}
		if err := w.Acts.Withdraw(ctx, w.As(w.Duty), closed, acts.Doing{Text: "不应交办。"}); err != nil {
			t.Fatal(err)
		}
		list[2].Seen = load(w, closed).Version
		c := w.As(w.Duty)
		c.Key, c.Body = "urge-1", []byte("body")
		want := "taken stale matter.forbidden-transition not-found"
		for range 2 { // the second time is the same request, sent again
			out, err := w.Acts.UrgeMany(ctx, c, list, "请今晚办结。", true)
			if err != nil || codes(out) != want {
				t.Fatalf("%s, want %s; %v", codes(out), want, err)
			}
		}
		if v := load(w, fresh).Version; v != list[0].Seen+1 {
			t.Errorf("urged once is version %d, want %d", v, list[0].Seen+1)
		}
		for name, x := range map[string]struct {
			by          acts.Caller
			list        []acts.Chosen
			text        string
			rule, field string
		}{
			"no text":       {w.As(w.Duty), chosen(w, fresh, stale), " ", "required", "text"},
			"nothing":       {w.As(w.Duty), nil, "催", "required", "items"},
			"twice":         {w.As(w.Duty), chosen(w, fresh, fresh), "催", "many.twice", "items[1]"},
			"201":           {w.As(w.Duty), make([]acts.Chosen, acts.MaxMany+1), "催", "many.too-many", "items"},
			"who never may": {w.As(w.Secretary), chosen(w, fresh), "催", "access.role", "act"},
		} {
			_, err := w.Acts.UrgeMany(ctx, x.by, x.list, x.text, false)
			refused(t, name, err, x.rule, x.field)
		}
		if v := load(w, fresh).Version; v != list[0].Seen+1 {
			t.Errorf("a refused request left something: version %d", v)
		}
		sameAfterRebuild(t, w)
	})
}

// TestReassignMany: objections upheld for one unit; what no objection stands against is refused alone.
func TestReassignMany(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		ids := matters(t, w, 2)
		objected, not := ids[0], ids[1]
		if err := w.Acts.Refuse(ctx, w.As(w.Secretary), objected, acts.Doing{Text: "不属本街道。"}, "not_ours", ""); err != nil {
			t.Fatal(err)
		}
		out, err := w.Acts.ReassignMany(ctx, w.As(w.Duty), chosen(w, objected, not), "由部门办理。", w.Department, nil)
		if err != nil || codes(out) != "taken matter.forbidden-transition" {
			t.Fatalf("%s %v", codes(out), err)
		}
		_, err = w.Acts.ReassignMany(ctx, w.As(w.Duty), chosen(w, not), "由部门办理。", "", nil)
		refused(t, "no unit", err, "required", "unit")
		if m := load(w, objected); m.Responsible() != w.Department || m.State != matter.Assigned {
			t.Errorf("reassigned: %+v", m)
		}
		if m := load(w, not); m.Responsible() != w.StreetOrg {
			t.Errorf("refused and yet moved: %+v", m)
		}
	})
}

// TestHandOverMany: confirmed findings to one unit under one rule, each a matter with a number of its own; a unit that
// nobody knows is a refusal of the form, since no finding can be handed over to it.
func TestHandOverMany(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		v := w.Visit()
		a, b := w.Finding(v), w.Finding(v)
		raised, err := w.Acts.RaiseFinding(ctx, w.As(w.Inspector), v, acts.FindingForm{What: actstest.What(), Fact: actstest.Fact, NoPhoto: "现场不便拍照"})
		if err != nil {
			t.Fatal(err)
		}
		list := []acts.Chosen{{ID: a}, {ID: raised}, {ID: b}}
		h := acts.HandOver{Unit: w.StreetOrg, Channel: "face_to_face", Requirement: "立即整改。"}
		bad := h
		bad.Unit = "nowhere"
		_, err = w.Acts.HandOverMany(ctx, w.As(w.Leader), []acts.Chosen{{ID: a}, {ID: b}}, bad)
		refused(t, "unknown unit", err, "unit.unknown", "unit")
		bad.Unit = ""
		_, err = w.Acts.HandOverMany(ctx, w.As(w.Leader), list, bad)
		refused(t, "no unit", err, "required", "unit")
		c := w.As(w.Leader)
		c.Key = "hand-over-1"
		var numbers []string
		for range 2 {
			out, err := w.Acts.HandOverMany(ctx, c, list, h)
			if err != nil || out[0].Refusal != nil || out[1].Refusal == nil || out[2].Refusal != nil {
				t.Fatalf("%s %v", codes(out), err)
			}
			numbers = append(numbers, codes(out))
		}
		if numbers[0] != numbers[1] {
			t.Errorf("sent again it says %s, before %s", numbers[1], numbers[0])
		}
		w.Read(func(tx *storage.Tx) error {
			n, err := matter.Count(tx, actstest.Tenant, matter.Filter{})
			if n != 2 {
				t.Errorf("%d matters, want 2", n)
			}
			return err
		})
	})
}

// TestOneByOne: what closes, verifies or judges is refused for many by name, whatever the number (R062); an act that
// nobody knows is not found.
func TestOneByOne(t *testing.T) {
	for _, tr := range matter.Transitions {
		refused(t, tr.Act, acts.OneByOne(tr.Act), "many.one-by-one", "items")
	}
	refused(t, "close", acts.OneByOne("close"), "many.one-by-one", "items")
	refused(t, "dance", acts.OneByOne("dance"), "not-found", "")
}
