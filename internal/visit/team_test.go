package visit

import (
	"testing"
	"time"

	"duzhan/internal/ledger"
)

func member(p ledger.ID, role string) Member { return Member{Person: p, Role: role, From: start} }

// TestFormTeam: exactly one leader, two people at the least, nobody twice and nobody in two teams (R082,
// R084).
func TestFormTeam(t *testing.T) {
	other := Team{ID: "team-0002", No: 2, Members: []Member{member("p9", Leader), {Person: "p8", Role: Plain, From: start.Add(-48 * time.Hour), To: start}}}
	for name, x := range map[string]struct {
		members []Member
		no      int64
		want    string
	}{
		"R084 whole":               {[]Member{member("p1", Leader), member("p2", Plain)}, 1, ""},
		"R084 alone":               {[]Member{member("p1", Leader)}, 1, "team.too-few"},
		"R084 two leaders":         {[]Member{member("p1", Leader), member("p2", Leader)}, 1, "team.one-leader"},
		"R084 no leader":           {[]Member{member("p1", Plain), member("p2", Plain)}, 1, "team.one-leader"},
		"R082 one person twice":    {[]Member{member("p1", Leader), member("p1", Plain)}, 1, "visit.person-twice"},
		"R082 in another team":     {[]Member{member("p1", Leader), member("p9", Plain)}, 1, "team.person-elsewhere"},
		"R082 was in another team": {[]Member{member("p1", Leader), member("p8", Plain)}, 1, ""},
		"a number that is taken":   {[]Member{member("p1", Leader), member("p2", Plain)}, 2, "team.number-taken"},
		"no number":                {[]Member{member("p1", Leader), member("p2", Plain)}, 0, "required"},
		"a role that there is not": {[]Member{member("p1", Leader), member("p2", "chief")}, 1, "unknown-code"},
	} {
		t.Run(name, func(t *testing.T) {
			drafts, r := FormTeam{ID: "team-0001", No: x.no, Members: x.members, Others: []Team{other}}.Decide(Team{}, start)
			if got := refusal(r); got != x.want {
				t.Fatalf("got %q, want %q", got, x.want)
			}
			if r == nil && len(drafts) != 1+len(x.members) {
				t.Errorf("%d entries", len(drafts))
			}
		})
	}
}

// TestTeamOnce: no team is formed over another, and nobody joins where he is already (R082).
func TestTeamOnce(t *testing.T) {
	two := []Member{member("p8", Leader), member("p9", Plain)}
	if _, r := (FormTeam{ID: "team-0001", No: 3, Members: two}).Decide(formed(), start); refusal(r) != "team.exists" {
		t.Errorf("formed over another: %v", r)
	}
	if _, r := (Join{Member: member("p2", Plain)}).Decide(formed(), start); refusal(r) != "visit.person-twice" || r.Field != "person" {
		t.Errorf("joined twice: %v", r)
	}
	if _, r := (Join{Member: member("p4", Plain)}).Decide(formed(), start); r != nil {
		t.Errorf("joins: %v", r)
	}
}

func refusal(r *ledger.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Code
}

func formed() Team {
	return Team{ID: "team-0001", No: 1, Members: []Member{member("p1", Leader), member("p2", Plain), member("p3", Plain)}}
}

// TestPostTeam: each posting says why this street; two teams on one street only on purpose (R086, R096).
func TestPostTeam(t *testing.T) {
	act := ledger.Act{Parts: parts("reason")}
	there := Team{ID: "team-0002", No: 2, Postings: []Posting{{Street: "a", From: start, To: start.Add(24 * time.Hour)}}}
	for name, x := range map[string]struct {
		c    Post
		want string
	}{
		"R086 with its reason":       {Post{Act: act, Posting: Posting{Street: "b", From: start}}, ""},
		"R086 without":               {Post{Posting: Posting{Street: "b", From: start}}, "required"},
		"R096 a second team":         {Post{Act: act, Posting: Posting{Street: "a", From: start.Add(time.Hour)}}, "team.street-taken"},
		"R096 a second, on purpose":  {Post{Act: act, Posting: Posting{Street: "a", From: start.Add(time.Hour)}, Shared: true}, ""},
		"R096 when the first is off": {Post{Act: act, Posting: Posting{Street: "a", From: start.Add(24 * time.Hour)}}, ""},
		"ends before it begins":      {Post{Act: act, Posting: Posting{Street: "b", From: start, To: start}}, "team.end-before-start"},
	} {
		t.Run(name, func(t *testing.T) {
			x.c.Others = []Team{there}
			if _, r := x.c.Decide(formed(), start); refusal(r) != x.want {
				t.Errorf("got %q, want %q", refusal(r), x.want)
			}
		})
	}
}

// TestAuthorised: an authorisation has issuers, a scope and a period (R079, R081).
func TestAuthorised(t *testing.T) {
	team := formed()
	drafts, r := Authorise{Authorisation: Authorisation{Issuers: []ledger.ID{"org-commission", "org-organisation"}, Streets: []string{"a"}, From: start, To: start.Add(24 * time.Hour)}}.Decide(team, start)
	if r != nil {
		t.Fatal(r)
	}
	team = team.After(entry(drafts[0], start))
	for _, x := range []struct {
		street string
		at     time.Time
		want   bool
	}{
		{"a", start, true},
		{"a", start.Add(24*time.Hour - time.Microsecond), true},
		{"a", start.Add(24 * time.Hour), false},
		{"a", start.Add(-time.Microsecond), false},
		{"b", start, false},
	} {
		if team.Authorised(x.street, x.at) != x.want {
			t.Errorf("%s at %s: %t", x.street, x.at, !x.want)
		}
	}
	if _, r := (Authorise{Authorisation: Authorisation{From: start}}).Decide(team, start); refusal(r) != "required" {
		t.Errorf("without issuers: %q", refusal(r))
	}
}

// TestMuster: each member acknowledges the order and reports that he is there, once each (R007); the team
// never falls below two (R204).
func TestMuster(t *testing.T) {
	team := formed()
	report := func(p ledger.ID, mustered bool) string {
		drafts, r := Report{Act: ledger.Act{Person: p}, Mustered: mustered}.Decide(team, start)
		if r == nil {
			team = team.After(entry(drafts[0], start.Add(time.Hour)))
		}
		return refusal(r)
	}
	for _, x := range []struct {
		person   ledger.ID
		mustered bool
		want     string
	}{
		{"p1", false, ""},
		{"p1", false, "team.reported-already"},
		{"p1", true, ""},
		{"p2", true, ""}, // who is there has the order
		{"p2", false, "team.reported-already"},
		{"p9", false, "visit.not-a-member"},
	} {
		if got := report(x.person, x.mustered); got != x.want {
			t.Errorf("%s, there %t: %q, want %q", x.person, x.mustered, got, x.want)
		}
	}
	if m := team.Members; m[0].Mustered.IsZero() || m[1].Acknowledged.IsZero() || !m[2].Acknowledged.IsZero() {
		t.Errorf("members %+v", m)
	}
	leave := func(p ledger.ID) string {
		drafts, r := Leave{Leaver: p}.Decide(team, start.Add(2*time.Hour))
		if r == nil {
			team = team.After(entry(drafts[0], start.Add(2*time.Hour)))
		}
		return refusal(r)
	}
	if got := leave("p1"); got != "team.one-leader" {
		t.Errorf("the leader leaves: %q", got)
	}
	if got := leave("p3"); got != "" {
		t.Errorf("the third leaves: %q", got)
	}
	if got := leave("p2"); got != "team.too-few" {
		t.Errorf("R204 the second leaves: %q", got)
	}
}
