package plan

import (
	"testing"
	"time"
)

// TestPublishPack: versions rise, nothing that is decided is touched, and a later time says the same as it did.
func TestPublishPack(t *testing.T) {
	now := time.Date(2022, 11, 20, 8, 0, 0, 0, time.UTC)
	first := PackVersion{Code: "emergency", Version: 1}
	planned := PackVersion{Code: "emergency", Version: 2, ValidFrom: now.Add(24 * time.Hour)}
	for name, x := range map[string]struct {
		newest  PackVersion
		version int
		from    time.Time
		code    string
		field   string
	}{
		"the first of all":                 {PackVersion{}, 1, now, "", ""},
		"from now":                         {first, 2, now, "", ""},
		"from a time to come":              {first, 2, now.Add(time.Hour), "", ""},
		"versions may be left out":         {first, 7, now, "", ""},
		"as far back as a clock may be":    {first, 2, now.Add(-5 * time.Minute), "", ""},
		"farther back":                     {first, 2, now.Add(-5*time.Minute - 1), "rule.valid-from-past", "valid_from"},
		"the same version":                 {first, 1, now, "rule.version-not-higher", "pack.version"},
		"an older version":                 {planned, 1, now.Add(48 * time.Hour), "rule.version-not-higher", "pack.version"},
		"without a time":                   {first, 2, time.Time{}, "required", "valid_from"},
		"before a version that is to come": {planned, 3, now.Add(time.Hour), "rule.valid-from-before", "valid_from"},
		"together with one":                {planned, 3, planned.ValidFrom, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := PublishPack{PackVersion: PackVersion{Code: "emergency", Version: x.version, ValidFrom: x.from}, Newest: x.newest, Skew: 5 * time.Minute}
			drafts, r := c.Decide(now)
			switch {
			case (r == nil) == (len(drafts) == 0):
				t.Errorf("entries and refusal must exclude each other: %v, %v", drafts, r)
			case r != nil && (r.Code != x.code || r.Field != x.field):
				t.Errorf("refused with %s at %s, want %q", r.Code, r.Field, x.code)
			case r == nil && x.code != "":
				t.Errorf("accepted, want %s", x.code)
			}
		})
	}
}
