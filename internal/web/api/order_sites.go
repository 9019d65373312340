package api

import (
	"context"
	"mime/multipart"
	"net/http"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
)

// SiteCheck is a site of a self-check.
type SiteCheck struct {
	Site    SiteRef    `json:"site"`
	Region  Region     `json:"region"`
	Address string     `json:"address"`
	Result  string     `json:"result" enum:",ok,found" doc:"empty: not checked yet"`
	By      *Person    `json:"by"`
	Unit    Named      `json:"unit"`
	At      *time.Time `json:"at"`
	Matter  *MatterRef `json:"matter"`
}

// OrderSites are sites of an order's self-check.
type OrderSites struct {
	Items []SiteCheck `json:"items"`
	Next  *int        `json:"next" doc:"the next page's skip"`
}

// SitesRead is a file of sites as it was read.
type SitesRead struct {
	Rows    []acts.SiteRow `json:"rows"`
	Refused []LineRefused  `json:"refused"`
}

// SitesListed is the order after a list of sites was taken.
type SitesListed struct {
	OrderPage
	Refused []LineRefused `json:"refused" doc:"lines that were not taken; the others were"`
}

// LineRefused is a line that cannot be taken.
type LineRefused struct {
	Line    int    `json:"line" doc:"of the file, or of the rows sent, from 1"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// orderSiteLists registers lists of sites: rows, and a file read into rows.
func (s *API) orderSiteLists(h huma.API) {
	post(h, "/orders/{id}/sites", "list-sites", "Add sites to the self-check's list", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int            `json:"version,omitempty" minimum:"0"`
		Rows    []acts.SiteRow `json:"rows" maxItems:"5000"`
	},
	) (*SitesListed, error) {
		bad, err := s.acts.ListSites(ctx, c, ledger.ID(id), b.Version, b.Rows)
		if err != nil {
			return nil, err
		}
		page, err := s.orderPage(ctx, c.Actor, id)
		if err != nil {
			return nil, err
		}
		out := &SitesListed{OrderPage: *page, Refused: []LineRefused{}}
		for _, x := range bad {
			out.Refused = append(out.Refused, LineRefused{Line: x.Row + 1, Field: x.Refusal.Field, Message: message.Say(langOf(ctx), "refusal."+x.Refusal.Code, x.Refusal.Args)})
		}
		return out, nil
	})
	huma.Register(h, huma.Operation{
		OperationID: "read-sites", Method: http.MethodPost, Path: "/api/v1/orders/sites-file", Tags: []string{"orders"},
		Summary: "Read a CSV or XLSX file of sites into rows; nothing is entered", MaxBodyBytes: maxSitesFile,
	}, func(ctx context.Context, in *struct{ RawBody multipart.Form }) (*struct{ Body *SitesRead }, error) {
		c, err := caller(ctx, "", nil)
		if err != nil {
			return nil, err
		}
		out, err := s.readSites(ctx, c, in.RawBody)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &struct{ Body *SitesRead }{out}, nil
	})
}

func (s *API) readSites(ctx context.Context, c acts.Caller, form multipart.Form) (*SitesRead, error) {
	if r := c.Can("order.check"); r != nil {
		return nil, r
	}
	files := form.File["file"]
	if len(files) != 1 {
		return nil, ledger.Required("file")
	}
	lines, err := s.acts.ReadSites(content(files[0]))
	if err != nil {
		return nil, unreadable(ctx, err)
	}
	out := &SitesRead{Rows: []acts.SiteRow{}, Refused: []LineRefused{}}
	for _, l := range lines {
		if l.Bad != nil {
			out.Refused = append(out.Refused, LineRefused{Line: l.Line, Field: l.Bad.Column, Message: message.Say(langOf(ctx), "refusal."+l.Bad.Rule, l.Bad.Args)})
			continue
		}
		out.Rows = append(out.Rows, l.Row)
	}
	return out, nil
}

func (v *viewer) orderSites(order ledger.ID, skip, limit int) ([]SiteCheck, error) {
	list, err := matter.OrderSites(v.tx, v.actor.Tenant, order, skip, limit)
	if err != nil {
		return nil, err
	}
	out := []SiteCheck{}
	for _, x := range list {
		site, err := v.site(x.Site)
		if err != nil {
			return nil, err
		}
		check := SiteCheck{Site: SiteRef{ID: string(x.Site), Name: site.Name, Type: site.Type}, Address: site.Address, Result: x.Result, At: v.localSet(x.At)}
		if check.Region, err = v.region(site.Region); err != nil {
			return nil, err
		}
		if check.By, err = v.personPtr(x.Person); err != nil {
			return nil, err
		}
		if check.Unit, err = v.org(x.Unit); err != nil {
			return nil, err
		}
		if x.Matter != "" {
			m, _, err := matter.Load(v.tx, v.actor.Tenant, x.Matter)
			if err != nil {
				return nil, err
			}
			check.Matter = &MatterRef{ID: string(m.ID), Number: m.Number}
		}
		out = append(out, check)
	}
	return out, nil
}

func (s *API) sitesOfOrder(ctx context.Context, actor access.Actor, in *struct {
	ID   string `path:"id" maxLength:"64"`
	Skip int    `query:"skip" minimum:"0"`
},
) (*OrderSites, error) {
	out := &OrderSites{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		o, found, err := matter.OrderByID(v.tx, actor.Tenant, ledger.ID(in.ID))
		if err != nil || !found || !v.seesOrder(o) {
			return notFound(err)
		}
		if out.Items, err = v.orderSites(o.ID, in.Skip, shownSites); err != nil {
			return err
		}
		if next := in.Skip + shownSites; next < o.Listed {
			out.Next = &next
		}
		return nil
	})
}
