package visit

import (
	"math"
	"slices"
	"strings"

	"duzhan/internal/ledger"
)

// Stop is a site to be walked to; both coordinates are WGS-84 degrees, nil if unknown.
type Stop struct {
	Site      ledger.ID
	Community string // region code, by which sites without coordinates are grouped
	Lon, Lat  *float64
}

func (s Stop) placed() bool { return s.Lon != nil && s.Lat != nil }

// Leg is a stop of a route with how far it lies from the one before, in metres in a straight line; nil for the first
// and for what has no coordinates.
type Leg struct {
	Stop
	Metres *int
}

// Route (走访路线) puts stops in an order to walk: from the start to the nearest that is left, then put right by turning
// around stretches while that shortens the way (2-opt). Distances are straight lines, no roads. Stops without
// coordinates come last, by community. A start that is nil is the first stop that has coordinates.
func Route(start *Stop, stops []Stop) []Leg {
	var placed, rest []Stop
	for _, s := range stops {
		if s.placed() {
			placed = append(placed, s)
		} else {
			rest = append(rest, s)
		}
	}
	from := start
	if from == nil || !from.placed() {
		from = nil
	}
	order := shorten(from, nearest(from, placed))
	out := make([]Leg, 0, len(stops))
	for i, s := range order {
		leg := Leg{Stop: s}
		before := from
		if i > 0 {
			before = &order[i-1]
		}
		if before != nil {
			m := int(math.Round(metres(*before, s)))
			leg.Metres = &m
		}
		out = append(out, leg)
	}
	slices.SortStableFunc(rest, func(a, b Stop) int { return strings.Compare(a.Community, b.Community) })
	for _, s := range rest {
		out = append(out, Leg{Stop: s})
	}
	return out
}

func nearest(from *Stop, stops []Stop) []Stop {
	left := slices.Clone(stops)
	out := make([]Stop, 0, len(stops))
	for len(left) > 0 {
		best := 0
		if from != nil {
			for i := range left {
				if metres(*from, left[i]) < metres(*from, left[best]) {
					best = i
				}
			}
		}
		next := left[best]
		out, from, left = append(out, next), &next, slices.Delete(left, best, best+1)
	}
	return out
}

// shorten turns stretches around while that makes the way shorter by a metre; without a start the first stop stays.
func shorten(from *Stop, order []Stop) []Stop {
	way := order
	if from != nil {
		way = append([]Stop{*from}, order...)
	}
	for better := true; better; {
		better = false
		for i := 1; i < len(way)-1; i++ {
			for k := i + 1; k < len(way); k++ {
				old, turned := metres(way[i-1], way[i]), metres(way[i-1], way[k])
				if k+1 < len(way) {
					old, turned = old+metres(way[k], way[k+1]), turned+metres(way[i], way[k+1])
				}
				if turned < old-1 {
					slices.Reverse(way[i : k+1])
					better = true
				}
			}
		}
	}
	if from != nil {
		return way[1:]
	}
	return way
}

const earthRadius = 6_371_000 // metres

// metres is the great-circle distance.
func metres(a, b Stop) float64 {
	rad := func(d float64) float64 { return d * math.Pi / 180 }
	dLat, dLon := rad(*b.Lat-*a.Lat), rad(*b.Lon-*a.Lon)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(rad(*a.Lat))*math.Cos(rad(*b.Lat))*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}
