// Package access owns who may act because of who he is: accounts, sessions, roles, jurisdiction. It
// refuses to know who may not because of what happened: that is the desks' Decide.
package access

import (
	_ "embed"
	"encoding/json"
	"slices"

	"duzhan/internal/ledger"
)

// Scopes of a role.
const (
	ScopeAll    = "all"    // the whole district
	ScopeStreet = "street" // the streets of the account
	ScopeUnit   = "unit"   // what is addressed to the account's unit, or lies in its street
	ScopeNone   = "none"   // no business data
)

// Role is what an account may do, and where.
type Role struct {
	Scope string   `json:"scope"`
	Acts  []string `json:"acts"`
}

//go:embed roles.json
var rolesJSON []byte

// Roles is the table of roles (requirements.md, 1.B), as data.
var Roles = func() map[string]Role {
	roles := map[string]Role{}
	if err := json.Unmarshal(rolesJSON, &roles); err != nil {
		panic("access: roles.json: " + err.Error())
	}
	return roles
}()

// Actor is who acts: a signed-in account with what it may do.
type Actor struct {
	Tenant  string
	Account ledger.ID
	Login   string
	Person  ledger.ID
	Unit    ledger.ID
	Roles   []string
	Regions []string // street codes
	Teams   []string
}

// Who is the actor in the header of an entry.
func (a Actor) Who() ledger.Who {
	return ledger.Who{Person: a.Person, Unit: a.Unit, Account: a.Account}
}

// Place is where an act falls.
type Place struct {
	Street string    // region code of the street; empty if the thing has none
	Unit   ledger.ID // the unit that must act
}

// Acts lists what the actor may ever do.
func (a Actor) Acts() []string {
	var acts []string
	for _, name := range a.Roles {
		acts = append(acts, Roles[name].Acts...)
	}
	slices.Sort(acts)
	return slices.Compact(acts)
}

// May refuses an act that no role of the actor allows, or that falls outside his jurisdiction. What he
// may not even see is not found.
func (a Actor) May(act string, at Place) *ledger.Refusal {
	if !a.Sees(at) {
		return ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	for _, name := range a.Roles {
		r := Roles[name]
		if slices.Contains(r.Acts, act) && a.covers(r.Scope, at) {
			return nil
		}
	}
	return ledger.RefuseAs(ledger.Forbidden, "access.role", "act", "act", act)
}

// Can tells whether some role of the actor has the act, wherever.
func (a Actor) Can(act string) *ledger.Refusal {
	if slices.Contains(a.Acts(), act) {
		return nil
	}
	return ledger.RefuseAs(ledger.Forbidden, "access.role", "act", "act", act)
}

// MayGive tells whether the actor may give an account a role: who only registers people gives roles of a street or a
// unit, else he could give himself any.
func (a Actor) MayGive(role string) *ledger.Refusal {
	if scope := Roles[role].Scope; scope == ScopeStreet || scope == ScopeUnit {
		return nil
	}
	if a.Can("accounts") == nil {
		return nil
	}
	return ledger.RefuseAs(ledger.Forbidden, "access.role-given", "role")
}

// Sees tells whether the place lies in the actor's jurisdiction.
func (a Actor) Sees(at Place) bool {
	for _, name := range a.Roles {
		if a.covers(Roles[name].Scope, at) {
			return true
		}
	}
	return false
}

func (a Actor) covers(scope string, at Place) bool {
	switch scope {
	case ScopeAll:
		return true
	case ScopeStreet:
		return slices.Contains(a.Regions, at.Street)
	case ScopeUnit:
		return at.Unit == a.Unit || slices.Contains(a.Regions, at.Street)
	}
	return false
}

// Jurisdiction is the filter for lists: nil, nil sees everything.
func (a Actor) Jurisdiction() (streets, units []string) {
	streets, units = []string{}, []string{}
	for _, name := range a.Roles {
		switch Roles[name].Scope {
		case ScopeAll:
			return nil, nil
		case ScopeStreet:
			streets = append(streets, a.Regions...)
		case ScopeUnit:
			streets = append(streets, a.Regions...)
			units = append(units, string(a.Unit))
		}
	}
	return streets, units
}
