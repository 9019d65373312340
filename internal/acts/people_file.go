package acts

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"duzhan/data/messages"
	"duzhan/internal/access"
	"duzhan/internal/intake"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
)

// Bounds of a file of people.
const (
	MaxPeople = 20_000
	// MaxNewAccounts of one file: making a password unreadable takes a moment each, and others wait. The same file
	// sent again opens the next ones.
	MaxNewAccounts = 200
)

// peopleColumns are the names that the columns of a list of people go by.
var peopleColumns = []fileColumn{
	{"person.name", []string{"姓名", "name"}, true},
	{"person.unit", []string{"单位", "unit", "organisation"}, true},
	{"person.role", []string{"角色", "role"}, true},
	{"person.title", []string{"职务", "post", "title"}, false},
	{"person.phone", []string{"电话", "手机", "联系电话", "phone"}, false},
	{"person.login", []string{"账号", "login", "account"}, false},
}

// What a row of a file of people comes to.
const (
	PersonNew     = "new"
	PersonChanged = "changed"
	PersonSame    = "same"
	PersonRefused = "refused"
)

// PersonChange is a field that a row changes; Before is empty if nothing was known.
type PersonChange struct {
	Field  string `json:"field" enum:"role,title,phone,login"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// PersonLine is a row of a file of people and what it comes to. Who it is goes by name and unit.
type PersonLine struct {
	Line    int
	State   string
	Name    string
	Unit    string // as the file names it
	Changes []PersonChange
	Bad     *intake.Refusal

	row    intake.Fields
	column func(field string) string // as the file names it
	org    registry.Org
	role   string
	person ledger.ID // of somebody known
}

func (l *PersonLine) refuse(field, value, rule string, args ...string) {
	l.State, l.Bad = PersonRefused, &intake.Refusal{Line: l.Line, Column: l.column(field), Field: field, Value: value, Rule: rule, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		l.Bad.Args[args[i]] = args[i+1]
	}
}

// OpenedAccount is an account that a file opened, with the password to hand over; it is nowhere else.
type OpenedAccount struct {
	Line     int    `json:"line"`
	Name     string `json:"name"`
	Login    string `json:"login"`
	Password string `json:"password"`
}

// mayTakePeople lets in who registers people, and who opens their accounts.
func mayTakePeople(c Caller) *ledger.Refusal {
	if c.Can("accounts") == nil {
		return nil
	}
	return c.Can("register")
}

// PreviewPeople says row by row what a file of people would change. It writes nothing into the ledger. A file that
// cannot be read at all is an intake.FileError.
func (a *Acts) PreviewPeople(ctx context.Context, c Caller, save func(io.Writer) error) ([]PersonLine, error) {
	if r := mayTakePeople(c); r != nil {
		return nil, r
	}
	lines, err := a.readPeople(save)
	if err != nil {
		return nil, err
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return nil, err
	}
	return lines, a.L.DB().Read(ctx, func(tx *storage.Tx) error {
		return a.comparePeople(tx, c, lines, a.L.Now(c.Tenant).In(zone))
	})
}

// ApplyPeople writes what a file of people changes against what is registered now, in one transaction: refused rows
// stay out, people that the file does not name stay as they are, the same file again changes nothing. The same key
// again tells the passwords of the accounts that it opened again.
func (a *Acts) ApplyPeople(ctx context.Context, c Caller, save func(io.Writer) error) (lines []PersonLine, opened []OpenedAccount, err error) {
	if r := mayTakePeople(c); r != nil {
		return nil, nil, r
	}
	if lines, err = a.readPeople(save); err != nil {
		return nil, nil, err
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return nil, nil, err
	}
	if c.Key == "" {
		c.Key = string(ledger.NewPersonID())
	}
	// Without the key: what is registered tells what is done already, and the passwords must be told again.
	err = a.do(ctx, Caller{Actor: c.Actor, Incident: c.Incident}, func(tx *ledger.Tx) error {
		opened = nil
		if err := a.comparePeople(tx.Tx, c, lines, tx.Now().In(zone)); err != nil {
			return err
		}
		for i := range lines {
			if lines[i].State == PersonRefused {
				continue
			}
			in, err := a.applyPerson(tx, c, &lines[i])
			if err != nil {
				return err
			}
			if in != nil {
				opened = append(opened, *in)
			}
		}
		return nil
	})
	return lines, opened, err
}

func (a *Acts) applyPerson(tx *ledger.Tx, c Caller, l *PersonLine) (*OpenedAccount, error) {
	t := l.row.Text
	changed := map[string]string{}
	for _, x := range l.Changes {
		changed[x.Field] = x.After
	}
	if l.State == PersonNew {
		l.person = ledger.NewPersonID()
		if err := a.registerPerson(tx, NewPerson{ID: l.person, Name: l.Name, Phone: t("person.phone"), Org: l.org.ID}); err != nil {
			return nil, err
		}
		delete(changed, "phone")
	}
	if changed["role"] != "" {
		if err := tx.Append(ledger.Draft{Subject: l.person, Body: registry.PostHeldV1{Post: registry.Post{Org: l.org.ID, Role: l.role, From: tx.Now()}}}); err != nil {
			return nil, err
		}
	}
	var contents []vault.Content
	for _, field := range []string{"phone", "title"} {
		if changed[field] != "" {
			contents = append(contents, vault.Content{Name: field, Bytes: []byte(changed[field])})
		}
	}
	if len(contents) > 0 {
		parts, err := a.V.Seal(tx, vault.Directory, vault.Staff, contents...)
		if err != nil {
			return nil, err
		}
		if err := tx.Append(ledger.Draft{Subject: l.person, Parts: parts, Body: registry.PersonUpdatedV1{}}); err != nil {
			return nil, err
		}
	}
	login := t("person.login")
	if login == "" {
		return nil, nil
	}
	id := c.newID("account\x00" + login)
	in := &OpenedAccount{Line: l.Line, Name: l.Name, Login: login, Password: a.V.RowHash(c.Tenant, "initial password\x00"+string(id)+"\x00"+c.Key)}
	in.Password = strings.TrimPrefix(in.Password, "sha256:")[:20]
	if changed["login"] == "" {
		found, err := access.Has(tx.Tx, login, id)
		if err != nil || !found {
			return nil, err
		}
		return in, nil
	}
	var regions []string
	if access.Roles[l.role].Scope == access.ScopeStreet && l.org.Region != "" {
		regions = []string{registry.Street(l.org.Region)}
	}
	return in, access.Create(tx, access.Actor{
		Tenant: c.Tenant, Account: id, Login: login, Person: l.person, Unit: l.org.ID, Roles: []string{l.role}, Regions: regions,
	}, in.Password)
}

func (a *Acts) readPeople(save func(io.Writer) error) (lines []PersonLine, err error) {
	r, done, err := a.openList(save, "people", intake.People, []string{"person.name", "person.unit"}, peopleColumns)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	for {
		rec, bad, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return nil, err
		case len(lines) == MaxPeople:
			return nil, ledger.RefuseAs(ledger.Invalid, "people.too-many", "file", "max", strconv.Itoa(MaxPeople))
		case bad != nil:
			lines = append(lines, PersonLine{Line: bad.Line, State: PersonRefused, Bad: bad})
		default:
			lines = append(lines, PersonLine{Line: rec.Line, Name: rec.Fields.Text("person.name"), Unit: rec.Fields.Text("person.unit"), row: rec.Fields, column: r.Column})
		}
	}
}

// knownPerson is somebody registered: his parts by name, the roles he holds in his unit, his account.
type knownPerson struct {
	id           ledger.ID
	org          ledger.ID
	parts        map[string]ledger.Part
	roles        []string
	login        string
	registeredAt int // order, so that answers do not change
}

// comparePeople says what each row comes to, against what is registered at now.
func (a *Acts) comparePeople(tx *storage.Tx, c Caller, lines []PersonLine, now time.Time) error {
	known, taken, err := a.knownPeople(tx, c.Tenant, now)
	if err != nil {
		return err
	}
	orgs, err := registry.Orgs(tx, c.Tenant)
	if err != nil {
		return err
	}
	day := now.Format(time.DateOnly)
	orgs = slices.DeleteFunc(orgs, func(o registry.Org) bool { return !o.ValidOn(day) })
	byUnit := map[string][]registry.Org{}
	for _, o := range orgs {
		code := o.Region
		if o.Kind == "team" { // a code means the street's or community's office, not who is posted there
			code = ""
		}
		for _, k := range slices.Compact(slices.Sorted(slices.Values([]string{string(o.ID), vault.Fold(o.Zh), vault.Fold(o.En), code}))) {
			if k != "" {
				byUnit[k] = append(byUnit[k], o)
			}
		}
	}
	people, logins := map[string][]int{}, map[string][]int{}
	for i := range lines {
		l := &lines[i]
		if l.Bad != nil || !l.check(byUnit) {
			continue
		}
		key := personKey(l.Name, l.org.ID)
		people[key] = append(people[key], i)
		if login := l.row.Text("person.login"); login != "" {
			logins[login] = append(logins[login], i)
		}
	}
	twice := func(at map[string][]int, field, rule string) {
		for _, same := range at {
			if len(same) < 2 {
				continue
			}
			numbers := make([]string, len(same))
			for n, i := range same {
				numbers[n] = strconv.Itoa(lines[i].Line)
			}
			for _, i := range same {
				lines[i].refuse(field, lines[i].row.Text(field), rule, "lines", strings.Join(numbers, ", "))
			}
		}
	}
	twice(logins, "person.login", "people.login-twice")
	twice(people, "person.name", "people.twice")
	accounts := 0
	for i := range lines {
		if lines[i].Bad != nil {
			continue
		}
		if err := a.comparePerson(tx, c, &lines[i], known[personKey(lines[i].Name, lines[i].org.ID)], taken, &accounts); err != nil {
			return err
		}
	}
	return nil
}

func personKey(name string, org ledger.ID) string { return vault.Fold(name) + "\x00" + string(org) }

// check finds the row's unit and role and refuses what cannot be taken.
func (l *PersonLine) check(byUnit map[string][]registry.Org) bool {
	t := l.row.Text
	for _, c := range peopleColumns {
		if _, r := cleanText(c.field, t(c.field), false); r != nil {
			l.refuse(c.field, "", r.Code, "max", strconv.Itoa(MaxText))
			return false
		}
	}
	units := byUnit[l.Unit]
	if len(units) == 0 {
		units = byUnit[vault.Fold(l.Unit)]
	}
	switch len(units) {
	case 0:
		l.refuse("person.unit", l.Unit, "unit.unknown")
		return false
	case 1:
		l.org = units[0]
	default:
		names := make([]string, len(units))
		for i, o := range units {
			names[i] = o.Zh + " " + string(o.ID)
		}
		l.refuse("person.unit", l.Unit, "people.unit-ambiguous", "units", strings.Join(names, ", "))
		return false
	}
	if l.role = roleNames()[vault.Fold(t("person.role"))]; l.role == "" {
		l.refuse("person.role", t("person.role"), "unknown-code", "field", "role")
		return false
	}
	if phone := t("person.phone"); phone != "" && (len(phone) < 5 || strings.Trim(phone, "0123456789 +-()") != "") {
		l.refuse("person.phone", phone, "people.phone")
		return false
	}
	if login := t("person.login"); login != "" && len(login) < 3 {
		l.refuse("person.login", login, "people.login-short")
		return false
	}
	return true
}

func (a *Acts) comparePerson(tx *storage.Tx, c Caller, l *PersonLine, known []knownPerson, taken map[string]ledger.ID, accounts *int) error {
	if len(known) > 1 {
		l.refuse("person.name", l.Name, "people.two-known")
		return nil
	}
	var p knownPerson
	l.State, l.Changes = PersonNew, nil
	if len(known) == 1 {
		p, l.State = known[0], PersonSame
		l.person = p.id
	}
	login := l.row.Text("person.login")
	if holder, is := taken[login]; is && login != "" && (p.id == "" || holder != p.id) {
		l.refuse("person.login", login, "access.login-taken")
		return nil
	}
	if login != "" && p.login != "" && login != p.login {
		l.refuse("person.login", login, "people.other-login")
		return nil
	}
	if login != "" && p.login == "" {
		if r := c.MayGive(l.role); r != nil {
			l.refuse("person.role", l.role, r.Code)
			return nil
		}
		if *accounts++; *accounts > MaxNewAccounts {
			l.refuse("person.login", login, "people.accounts", "max", strconv.Itoa(MaxNewAccounts))
			return nil
		}
	}
	if !slices.Contains(p.roles, l.role) {
		l.Changes = append(l.Changes, PersonChange{"role", strings.Join(p.roles, ", "), l.role})
	}
	for _, field := range []string{"title", "phone"} {
		after := l.row.Text("person." + field)
		if after == "" {
			continue
		}
		before := ""
		if part, is := p.parts[field]; is {
			b, _, err := a.Open(tx, c.Tenant, part)
			if err != nil {
				return err
			}
			before = string(b)
		}
		if before != after {
			l.Changes = append(l.Changes, PersonChange{field, before, after})
		}
	}
	if login != "" && p.login == "" {
		l.Changes = append(l.Changes, PersonChange{"login", "", login})
	}
	if l.State == PersonSame && len(l.Changes) > 0 {
		l.State = PersonChanged
	}
	return nil
}

// knownPeople are those registered by name and unit, and who has which login.
func (a *Acts) knownPeople(tx *storage.Tx, tenant string, now time.Time) (known map[string][]knownPerson, taken map[string]ledger.ID, err error) {
	all := map[ledger.ID]*knownPerson{}
	for _, kind := range []string{"registry.person-registered", "registry.person-updated"} {
		err := ledger.Each(tx, tenant, ledger.Filter{Type: kind}, func(_ int64, b []byte) error {
			e, err := a.L.Types().Decode(b)
			if err != nil {
				return err
			}
			if body, is := e.Body.(registry.PersonRegisteredV1); is {
				all[e.Subject] = &knownPerson{id: e.Subject, org: body.Org, parts: map[string]ledger.Part{}, registeredAt: len(all)}
			}
			for _, part := range e.Parts {
				all[e.Subject].parts[part.Name] = part
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if err := registry.EachPost(tx, tenant, now, func(person ledger.ID, post registry.Post) {
		if p := all[person]; p != nil && p.org == post.Org && !slices.Contains(p.roles, post.Role) {
			p.roles = append(p.roles, post.Role)
		}
	}); err != nil {
		return nil, nil, err
	}
	if taken, err = access.Holders(tx); err != nil {
		return nil, nil, err
	}
	for _, login := range slices.Sorted(maps.Keys(taken)) {
		if p := all[taken[login]]; p != nil {
			p.login = login
		}
	}
	known = map[string][]knownPerson{}
	for _, p := range slices.SortedFunc(maps.Values(all), func(x, y *knownPerson) int { return x.registeredAt - y.registeredAt }) {
		name, gone, err := a.Open(tx, tenant, p.parts["name"])
		if err != nil {
			return nil, nil, err
		}
		if !gone {
			key := personKey(string(name), p.org)
			known[key] = append(known[key], *p)
		}
	}
	return known, taken, nil
}

// roleNames gives the role of a code or of what the pages call it, in either language.
var roleNames = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, lang := range []string{"zh-CN", "en"} {
		b, err := messages.FS.ReadFile(lang + ".json")
		words := map[string]string{}
		if err = errors.Join(err, json.Unmarshal(b, &words)); err != nil {
			panic("acts: messages: " + err.Error())
		}
		for role := range access.Roles {
			out[role] = role
			if w := words["role."+role]; w != "" {
				out[vault.Fold(w)] = role
			}
		}
	}
	return out
})
