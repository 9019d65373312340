package acts_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
)

const peopleHead = "姓名,单位,角色,职务,电话,账号\n"

func saved(text string) func(io.Writer) error {
	return func(to io.Writer) error { _, err := io.WriteString(to, text); return err }
}

func entriesOf(t *testing.T, w *actstest.World) (n int64) {
	t.Helper()
	if err := w.DB.Read(ctx, func(tx *storage.Tx) (err error) { n, err = ledger.Size(tx, actstest.Tenant); return err }); err != nil {
		t.Fatal(err)
	}
	return n
}

func states(lines []acts.PersonLine) string {
	var out []string
	for _, l := range lines {
		s := fmt.Sprint(l.Line, " ", l.State)
		for _, c := range l.Changes {
			s += fmt.Sprintf(" %s:%s>%s", c.Field, c.Before, c.After)
		}
		if l.Bad != nil {
			s += " " + l.Bad.Rule + l.Bad.Args["lines"]
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// TestPeopleFile: a preview says what each row would change and writes nothing; applying writes just that, and the same
// file again changes nothing. Good rows are taken beside refused ones.
func TestPeopleFile(t *testing.T) {
	for _, e := range storagetest.Engines(t) {
		t.Run(string(e), func(t *testing.T) {
			w := actstest.New(t, e)
			duty := w.As(w.Person("system_admin", "admin", "戊示管", w.Commission, nil, nil))
			text := peopleHead +
				"甲示导,测试部门,部门联络员,科长,00000000011,jiadao\n" +
				"乙示导,测试部门,dept_liaison,,,\n" +
				"丙示导,没有的单位,dept_liaison,,,\n" +
				"丁示一,测试部门,Department liaison,主任,00000000001,\n"
			before := entriesOf(t, w)
			preview := "2 new role:>dept_liaison title:>科长 phone:>00000000011 login:>jiadao\n3 new role:>dept_liaison\n4 refused unit.unknown\n5 changed title:>主任"
			lines, err := w.Acts.PreviewPeople(ctx, duty, saved(text))
			if err != nil || states(lines) != preview {
				t.Fatalf("%v\n%s", err, states(lines))
			}
			if after := entriesOf(t, w); after != before {
				t.Fatalf("the preview wrote %d entries", after-before)
			}
			duty.Key = "people-file-1"
			lines, opened, err := w.Acts.ApplyPeople(ctx, duty, saved(text))
			if err != nil || states(lines) != preview || len(opened) != 1 || opened[0].Login != "jiadao" {
				t.Fatalf("%v %v\n%s", err, opened, states(lines))
			}
			if _, actor, err := w.Acts.Accounts.SignIn(ctx, "jiadao", opened[0].Password); err != nil || actor.Unit != w.Department || actor.Roles[0] != "dept_liaison" {
				t.Errorf("signed in as %+v, %v", actor, err)
			}
			after := entriesOf(t, w)
			w.Pass(time.Minute)
			// the same command again tells the password again; another one does not
			again, told, err := w.Acts.ApplyPeople(ctx, duty, saved(text))
			if want := "2 same\n3 same\n4 refused unit.unknown\n5 same"; err != nil || states(again) != want || len(told) != 1 || told[0].Password != opened[0].Password {
				t.Errorf("again: %v %v\n%s", err, told, states(again))
			}
			duty.Key = "people-file-2"
			if _, told, err = w.Acts.ApplyPeople(ctx, duty, saved(text)); err != nil || len(told) != 0 {
				t.Errorf("another command told %v, %v", told, err)
			}
			if entriesOf(t, w) != after {
				t.Error("the same file wrote again")
			}
			// a change is shown with what was before, and the one before stays in the ledger
			duty.Key = ""
			changed := peopleHead + "甲示导,测试部门,部门主要负责人,,00000000012,jiadao\n"
			lines, _, err = w.Acts.ApplyPeople(ctx, duty, saved(changed))
			if want := "2 changed role:dept_liaison>dept_principal phone:00000000011>00000000012"; err != nil || states(lines) != want {
				t.Errorf("%v\n%s", err, states(lines))
			}
			w.Pass(time.Minute)
			if lines, err = w.Acts.PreviewPeople(ctx, duty, saved(changed)); err != nil || states(lines) != "2 same" {
				t.Errorf("%v\n%s", err, states(lines))
			}
			found, err := w.Acts.FindPeople(ctx, duty.Actor, "甲示导")
			if err != nil || len(found) != 1 || len(found[0].Posts) != 2 {
				t.Errorf("found %+v, %v", found, err)
			}
			sameAfterRebuild(t, w)
			verifyWhole(t, w)
		})
	}
}

// TestPeopleFileRefusals: every row that cannot be taken is named by its rule, and only it stays out.
func TestPeopleFileRefusals(t *testing.T) {
	w := actstest.New(t, storage.SQLite)
	duty := w.As(w.Person("system_admin", "admin", "戊示管", w.Commission, nil, nil))
	for range 2 {
		if err := w.Acts.RegisterOrg(ctx, actstest.Tenant, registry.Org{ID: ledger.NewID(), Kind: "department", Zh: "重名部门", En: "Twin"}); err != nil {
			t.Fatal(err)
		}
		w.Person("inspector", ledgerLogin(t), "双示一", w.Department, nil, nil)
	}
	for name, c := range map[string]struct{ rows, want string }{
		"no name":        {",测试部门,inspector,,,\n", "2 refused intake.row.required"},
		"no unit":        {"甲示导,,inspector,,,\n", "2 refused intake.row.required"},
		"no role":        {"甲示导,测试部门,,,,\n", "2 refused intake.row.required"},
		"unknown unit":   {"甲示导,没有,inspector,,,\n", "2 refused unit.unknown"},
		"two units":      {"甲示导,重名部门,inspector,,,\n", "2 refused people.unit-ambiguous"},
		"unknown role":   {"甲示导,测试部门,没有,,,\n", "2 refused unknown-code"},
		"phone":          {"甲示导,测试部门,inspector,,1.3E+10,\n", "2 refused people.phone"},
		"short login":    {"甲示导,测试部门,inspector,,,ab\n", "2 refused people.login-short"},
		"login taken":    {"甲示导,测试部门,inspector,,,duty\n", "2 refused access.login-taken"},
		"other login":    {"丁示一,测试部门,dept_liaison,,,another\n", "2 refused people.other-login"},
		"two known":      {"双示一,测试部门,inspector,,,\n", "2 refused people.two-known"},
		"shifted":        {"甲示导,测试部门,inspector\n", "2 refused intake.row.columns"},
		"twice":          {"甲示导,测试部门,inspector,,,\n乙示导,测试部门,inspector,,,\n甲 示导,测试部门,dept_liaison,,,\n", "2 refused people.twice2, 4\n3 new role:>inspector\n4 refused people.twice2, 4"},
		"login twice":    {"甲示导,测试部门,inspector,,,same1\n乙示导,测试部门,inspector,,,same1\n", "2 refused people.login-twice2, 3\n3 refused people.login-twice2, 3"},
		"by region code": {"甲示导,500112012,street_owner,,,\n", "2 new role:>street_owner"},
	} {
		lines, err := w.Acts.PreviewPeople(ctx, duty, saved(peopleHead+c.rows))
		if err != nil || states(lines) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, states(lines), c.want)
		}
	}
	// the column is named as the file names it
	english, err := w.Acts.PreviewPeople(ctx, duty, saved("Name,Unit,Role\nA,nowhere,inspector\n"))
	if err != nil || english[0].Bad == nil || english[0].Bad.Column != "Unit" {
		t.Errorf("an English file: %+v, %v", english, err)
	}
	many := peopleHead
	for n := range acts.MaxNewAccounts + 1 {
		many += fmt.Sprintf("示%d,测试部门,inspector,,,login%d\n", n, n)
	}
	lines, err := w.Acts.PreviewPeople(ctx, duty, saved(many))
	if err != nil || lines[acts.MaxNewAccounts-1].State != acts.PersonNew || lines[acts.MaxNewAccounts].Bad == nil || lines[acts.MaxNewAccounts].Bad.Rule != "people.accounts" {
		t.Errorf("too many accounts: %v", err)
	}
	_, err = w.Acts.PreviewPeople(ctx, duty, saved(peopleHead+strings.Repeat("示,测试部门,inspector,,,\n", acts.MaxPeople+1)))
	refused(t, "too many people", err, "people.too-many", "file")
	var bad intake.FileError
	if _, err := w.Acts.PreviewPeople(ctx, duty, saved("姓名,单位\n甲,乙\n")); !errors.As(err, &bad) || bad.Rule != "intake.file.column-missing" {
		t.Errorf("no role column: %v", err)
	}
	// who only registers people gives nobody, himself neither, a role over the whole district
	lines, err = w.Acts.PreviewPeople(ctx, w.As(w.Duty), saved(peopleHead+"甲示导,测试部门,system_admin,,,mine\n乙示导,测试部门,inspector,,,other\n丙示导,测试部门,auditor,,,\n"))
	if err != nil || states(lines) != "2 refused access.role-given\n3 new role:>inspector login:>other\n4 new role:>auditor" {
		t.Errorf("roles given by who registers: %v\n%s", err, states(lines))
	}
	// who may not register one person may not read a file of them either
	before := entriesOf(t, w)
	_, err = w.Acts.PreviewPeople(ctx, w.As(w.Leader), saved(peopleHead))
	refused(t, "preview", err, "access.role", "act")
	_, _, err = w.Acts.ApplyPeople(ctx, w.As(w.Leader), saved(peopleHead))
	refused(t, "apply", err, "access.role", "act")
	if entriesOf(t, w) != before {
		t.Error("a refused command wrote")
	}
}

func ledgerLogin(t *testing.T) string {
	t.Helper()
	return string(ledger.NewID())
}
