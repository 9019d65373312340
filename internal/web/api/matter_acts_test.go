package api

import (
	"slices"
	"strings"
	"testing"

	"duzhan/internal/matter"

	"github.com/go-chi/chi/v5"
)

// TestFormsHoldWhatTheTableAsks: whatever the transition table says an act must carry has a field in that
// act's form, under the name that a refusal gives it.
func TestFormsHoldWhatTheTableAsks(t *testing.T) {
	described := Mount(chi.NewRouter(), nil, "test", BaseMap{}).OpenAPI()
	forms := map[string]string{"fail_verification": "verify"}
	elsewhere := []string{"assign", "fix_on_spot"} // the hand-over of a finding
	for _, row := range matter.Transitions {
		act := row.Act
		if to, ok := forms[act]; ok {
			act = to
		}
		if slices.Contains(elsewhere, act) {
			continue
		}
		path := described.Paths["/api/v1/matters/{id}/"+act]
		if path == nil {
			t.Errorf("%s has no form", act)
			continue
		}
		schema := path.Post.RequestBody.Content["application/json"].Schema
		if schema.Ref != "" {
			schema = described.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		for _, must := range row.Must {
			for _, part := range strings.Split(must, "|") {
				field := part
				for _, form := range []string{"", act} {
					if f, ok := formFields[form][part]; ok {
						field = f
					}
				}
				if schema.Properties[field] == nil {
					t.Errorf("%s must carry %s, and its form has no field %s", act, part, field)
				}
			}
		}
	}
}
