package api

import "testing"

// TestBaseMap: what is no address of tiles on one server is refused, and nothing of it gets into the security policy.
func TestBaseMap(t *testing.T) {
	for tiles, origin := range map[string]string{
		"":                                       "",
		"https://tiles.test/{z}/{x}/{y}.png":     "https://tiles.test",
		"http://10.0.0.8:8080/t?l={z}&c={x},{y}": "http://10.0.0.8:8080",
	} {
		m, err := ParseBaseMap(tiles, " © Test ", 18)
		if err != nil || m.Origin() != origin || tiles != "" && m.Attribution != "© Test" {
			t.Errorf("%s: %+v %v", tiles, m, err)
		}
	}
	for _, tiles := range []string{
		"tiles.test/{z}/{x}/{y}.png", "https://tiles.test/{z}/{x}.png", "https://tiles.test/{z}/{x}/{y}/{y}.png", "ftp://tiles.test/{z}/{x}/{y}",
		"https://{z}.test/{x}/{y}", "https://a;b.test/{z}/{x}/{y}", "https://a b.test/{z}/{x}/{y}", "https://who:word@tiles.test/{z}/{x}/{y}",
		"javascript:{z}{x}{y}", "//tiles.test/{z}/{x}/{y}", "https://tiles.test/{z}/{x}/{y}'", "data:image/png,{z}{x}{y}",
	} {
		if m, err := ParseBaseMap(tiles, "© Test", 18); err == nil {
			t.Errorf("%s is taken: %+v", tiles, m)
		}
	}
	if _, err := ParseBaseMap("https://tiles.test/{z}/{x}/{y}.png", " ", 18); err == nil {
		t.Error("a map of nobody")
	}
	if _, err := ParseBaseMap("https://tiles.test/{z}/{x}/{y}.png", "© Test", 23); err == nil {
		t.Error("a zoom that there is not")
	}
}
