package ledger

import "fmt"

// Because says of which kind a refusal is, and so its HTTP status.
type Because int

// The kinds of refusal.
const (
	Conflict  Because = iota // what happened forbids it (409)
	Forbidden                // who he is forbids it (403)
	Invalid                  // the input breaks a rule (422)
	NotFound                 // there is no such thing for the asker (404)
)

// Refusal (拒绝) is a command's no: a value, not a fault. Code is stable; the sentence comes from the
// message files under "refusal." + Code.
type Refusal struct {
	Code  string
	Field string // the field at fault, empty if none
	Args  map[string]string
	Why   Because
}

// Error lets a refusal travel where errors do; it holds no value that was entered.
func (r *Refusal) Error() string { return "refused: " + r.Code }

// Refuse makes a refusal for what happened. args are pairs of name and value.
func Refuse(code, field string, args ...string) *Refusal {
	return &Refusal{Code: code, Field: field, Args: pairs(args)}
}

// RefuseAs makes a refusal of another kind.
func RefuseAs(why Because, code, field string, args ...string) *Refusal {
	return &Refusal{Code: code, Field: field, Args: pairs(args), Why: why}
}

func pairs(args []string) map[string]string {
	if len(args)%2 != 0 {
		panic(fmt.Sprintf("refusal arguments come in pairs, got %d", len(args)))
	}
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]string, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}
