package api

import (
	"testing"

	"duzhan/internal/figure"

	"github.com/google/go-cmp/cmp"
)

func TestWhatMovedLeavesOutPairsThatCancel(t *testing.T) {
	got := netMoves([]figure.Moved{
		{Pos: 9, At: 50, N: 1, Subject: "m1"}, // claimed again at the same instant
		{Pos: 8, At: 50, N: -1, Subject: "m1"},
		{Pos: 7, At: 50, N: 1, Subject: "m1"},
		{Pos: 6, At: 50, N: 1, Subject: "m2"}, // another matter at that instant
		{Pos: 5, At: 40, N: -1, Subject: "m3"},
		{Pos: 4, At: 40, N: 1, Subject: "m3"}, // claimed, and the claim taken back
		{Pos: 3, At: 30, N: -1, Subject: "m2"},
	})
	want := []figure.Moved{{Pos: 9, At: 50, N: 1, Subject: "m1"}, {Pos: 6, At: 50, N: 1, Subject: "m2"}, {Pos: 3, At: 30, N: -1, Subject: "m2"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
