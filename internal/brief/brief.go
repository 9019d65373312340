// Package brief (调度) owns what is reported: snapshots of figures as of an exact instant, the sentences made
// of them, the nightly meeting that hears each team on one, the reports that go upward, and how each street is. It refuses to let a number be typed: a snapshot's figures come from the
// ledger, and it equals its recomputation for ever.
package brief

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Snapshot (快照) of the figures as of (T, K), frozen.
type Snapshot struct {
	ID       ledger.ID        `json:"id"`
	AsOf     time.Time        `json:"as_of"`
	Known    int64            `json:"known"` // number of entries it knows
	KnownAt  time.Time        `json:"known_at"`
	Edition  map[string]int   `json:"edition"` // version of each figure's definition
	Origin   string           `json:"origin"`
	Figures  map[string]int64 `json:"figures"`
	Hash     string           `json:"hash"`
	FrozenAt time.Time        `json:"frozen_at"`
}

// SnapshotFrozenV1 is entry brief.snapshot-frozen.
type SnapshotFrozenV1 struct {
	AsOf    time.Time        `json:"as_of"`
	Known   int64            `json:"known"`
	KnownAt time.Time        `json:"known_at"`
	Edition map[string]int   `json:"edition"`
	Origin  string           `json:"origin"`
	Figures map[string]int64 `json:"figures"`
	Hash    string           `json:"hash"`
}

// Kind is brief.snapshot-frozen, version 1.
func (SnapshotFrozenV1) Kind() (string, int) { return "brief.snapshot-frozen", 1 }

// Types are the entries of this desk, every version ever written.
var Types = []ledger.Codec{
	ledger.Current[SnapshotFrozenV1](), ledger.Current[MeetingMadeV1](), ledger.Current[MeetingFrozenV1](), ledger.Current[MeetingOpenedV1](),
	ledger.Current[TeamNotedV1](), ledger.Current[TeamHeardV1](), ledger.Current[TeamExcusedV1](), ledger.Current[InstructedV1](),
	ledger.Current[MeetingEndedV1](), ledger.Current[ReportDraftedV1](), ledger.Current[ReportReviewedV1](), ledger.Current[ReportReturnedV1](),
	ledger.Current[ReportSignedV1](), ledger.Current[ReportSentV1](), ledger.Current[ReportReceivedV1](), ledger.Current[CommentedV1](),
	ledger.Current[ConsentedV1](), ledger.Current[EmbargoedV1](),
	ledger.Current[StatusReportedV1](),
}

// Compute makes the snapshot of the figures as of at, as far as the first known entries say.
func Compute(tx *storage.Tx, tenant string, at time.Time, known int64, knownAt time.Time, origin string) (SnapshotFrozenV1, error) {
	s := SnapshotFrozenV1{AsOf: at.UTC(), Known: known, KnownAt: knownAt.UTC(), Origin: origin, Edition: map[string]int{}}
	for _, d := range figure.Definitions {
		s.Edition[d.Name] = d.Version
	}
	var err error
	if s.Figures, err = figure.Figures(tx, tenant, figure.AsOf{T: at, Known: known}, origin, figure.Group{}); err != nil {
		return s, err
	}
	s.Hash, err = s.hash()
	return s, err
}

// hash is over what the snapshot says; maps are written in the order of their keys.
func (s SnapshotFrozenV1) hash() (string, error) {
	s.Hash = ""
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return HashOf(b), nil
}

// HashOf is the SHA-256 of bytes, in hexadecimal digits.
func HashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Holds recomputes a snapshot and tells whether it is the same to the byte (1H-09). It has the figures that
// there were when it was frozen; those that were defined later are no part of it.
func Holds(tx *storage.Tx, tenant string, s Snapshot) (bool, error) {
	again, err := Compute(tx, tenant, s.AsOf, s.Known, s.KnownAt, s.Origin)
	if err != nil {
		return false, err
	}
	for name := range again.Edition {
		if _, then := s.Edition[name]; !then {
			delete(again.Edition, name)
			delete(again.Figures, name)
		}
	}
	hash, err := again.hash()
	return hash == s.Hash, err
}

// Snapshots lists all snapshots, newest first.
func Snapshots(tx *storage.Tx, tenant string) ([]Snapshot, error) {
	return storage.All[Snapshot](tx, `SELECT body FROM snapshot WHERE tenant = $1 ORDER BY pos DESC`, tenant)
}

// SnapshotByID finds a snapshot.
func SnapshotByID(tx *storage.Tx, tenant string, id ledger.ID) (s Snapshot, found bool, err error) {
	found, err = storage.One(tx, &s, `SELECT body FROM snapshot WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return s, found, err
}

// sentence is the wording of such bodies (practice.md 2.19.03); the template is a document's text, not
// the screen's.
const sentence = "截至%s,督导组共走访点位%d个,交办问题%d个,已整改%d个,%s"

// Sentence writes the figures as the report does; every number is a figure.
func Sentence(at time.Time, zone *time.Location, f map[string]int64) string {
	t := at.In(zone)
	when := fmt.Sprintf("%d月%d日%d时", int(t.Month()), t.Day(), t.Hour())
	if t.Minute() != 0 {
		when += fmt.Sprintf("%d分", t.Minute())
	}
	rest := "全部整改完毕。"
	if n := f["in_progress"]; n > 0 {
		rest = fmt.Sprintf("其余%d个正在整改中。", n)
	}
	return fmt.Sprintf(sentence, when, f["visits"], f["assigned"], f["rectified"], rest)
}
