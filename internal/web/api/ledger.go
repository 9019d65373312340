package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/mod/sumdb/tlog"
)

// LedgerView is the ledger in one sentence and its proof.
type LedgerView struct {
	Size       int64  `json:"size"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint" doc:"a signed note (C2SP tlog-checkpoint)"`
	Key        string `json:"key" doc:"the key that verifies it"`
}

// EntryView is an entry: codes, times, numbers, references.
type EntryView struct {
	Pos        int64      `json:"pos"`
	Type       string     `json:"type"`
	Version    int        `json:"version"`
	Subject    string     `json:"subject"`
	OccurredAt time.Time  `json:"occurred_at"`
	Precision  string     `json:"precision" enum:",hour,evening,day" doc:"of occurred_at, if only an interval is known"`
	RecordedAt time.Time  `json:"recorded_at"`
	Actor      string     `json:"actor"`
	Parts      []PartView `json:"parts"`
	Hash       string     `json:"hash"`
}

// PartView is a sealed part and what became of it.
type PartView struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Hash  string `json:"hash"`
	State string `json:"state" enum:"present,destroyed,missing,broken"`
}

// EntryPage is one entry with its proof.
type EntryPage struct {
	EntryView
	Body  json.RawMessage `json:"body"`
	Proof []string        `json:"proof" doc:"RFC 6962 audit path, hexadecimal"`
	Leaf  string          `json:"leaf"`
	Size  int64           `json:"size"`
	Root  string          `json:"root"`
	Bytes string          `json:"bytes" doc:"the stored bytes, as text"`
}

// EntryList is a part of the ledger.
type EntryList struct {
	Items []EntryView `json:"items"`
	Next  *string     `json:"next"`
}

// VerifyReport is what a verification found.
type VerifyReport struct {
	OK     bool           `json:"ok"`
	Size   int64          `json:"size"`
	Root   string         `json:"root"`
	Parts  map[string]int `json:"parts"`
	Faults []string       `json:"faults"`
}

func (s *API) ledger(h huma.API) {
	get(h, "/ledger", "ledger", "Size, root and signed checkpoint", func(ctx context.Context, actor access.Actor, _ *struct{}) (*LedgerView, error) {
		out := &LedgerView{}
		return out, s.readOwn(ctx, actor, func(v *viewer) error {
			size, err := ledger.Size(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			root, err := ledger.Root(v.tx, actor.Tenant, size)
			if err != nil {
				return err
			}
			out.Size, out.Root = size, hex.EncodeToString(root[:])
			note, key, err := s.acts.Checkpoint(actor.Tenant, size, root)
			out.Checkpoint, out.Key = note, key
			return err
		})
	})
	get(h, "/ledger/entries", "list-entries", "Entries, newest first", s.entries)
	get(h, "/ledger/entries/{pos}", "get-entry", "One entry with its proof", s.entry)
	post(h, "/ledger/{id}", "verify-ledger", "Verify the ledger (id: verify)", func(ctx context.Context, c acts.Caller, id string, _ *struct{}) (*VerifyReport, error) {
		if id != "verify" {
			return nil, notMine()
		}
		if r := c.Can("ledger"); r != nil {
			return nil, r
		}
		out := &VerifyReport{Faults: []string{}}
		r, err := s.acts.VerifyLedger(ctx, c.Tenant)
		out.OK, out.Size, out.Root, out.Parts = r.OK(), r.Size, hex.EncodeToString(r.Root[:]), r.Parts
		out.Faults = append(out.Faults, r.Faults...)
		return out, err
	})
}

func (s *API) entries(ctx context.Context, actor access.Actor, in *struct {
	Type    string `query:"type" maxLength:"60"`
	Subject string `query:"subject" maxLength:"80"`
	Page    string `query:"page" maxLength:"20"`
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
},
) (*EntryList, error) {
	if r := actor.Can("ledger"); r != nil {
		return nil, r
	}
	out := &EntryList{Items: []EntryView{}}
	return out, s.readOwn(ctx, actor, func(v *viewer) error {
		before := int64(0)
		if in.Page != "" {
			n, err := strconv.ParseInt(in.Page, 10, 64)
			if err != nil {
				return ledger.RefuseAs(ledger.Invalid, "page.bad-token", "page")
			}
			before = n
		}
		return ledger.Newest(v.tx, actor.Tenant, ledger.Filter{Until: before, Type: in.Type, Subject: ledger.ID(in.Subject), Limit: in.Limit + 1},
			func(pos int64, b []byte) error {
				if len(out.Items) == in.Limit {
					out.Next = token(strconv.FormatInt(pos+1, 10))
					return nil
				}
				view, _, err := v.entry(b)
				out.Items = append(out.Items, view)
				return err
			})
	})
}

func (v *viewer) entry(b []byte) (EntryView, ledger.Entry, error) {
	e, err := v.a.L.Types().Decode(b)
	if err != nil && !errors.Is(err, ledger.ErrUnknownType) {
		return EntryView{}, e, err
	}
	leaf := tlog.RecordHash(b)
	view := EntryView{
		Pos: e.Pos, Type: e.Type, Version: e.Version, Subject: string(e.Subject), OccurredAt: v.local(e.OccurredAt),
		Precision: string(e.Precision), RecordedAt: v.local(e.RecordedAt), Actor: string(e.Who.Person), Parts: []PartView{}, Hash: hex.EncodeToString(leaf[:]),
	}
	for _, p := range e.Parts {
		state, err := v.a.V.State(v.tx, v.actor.Tenant, p)
		if err != nil {
			return view, e, err
		}
		view.Parts = append(view.Parts, PartView{Name: p.Name, Class: p.Class, Hash: p.Hash, State: state})
	}
	return view, e, nil
}

func (s *API) entry(ctx context.Context, actor access.Actor, in *struct {
	Pos int64 `path:"pos" minimum:"0"`
},
) (*EntryPage, error) {
	if r := actor.Can("ledger"); r != nil {
		return nil, r
	}
	out := &EntryPage{Proof: []string{}}
	return out, s.readOwn(ctx, actor, func(v *viewer) error {
		b, found, err := ledger.Bytes(v.tx, actor.Tenant, in.Pos)
		if err != nil {
			return err
		}
		if !found {
			return notMine()
		}
		if out.EntryView, _, err = v.entry(b); err != nil {
			return err
		}
		if out.Body, err = ledger.RawBody(b); err != nil {
			return err
		}
		if out.Size, err = ledger.Size(v.tx, actor.Tenant); err != nil {
			return err
		}
		root, err := ledger.Root(v.tx, actor.Tenant, out.Size)
		if err != nil {
			return err
		}
		proof, err := ledger.Prove(v.tx, actor.Tenant, out.Size, in.Pos)
		if err != nil {
			return err
		}
		for _, p := range proof {
			out.Proof = append(out.Proof, hex.EncodeToString(p[:]))
		}
		out.Root, out.Leaf, out.Bytes = hex.EncodeToString(root[:]), out.Hash, string(b)
		return nil
	})
}
