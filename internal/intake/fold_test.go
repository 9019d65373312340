package intake

import (
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

func testFold(t testing.TB) *fold {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(`folds:
  f:
    drop: ['\(S\d{6}\)']
    words: {street: st, and: ""}
    aliases: {龙溪花园 1期: [龙溪花园（一期）], "joe's": [Joseph's place]}
`), &doc); err != nil {
		t.Fatal(err)
	}
	d := &decoder{}
	folds := d.folds(d.object(doc.Content[0], ""))
	if d.err != nil {
		t.Fatal(d.err)
	}
	return folds["f"]
}

func TestFoldSpellings(t *testing.T) {
	f := testFold(t)
	for name, same := range map[string][]string{
		"case, apostrophe, permit": {"Arby's (S980306)", "ARBYS", "arby’s", "Arbys (S000000) "},
		"words":                    {"1701 4th Street", "1701 4TH St."},
		"a word dropped":           {"A & H Bagels", "A and H Bagels", "A  H bagels"},
		"full width":               {"龙溪花园２栋", "龙溪花园2栋"},
		"aliases":                  {"龙溪花园(一期)", "龙溪花园（一期）", "龙溪花园 1期"},
		"alias of a name":          {"Joe's", "joseph's PLACE"},
	} {
		for _, s := range same[1:] {
			if f.key(s) != f.key(same[0]) {
				t.Errorf("%s: %q is %q, %q is %q", name, same[0], f.key(same[0]), s, f.key(s))
			}
		}
	}
	if f.key("1701 4th Street") == f.key("1702 4th Street") {
		t.Error("two addresses are one")
	}
}

// Folding twice is folding once, else a key would depend on how often a row was read.
func TestFoldIsStable(t *testing.T) {
	f := testFold(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("aB1 .'&(S123456)街Ａ－streetan"))).Draw(t, "text")
		once := f.key(s)
		if twice := f.key(once); twice != once {
			t.Fatalf("%q, %q, %q", s, once, twice)
		}
	})
}
