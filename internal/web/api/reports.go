package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/brief"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// ReportRow is a report in lists.
type ReportRow struct {
	ID         string     `json:"id"`
	Version    int        `json:"version"`
	Kind       string     `json:"kind"`
	State      string     `json:"state"`
	Snapshot   string     `json:"snapshot"`
	AsOf       time.Time  `json:"as_of"`
	To         *Named     `json:"to" doc:"whom it goes to; null if it names nobody"`
	DraftedBy  Person     `json:"drafted_by"`
	DraftedAt  time.Time  `json:"drafted_at"`
	ReviewedAt *time.Time `json:"reviewed_at"`
	SignedAt   *time.Time `json:"signed_at"`
	SentAt     *time.Time `json:"sent_at"`
	ReceivedAt *time.Time `json:"received_at"`
	Hash       string     `json:"hash" doc:"of what was sent"`
}

// ReportPage is one report with its words and its figures.
type ReportPage struct {
	ReportRow
	Text       *string          `json:"text"`
	Sentence   string           `json:"sentence" doc:"made of the snapshot's figures"`
	Figures    map[string]int64 `json:"figures"`
	ReviewedBy *Person          `json:"reviewed_by"`
	SignedBy   *Person          `json:"signed_by"`
	Comments   []CommentView    `json:"comments"`
	Objectives []string         `json:"objectives" doc:"of the plan in force as of the snapshot (R015)"`
	Embargo    *time.Time       `json:"embargo" doc:"a release does not go out before"`
	Named      []NamedPerson    `json:"named" doc:"whose names stand in a release"`
}

// NamedPerson is somebody whose name stands in a release.
type NamedPerson struct {
	Person Person `json:"person"`
	Unit   Named  `json:"unit" doc:"tells namesakes apart"`
	How    string `json:"how" enum:",written,spoken,not_person,refused" doc:"what he said to it; empty: nobody asked yet"`
}

// CommentView is a leader's word on a report.
type CommentView struct {
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
	Text *string   `json:"text"`
}

func (s *API) reports(h huma.API) {
	get(h, "/reports", "list-reports", "Reports, the last first", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[ReportRow], error) {
		out := &Items[ReportRow]{Items: []ReportRow{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := brief.Reports(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			for _, r := range list {
				row, _, err := v.reportRow(r)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, row)
			}
			return nil
		})
	})
	get(h, "/reports/{id}", "get-report", "One report", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*ReportPage, error) {
		return s.reportPage(ctx, actor, in.ID)
	})
	add(h, "/reports", "write-report", "Draft a report on a frozen snapshot, or write a draft again", func(ctx context.Context, c acts.Caller, b *struct {
		ID       string `json:"id,omitempty" maxLength:"64"`
		Version  int    `json:"version,omitempty" minimum:"0"`
		Kind     string `json:"kind" enum:"daily,special,release"`
		Snapshot string `json:"snapshot"`
		To       string `json:"to,omitempty" doc:"organisation that it goes to"`
		Text     string `json:"text"`
	},
	) (*ReportPage, error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		id, err := s.acts.WriteReport(ctx, c, acts.ReportForm{ID: ledger.ID(b.ID), Seen: b.Version, Kind: b.Kind, Snapshot: ledger.ID(b.Snapshot), To: ledger.ID(b.To), Text: b.Text})
		if err != nil {
			return nil, err
		}
		return s.reportPage(ctx, c.Actor, string(id))
	})
	onReport(s, h, "/reports/{id}/review", "review-report", "Pass a draft, or send it back with a reason (核稿)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Passed  bool   `json:"passed"`
		Text    string `json:"text,omitempty"`
	},
	) error {
		return s.acts.ReviewReport(ctx, c, id, b.Version, b.Passed, b.Text)
	})
	onReport(s, h, "/reports/{id}/sign", "sign-report", "Sign a report (签发)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *versionBody) error {
		return s.acts.SignReport(ctx, c, id, b.Version)
	})
	onReport(s, h, "/reports/{id}/send", "send-report", "Send what was signed (报送)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *versionBody) error {
		return s.acts.SendReport(ctx, c, id, b.Version)
	})
	onReport(s, h, "/reports/{id}/consents", "consent-report", "What somebody said to his name in a release (署名同意)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Person  string `json:"person"`
		How     string `json:"how"`
	},
	) error {
		return s.acts.RecordConsent(ctx, c, id, b.Version, ledger.ID(b.Person), b.How)
	})
	onReport(s, h, "/reports/{id}/embargo", "embargo-report", "When a release may go out", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Version int        `json:"version,omitempty" minimum:"0"`
		Until   *time.Time `json:"until,omitempty" doc:"absent: at once"`
	},
	) error {
		return s.acts.SetEmbargo(ctx, c, id, b.Version, utc(b.Until))
	})
	onReport(s, h, "/reports/{id}/receive", "receive-report", "The report was received", func(ctx context.Context, c acts.Caller, id ledger.ID, _ *versionBody) error {
		return s.acts.ReceiveReport(ctx, c, id)
	})
	onReport(s, h, "/reports/{id}/comments", "comment-report", "A leader's words on a report (批示)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Text string `json:"text"`
	},
	) error {
		return s.acts.CommentReport(ctx, c, id, b.Text)
	})
}

func onReport[B any](s *API, h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, path, id, summary, func(ctx context.Context, c acts.Caller, report string, b *B) (*ReportPage, error) {
		if err := fn(ctx, c, ledger.ID(report), b); err != nil {
			return nil, err
		}
		return s.reportPage(ctx, c.Actor, report)
	})
}

func (v *viewer) reportRow(r brief.Report) (ReportRow, brief.Snapshot, error) {
	row := ReportRow{
		ID: string(r.ID), Version: r.Version, Kind: r.Kind, State: r.State, Snapshot: string(r.Snapshot), DraftedAt: v.local(r.DraftedAt),
		ReviewedAt: v.localPtr(r.ReviewedAt), SignedAt: v.localPtr(r.SignedAt), SentAt: v.localPtr(r.SentAt), ReceivedAt: v.localPtr(r.ReceivedAt), Hash: r.Hash,
	}
	snapshot, _, err := brief.SnapshotByID(v.tx, v.actor.Tenant, r.Snapshot)
	if err != nil {
		return row, snapshot, err
	}
	row.AsOf = v.local(snapshot.AsOf)
	if r.To != "" {
		to, err := v.org(r.To)
		if err != nil {
			return row, snapshot, err
		}
		row.To = &to
	}
	row.DraftedBy, err = v.person(r.DraftedBy)
	return row, snapshot, err
}

func (s *API) reportPage(ctx context.Context, actor access.Actor, id string) (*ReportPage, error) {
	out := &ReportPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		r, found, err := brief.ReportByID(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil || !found {
			return notFound(err)
		}
		row, snapshot, err := v.reportRow(r)
		if err != nil {
			return err
		}
		*out = ReportPage{ReportRow: row, Sentence: brief.Sentence(snapshot.AsOf, v.zone, snapshot.Figures), Figures: snapshot.Figures, Comments: []CommentView{}, Embargo: v.localPtr(r.Embargo), Named: []NamedPerson{}, Objectives: []string{}}
		if p, found, err := plan.InForce(v.tx, actor.Tenant, plan.Edition, r.Incident, snapshot.AsOf); err != nil {
			return err
		} else if found {
			words, _, err := s.acts.PublicationWords(v.tx, actor.Tenant, p)
			if err != nil {
				return err
			}
			out.Objectives = append(out.Objectives, words.Objectives...)
		}
		named, err := s.acts.Named(v.tx, actor.Tenant, r)
		if err != nil {
			return err
		}
		for _, id := range named {
			p, err := v.person(id)
			if err != nil {
				return err
			}
			registered, _, err := registry.PersonByID(v.tx, actor.Tenant, id)
			if err != nil {
				return err
			}
			unit, err := v.org(registered.Org)
			if err != nil {
				return err
			}
			out.Named = append(out.Named, NamedPerson{Person: p, Unit: unit, How: r.Consent(id)})
		}
		if out.Text, err = v.openPart(r.Text); err != nil {
			return err
		}
		for _, x := range []struct {
			id ledger.ID
			to **Person
		}{{r.ReviewedBy, &out.ReviewedBy}, {r.SignedBy, &out.SignedBy}} {
			if x.id == "" {
				continue
			}
			p, err := v.person(x.id)
			if err != nil {
				return err
			}
			*x.to = &p
		}
		for _, c := range r.Comments {
			by, err := v.person(c.By)
			if err != nil {
				return err
			}
			text, err := v.openPart(c.Text)
			if err != nil {
				return err
			}
			out.Comments = append(out.Comments, CommentView{By: by, At: v.local(c.At), Text: text})
		}
		return nil
	})
}
