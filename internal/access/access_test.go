package access

import (
	"encoding/json"
	"slices"
	"testing"

	"duzhan/data/messages"
	"duzhan/internal/ledger"
)

// TestRolesAreWhole: each scope is known, reading goes with every role that sees business data, each role has a
// name in both languages, and those of the desks that there are are there (1B-01 to 1B-09, 1B-17, 1B-18).
func TestRolesAreWhole(t *testing.T) {
	for _, name := range []string{
		"district_leader", "org_dept_viewer", "commission_principal", "duty_officer", "team_leader", "team_deputy", "team_liaison", "inspector",
		"street_principal", "street_owner", "dept_liaison", "dept_principal", "grassroots_inspector", "system_admin", "security_admin", "auditor",
		"privacy_officer",
	} {
		if _, ok := Roles[name]; !ok {
			t.Errorf("there is no role %s", name)
		}
	}
	for _, file := range []string{"zh-CN.json", "en.json"} {
		words := map[string]string{}
		b, err := messages.FS.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &words)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name := range Roles {
			if words["role."+name] == "" {
				t.Errorf("%s has no name in %s", name, file)
			}
		}
	}
	for name, r := range Roles {
		if !slices.Contains([]string{ScopeAll, ScopeStreet, ScopeUnit, ScopeNone}, r.Scope) {
			t.Errorf("%s has the unknown scope %q", name, r.Scope)
		}
		if (r.Scope == ScopeNone) == slices.Contains(r.Acts, "read") {
			t.Errorf("%s: scope %s and acts %v do not fit", name, r.Scope, r.Acts)
		}
		sorted := slices.Clone(r.Acts)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(r.Acts) {
			t.Errorf("%s names an act twice", name)
		}
	}
}

// TestJurisdiction: what one may not see is not found; what one sees and may not do is forbidden (R001,
// R020, R144, R145).
func TestJurisdiction(t *testing.T) {
	here, there := Place{Street: "500112012", Unit: "unit-1"}, Place{Street: "500112016", Unit: "unit-2"}
	actor := func(role string, unit ledger.ID, streets ...string) Actor {
		return Actor{Roles: []string{role}, Unit: unit, Regions: streets}
	}
	for name, x := range map[string]struct {
		actor Actor
		act   string
		at    Place
		why   *ledger.Because
	}{
		"R145 duty officer anywhere":            {actor("duty_officer", "desk"), "strike_off", there, nil},
		"R144 inspector elsewhere":              {actor("inspector", "team", "500112012"), "verify", there, is(ledger.NotFound)},
		"R144 inspector may not strike off":     {actor("inspector", "team", "500112012"), "strike_off", here, is(ledger.Forbidden)},
		"street claims its own":                 {actor("street_principal", "unit-1", "500112012"), "claim", here, nil},
		"R145 department sees what is its own":  {actor("dept_liaison", "unit-2"), "receive", there, nil},
		"R145 department sees nothing else":     {actor("dept_liaison", "unit-2"), "receive", here, is(ledger.NotFound)},
		"administrator sees no business data":   {actor("system_admin", "desk"), "read", here, is(ledger.NotFound)},
		"leader reads and does nothing":         {actor("district_leader", "desk"), "withdraw", here, is(ledger.Forbidden)},
		"deputy hands over here":                {actor("team_deputy", "team", "500112012"), "finding.hand_over", here, nil},
		"deputy strikes nothing off":            {actor("team_deputy", "team", "500112012"), "strike_off", here, is(ledger.Forbidden)},
		"liaison confirms nothing":              {actor("team_liaison", "team", "500112012"), "finding.confirm", here, is(ledger.Forbidden)},
		"organisation department reads nothing": {actor("org_dept_viewer", "desk"), "read", here, is(ledger.NotFound)},
		"privacy officer reads nothing":         {actor("privacy_officer", "desk"), "read", here, is(ledger.NotFound)},
		"security officer reads nothing":        {actor("security_admin", "desk"), "read", here, is(ledger.NotFound)},
		"department principal claims its own":   {actor("dept_principal", "unit-2"), "claim", there, nil},
		"grassroots look back here":             {actor("grassroots_inspector", "office", "500112012"), "look_back", here, nil},
		"grassroots see nothing elsewhere":      {actor("grassroots_inspector", "office", "500112012"), "read", there, is(ledger.NotFound)},
		"auditor reads and does nothing":        {actor("auditor", "desk"), "correct", here, is(ledger.Forbidden)},
		"somebody without a role sees nothing":  {actor("nobody", "desk"), "read", here, is(ledger.NotFound)},
		"a place without street is not a match": {actor("inspector", "team", "500112012"), "verify", Place{}, is(ledger.NotFound)},
	} {
		t.Run(name, func(t *testing.T) {
			r := x.actor.May(x.act, x.at)
			if (r == nil) != (x.why == nil) || r != nil && r.Why != *x.why {
				t.Errorf("refused with %v", r)
			}
		})
	}
}

func is(b ledger.Because) *ledger.Because { return &b }

// TestPasswords: a hash is salted, matches its password and no other.
func TestPasswords(t *testing.T) {
	a := &Accounts{hashing: make(chan struct{}, 1)}
	one, two := hash("a-long-password", nil), hash("a-long-password", nil)
	if one == two {
		t.Error("two hashes of a password are the same")
	}
	if !a.matches("a-long-password", one) || a.matches("another-password", one) || a.matches("", "") {
		t.Error("a password matches what it should not, or not what it should")
	}
}

// TestMayGive: who registers people gives roles of a street or a unit; those over the whole district are given by who
// keeps accounts.
func TestMayGive(t *testing.T) {
	for role, r := range Roles {
		wide := r.Scope != ScopeStreet && r.Scope != ScopeUnit
		if refused := (Actor{Roles: []string{"duty_officer"}}).MayGive(role) != nil; refused != wide {
			t.Errorf("the duty officer gives %s: refused %v", role, refused)
		}
		if r := (Actor{Roles: []string{"system_admin"}}).MayGive(role); r != nil {
			t.Errorf("the administrator gives %s: %v", role, r)
		}
	}
	if (Actor{Roles: []string{"duty_officer"}}).MayGive("nobody") == nil {
		t.Error("a role that is none was given")
	}
}
