package main

import (
	"errors"
	"fmt"
	"os"

	"duzhan/internal/demo"
)

// DemoCmd makes the demonstration.
type DemoCmd struct{ Store }

// Run refuses a folder that holds data: nothing invented is ever mixed with what happened.
func (c DemoCmd) Run(e *env) error {
	if list, err := os.ReadDir(c.Data); err == nil && len(list) > 0 {
		return fmt.Errorf("--data: %s is not empty; the demonstration wants a folder of its own", c.Data)
	}
	var clock demo.Clock
	o, err := c.open(e.ctx, true, clock.Now)
	if err != nil {
		return err
	}
	logins, err := demo.Run(e.ctx, o.acts, &clock, func(step string) { fmt.Fprintln(e.stderr, "demonstration:", step) })
	if err == nil {
		printLogins(e, logins)
	}
	return errors.Join(err, o.close())
}

// printLogins prints one sign-in a role.
func printLogins(e *env, logins []demo.Login) {
	fmt.Fprintln(e.stdout, "演示数据·虚构 / demonstration, invented data. Sign-ins (role, account, password):")
	seen := map[string]bool{}
	for _, l := range logins {
		if !seen[l.Role] {
			seen[l.Role] = true
			fmt.Fprintf(e.stdout, "  %-22s %-12s %s\n", l.Role, l.Login, l.Password)
		}
	}
}
