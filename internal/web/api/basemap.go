package api

import (
	"errors"
	"regexp"
	"strings"
)

// BaseMap is the raster map that an office put behind its sites: square tiles of 256 pixels in Web Mercator, whose
// coordinates are WGS-84 as those of the sites are. Nothing is converted: tiles of another coordinate system (GCJ-02)
// would show every site some hundred metres off. The zero value is no map, and then pages ask nobody for anything.
type BaseMap struct {
	Tiles       string `json:"tiles" doc:"address of a tile with {z}, {x} and {y}"`
	Attribution string `json:"attribution"`
	MaxZoom     int    `json:"max_zoom"`
}

// host is what a tile server's may be written with, so that nothing else gets into the security policy.
var host = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// maxMapZoom bounds how far a map zooms in.
const maxMapZoom = 22

// ParseBaseMap takes what a server was started with; an empty address is no map.
func ParseBaseMap(tiles, attribution string, maxZoom int) (BaseMap, error) {
	if tiles == "" {
		return BaseMap{}, nil
	}
	for _, mark := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(tiles, mark) != 1 {
			return BaseMap{}, errors.New("the address of map tiles needs {z}, {x} and {y}, each once")
		}
	}
	scheme, rest, _ := strings.Cut(tiles, "://")
	server := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		server = rest[:end]
	}
	switch {
	case scheme != "https" && scheme != "http" || !host.MatchString(server):
		return BaseMap{}, errors.New("the address of map tiles begins with https:// or http:// and the name of one server")
	case strings.ContainsAny(tiles, " \t\r\n\"'<>\\"):
		return BaseMap{}, errors.New("the address of map tiles has a character that no address has")
	case strings.TrimSpace(attribution) == "":
		return BaseMap{}, errors.New("say whose map it is: --map-attribution")
	case maxZoom < 1 || maxZoom > maxMapZoom:
		return BaseMap{}, errors.New("the largest zoom of a map is 1 to 22")
	}
	return BaseMap{Tiles: tiles, Attribution: strings.TrimSpace(attribution), MaxZoom: maxZoom}, nil
}

// Origin is the one server that pages may load map tiles from; empty if there is no map.
func (m BaseMap) Origin() string {
	if m.Tiles == "" {
		return ""
	}
	scheme, rest, _ := strings.Cut(m.Tiles, "://")
	return scheme + "://" + rest[:strings.IndexAny(rest, "/?#")]
}
