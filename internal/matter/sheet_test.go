package matter

import (
	"testing"

	"duzhan/internal/ledger"
)

// TestSignSheet: the principal signs for items of his unit, or somebody for him with a reason, or refuses before
// a witness; each item stands on one sheet (R105).
func TestSignSheet(t *testing.T) {
	at := func(id ledger.ID, channel Channel, unit ledger.ID) Matter {
		return Matter{ID: id, Number: string(id), Facets: Facets{Channel: channel}, Tenures: []Tenure{{Unit: unit}}}
	}
	mine := []Matter{at("m1", FaceToFace, street), at("m2", FaceToFace, street)}
	with := func(names ...string) ledger.Act {
		return ledger.Act{Person: "leader", Unit: team, Parts: parts(names...)}
	}
	for name, x := range map[string]struct {
		c    SignSheet
		want string
	}{
		"R105 signed by the secretary":   {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: mine, Post: PostSecretary}, ""},
		"R105 without a signature":       {SignSheet{Act: with("signer"), Unit: street, Matters: mine, Post: PostDirector}, "required"},
		"R105 without saying who":        {SignSheet{Act: with("signature.1"), Unit: street, Matters: mine, Post: PostDirector}, "required"},
		"R105 for him, without a reason": {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: mine, Post: PostDelegate}, "required"},
		"R105 for him, with a reason":    {SignSheet{Act: with("signer", "signature.1", "delegate"), Unit: street, Matters: mine, Post: PostDelegate}, ""},
		"R105 refused before a witness":  {SignSheet{Act: with("witness", "reason"), Unit: street, Matters: mine, Post: PostSecretary, Refused: true}, ""},
		"R105 refused, nobody saw it":    {SignSheet{Act: with("reason"), Unit: street, Matters: mine, Post: PostSecretary, Refused: true}, "required"},
		"nothing":                        {SignSheet{Act: with("signer", "signature.1"), Unit: street, Post: PostSecretary}, "required"},
		"by nobody's post":               {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: mine, Post: "guard"}, "unknown-code"},
		"an item twice":                  {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: append(mine, mine[0]), Post: PostSecretary}, "sheet.signed-already"},
		"an item that stands on one":     {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: mine, Signed: []ledger.ID{"m2"}, Post: PostSecretary}, "sheet.signed-already"},
		"an item of another unit":        {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: []Matter{at("m3", FaceToFace, desk)}, Post: PostSecretary}, "sheet.other-unit"},
		"an item handed over in writing": {SignSheet{Act: with("signer", "signature.1"), Unit: street, Matters: []Matter{at("m3", Written, street)}, Post: PostSecretary}, "sheet.other-channel"},
	} {
		t.Run(name, func(t *testing.T) {
			drafts, r := x.c.Decide(Sheet{}, start)
			got := ""
			if r != nil {
				got = r.Code
			}
			if got != x.want {
				t.Errorf("got %q (%v), want %q", got, r, x.want)
			}
			if r == nil && len(drafts) != 1 {
				t.Errorf("%d entries", len(drafts))
			}
		})
	}
}
