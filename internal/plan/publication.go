package plan

import (
	"slices"
	"time"

	"duzhan/internal/ledger"
)

// Kinds of publications (印发件). What each is made of and asks for differs; how it is issued, replaced and
// acknowledged does not.
const (
	Directive = "directive" // 上级要求: an order from above, with clauses
	Edition   = "plan"      // 监督预案: key points with their check items
	Focus     = "focus"     // 督查重点: of a day
	Rules     = "rules"     // 纪律要求
	Notice    = "notice"    // 通知: to organisations
	Bulletin  = "bulletin"  // 形势通报: somebody else's figures, imported
)

// Kinds lists the kinds of publications.
var Kinds = []string{Directive, Edition, Focus, Rules, Notice, Bulletin}

// States of a publication.
const (
	Draft      = "draft"
	Issued     = "issued"
	Superseded = "superseded" // a newer version took its place; it stays readable
)

// Editions of a plan (R029).
const (
	Trial  = "trial"  // 试行
	Formal = "formal" // 正式
)

// Levels of who gave a directive (R017).
var Levels = []string{"centre", "city", "district", "department"}

// RuleCount is how many items a set of discipline rules has (R040).
const RuleCount = 10

// Item of a publication: a clause, a key point, a point of focus, a rule, a line of figures. Its words are in
// the sealed part; an item without words is known to exist and not published here.
type Item struct {
	Code    string           `json:"code"`
	Parent  string           `json:"parent,omitempty"` // the key point that a check item serves
	Check   string           `json:"check,omitempty"`  // item of the catalogue's checklists
	Clause  string           `json:"clause,omitempty"` // publication#code of a directive's clause, or a clause of the catalogue
	Aspect  string           `json:"aspect,omitempty"` // focus aspect
	Area    string           `json:"area,omitempty"`
	Source  *Source          `json:"source,omitempty"` // where a point of focus comes from (R119)
	Street  string           `json:"street,omitempty"` // of a line of figures
	Numbers map[string]int64 `json:"numbers,omitempty"`
}

// Source says where a point of focus comes from.
type Source struct {
	Kind string `json:"kind"` // directive, plan, instruction, figures, appeals
	Ref  string `json:"ref"`
}

// SourceKinds are what a point of focus can come from.
var SourceKinds = []string{"directive", "plan", "instruction", "figures", "appeals"}

// Modes of supervision (跟进、精准、全程监督, R077), and types of plans (R075).
var (
	Modes     = []string{"follow_up", "precise", "whole_process"}
	PlanTypes = []string{"preventive", "special", "routine"}
)

// Publication (印发件) is the fold of its entries. Versions of one thing share a series.
type Publication struct {
	ID          ledger.ID   `json:"id"`
	Incident    ledger.ID   `json:"incident,omitempty"`
	Kind        string      `json:"kind"`
	Series      ledger.ID   `json:"series"`
	Version     int         `json:"version"` // within the series, from 1
	State       string      `json:"state"`
	Edition     string      `json:"edition,omitempty"`
	Level       string      `json:"level,omitempty"`
	Number      string      `json:"number,omitempty"`
	Day         string      `json:"day,omitempty"`
	Mode        string      `json:"mode,omitempty"`      // supervision mode of a plan (R077)
	Type        string      `json:"type,omitempty"`      // of a plan: preventive, … (R075)
	Political   bool        `json:"political,omitempty"` // tag of a plan (R036)
	Digest      string      `json:"digest,omitempty"`    // of a bulletin's file
	Objectives  int         `json:"objectives,omitempty"`
	Items       []Item      `json:"items,omitempty"`
	Words       ledger.Part `json:"words"`
	Recipients  []ledger.ID `json:"recipients,omitempty"` // organisations, or people for rules
	Due         *time.Time  `json:"due,omitempty"`        // until when recipients report it done
	DraftedBy   ledger.ID   `json:"drafted_by,omitempty"`
	DraftedAt   time.Time   `json:"drafted_at"`
	IssuedBy    ledger.ID   `json:"issued_by,omitempty"`
	IssuedAt    *time.Time  `json:"issued_at,omitempty"`
	EffectiveAt *time.Time  `json:"effective_at,omitempty"`
	EndedAt     *time.Time  `json:"ended_at,omitempty"` // superseded
	Supersedes  ledger.ID   `json:"supersedes,omitempty"`
	Repealed    []Repeal    `json:"repealed,omitempty"` // clauses of a directive no longer in force
	Entries     int         `json:"entries"`
}

// Repeal ends a clause.
type Repeal struct {
	Code string    `json:"code"`
	From time.Time `json:"from"`
}

// Item finds an item by code.
func (p Publication) Item(code string) (Item, bool) {
	i := slices.IndexFunc(p.Items, func(x Item) bool { return x.Code == code })
	if i < 0 {
		return Item{}, false
	}
	return p.Items[i], true
}

// InForce tells whether the publication was in force at a time.
func (p Publication) InForce(at time.Time) bool {
	return p.EffectiveAt != nil && !at.Before(*p.EffectiveAt) && (p.EndedAt == nil || at.Before(*p.EndedAt))
}

// ClauseInForce tells whether a clause of a directive was in force at a time.
func (p Publication) ClauseInForce(code string, at time.Time) bool {
	if _, ok := p.Item(code); !ok || !p.InForce(at) {
		return false
	}
	return !slices.ContainsFunc(p.Repealed, func(r Repeal) bool { return r.Code == code && !at.Before(r.From) })
}

// Receipt kinds.
const (
	Read         = "read"         // 已阅
	Done         = "done"         // 已办
	Acknowledged = "acknowledged" // 已知悉, of rules
)

// Receipt (回执) is that somebody read, did or acknowledged a publication.
type Receipt struct {
	Publication ledger.ID
	Kind        string
	Unit        ledger.ID
	Person      ledger.ID
	At          time.Time
}

// Changes says of each item whether it is new or was dropped against an earlier version; the others stay.
func (p Publication) Changes(before Publication) (added, dropped []Item) {
	for _, i := range p.Items {
		if old, ok := before.Item(i.Code); !ok || old.Check != i.Check {
			added = append(added, i)
		}
	}
	for _, i := range before.Items {
		if now, ok := p.Item(i.Code); !ok || now.Check != i.Check {
			dropped = append(dropped, i)
		}
	}
	return added, dropped
}
