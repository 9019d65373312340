package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// TeamView is a team with its members, postings and documents.
type TeamView struct {
	ID             string              `json:"id"`
	No             int64               `json:"no"`
	Zh             string              `json:"zh"`
	En             string              `json:"en"`
	FormedAt       time.Time           `json:"formed_at"`
	Members        []MemberView        `json:"members"`
	Postings       []PostingView       `json:"postings"`
	Authorisations []AuthorisationView `json:"authorisations"`
	Authorised     bool                `json:"authorised" doc:"a document is in force now"`
	Acknowledged   int                 `json:"acknowledged" doc:"members who have the order to join"`
	Mustered       int                 `json:"mustered" doc:"members who reported that they are there"`
}

// MemberView is a member of a team.
type MemberView struct {
	Person
	Role         string     `json:"role"`
	From         time.Time  `json:"from"`
	To           *time.Time `json:"to"`
	Acknowledged *time.Time `json:"acknowledged_at"`
	Mustered     *time.Time `json:"mustered_at"`
	Recused      []Region   `json:"recused" doc:"streets of the team's postings that he keeps out of"`
}

// PostingView is a posting of a team.
type PostingView struct {
	Street Region     `json:"street"`
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to"`
	Why    *string    `json:"why" doc:"why this street"`
}

// AuthorisationView is a document that lets a team visit.
type AuthorisationView struct {
	Number  string     `json:"number"`
	Issuers []Named    `json:"issuers"`
	Streets []Region   `json:"streets" doc:"empty: the whole district"`
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to"`
}

// memberBody is a member as sent.
type memberBody struct {
	Person string `json:"person"`
	Role   string `json:"role" enum:"leader,deputy,liaison,inspector"`
}

// postingBody is a posting as sent.
type postingBody struct {
	Street string     `json:"street" doc:"code of 9 digits"`
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
	Text   string     `json:"text" doc:"why this street"`
	Shared bool       `json:"shared,omitempty" doc:"another team is there too, on purpose"`
}

// authorisationBody is an authorisation as sent; its number comes with it.
type authorisationBody struct {
	Issuers []string   `json:"issuers"`
	Streets []string   `json:"streets,omitempty"`
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to,omitempty"`
}

func (b postingBody) posting() visit.Posting {
	return visit.Posting{Street: b.Street, From: utc(b.From), To: utc(b.To)}
}

func (b authorisationBody) authorisation() visit.Authorisation {
	return visit.Authorisation{Issuers: ids(b.Issuers), Streets: b.Streets, From: b.From.UTC(), To: utc(b.To)}
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func (s *API) teams(h huma.API) {
	get(h, "/teams", "teams", "Inspection teams", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[TeamView], error) {
		out := &Items[TeamView]{Items: []TeamView{}}
		return out, s.readRosters(ctx, actor, func(v *viewer) error {
			list, err := visit.Teams(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			for _, t := range list {
				view, err := v.teamView(t)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
	add(h, "/teams", "form-team", "Form a team (组建)", func(ctx context.Context, c acts.Caller, b *struct {
		No            int64              `json:"no" minimum:"1"`
		Zh            string             `json:"zh"`
		En            string             `json:"en"`
		FormedAt      *time.Time         `json:"formed_at,omitempty"`
		Precision     string             `json:"precision,omitempty" enum:"hour,evening,day"`
		Issuers       []string           `json:"issuers,omitempty"`
		Members       []memberBody       `json:"members"`
		Posting       *postingBody       `json:"posting,omitempty"`
		Authorisation *authorisationBody `json:"authorisation,omitempty"`
	},
	) (*TeamView, error) {
		t := acts.NewTeam{No: b.No, Zh: b.Zh, En: b.En, Formed: Doing{OccurredAt: b.FormedAt, Precision: b.Precision}.when(), Issuers: ids(b.Issuers)}
		for _, m := range b.Members {
			t.Members = append(t.Members, visit.Member{Person: ledger.ID(m.Person), Role: m.Role})
		}
		if b.Posting != nil {
			t.Postings, t.Why = []visit.Posting{b.Posting.posting()}, b.Posting.Text
		}
		if b.Authorisation != nil {
			w := b.Authorisation.authorisation()
			t.Authorisation = &w
		}
		id, err := s.acts.FormTeam(ctx, c, t)
		if err != nil {
			return nil, err
		}
		return s.teamPage(ctx, c.Actor, string(id))
	})
	onTeam(s, h, "/teams/{id}/members", "join-team", "Add somebody to a team", func(ctx context.Context, c acts.Caller, id ledger.ID, b *memberBody) error {
		return s.acts.JoinTeam(ctx, c, id, visit.Member{Person: ledger.ID(b.Person), Role: b.Role})
	})
	onTeam(s, h, "/teams/{id}/leave", "leave-team", "End somebody's time in a team", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Person string `json:"person"`
	},
	) error {
		return s.acts.LeaveTeam(ctx, c, id, ledger.ID(b.Person))
	})
	onTeam(s, h, "/teams/{id}/postings", "post-team", "Post a team to a street (驻点)", func(ctx context.Context, c acts.Caller, id ledger.ID, b *postingBody) error {
		return s.acts.PostTeam(ctx, c, id, b.posting(), b.Text, b.Shared)
	})
	onTeam(s, h, "/teams/{id}/authorisations", "authorise-team", "Authorise a team; no visit starts without", func(ctx context.Context, c acts.Caller, id ledger.ID, b *authorisationBody) error {
		return s.acts.AuthoriseTeam(ctx, c, id, b.authorisation())
	})
	onTeam(s, h, "/teams/{id}/report", "report-to-team", "I have the order, or I am there", func(ctx context.Context, c acts.Caller, id ledger.ID, b *struct {
		Mustered   bool       `json:"mustered"`
		OccurredAt *time.Time `json:"occurred_at,omitempty"`
	},
	) error {
		return s.acts.ReportToTeam(ctx, c, id, b.Mustered, Doing{OccurredAt: b.OccurredAt}.when())
	})
}

// onTeam registers an act on a team that answers with the team.
func onTeam[B any](s *API, h huma.API, path, id, summary string, fn func(context.Context, acts.Caller, ledger.ID, *B) error) {
	post(h, path, id, summary, func(ctx context.Context, c acts.Caller, team string, b *B) (*TeamView, error) {
		if err := fn(ctx, c, ledger.ID(team), b); err != nil {
			return nil, err
		}
		return s.teamPage(ctx, c.Actor, team)
	})
}

func (s *API) teamPage(ctx context.Context, actor access.Actor, id string) (*TeamView, error) {
	out := &TeamView{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		t, found, err := visit.TeamByID(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil || !found {
			return notFound(err)
		}
		*out, err = v.teamView(t)
		return err
	})
}

func (v *viewer) teamView(t visit.Team) (TeamView, error) {
	view := TeamView{
		ID: string(t.ID), No: t.No, Zh: t.Zh, En: t.En, FormedAt: v.local(t.FormedAt), Members: []MemberView{}, Postings: []PostingView{},
		Authorisations: []AuthorisationView{},
	}
	for i, p := range t.Postings {
		street, err := v.region(p.Street)
		if err != nil {
			return view, err
		}
		posting := PostingView{Street: street, From: v.local(p.From), To: v.localSet(p.To)}
		if i < len(t.Reasons) && t.Reasons[i].Hash != "" {
			if posting.Why, err = v.openPart(t.Reasons[i]); err != nil {
				return view, err
			}
		}
		view.Postings = append(view.Postings, posting)
	}
	for _, m := range t.Members {
		member, err := v.memberView(m, t.Postings)
		if err != nil {
			return view, err
		}
		view.Members = append(view.Members, member)
		if !m.Acknowledged.IsZero() {
			view.Acknowledged++
		}
		if !m.Mustered.IsZero() {
			view.Mustered++
		}
	}
	for _, a := range t.Authorisations {
		w := AuthorisationView{Number: a.Number, From: v.local(a.From), To: v.localSet(a.To), Issuers: []Named{}, Streets: []Region{}}
		for _, issuer := range a.Issuers {
			org, err := v.org(issuer)
			if err != nil {
				return view, err
			}
			w.Issuers = append(w.Issuers, org)
		}
		for _, code := range a.Streets {
			street, err := v.region(code)
			if err != nil {
				return view, err
			}
			w.Streets = append(w.Streets, street)
		}
		view.Authorisations = append(view.Authorisations, w)
		view.Authorised = view.Authorised || !v.now.Before(a.From) && (a.To.IsZero() || v.now.Before(a.To))
	}
	return view, nil
}

func (v *viewer) memberView(m visit.Member, postings []visit.Posting) (MemberView, error) {
	p, err := v.person(m.Person)
	if err != nil {
		return MemberView{}, err
	}
	out := MemberView{
		Person: p, Role: m.Role, From: v.local(m.From), To: v.localSet(m.To), Acknowledged: v.localSet(m.Acknowledged), Mustered: v.localSet(m.Mustered), Recused: []Region{},
	}
	person, _, err := registry.PersonByID(v.tx, v.actor.Tenant, m.Person)
	if err != nil {
		return out, err
	}
	for _, code := range person.Recused {
		for _, posting := range postings {
			if registry.Street(code) != posting.Street {
				continue
			}
			region, err := v.region(code)
			if err != nil {
				return out, err
			}
			out.Recused = append(out.Recused, region)
		}
	}
	return out, nil
}
