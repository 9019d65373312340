package acts_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/figure"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// office is the world with a signer, a second department and areas that belong to the first.
type office struct {
	*actstest.World
	principal, helper access.Actor
	second            ledger.ID
}

func newOffice(t *testing.T, w *actstest.World) *office {
	t.Helper()
	o := &office{World: w, principal: w.Person("commission_principal", "principal", "戊示一", w.Commission, nil, nil)}
	var err error
	if o.second, err = w.Acts.AddOrg(ctx, w.As(w.Duty), acts.NewOrg{Kind: "department", Zh: "配合部门", En: "Helping department"}); err != nil {
		t.Fatal(err)
	}
	o.helper = w.Person("dept_liaison", "helper", "丁示二", o.second, nil, nil)
	for _, area := range []string{"A1", "A2"} {
		if err := w.Acts.SetCompetence(ctx, w.As(w.Duty), registry.Competence{Area: area, Org: w.Department, From: "2022-01-01"}); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func (o *office) form() acts.OrderForm {
	return acts.OrderForm{
		Order: matter.Ordered{Area: "A1", Unit: o.Department, Problem: "P-MARKET", Urgency: "moderate", Due: o.Time.Add(48 * time.Hour), SelfCheck: true},
		Words: acts.OrderWords{Requirement: "对全区保供超市举一反三。", Basis: "督导组交办问题", Scope: "全区保供超市", Contact: "联系人甲 00000000009"},
	}
}

// issued drafts and issues an order.
func (o *office) issued(f acts.OrderForm) ledger.ID {
	o.T.Helper()
	id, err := o.Acts.DraftOrder(ctx, o.As(o.Duty), f)
	if err == nil {
		err = o.Acts.IssueOrder(ctx, o.As(o.principal), id, 0)
	}
	if err != nil {
		o.T.Fatal(err)
	}
	return id
}

func (o *office) order(id ledger.ID) (x matter.Order) {
	o.Read(func(tx *storage.Tx) (err error) {
		x, _, err = matter.OrderByID(tx, actstest.Tenant, id)
		return err
	})
	return x
}

func (o *office) sites(id ledger.ID) (list []matter.OrderSite) {
	o.Read(func(tx *storage.Tx) (err error) {
		list, err = matter.OrderSites(tx, actstest.Tenant, id, 0, 100)
		return err
	})
	return list
}

func refused(t *testing.T, name string, err error, code, field string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return
	}
	var r *ledger.Refusal
	if !errors.As(err, &r) || r.Code != code || field != "-" && r.Field != field {
		t.Errorf("%s: %v, want %s at %s", name, err, code, field)
	}
}

var siteRows = []acts.SiteRow{
	{Name: "示例超市一", Region: actstest.Community, Type: "保供超市"},
	{Name: "示例超市二", Region: actstest.Community, Type: "S07", Address: "示例路2号"},
	{Name: "示例超市三", Region: "500112016001"},
}

// TestOrder takes an order from the draft to the strike-off: numbered when it is signed, received, split, a list of
// sites, one of them with a problem that becomes a matter, the numbers, the reply, the end (R107, R113-R116, R122).
func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		liaison, helper := w.As(w.Liaison), w.As(o.helper)
		var id ledger.ID
		var bad []acts.RowProblem
		step := func(name string, err error, code, field string) {
			t.Helper()
			w.Pass(time.Minute)
			refused(t, name, err, code, field)
		}
		_, err := w.Acts.DraftOrder(ctx, liaison, o.form())
		step("drafted by who may not", err, "access.role", "act")
		unknown := o.form()
		unknown.Order.Area = "A9"
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), unknown)
		step("an area that is none", err, "unknown-code", "area")
		street := o.form()
		street.Order.Unit = w.StreetOrg
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), street)
		step("to what is no department", err, "unit.unknown", "unit")
		copies := o.form()
		copies.Order.Copies = []ledger.ID{"nobody-01"}
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), copies)
		step("a copy to nobody", err, "unit.unknown", "copies")
		foreign := o.form()
		foreign.Order.Unit = o.second
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), foreign)
		step("R113 to a department of another area", err, "order.not-competent", "unit")
		nothing := o.form()
		nothing.Order.Matters = []ledger.ID{"nothing"}
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), nothing)
		step("about what is not there", err, "not-found", "matters[0]")
		empty := o.form()
		empty.Words.Requirement = " "
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), empty)
		step("without a requirement", err, "required", "requirement")

		f := o.form()
		f.Order.Matters = []ledger.ID{w.Matter()}
		id, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), f)
		step("drafted", err, "", "")
		f.ID = id
		f.Words.Scope = "全区保供超市和便利店"
		_, err = w.Acts.DraftOrder(ctx, w.As(w.Duty), f)
		step("drafted again", err, "", "")
		step("a draft is not its department's yet", w.Acts.SplitOrder(ctx, liaison, id, 0, w.Department, nil), "not-found", "")
		step("R201 issued by who may not", w.Acts.IssueOrder(ctx, w.As(w.Duty), id, 0), "access.role", "act")
		own := o.form()
		ownID, err := w.Acts.DraftOrder(ctx, w.As(o.principal), own)
		step("drafted by the principal", err, "", "")
		step("R201 issued by its drafter", w.Acts.IssueOrder(ctx, w.As(o.principal), ownID, 0), "order.own-draft", "by")
		if n := o.order(id).Number; n != "" {
			t.Errorf("R114 a draft has the number %s", n)
		}
		step("issued", w.Acts.IssueOrder(ctx, w.As(o.principal), id, 0), "", "")
		step("issued twice", w.Acts.IssueOrder(ctx, w.As(o.principal), id, 0), "order.issued-already", "id")
		step("received by another", w.Acts.Receive(ctx, helper, id, acts.Doing{}, "", nil), "not-found", "")
		step("received", w.Acts.Receive(ctx, liaison, id, acts.Doing{}, "丁示三", nil), "", "")
		if x := o.order(id); x.Received == nil || x.Received.By != w.Liaison.Person || x.Number != "渝督单〔2022〕1号" || x.Hash == "" {
			t.Errorf("R113, R114 issued and received: %+v", x)
		}
		step("R122 led by who is no unit", w.Acts.SplitOrder(ctx, liaison, id, 0, "nobody-01", nil), "unit.unknown", "lead")
		step("R122 helped by who is no unit", w.Acts.SplitOrder(ctx, liaison, id, 0, w.Department, []ledger.ID{"nobody-01"}), "unit.unknown", "assist")
		_, err = w.Acts.ListSites(ctx, helper, id, 0, siteRows)
		step("listed by who does not help yet", err, "not-found", "")
		step("R122 split", w.Acts.SplitOrder(ctx, liaison, id, 0, w.Department, []ledger.ID{o.second}), "", "")

		rows := append(slices.Clone(siteRows), acts.SiteRow{Name: "无此社区店", Region: "兴隆社区"}, acts.SiteRow{Region: actstest.Community}, acts.SiteRow{Name: "x", Region: actstest.Community, Type: "S77"})
		bad, err = w.Acts.ListSites(ctx, liaison, id, 0, rows)
		step("R116 listed", err, "", "")
		var told []string
		for _, b := range bad {
			told = append(told, fmt.Sprintf("%d %s %s", b.Row, b.Refusal.Code, b.Refusal.Field))
		}
		if want := "3 region.name-is-no-key rows[3].region|4 required rows[4].name|5 unknown-code rows[5].type"; strings.Join(told, "|") != want {
			t.Errorf("lines that were not taken: %q", told)
		}
		_, err = w.Acts.ListSites(ctx, helper, id, 0, siteRows[:2])
		step("R116 listed again, by who helps", err, "", "")
		_, err = w.Acts.ListSites(ctx, helper, id, 0, rows[4:5])
		step("R116 no line can be taken", err, "required", "rows[0].name")
		_, err = w.Acts.ListSites(ctx, helper, id, 0, make([]acts.SiteRow, acts.MaxSites+1))
		step("R116 too many lines", err, "order.too-many-sites", "rows")
		sites := o.sites(id)
		if len(sites) != 3 {
			t.Fatalf("%d sites", len(sites))
		}
		step("R116 all well", w.Acts.SelfCheck(ctx, liaison, id, acts.SelfCheckForm{Site: sites[0].Site}), "", "")
		step("R116 not on the list", w.Acts.SelfCheck(ctx, liaison, id, acts.SelfCheckForm{Site: w.Site}), "order.site-not-listed", "site")
		step("R116 found without a fact", w.Acts.SelfCheck(ctx, helper, id, acts.SelfCheckForm{Site: sites[1].Site, Found: true}), "required", "fact")
		step("R116 found of no severity", w.Acts.SelfCheck(ctx, helper, id, acts.SelfCheckForm{Site: sites[1].Site, Found: true, Fact: "x", What: visit.What{Severity: "odd"}}), "unknown-code", "severity")
		step("R116 found for no unit", w.Acts.SelfCheck(ctx, helper, id, acts.SelfCheckForm{Site: sites[1].Site, Found: true, Fact: "x", Unit: "nobody-01"}), "unit.unknown", "unit")
		step("R116 found", w.Acts.SelfCheck(ctx, helper, id, acts.SelfCheckForm{Site: sites[1].Site, Found: true, Fact: "入口无人测温。", Requirement: "当日到岗。", Unit: w.Department}), "", "")
		step("R116 twice", w.Acts.SelfCheck(ctx, helper, id, acts.SelfCheckForm{Site: sites[1].Site}), "order.site-checked-already", "site")
		x := o.order(id)
		if len(x.Found) != 1 || x.Checked != 2 || x.Listed != 3 {
			t.Fatalf("R116 %+v", x)
		}
		child := load(w, x.Found[0])
		if child.Origin != matter.OriginSelfCheck || child.Responsible() != w.Department || child.Site != sites[1].Site || child.Due() == nil || child.Facets.Street != actstest.Street || child.Facets.Area != "A1" {
			t.Errorf("R116 the child: %+v", child)
		}
		step("R116 found > checked", w.Acts.ReportSelfCheck(ctx, liaison, id, 0, 2, 3, 0, ""), "order.found-over-checked", "found")
		step("R116 n, m, k", w.Acts.ReportSelfCheck(ctx, liaison, id, 0, 2, 1, 0, "其余一处明日查。"), "", "")
		step("replied without words", w.Acts.ReplyOrder(ctx, liaison, id, acts.Doing{}, ""), "required", "text")
		step("claimed", w.Acts.Claim(ctx, liaison, id, acts.Doing{Text: "已办。"}, []ledger.ID{w.Upload(w.Liaison)}), "order.reply-instead", "act")
		step("replied by who helps", w.Acts.ReplyOrder(ctx, helper, id, acts.Doing{Text: "已办。"}, ""), "not-found", "")
		step("replied", w.Acts.ReplyOrder(ctx, liaison, id, acts.Doing{Text: "已落实。"}, "示部门〔2022〕5号"), "", "")
		step("verified", w.Acts.Verify(ctx, w.As(w.Duty), id, acts.Doing{Text: "属实。"}, true, acts.Evidence{NoPhoto: "书面核对台账"}), "", "")
		step("struck off with a child unfixed", w.Acts.StrikeOff(ctx, w.As(w.Duty), id, acts.Doing{}), "order.children-unfixed", "act")
		step("the child received", w.Acts.Receive(ctx, liaison, child.ID, acts.Doing{}, "", nil), "", "")
		step("the child claimed", w.Acts.Claim(ctx, liaison, child.ID, acts.Doing{Text: "已到岗。"}, []ledger.ID{w.Upload(w.Liaison)}), "", "")
		step("struck off", w.Acts.StrikeOff(ctx, w.As(w.Duty), id, acts.Doing{}), "", "")
		got := now(w)
		for name, n := range map[string]int64{
			"assigned": 1, "orders": 1, "departments": 1, "selfcheck_checked": 2, "selfcheck_found": 1, "selfcheck_fixed": 1, // R134: a self-check is not among the findings of the teams
		} {
			if got[name] != n {
				t.Errorf("%s = %d, want %d", name, got[name], n)
			}
		}
		w.Read(func(tx *storage.Tx) error {
			known, err := w.Acts.AsOf(tx, actstest.Tenant, time.Time{}, time.Time{})
			if err != nil {
				return err
			}
			cells, err := w.Acts.LookedAt(tx, actstest.Tenant, known.AsOf)
			if c := cells[[2]string{actstest.Street, "A1"}]; c != (acts.Looked{Visits: 1, Findings: 1, SelfChecks: 2}) {
				t.Errorf("R117 %+v", c)
			}
			if c, looked := cells[[2]string{actstest.Street, "A3"}]; looked {
				t.Errorf("R117 nobody looked at that, but %+v", c)
			}
			return err
		})
		sameAfterRebuild(t, w)
	})
}

// TestOrdersAreConsecutive: five orders have five numbers without a gap, a draft takes none, and each department
// counts once (R113, R114, 1H-06).
func TestOrdersAreConsecutive(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		for i := range 5 {
			w.Pass(time.Minute)
			if _, err := w.Acts.DraftOrder(ctx, w.As(w.Duty), o.form()); err != nil { // stays a draft
				t.Fatal(err)
			}
			if x := o.order(o.issued(o.form())); x.Serial != int64(i+1) {
				t.Errorf("order %d has the serial %d", i+1, x.Serial)
			}
		}
		if f := now(w); f["orders"] != 5 || f["departments"] != 1 {
			t.Errorf("orders %d, departments %d", f["orders"], f["departments"])
		}
		if f := now(w, "addressee", string(w.Department)); f["orders"] != 5 {
			t.Errorf("orders to the department: %d", f["orders"])
		}
		sameAfterRebuild(t, w)
	})
}

// TestDatedDepartments: an area belongs to whom the table says on the day, a department is there from its first day
// to the day before its last, and an order to one that did not exist that day is refused (R107, R113).
func TestDatedDepartments(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		duty := w.As(w.Duty)
		set := func(area string, org ledger.ID, from, to string) error {
			return w.Acts.SetCompetence(ctx, duty, registry.Competence{Area: area, Org: org, From: from, To: to})
		}
		refused(t, "by who may not", w.Acts.SetCompetence(ctx, w.As(w.Liaison), registry.Competence{Area: "A3", Org: o.second, From: "2022-01-01"}), "access.role", "act")
		refused(t, "no area", set("", o.second, "2022-01-01", ""), "required", "area")
		refused(t, "an area that is none", set("A9", o.second, "2022-01-01", ""), "unknown-code", "area")
		refused(t, "no day", set("A3", o.second, "", ""), "input.format", "valid_from")
		refused(t, "a day that is none", set("A3", o.second, "2022-01-01", "2022-13-01"), "input.format", "valid_to")
		refused(t, "an end before the beginning", set("A3", o.second, "2022-01-02", "2022-01-02"), "registry.period", "valid_to")
		refused(t, "an organisation that is none", set("A3", "nobody-01", "2022-01-01", ""), "unit.unknown", "org")
		refused(t, "dated by who may not", w.Acts.DateOrg(ctx, w.As(w.Liaison), o.second, "", "2022-12-01"), "access.role", "act")
		refused(t, "dated, not there", w.Acts.DateOrg(ctx, duty, "nobody-01", "", "2022-12-01"), "not-found", "")
		refused(t, "dated backwards", w.Acts.DateOrg(ctx, duty, o.second, "2022-12-01", "2022-11-01"), "registry.period", "valid_to")
		refused(t, "dated by a word", w.Acts.DateOrg(ctx, duty, o.second, "yesterday", ""), "input.format", "valid_from")

		refused(t, "dated", w.Acts.DateOrg(ctx, duty, o.second, "2022-11-22", ""), "", "")
		refused(t, "an area before it existed", set("A3", o.second, "2022-11-21", ""), "unit.not-valid-then", "org")
		refused(t, "an area from its first day", set("A3", o.second, "2022-11-22", ""), "", "")
		f := o.form()
		f.Order.Area, f.Order.Unit, f.Order.Problem = "A3", o.second, ""
		_, err := w.Acts.DraftOrder(ctx, duty, f) // it is 20 November
		refused(t, "an order the day before", err, "unit.not-valid-then", "unit")
		w.Time = time.Date(2022, 11, 22, 0, 0, 0, 0, actstest.Zone)
		f.Order.Due = w.Time.Add(100 * time.Hour)
		draft, err := w.Acts.DraftOrder(ctx, duty, f)
		refused(t, "on the first day", err, "", "")
		refused(t, "the area ends", set("A3", o.second, "2022-11-22", "2022-11-24"), "", "")
		w.Time = time.Date(2022, 11, 24, 9, 0, 0, 0, actstest.Zone)
		refused(t, "issued when the area is another's", w.Acts.IssueOrder(ctx, w.As(o.principal), draft, 0), "order.not-competent", "unit")
		refused(t, "it ends", w.Acts.DateOrg(ctx, duty, o.second, "2022-11-22", "2022-11-24"), "", "")
		refused(t, "issued when it is gone", w.Acts.IssueOrder(ctx, w.As(o.principal), draft, 0), "unit.not-valid-then", "unit")
		_, err = w.Acts.HandOverFinding(ctx, duty, w.Finding(w.Visit()), acts.HandOver{Unit: o.second, Channel: "written", Requirement: "整改"})
		refused(t, "a finding handed to who is gone", err, "unit.not-valid-then", "unit")
		w.Read(func(tx *storage.Tx) error {
			for day, want := range map[string]int{"2022-11-21": 0, "2022-11-22": 1, "2022-11-23": 1, "2022-11-24": 0} {
				list, err := registry.DepartmentsOf(tx, actstest.Tenant, "A3", day)
				if err != nil || len(list) != want {
					t.Errorf("A3 on %s: %v %v", day, list, err)
				}
			}
			return nil
		})
		sameAfterRebuild(t, w)
	})
}

// TestOverdueOrder: an order has the clocks and the ladder of every matter, and overdue it is on the list of what is
// late (R115).
func TestOverdueOrder(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		f := o.form()
		f.Order.Due = w.Time.Add(2 * time.Hour)
		id := o.issued(f)
		if m := load(w, id); m.Pending() != "receive" || m.Waiting() == nil {
			t.Errorf("waits for %s, %+v", m.Pending(), m.Waiting())
		}
		w.Pass(3*time.Hour + time.Minute)
		if n, err := w.Acts.FireLadders(ctx, actstest.Tenant); err != nil || n == 0 {
			t.Errorf("%d steps fired, %v", n, err)
		}
		w.Read(func(tx *storage.Tx) error {
			late, err := matter.List(tx, actstest.Tenant, matter.Filter{Light: "overdue", Now: w.Time})
			if err != nil || len(late.Matters) != 1 || late.Matters[0].ID != id {
				t.Errorf("late: %+v, %v", late.Matters, err)
			}
			known, err := w.Acts.AsOf(tx, actstest.Tenant, time.Time{}, time.Time{})
			if err != nil {
				return err
			}
			orders, err := figure.Figures(tx, actstest.Tenant, known.AsOf, string(matter.OriginOrder), figure.Group{})
			if orders["overdue"] != 1 || orders["assigned"] != 1 {
				t.Errorf("figures of orders: %v", orders)
			}
			return err
		})
		refused(t, "urged", w.Acts.Urge(ctx, w.As(w.Duty), id, acts.Doing{Text: "请抓紧。"}, true), "", "")
		refused(t, "received late", w.Acts.Receive(ctx, w.As(w.Liaison), id, acts.Doing{}, "", nil), "", "")
		refused(t, "an extension asked for too late", w.Acts.AskExtension(ctx, w.As(w.Liaison), id, acts.Doing{Text: "x"}, "y", w.Time.Add(time.Hour)), "matter.extension.too-late", "until")
		if f := now(w); f["overdue"] != 0 {
			t.Errorf("an order counts among the overdue findings")
		}
	})
}

// TestOrderObjectedTo: a department that is not competent objects, and the arbiter gives the order to another, which
// receives it anew; the number and the deadline stay (R113, R115).
func TestOrderObjectedTo(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		id := o.issued(o.form())
		before := o.order(id)
		refused(t, "objected to", w.Acts.Refuse(ctx, w.As(w.Liaison), id, acts.Doing{Text: "不属本部门职责"}, "not_ours", o.second), "", "")
		w.Pass(time.Minute)
		refused(t, "given to another", w.Acts.Reassign(ctx, w.As(w.Duty), id, acts.Doing{Text: "改由配合部门承办"}, o.second, nil), "", "")
		if x := o.order(id); x.Unit != o.second || x.Received != nil || x.Number != before.Number || !x.Due.Equal(before.Due) || x.IssuedTo != w.Department {
			t.Errorf("reassigned: %+v", x)
		}
		refused(t, "received by the first", w.Acts.Receive(ctx, w.As(w.Liaison), id, acts.Doing{}, "", nil), "not-found", "")
		refused(t, "received by the second", w.Acts.Receive(ctx, w.As(o.helper), id, acts.Doing{}, "", nil), "", "")
		if x := o.order(id); x.Received == nil || x.Received.Unit != o.second {
			t.Errorf("received: %+v", x.Received)
		}
		refused(t, "extended", w.Acts.AskExtension(ctx, w.As(o.helper), id, acts.Doing{Text: "点位多"}, "已查一半", before.Due.Add(24*time.Hour)), "", "")
		refused(t, "granted", w.Acts.DecideExtension(ctx, w.As(w.Duty), id, acts.Doing{Text: "同意"}, true, nil), "", "")
		if x := o.order(id); !x.Due.Equal(before.Due.Add(24 * time.Hour)) {
			t.Errorf("extended to %s", x.Due)
		}
		sameAfterRebuild(t, w)
	})
}

// TestProposals: a type found in three streets proposes an order to its department; in two it does not, and not while
// an order on it runs (R112).
func TestProposals(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		propose := func() (list []acts.Proposal) {
			w.Read(func(tx *storage.Tx) (err error) {
				list, _, err = w.Acts.Proposals(tx, actstest.Tenant, w.Time, actstest.Zone)
				return err
			})
			return list
		}
		problem, area := "P-SITE", ""
		find := func(street string) ledger.ID {
			t.Helper()
			w.Pass(time.Minute)
			var id ledger.ID
			err := w.Acts.L.Do(ctx, actstest.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
				id = ledger.NewID()
				n := int64(len(street) + int(w.Time.Unix()%1_000_000))
				tx.Incident = w.Incident
				return tx.Append(ledger.Draft{Subject: id, Body: matter.AssignedV1{Opening: matter.Opening{
					Origin: matter.OriginFinding, Unit: w.StreetOrg, Number: fmt.Sprint(n), Series: "t", Year: 2022, Serial: n,
					Facets: matter.Facets{Street: street, Channel: matter.FaceToFace, Problem: problem, Area: area, Severity: "moderate", Day: "2022-11-20"},
				}}})
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		first, second := find("500112002"), find("500112004")
		find("500112004")
		if list := propose(); len(list) != 0 {
			t.Errorf("two streets propose %+v", list)
		}
		third := find("500112011")
		list := propose()
		if len(list) != 1 || list[0].Problem != "P-SITE" || list[0].Area != "A2" || len(list[0].Streets) != 3 || len(list[0].Matters) != 4 ||
			len(list[0].Departments) != 1 || list[0].Departments[0].ID != w.Department {
			t.Fatalf("three streets propose %+v", list)
		}
		f := o.form()
		f.Order.Area, f.Order.Problem, f.Order.Matters = "A2", "P-SITE", []ledger.ID{first, second, third}
		id := o.issued(f)
		if list := propose(); len(list) != 0 {
			t.Errorf("proposed while an order runs: %+v", list)
		}
		refused(t, "withdrawn", w.Acts.Withdraw(ctx, w.As(w.Duty), id, acts.Doing{Text: "另行部署"}), "", "")
		if list := propose(); len(list) != 1 {
			t.Errorf("not proposed when the order is withdrawn: %+v", list)
		}
		refused(t, "a finding withdrawn", w.Acts.Withdraw(ctx, w.As(w.Duty), third, acts.Doing{Text: "重复"}), "", "")
		if list := propose(); len(list) != 0 {
			t.Errorf("a withdrawn finding proposes %+v", list)
		}
		// a type of no area: the area that most were put under, or none
		problem, area = "P-CROWD", "A1"
		find("500112002")
		find("500112004")
		area = ""
		find("500112011")
		if list := propose(); len(list) != 1 || list[0].Area != "A1" || len(list[0].Departments) != 1 {
			t.Errorf("most were put under A1: %+v", list)
		}
		area = "A2"
		find("500112012")
		if list := propose(); len(list) != 1 || list[0].Area != "" || len(list[0].Departments) != 0 {
			t.Errorf("no area has most: %+v", list)
		}
		area = "A1"
		find("500112012")
		if list := propose(); len(list) != 1 || list[0].Area != "A1" || len(list[0].Matters) != 4 || len(list[0].Streets) != 4 {
			t.Errorf("what is another area's is left out: %+v", list)
		}
		w.Time = w.Time.Add(8 * 24 * time.Hour)
		problem, area = "P-SITE", ""
		find("500112011")
		if list := propose(); len(list) != 0 {
			t.Errorf("what lies outside the window proposes %+v", list)
		}
	})
}

// TestExerciseOrdersDoNotCount: an order of an exercise posts no point, nor does its department count until a real one
// comes (R112, R134).
func TestExerciseOrdersDoNotCount(t *testing.T) {
	each(t, func(t *testing.T, w *actstest.World) {
		o := newOffice(t, w)
		drill, err := w.Acts.DeclareIncident(ctx, w.As(o.principal), registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: "drill", Zh: "演练", En: "Drill", Phase: "response", Exercise: true}}, acts.When{})
		if err != nil {
			t.Fatal(err)
		}
		duty, principal := w.As(w.Duty), w.As(o.principal)
		duty.Incident = drill
		id, err := w.Acts.DraftOrder(ctx, duty, o.form())
		refused(t, "drafted", err, "", "")
		refused(t, "issued", w.Acts.IssueOrder(ctx, principal, id, 0), "", "")
		if f := now(w); f["orders"] != 0 || f["departments"] != 0 {
			t.Errorf("an exercise counts: %v", f)
		}
		o.issued(o.form())
		if f := now(w); f["orders"] != 1 || f["departments"] != 1 {
			t.Errorf("the real one: orders %d, departments %d", f["orders"], f["departments"])
		}
		sameAfterRebuild(t, w)
	})
}

// TestReadSites: a list of sites is read under the names its columns go by, in either language; what cannot be read is
// named with its line (R116).
func TestReadSites(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	read := func(text string) ([]acts.SiteLine, error) {
		return w.Acts.ReadSites(func(to io.Writer) error { _, err := io.WriteString(to, text); return err })
	}
	for name, text := range map[string]string{
		"Chinese": "序号,点位名称,社区代码,地址\n1,示例超市一,500112012013,示例路1号\n2,,500112012013,\n",
		"English": "No;Address;Region;NAME\n1;示例路1号;500112012013;示例超市一\n2;;500112012013;\n",
	} {
		lines, err := read(text)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%s: %v, %v", name, lines, err)
		}
		if want := (acts.SiteRow{Name: "示例超市一", Region: "500112012013", Address: "示例路1号"}); lines[0].Row != want || lines[0].Line != 2 {
			t.Errorf("%s: %+v", name, lines[0])
		}
		if lines[1].Bad == nil || lines[1].Line != 3 || lines[1].Bad.Field != "site.name" {
			t.Errorf("%s: a line without a name: %+v", name, lines[1])
		}
	}
	for text, rule := range map[string]string{"": "intake.file.empty", "名称,地址\nx,y\n": "intake.file.column-missing"} {
		_, err := read(text)
		var bad intake.FileError
		if !errors.As(err, &bad) || bad.Rule != rule {
			t.Errorf("%q: %v, want %s", text, err, rule)
		}
	}
}

// orderPlanted are the words that plantOrder enters.
var orderPlanted = []string{"要求里写到的王五", "依据里写到的王五", "范围里写到的王五", "联系人王五", "签收人王五", "自查看到的王五", "自查要求王五", "报数里写到的王五", "回复里写到的王五", "文号里写到的王五"}

// plantOrder enters words wherever an order takes them.
func plantOrder(t *testing.T, w *actstest.World) {
	t.Helper()
	o := newOffice(t, w)
	p := orderPlanted
	f := o.form()
	f.Words = acts.OrderWords{Requirement: p[0], Basis: p[1], Scope: p[2], Contact: p[3]}
	id := o.issued(f)
	liaison := w.As(w.Liaison)
	must := func(err error) {
		t.Helper()
		w.Pass(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Acts.Receive(ctx, liaison, id, acts.Doing{}, p[4], nil))
	_, err := w.Acts.ListSites(ctx, liaison, id, 0, siteRows)
	must(err)
	must(w.Acts.SelfCheck(ctx, liaison, id, acts.SelfCheckForm{Site: o.sites(id)[0].Site, Found: true, Fact: p[5], Requirement: p[6]}))
	must(w.Acts.ReportSelfCheck(ctx, liaison, id, 0, 1, 1, 0, p[7]))
	must(w.Acts.ReplyOrder(ctx, liaison, id, acts.Doing{Text: p[8]}, p[9]))
}
