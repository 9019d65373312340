package matter

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Posts of who signs for a street (R105): its secretary or its director, or somebody for them with a reason.
const (
	PostSecretary = "secretary"
	PostDirector  = "director"
	PostDelegate  = "delegate"
)

// Sheet (当面交办单) is what was handed over face to face at one time, with its signature, or with who saw that
// it was refused.
type Sheet struct {
	ID      ledger.ID     `json:"id"`
	Unit    ledger.ID     `json:"unit"`
	Matters []ledger.ID   `json:"matters"`
	Post    string        `json:"post"`
	Refused bool          `json:"refused,omitempty"`
	By      ledger.ID     `json:"by"`
	At      time.Time     `json:"at"`
	Parts   []ledger.Part `json:"parts,omitempty"`
}

// SheetSignedV1 is entry matter.sheet-signed; its subject is the sheet. Sealed parts: "signer" (who signed),
// "signature.1" (picture), "delegate" (why not the principal), "witness" and "reason" of a refusal.
type SheetSignedV1 struct {
	Unit    ledger.ID   `json:"unit"`
	Matters []ledger.ID `json:"matters"`
	Post    string      `json:"post"`
	Refused bool        `json:"refused,omitempty"`
}

// Kind is matter.sheet-signed, version 1.
func (SheetSignedV1) Kind() (string, int) { return "matter.sheet-signed", 1 }

// SignSheet records a face-to-face hand-over. Matters are as they are now; Signed are those of them that stand
// on a sheet already.
type SignSheet struct {
	ledger.Act
	ID      ledger.ID
	Unit    ledger.ID
	Matters []Matter
	Signed  []ledger.ID
	Post    string
	Refused bool
}

// Decide: items of one unit, handed over face to face, each on one sheet; signed by the principal, or by somebody
// for him with a reason, or refused before a witness.
func (c SignSheet) Decide(_ Sheet, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if len(c.Matters) == 0 {
		return nil, ledger.Required("matters")
	}
	body := SheetSignedV1{Unit: c.Unit, Post: c.Post, Refused: c.Refused}
	for i, m := range c.Matters {
		field := "matters[" + strconv.Itoa(i) + "]"
		switch {
		case m.Facets.Channel != FaceToFace:
			return nil, ledger.RefuseAs(ledger.Invalid, "sheet.other-channel", field, "number", m.Number)
		case m.Responsible() != c.Unit:
			return nil, ledger.RefuseAs(ledger.Invalid, "sheet.other-unit", field, "number", m.Number)
		case slices.Contains(c.Signed, m.ID) || slices.Contains(body.Matters, m.ID):
			return nil, ledger.Refuse("sheet.signed-already", field, "number", m.Number)
		}
		body.Matters = append(body.Matters, m.ID)
	}
	if !slices.Contains([]string{PostSecretary, PostDirector, PostDelegate}, c.Post) {
		return nil, ledger.RefuseAs(ledger.Invalid, "unknown-code", "post", "field", "post")
	}
	needs := []string{"signer", "signature.1"}
	if c.Refused {
		needs = []string{"witness", "reason"}
	}
	if c.Post == PostDelegate {
		needs = append(needs, "delegate")
	}
	fields := map[string]string{"signature.1": "signature", "delegate": "delegate_reason"}
	for _, part := range needs {
		field := part
		if f, ok := fields[part]; ok {
			field = f
		}
		if r := c.Need(part, field); r != nil {
			return nil, r
		}
	}
	return c.Draft(c.ID, body), nil
}

func applySheet(tx *storage.Tx, e ledger.Entry, b SheetSignedV1) error {
	body, err := json.Marshal(Sheet{
		ID: e.Subject, Unit: b.Unit, Matters: b.Matters, Post: b.Post, Refused: b.Refused, By: e.Who.Person, At: e.Effective(time.Time{}), Parts: e.Parts,
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO sheet (tenant, id, unit, at, body) VALUES ($1, $2, $3, $4, $5)`,
		e.Tenant, string(e.Subject), string(b.Unit), e.Effective(time.Time{}).UnixMicro(), body); err != nil {
		return err
	}
	for _, m := range b.Matters {
		if _, err := tx.Exec(`INSERT INTO sheet_item (tenant, matter, sheet) VALUES ($1, $2, $3)`, e.Tenant, string(m), string(e.Subject)); err != nil {
			return err
		}
	}
	return nil
}

// Sheets lists the sheets of a unit, the last first; an empty unit is all.
func Sheets(tx *storage.Tx, tenant string, unit ledger.ID, limit int) ([]Sheet, error) {
	if unit == "" {
		return storage.All[Sheet](tx, `SELECT body FROM sheet WHERE tenant = $1 ORDER BY at DESC, id LIMIT $2`, tenant, limit)
	}
	return storage.All[Sheet](tx, `SELECT body FROM sheet WHERE tenant = $1 AND unit = $2 ORDER BY at DESC, id LIMIT $3`, tenant, string(unit), limit)
}

// SheetOf finds the sheet that a matter stands on; empty if none does (待当面交办).
func SheetOf(tx *storage.Tx, tenant string, id ledger.ID) (sheet ledger.ID, err error) {
	var s string
	_, err = tx.Row(`SELECT sheet FROM sheet_item WHERE tenant = $1 AND matter = $2`, []any{tenant, string(id)}, &s)
	return ledger.ID(s), err
}

// Unsigned lists open matters handed over face to face that stand on no sheet, oldest first.
func Unsigned(tx *storage.Tx, tenant string, streets []string, limit int) ([]Matter, error) {
	w := &where{args: []any{tenant}}
	w.add("m.channel = ?", string(FaceToFace))
	if streets != nil {
		w.in("m.street", append([]string{"-"}, streets...))
	}
	w.args = append(w.args, limit)
	return storage.All[Matter](tx, `SELECT m.body FROM matter m LEFT JOIN sheet_item i ON i.tenant = m.tenant AND i.matter = m.id
		WHERE m.tenant = $1 AND m.open = 1 AND i.sheet IS NULL`+w.text.String()+` ORDER BY m.assigned_at, m.id LIMIT $`+strconv.Itoa(len(w.args)), w.args...)
}
