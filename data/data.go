// Package data carries what ships with the program: regions, holidays, catalogues, rule packs and the
// totals of the demonstration, as files a person can read. It refuses to know what any of it is used
// for; README.md names sources and licences.
package data

import (
	"bytes"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
)

//go:embed regions holidays catalogue rulepack demonstration
var files embed.FS

// Named is an item of a list: a stable code and its words in both languages.
type Named struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// ProblemType (问题类型) has the facets a finding of this type gets unless the inspector says otherwise.
type ProblemType struct {
	Named
	Theme          string `json:"theme"`
	Area           string `json:"area"` // empty: none of the areas
	Responsibility string `json:"responsibility"`
}

// SiteType (点位类型) is a kind of premises; its checklist is the items that name it.
type SiteType struct {
	Named
	Theme string `json:"theme"`
	Area  string `json:"area,omitempty"` // whose sites these are, if one area's
	// Link is the key link that it belongs to; Weight how often it is drawn into a sampling plan, 0 counting as 1.
	Link   string `json:"link,omitempty"`
	Weight int    `json:"weight,omitempty"`
	Muster bool   `json:"muster,omitempty"` // a team's day begins there
}

// KeyLink (关键环节) of grassroots supervision and of sampling.
type KeyLink struct {
	Named
	Weight int `json:"weight,omitempty"`
}

// Item (检查项) of a checklist: of a kind of premises, or of one of the six aspects, wherever one is (R097-R102).
type Item struct {
	Named
	SiteType string `json:"site_type"` // empty: of every site
	Clause   string `json:"clause"`
	Aspect   string `json:"aspect,omitempty"` // code of focus
}

// Risk (廉政风险点) is what may go wrong with those who inspect (R045).
type Risk struct {
	Named
	Duty string `json:"duty,omitempty"` // team role that it is about; empty: everybody
}

// Clause (依据) is the office's own basis of inspection, one per checklist item, never a quoted law.
type Clause struct {
	Named
	TextZH string `json:"text_zh"`
	TextEN string `json:"text_en"`
	Item   string `json:"item"`
}

// LinkItem (检查项) of a grassroots key link.
type LinkItem struct {
	Named
	Link string `json:"link"`
}

// Catalogue is every list of one pack; codes are unique within a list.
type Catalogue struct {
	Named
	Version          int           `json:"version"`
	Themes           []Named       `json:"themes"`
	Areas            []Named       `json:"areas"`
	Responsibilities []Named       `json:"responsibilities"`
	Focus            []Named       `json:"focus"`
	ProblemTypes     []ProblemType `json:"problem_types"`
	SiteTypes        []SiteType    `json:"site_types"`
	Items            []Item        `json:"items"`
	Clauses          []Clause      `json:"clauses"`
	Severities       []Named       `json:"severities"`
	Channels         []Named       `json:"channels"`
	VisitMethods     []Named       `json:"visit_methods"`
	KeyLinks         []KeyLink     `json:"key_links"` // of grassroots supervision (R146-R150)
	LinkItems        []LinkItem    `json:"link_items"`
	Risks            []Risk        `json:"risks"`
}

// LoadCatalogue reads a catalogue by code, such as "epidemic-2022".
func LoadCatalogue(code string) (Catalogue, error) {
	var c Catalogue
	return c, strict("catalogue/"+code+".json", &c)
}

// RulePack gives the bytes of a version of a rule pack, such as "emergency", 1; due parses them.
func RulePack(code string, version int) ([]byte, error) {
	return files.ReadFile(fmt.Sprintf("rulepack/%s.v%d.json", code, version))
}

// Holidays gives the bytes of the statutory calendar of mainland China 2022-2026; due parses them.
func Holidays() []byte {
	b, err := files.ReadFile("holidays/cn_holidays_2022_2026.json")
	if err != nil {
		panic(err) // embedded at build time
	}
	return b
}

// Town (镇街) is a town or street with its code of 9 digits.
type Town struct {
	Code      string // 9 digits
	Name      string
	Pinyin    string
	Kind      string // subdistrict, town
	Nine      bool   // one of the nine streets of the demonstration
	Managed   bool   // run by Yubei itself in 2022
	Successor string // the district it belongs to since November 2025
}

// Towns gives the 30 towns and streets of Yubei in the order of their codes.
func Towns() ([]Town, error) {
	rows, err := table("regions/yubei_towns.csv", 9)
	if err != nil {
		return nil, err
	}
	towns := make([]Town, 0, len(rows))
	for _, r := range rows {
		towns = append(towns, Town{
			Code: r[0], Name: r[2], Pinyin: r[3], Kind: r[4],
			Nine: r[6] == "Y", Managed: r[7] == "Y", Successor: r[8],
		})
	}
	return towns, nil
}

// Community (村社区) with its code of 12 digits.
type Community struct {
	Code  string // 12 digits
	Name  string // as published
	Short string // as people say it
	Kind  string // residents_committee, villagers_committee
	Town  string // code of 9 digits
}

// Communities gives the 412 communities of Yubei in the order of their codes.
func Communities() ([]Community, error) {
	rows, err := table("regions/yubei_communities.csv", 6)
	if err != nil {
		return nil, err
	}
	list := make([]Community, 0, len(rows))
	for _, r := range rows {
		list = append(list, Community{Code: r[0], Name: r[1], Short: r[2], Kind: r[3], Town: r[4]})
	}
	return list, nil
}

// District (区县) with its code of 6 digits.
type District struct{ Code, Name string }

// Districts gives the districts of Chongqing.
func Districts() ([]District, error) {
	rows, err := table("regions/chongqing_districts.csv", 3)
	if err != nil {
		return nil, err
	}
	list := make([]District, 0, len(rows))
	for _, r := range rows {
		list = append(list, District{Code: r[0], Name: r[1]})
	}
	return list, nil
}

// TileGrid places towns and streets on a schematic grid: a picture, not a map.
type TileGrid struct {
	Note  string `json:"note"`
	Cols  int    `json:"cols"`
	Rows  int    `json:"rows"`
	Cells []struct {
		Code string `json:"code9"`
		Name string `json:"name"`
		Col  int    `json:"col"`
		Row  int    `json:"row"`
	} `json:"cells"`
}

// Tiles gives the grid of Yubei.
func Tiles() (TileGrid, error) {
	var g TileGrid
	return g, strict("regions/yubei_tilegrid.json", &g)
}

// Golden is what the demonstration must reach; its split by street, day and batch is invented.
type Golden struct {
	Note   string `json:"note"`
	AsOf   string `json:"as_of"` // RFC 3339
	Totals struct {
		Teams                int `json:"teams"`
		Inspectors           int `json:"inspectors"`
		Visits               int `json:"visits"`
		Findings             int `json:"findings"`
		Rectified            int `json:"rectified"`
		Open                 int `json:"open"`
		GrassrootsLowerBound int `json:"grassroots_lower_bound"`
		Batches              int `json:"batches"`
		PersonTimes          int `json:"person_times"`
		WomenSquad           int `json:"women_squad"`
		Departments          int `json:"departments"`
	} `json:"totals"`
	ByStreet []struct {
		Code      string `json:"code9"`
		ZH        string `json:"zh"`
		TeamSize  int    `json:"team_size"`
		Visits    int    `json:"visits"`
		Findings  int    `json:"findings"`
		Open      int    `json:"open"`
		Rectified int    `json:"rectified"`
	} `json:"by_street"`
	ByDay []struct {
		Date     string `json:"date"`
		Visits   int    `json:"visits"`
		Findings int    `json:"findings"`
	} `json:"by_day"`
	Batches []struct {
		N           int    `json:"n"`
		PersonTimes int    `json:"person_times"`
		Street      string `json:"street"`
	} `json:"batches"`
	SentenceZH string `json:"sentence_zh"`
}

// GoldenStats gives the totals and splits of the demonstration.
func GoldenStats() (Golden, error) {
	var g Golden
	return g, strict("demonstration/golden_seed_stats.json", &g)
}

// strict decodes an embedded JSON file and refuses fields that v does not have.
func strict(name string, v any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// table reads an embedded CSV file with a header row and a fixed number of columns.
func table(name string, columns int) ([][]string, error) {
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return rows[1:], nil
}

// Scenario is the words of the demonstration: all of it is invented.
type Scenario struct {
	Note        string   `json:"note"`
	Password    string   `json:"password"`
	Surnames    string   `json:"surnames"`
	Middle      string   `json:"middle"`
	Given       string   `json:"given"`
	SiteWords   []string `json:"site_words"`
	Departments []struct {
		Area string `json:"area"`
		ZH   string `json:"zh"`
		EN   string `json:"en"`
	} `json:"departments"`
	Nights struct {
		Directive struct {
			Title  string `json:"title"`
			Number string `json:"number"`
			Clause string `json:"clause"` // of each, with {n}
			Items  int    `json:"items"`
		} `json:"directive"`
		Plan struct {
			Title     string            `json:"title"`
			Objective string            `json:"objective"`
			Points    map[string]string `json:"points"` // by code of the catalogue's problem of supervision
		} `json:"plan"`
		Rules struct {
			Title string   `json:"title"`
			Known []string `json:"known"` // the ones that the report names; the others are not published
		} `json:"rules"`
		Notice struct {
			Title string `json:"title"`
			Text  string `json:"text"`
		} `json:"notice"`
		Focus []struct { // a point a day
			Text   string `json:"text"`
			Check  string `json:"check"`
			Aspect string `json:"aspect"`
		} `json:"focus"`
		Proposed    string   `json:"proposed"` // of a point that the figures propose
		Evidence    []string `json:"evidence"`
		Notes       []string `json:"notes"`
		Overnight   []string `json:"overnight"`
		Instruction []string `json:"instruction"`
		Excuse      string   `json:"excuse"`
		Report      string   `json:"report"`
		Comment     string   `json:"comment"`
	} `json:"nights"`
	Orders struct {
		Basis       string              `json:"basis"`
		Scope       string              `json:"scope"`
		Contact     string              `json:"contact"`
		Requirement map[string]string   `json:"requirement"` // by area
		Sites       map[string][]string `json:"sites"`       // of self-checks, by area
		Found       map[string][]string `json:"found"`       // what they find, by area
		Fix         string              `json:"fix"`
		Report      string              `json:"report"`
		Replied     string              `json:"replied"`
		Reference   string              `json:"reference"` // with {n}
		Verified    string              `json:"verified"`
	} `json:"orders"`
	ProblemItems   map[string]string   `json:"problem_items"` // the check item that a problem is found by
	PostingReasons []string            `json:"posting_reasons"`
	Places         []string            `json:"places"`
	Facts          map[string][]string `json:"facts"` // by problem type; "" for the others
	Requirements   []string            `json:"requirements"`
	Claims         []string            `json:"claims"`
	Verified       []string            `json:"verified"`
	Failed         []string            `json:"failed"`
	Objections     []string            `json:"objections"`
	Decisions      []string            `json:"decisions"`
	Extensions     []struct {
		Reason   string `json:"reason"`
		Progress string `json:"progress"`
	} `json:"extensions"`
	Granted    string `json:"granted"`
	Withdrawn  string `json:"withdrawn"`
	OnRecord   string `json:"on_record"`
	Urged      string `json:"urged"`
	Discipline struct {
		Who     string `json:"who"`
		Unit    string `json:"unit"`
		What    string `json:"what"`
		Note    string `json:"note"`
		Decided string `json:"decided"`
	} `json:"discipline"`
	Suggestions []struct {
		Text   string `json:"text"`
		Answer string `json:"answer"` // empty: not answered yet
		Reason string `json:"reason"`
	} `json:"suggestions"`
	// Sampling is why a site is taken out of a plan and another put in.
	Sampling struct {
		Out string `json:"out"`
		In  string `json:"in"`
	} `json:"sampling"`
	// Grassroots is by key link.
	Grassroots map[string]struct {
		Sites    []string `json:"sites"`
		Problems []string `json:"problems"`
	} `json:"grassroots"`
}

// DemonstrationScenario gives the words of the demonstration.
func DemonstrationScenario() (Scenario, error) {
	var s Scenario
	return s, strict("demonstration/scenario.json", &s)
}
