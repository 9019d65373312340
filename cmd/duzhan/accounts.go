package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

func writeIndented(w io.Writer, b []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := out.WriteTo(w)
	return err
}

// InitCmd makes a jurisdiction.
type InitCmd struct {
	Store
	Code     string `help:"Code of the jurisdiction, such as 500112." required:""`
	Zh       string `help:"Its name in Chinese." required:""`
	En       string `help:"Its name in English." required:""`
	Zone     string `help:"Its time zone." default:"Asia/Shanghai"`
	Incident string `help:"Name of the incident to declare." default:"日常督导"`
	Login    string `help:"First account, a duty officer; the password is read from standard input." required:""`
	Name     string `help:"Who holds it." required:""`
}

// Run makes the jurisdiction with the shipped rule pack and catalogue, an incident and an account.
func (c InitCmd) Run(e *env) error {
	o, err := c.open(e.ctx, true, nil)
	if err != nil {
		return err
	}
	return errors.Join(c.make(e, o), o.close())
}

func (c InitCmd) make(e *env, o *opened) error {
	if existing, err := o.tenants(e.ctx); err != nil || len(existing) > 0 {
		if err == nil {
			err = fmt.Errorf("--data: %s holds jurisdiction %s already", c.Data, existing[0].Code)
		}
		return err
	}
	password, err := readPassword(e)
	if err != nil {
		return err
	}
	t := access.Tenant{Code: c.Code, Zh: c.Zh, En: c.En, Zone: c.Zone}
	if err := o.acts.SetUp(e.ctx, t, "emergency", 1, "epidemic-2022"); err != nil {
		return err
	}
	if regions, err := acts.DistrictRegions(c.Code, c.Zh); err == nil && c.Code == "500112" {
		if err := o.acts.RegisterRegions(e.ctx, c.Code, "china-division@2.7.0", regions); err != nil {
			return err
		}
	}
	if err := declare(e, o, c.Code, c.Incident, c.Incident); err != nil {
		return err
	}
	org := registry.Org{ID: ledger.NewID(), Kind: "commission", Zh: c.Zh, En: c.En}
	if err := o.acts.RegisterOrg(e.ctx, c.Code, org); err != nil {
		return err
	}
	if err := addAccount(e, o, c.Code, org.ID, AccountCmd{Login: c.Login, Name: c.Name, Role: "duty_officer"}, password); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "made %s; serve it with: duzhan serve --data %s\n", c.Code, c.Data)
	return nil
}

func declare(e *env, o *opened, tenant, zh, en string) error {
	_, err := o.acts.BeginIncident(e.ctx, tenant, registry.IncidentDeclaredV2{IncidentDeclaredV1: registry.IncidentDeclaredV1{
		Code: "supervision", Zh: zh, En: en, Phase: "normal",
	}}, o.acts.L.Now(tenant))
	return err
}

// AccountCmd adds an account.
type AccountCmd struct {
	Store
	Login   string   `help:"What he signs in with; the password is read from standard input." required:""`
	Name    string   `help:"Who holds it." required:""`
	Role    string   `help:"One of ${roles}." required:""`
	Unit    string   `help:"Id of the organisation he acts for."`
	Regions []string `help:"Street codes he is limited to."`
}

// Run adds the account.
func (c AccountCmd) Run(e *env) error {
	return c.with(e, func(o *opened, t access.Tenant) error {
		password, err := readPassword(e)
		if err != nil {
			return err
		}
		unit := ledger.ID(c.Unit)
		if unit == "" {
			if unit, err = commission(e, o, t); err != nil {
				return err
			}
		}
		if err := addAccount(e, o, t.Code, unit, c, password); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "added %s (%s)\n", c.Login, c.Role)
		return nil
	})
}

// commission finds the office that supervises, for whom nobody says where he belongs.
func commission(e *env, o *opened, t access.Tenant) (unit ledger.ID, err error) {
	err = o.db.Read(e.ctx, func(tx *storage.Tx) error {
		orgs, err := registry.Orgs(tx, t.Code)
		for _, org := range orgs {
			if org.Kind == "commission" && unit == "" {
				unit = org.ID
			}
		}
		return err
	})
	if err == nil && unit == "" {
		err = errors.New("--unit: no commission is registered, name the organisation he acts for")
	}
	return unit, err
}

// RegionsCmd registers regions.
type RegionsCmd struct {
	Store
	Source string `help:"Where the list comes from, such as its publisher and edition." required:""`
	File   string `arg:"" help:"CSV with the columns code, name, level (district, town, community), valid_from, valid_to (may be empty); parent and pinyin if there are any." type:"existingfile"`
}

// Run registers them; a code valid from the same day is put right.
func (c RegionsCmd) Run(e *env) error {
	regions, err := readRegions(c.File)
	if err != nil {
		return err
	}
	return c.with(e, func(o *opened, t access.Tenant) error {
		if err := o.acts.AddRegions(e.ctx, acts.Caller{Actor: access.Actor{Tenant: t.Code, Roles: []string{"duty_officer"}}}, c.Source, regions); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "registered %d regions\n", len(regions))
		return nil
	})
}

func readRegions(path string) ([]registry.Region, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[strings.TrimPrefix(strings.TrimSpace(name), "\ufeff")] = i
	}
	for _, name := range []string{"code", "name", "level", "valid_from"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("%s: no column %s", path, name)
		}
	}
	cell := func(row []string, name string) string {
		if i, ok := column[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	var out []registry.Region
	for _, row := range rows[1:] {
		out = append(out, registry.Region{
			Code: cell(row, "code"), Name: cell(row, "name"), Level: cell(row, "level"), Parent: cell(row, "parent"),
			Pinyin: cell(row, "pinyin"), From: cell(row, "valid_from"), To: cell(row, "valid_to"),
		})
	}
	return out, nil
}

func addAccount(e *env, o *opened, tenant string, unit ledger.ID, c AccountCmd, password string) error {
	p := acts.NewPerson{ID: ledger.NewPersonID(), Name: c.Name, Org: unit}
	if err := o.acts.RegisterPerson(e.ctx, tenant, p, c.Role, o.acts.L.Now(tenant)); err != nil {
		return err
	}
	return o.acts.CreateAccount(e.ctx, access.Actor{
		Tenant: tenant, Account: ledger.NewID(), Login: c.Login, Person: p.ID, Unit: unit, Roles: []string{c.Role}, Regions: c.Regions,
	}, password)
}

// readPassword reads a line; a password never stands among the arguments, where others see it.
func readPassword(e *env) (string, error) {
	fmt.Fprint(e.stderr, "password: ")
	line, err := bufio.NewReader(e.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
