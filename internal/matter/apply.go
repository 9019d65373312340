package matter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"duzhan/internal/document"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/notify"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// Apply turns an entry of this desk into its rows. It holds no rule, so a rebuild cannot differ.
func Apply(tx *storage.Tx, e ledger.Entry) error {
	if !strings.HasPrefix(e.Type, "matter.") {
		return nil
	}
	if b, ok := e.Body.(SheetSignedV1); ok {
		return applySheet(tx, e, b)
	}
	if ofOrder(e.Body) {
		return applyOrder(tx, e)
	}
	before, _, err := Load(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	after := before.After(e)
	if err := numbers(tx, e); err != nil {
		return err
	}
	if fired, ok := e.Body.(LadderFiredV1); ok {
		return applyLadder(tx, e, after, fired)
	}
	if err := save(tx, e.Tenant, after, before.State == ""); err != nil {
		return err
	}
	if err := saveSteps(tx, e.Tenant, before, after); err != nil {
		return err
	}
	if b, ok := e.Body.(ExplainedV1); ok {
		if err := saveExplained(tx, e, b); err != nil {
			return err
		}
	}
	if counts, err := registry.Counts(tx, e.Tenant, after.Incident); err != nil {
		return err
	} else if counts {
		points := figure.Diff(before.Points(), after.Points())
		if _, issued := e.Body.(OrderIssuedV1); issued {
			first, err := departmentPoints(tx, e, after)
			if err != nil {
				return err
			}
			points = append(points, first...)
		}
		if err := figure.Post(tx, e.Tenant, e.Pos, e.Subject, points); err != nil {
			return err
		}
		if err := registry.PostSite(tx, e, atSite(e, before, after, points)...); err != nil {
			return err
		}
	}
	if after.Origin == OriginOrder {
		if err := applyOrder(tx, e); err != nil {
			return err
		}
	}
	return notify.Post(tx, e, messages(e, after)...)
}

// numbers takes the number that an entry carries.
func numbers(tx *storage.Tx, e ledger.Entry) error {
	var o Opening
	switch b := e.Body.(type) {
	case AssignedV1:
		o = b.Opening
	case OrderIssuedV1:
		o = b.Opening
	case FixedOnSpotV1:
		o = b.Opening
	case ImportedV1:
		o = b.Opening
	case UrgedV1:
		if !b.Formal {
			return nil
		}
		return document.Take(tx, e, document.Number{Series: b.Series, Year: b.Year, N: b.Serial})
	case WithdrawnV1:
		return document.Void(tx, e.Tenant, e.Subject)
	default:
		return nil
	}
	return document.Take(tx, e, document.Number{Series: o.Series, Year: o.Year, N: o.Serial})
}

// messages says whom an entry concerns.
func messages(e ledger.Entry, m Matter) []notify.Message {
	to := func(audience string) []notify.Message {
		return []notify.Message{{Kind: e.Type, Audience: audience, Unit: m.Responsible()}}
	}
	switch e.Body.(type) {
	case AssignedV1, OrderIssuedV1, ReassignedV1, UpheldV1, UrgedV1, VerificationFailedV1, ReopenedV1, ExtensionDecidedV1:
		return to("responsible")
	case RefusedV1, ExtensionAskedV1:
		return to("duty_officer")
	case ClaimedV1:
		return to("team_leader")
	}
	return nil
}

// saveExplained keeps what was said for each night; the last word of a day counts.
func saveExplained(tx *storage.Tx, e ledger.Entry, b ExplainedV1) error {
	text, _ := e.Part("text")
	part, err := json.Marshal(text)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO matter_explained (tenant, matter, day, expected, person, at, part) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, day, matter) DO UPDATE SET expected = excluded.expected, person = excluded.person, at = excluded.at, part = excluded.part`,
		e.Tenant, string(e.Subject), b.Day, b.Expected.UnixMicro(), string(e.Who.Person), e.RecordedAt.UnixMicro(), string(part))
	return err
}

func applyLadder(tx *storage.Tx, e ledger.Entry, m Matter, b LadderFiredV1) error {
	for _, step := range append(b.Skipped, b.Step) {
		if _, err := tx.Exec(`UPDATE matter_step SET fired = $5 WHERE tenant = $1 AND matter = $2 AND deadline = $3 AND step = $4`,
			e.Tenant, string(e.Subject), b.Deadline, step, e.Pos); err != nil {
			return err
		}
	}
	var ms []notify.Message
	for i, a := range b.Audience {
		message := notify.Message{Kind: "matter.ladder." + b.Step, Audience: a, Unit: m.Responsible()}
		if i < len(b.Deliver) {
			message.At = b.Deliver[i]
		}
		ms = append(ms, message)
	}
	return notify.Post(tx, e, ms...)
}

// Deadline names a deadline among a matter's: one that took another's place has steps of its own.
func (c Clock) Deadline() string {
	name := fmt.Sprintf("%s@%d", c.Kind, c.Start.UnixMicro())
	if c.Moves > 0 {
		name += fmt.Sprintf("+%d", c.Moves)
	}
	return name
}

// saveSteps keeps the steps that may still fire: those of clocks that run.
func saveSteps(tx *storage.Tx, tenant string, before, after Matter) error {
	same := func(a, b Clock) bool {
		return a.Kind == b.Kind && a.Start.Equal(b.Start) && a.Due.Equal(b.Due) && (a.Satisfied == nil) == (b.Satisfied == nil)
	}
	if before.State.Open() == after.State.Open() && slices.EqualFunc(before.Clocks, after.Clocks, same) {
		return nil
	}
	if before.State != "" {
		if _, err := tx.Exec(`DELETE FROM matter_step WHERE tenant = $1 AND matter = $2 AND fired IS NULL`, tenant, string(after.ID)); err != nil {
			return err
		}
	}
	for _, c := range after.Clocks {
		if c.Satisfied != nil || !after.State.Open() && c.Kind != ClockLookBack {
			continue
		}
		for _, s := range c.Steps {
			if _, err := tx.Exec(`INSERT INTO matter_step (tenant, matter, deadline, step, at, audience) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (tenant, matter, deadline, step) DO NOTHING`,
				tenant, string(after.ID), c.Deadline(), s.Code, s.At.UnixMicro(), strings.Join(s.Audience, ",")); err != nil {
				return err
			}
		}
	}
	return nil
}

func save(tx *storage.Tx, tenant string, m Matter, isNew bool) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var due any
	if d := m.Due(); d != nil {
		due = d.UnixMicro()
	}
	f := m.Facets
	if !isNew {
		_, err = tx.Exec(`UPDATE matter SET state = $3, street = $4, addressee = $5, themes = $6, area = $7, responsibility = $8,
			problem = $9, severity = $10, due = $11, open = $12, unrectified = $13, pending = $14, master = $15, body = $16
			WHERE tenant = $1 AND id = $2`,
			tenant, string(m.ID), string(m.State), f.Street, string(m.Responsible()), themeColumn(f.Themes), f.Area, f.Responsibility,
			f.Problem, f.Severity, due, storage.Bool(m.State.Open()), storage.Bool(m.unrectified()), m.Pending(), string(m.Master), body)
		return err
	}
	_, err = tx.Exec(`INSERT INTO matter (tenant, id, incident, origin, state, number, serial, street, addressee, team, site, channel,
		themes, area, responsibility, problem, severity, day, assigned_at, due, open, unrectified, pending, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		tenant, string(m.ID), string(m.Incident), string(m.Origin), string(m.State), m.Number, m.Serial, f.Street, string(m.Responsible()),
		f.Team, string(m.Site), string(f.Channel), themeColumn(f.Themes), f.Area, f.Responsibility, f.Problem, f.Severity, f.Day,
		m.AssignedAt.UnixMicro(), due, storage.Bool(m.State.Open()), storage.Bool(m.unrectified()), m.Pending(), body)
	return err
}

// unrectified tells whether the matter counts as in progress: what can be late.
func (m Matter) unrectified() bool { return m.State.Open() && !m.Claimed() }

// themeColumn lets a list be filtered by one of several themes.
func themeColumn(themes []string) string {
	if len(themes) == 0 {
		return ""
	}
	return "|" + strings.Join(themes, "|") + "|"
}
