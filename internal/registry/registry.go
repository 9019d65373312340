// Package registry (登记) owns who and what there is: incidents, regions with their validity,
// organisations, people, posts held over time, sites. It refuses to know what anybody does. Names and
// phones of persons are sealed parts; regions, organisations and public premises are clear.
package registry

import (
	"time"

	"duzhan/internal/ledger"
)

// Levels of regions.
const (
	District  = "district"
	Town      = "town"      // 镇街, 9 digits
	Community = "community" // 村社区, 12 digits
)

// TownDigits is the length of a town's code; a community's begins with its town's.
const TownDigits = 9

// Region (区划) is valid from a day to a day, both YYYY-MM-DD, the end exclusive and empty if open.
type Region struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Level  string `json:"level"`
	Parent string `json:"parent"`
	Pinyin string `json:"pinyin,omitempty"`
	From   string `json:"from"`
	To     string `json:"to,omitempty"`
}

// ValidOn tells whether the region existed on a day (YYYY-MM-DD).
func (r Region) ValidOn(day string) bool { return r.From <= day && (r.To == "" || day < r.To) }

// Street is the code of the town or street a region code lies in.
func Street(code string) string {
	if len(code) > TownDigits {
		return code[:TownDigits]
	}
	return code
}

// Org (机构) is an organisation.
type Org struct {
	ID     ledger.ID `json:"id"`
	Kind   string    `json:"kind"` // commission, team, street, department, community
	Zh     string    `json:"zh"`
	En     string    `json:"en"`
	Region string    `json:"region,omitempty"`
	From   string    `json:"from,omitempty"` // YYYY-MM-DD; empty: always
	To     string    `json:"to,omitempty"`   // exclusive; empty: open
}

// Person is a reference with where he belongs and what he must keep out of.
type Person struct {
	ID      ledger.ID
	Org     ledger.ID
	Name    ledger.Part // sealed
	Recused []string    // region codes (回避)
}

// Post is an office held over time.
type Post struct {
	Org  ledger.ID `json:"org"`
	Role string    `json:"role"`
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// Site (点位) is a place that is visited.
type Site struct {
	ID      ledger.ID `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type"`
	Region  string    `json:"region"`
	Address string    `json:"address,omitempty"`
	Lon     *float64  `json:"lon,omitempty"` // WGS-84 degrees
	Lat     *float64  `json:"lat,omitempty"`
}

// Phases of an incident (R006).
var Phases = []string{"normal", "alert", "response", "critical", "recovery"}

// Incident (事件) is what all work is for. Several run at once; an exercise (演练) stays outside every figure.
type Incident struct {
	ID          ledger.ID
	Code        string
	Zh, En      string
	Phase       string
	Exercise    bool
	Pack        string    // catalogue that its findings are typed by; empty: the tenant's own
	TriggerAt   time.Time // what set it off; zero: not told (R028)
	DeclaredAt  time.Time
	StoodDownAt time.Time // zero: it runs. From then on its retention counts (R005).
}

// Active tells whether the incident runs.
func (i Incident) Active() bool { return i.ID != "" && i.StoodDownAt.IsZero() }

// The entries of this desk.
type (
	// IncidentDeclaredV1 is entry registry.incident-declared.
	IncidentDeclaredV1 struct {
		Code     string `json:"code"`
		Zh       string `json:"zh"`
		En       string `json:"en"`
		Phase    string `json:"phase"`
		Exercise bool   `json:"exercise"`
	}
	// IncidentDeclaredV2 is entry registry.incident-declared with the pack and what set it off.
	IncidentDeclaredV2 struct {
		IncidentDeclaredV1
		Pack      string    `json:"pack,omitempty"`
		TriggerAt time.Time `json:"trigger_at,omitzero"`
	}
	// IncidentPhasedV1 is entry registry.incident-phased.
	IncidentPhasedV1 struct {
		Phase string `json:"phase"`
	}
	// IncidentStoodDownV1 is entry registry.incident-stood-down; Open are the matters left open by it.
	IncidentStoodDownV1 struct {
		Open int `json:"open"`
	}
	// RegionsRegisteredV1 is entry registry.regions-registered: a list from one source.
	RegionsRegisteredV1 struct {
		Source  string   `json:"source"`
		Regions []Region `json:"regions"`
	}
	// OrgRegisteredV1 is entry registry.org-registered.
	OrgRegisteredV1 struct {
		Kind_  string `json:"kind"`
		Zh     string `json:"zh"`
		En     string `json:"en"`
		Region string `json:"region,omitempty"`
	}
	// PersonRegisteredV1 is entry registry.person-registered; parts: name, phone.
	PersonRegisteredV1 struct {
		Org     ledger.ID `json:"org"`
		Recused []string  `json:"recused,omitempty"`
	}
	// RecusalDeclaredV1 is entry registry.recusal-declared (回避): regions that a person keeps out of from
	// then on, beside those declared before. Part: reason.
	RecusalDeclaredV1 struct {
		Regions []string `json:"regions"`
	}
	// SupervisedV1 is entry registry.supervised: the units that a stationed group (派驻组) supervises from then
	// on, in place of those before (R145).
	SupervisedV1 struct {
		Units []ledger.ID `json:"units"`
	}
	// PersonUpdatedV1 is entry registry.person-updated: what is known of somebody from then on. Parts: phone, title,
	// those that changed. Nothing is derived from it.
	PersonUpdatedV1 struct{}
	// PostHeldV1 is entry registry.post-held.
	PostHeldV1 struct{ Post }
	// SiteRegisteredV1 is entry registry.site-registered; Key is the keyed hash that makes imported
	// spellings the same site.
	SiteRegisteredV1 struct {
		Site
		Key string `json:"key,omitempty"`
	}
)

// Kind methods name the entry types.
func (IncidentDeclaredV1) Kind() (string, int)  { return "registry.incident-declared", 1 }
func (IncidentDeclaredV2) Kind() (string, int)  { return "registry.incident-declared", 2 }
func (IncidentPhasedV1) Kind() (string, int)    { return "registry.incident-phased", 1 }
func (IncidentStoodDownV1) Kind() (string, int) { return "registry.incident-stood-down", 1 }
func (RegionsRegisteredV1) Kind() (string, int) { return "registry.regions-registered", 1 }
func (OrgRegisteredV1) Kind() (string, int)     { return "registry.org-registered", 1 }
func (PersonRegisteredV1) Kind() (string, int)  { return "registry.person-registered", 1 }
func (PersonUpdatedV1) Kind() (string, int)     { return "registry.person-updated", 1 }
func (RecusalDeclaredV1) Kind() (string, int)   { return "registry.recusal-declared", 1 }
func (SupervisedV1) Kind() (string, int)        { return "registry.supervised", 1 }
func (PostHeldV1) Kind() (string, int)          { return "registry.post-held", 1 }
func (SiteRegisteredV1) Kind() (string, int)    { return "registry.site-registered", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{
	ledger.Upcast(func(v IncidentDeclaredV1) IncidentDeclaredV2 { return IncidentDeclaredV2{IncidentDeclaredV1: v} }),
	ledger.Current[IncidentDeclaredV2](), ledger.Current[IncidentPhasedV1](), ledger.Current[IncidentStoodDownV1](),
	ledger.Current[RegionsRegisteredV1](), ledger.Current[OrgRegisteredV1](),
	ledger.Current[OrgDatedV1](), ledger.Current[CompetenceSetV1](),
	ledger.Current[PersonRegisteredV1](), ledger.Current[PersonUpdatedV1](), ledger.Current[RecusalDeclaredV1](), ledger.Current[SupervisedV1](), ledger.Current[PostHeldV1](), ledger.Current[SiteRegisteredV1](),
}
