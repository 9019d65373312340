package access

import (
	"slices"
	"testing"

	"duzhan/internal/ledger"
)

// TestRolesAreWhole: each scope is known, and reading goes with every role that sees business data.
func TestRolesAreWhole(t *testing.T) {
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
