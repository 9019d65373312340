package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/message"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is an answer of RFC 9457. Code is stable; title and detail are in the asked language and hold
// no value that was entered.
type Problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Code   string            `json:"code" doc:"stable code of the rule"`
	Detail string            `json:"detail,omitempty"`
	Errors []FieldProblem    `json:"errors,omitempty"`
	Args   map[string]string `json:"args,omitempty"`

	lang message.Lang
}

// FieldProblem names a field and the rule it breaks.
type FieldProblem struct {
	Location string `json:"location" doc:"such as body.unit"`
	Message  string `json:"message"`
	Code     string `json:"code"`
}

// Error makes a problem an error; it says the code only.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

type langKey struct{}

func langOf(ctx context.Context) message.Lang {
	if l, ok := ctx.Value(langKey{}).(message.Lang); ok {
		return l
	}
	return message.Zh
}

func problem(l message.Lang, status int, code, location string, args map[string]string) *Problem {
	text := message.Say(l, "refusal."+code, args)
	p := &Problem{Type: "about:blank", Title: text, Status: status, Code: code, Args: args, lang: l}
	if location != "" {
		p.Errors = []FieldProblem{{Location: location, Message: text, Code: code}}
	}
	return p
}

var statusOf = map[ledger.Because]int{
	ledger.Conflict: http.StatusConflict, ledger.Forbidden: http.StatusForbidden,
	ledger.Invalid: http.StatusUnprocessableEntity, ledger.NotFound: http.StatusNotFound,
}

// toProblem is the one place where a refusal, bad input or a fault becomes an answer. A fault is logged
// with a number and says nothing else.
func toProblem(ctx context.Context, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	l := langOf(ctx)
	var r *ledger.Refusal
	if errors.As(err, &r) {
		location := ""
		if r.Field != "" {
			location = "body." + r.Field
		}
		return problem(l, statusOf[r.Why], r.Code, location, r.Args)
	}
	if errors.Is(err, ledger.ErrTooLarge) {
		return tooLarge(l, ledger.MaxEntry)
	}
	id := make([]byte, 4)
	_, _ = rand.Read(id)
	number := hex.EncodeToString(id)
	slog.ErrorContext(ctx, "fault", "id", number, "error", err)
	return problem(l, http.StatusInternalServerError, "internal", "", map[string]string{"id": number})
}

// WriteProblem answers a plain request with a problem.
func WriteProblem(w http.ResponseWriter, r *http.Request, status int, code string) {
	p := problem(message.Choose(r.Header.Get("Accept-Language")), status, code, "", nil)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}

// inputCodes tell a validation message of the API library by its beginning.
var inputCodes = []struct{ begins, code string }{
	{"expected required property", "input.required"},
	{"required ", "input.required"},
	{"unexpected property", "input.unknown-field"},
	{"expected string to be RFC 3339", "input.date-time"},
	{"invalid date/time", "input.date-time"},
	{"expected value to be one of", "input.one-of"},
	{"expected length", "input.length"},
	{"expected array length", "input.length"},
	{"expected number >", "input.range"},
	{"expected number <", "input.range"},
	{"expected string to", "input.format"},
	{"expected ", "input.type"},
	{"invalid ", "input.type"},
}

func init() {
	huma.DefaultArrayNullable = false // a list that has nothing in it is [], never null
	// The library's own error echoes the values that were sent, and speaks one language.
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return inputProblem(message.Zh, status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		if status == http.StatusRequestEntityTooLarge {
			return tooLarge(langOf(ctx.Context()), ctx.Operation().MaxBodyBytes)
		}
		return inputProblem(langOf(ctx.Context()), status, msg, errs)
	}
}

// tooLarge says how large what was sent may be, bytes.
func tooLarge(l message.Lang, limit int64) *Problem {
	return problem(l, http.StatusRequestEntityTooLarge, "input.too-large", "body", map[string]string{"max": strconv.FormatInt(limit>>10, 10)})
}

func inputProblem(l message.Lang, status int, msg string, errs []error) *Problem {
	code := "input.invalid"
	switch {
	case strings.Contains(msg, "request body is required"):
		code = "input.empty"
	case status == http.StatusBadRequest, status == http.StatusUnsupportedMediaType:
		code = "input.unreadable"
	case status >= http.StatusInternalServerError:
		code = "internal"
	}
	p := problem(l, status, code, "", map[string]string{"count": strconv.Itoa(len(errs)), "id": "-"})
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue
		}
		detail := d.ErrorDetail()
		field := "input.type"
		for _, c := range inputCodes {
			if strings.HasPrefix(detail.Message, c.begins) {
				field = c.code
				break
			}
		}
		location := detail.Location
		if field == "input.required" { // the library names the object; the field stands in the message
			if words := strings.Fields(strings.TrimPrefix(detail.Message, "expected required property ")); len(words) > 0 && strings.HasPrefix(detail.Message, "expected") {
				location += "." + words[0]
			}
		}
		p.Errors = append(p.Errors, FieldProblem{Location: location, Message: message.Say(l, "refusal."+field, nil), Code: field})
	}
	return p
}
