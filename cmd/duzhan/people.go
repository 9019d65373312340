package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/message"
)

// PeopleCmd registers people from a file.
type PeopleCmd struct {
	Store
	DryRun bool   `help:"Say what would change; write nothing."`
	File   string `arg:"" help:"CSV or XLSX with the columns name, unit, role; post, phone and login if there are any." type:"existingfile"`
}

// Run takes the good rows and names the refused ones. Passwords of new accounts are printed once.
func (c PeopleCmd) Run(e *env) error {
	return c.with(e, func(o *opened, t access.Tenant) error {
		as := acts.Caller{Actor: access.Actor{Tenant: t.Code, Roles: []string{"system_admin"}}}
		save := func(w io.Writer) error {
			f, err := os.Open(c.File)
			if err != nil {
				return err
			}
			_, err = io.Copy(w, f)
			return errors.Join(err, f.Close())
		}
		var lines []acts.PersonLine
		var accounts []acts.OpenedAccount
		var err error
		if c.DryRun {
			lines, err = o.acts.PreviewPeople(e.ctx, as, save)
		} else {
			lines, accounts, err = o.acts.ApplyPeople(e.ctx, as, save)
		}
		if err != nil {
			return err
		}
		n := map[string]int{}
		for _, l := range lines {
			n[l.State]++
			if l.Bad != nil {
				fmt.Fprintf(e.stdout, "line %d: %s: %s\n", l.Line, l.Bad.Column, message.Say(message.En, "refusal."+l.Bad.Rule, l.Bad.Args))
			}
		}
		for _, a := range accounts {
			fmt.Fprintf(e.stdout, "account %s: initial password %s\n", a.Login, a.Password)
		}
		if c.DryRun {
			fmt.Fprintln(e.stdout, "dry run: nothing was written")
		}
		fmt.Fprintf(e.stdout, "read %d = new %d + changed %d + same %d + refused %d\n",
			len(lines), n[acts.PersonNew], n[acts.PersonChanged], n[acts.PersonSame], n[acts.PersonRefused])
		return nil
	})
}
