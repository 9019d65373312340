package matter

import (
	_ "embed"
	"encoding/json"
	"slices"
)

// Transition is a row of the transition table (docs/figures.md names its source).
type Transition struct {
	N    int      `json:"n"`    // row of the source's table; 18 is the correction, 19 the reason for a night, 20 an order's reply
	Act  string   `json:"act"`  // the command's code
	From []State  `json:"from"` // "" is: no matter yet
	To   State    `json:"to"`   // "" keeps the state, "back" returns to the one before
	Must []string `json:"must"` // what the act must carry; a|b is one of them
}

//go:embed transitions.json
var transitionsJSON []byte

// Transitions is the table, as data.
var Transitions = func() []Transition {
	var t []Transition
	if err := json.Unmarshal(transitionsJSON, &t); err != nil {
		panic("matter: transitions.json: " + err.Error())
	}
	return t
}()

// back is the To of a transition that returns to the state before.
const back State = "back"

func transition(act string, from State) (Transition, bool) {
	for _, t := range Transitions {
		if t.Act == act && slices.Contains(t.From, from) {
			return t, true
		}
	}
	return Transition{}, false
}

// Acts lists the acts that the table allows from a state, in its order.
func Acts(from State) []string {
	var acts []string
	for _, t := range Transitions {
		if slices.Contains(t.From, from) && !slices.Contains(acts, t.Act) {
			acts = append(acts, t.Act)
		}
	}
	return acts
}
