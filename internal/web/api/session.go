package api

import (
	"context"
	"net/http"

	"duzhan/internal/access"

	"github.com/danielgtaylor/huma/v2"
)

// SessionCookie is the cookie that carries a session.
func SessionCookie(token string, secure bool) http.Cookie {
	return http.Cookie{
		Name: Cookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure,
		MaxAge: int(access.SessionLife.Seconds()),
	}
}

// EndedCookie takes the session's cookie back.
func EndedCookie() http.Cookie {
	return http.Cookie{Name: Cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1}
}

// session signs programs in and out; people use the sign-in page.
func (s *API) session(h huma.API) {
	type out struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	huma.Register(h, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/api/v1/session", Tags: []string{"session"},
		Summary: "Sign in: the answer sets the session's cookie", DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, in *struct {
		Body struct {
			Login    string `json:"login" maxLength:"100"`
			Password string `json:"password" maxLength:"200"`
		}
	},
	) (*out, error) {
		token, _, err := s.acts.Accounts.SignIn(ctx, in.Body.Login, in.Body.Password)
		if err != nil {
			return nil, toProblem(ctx, err)
		}
		return &out{SessionCookie(token, false)}, nil
	})
	huma.Register(h, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: "/api/v1/session", Tags: []string{"session"}, Summary: "Sign out",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, in *struct {
		Cookie string `cookie:"dz_session"`
	},
	) (*out, error) {
		actor, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.acts.Accounts.SignOut(ctx, actor, in.Cookie); err != nil {
			return nil, toProblem(ctx, err)
		}
		return &out{EndedCookie()}, nil
	})
}
