package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"duzhan/internal/acts"
	"duzhan/internal/acts/actstest"
	"duzhan/internal/ledger"
)

// TestEvidenceOtherThanPictures: a PDF and a recording are evidence beside pictures and never stand in for one that is
// wanted; they come back as they are kept, in nobody's page, and only to who may see the matter (R037, R078).
func TestEvidenceOtherThanPictures(t *testing.T) {
	w, base := serve(t)
	ctx := context.Background()
	street := signIn(t, base, "secretary")
	pdf := []byte("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
	sound := append([]byte("ID3\x04\x00\x00\x00\x00\x00\x06artist"), bytes.Repeat(append([]byte{0xff, 0xfb, 0x90, 0x00}, make([]byte, 413)...), 3)...)
	send := func(c *client, raw []byte, kind string) string {
		t.Helper()
		status, b := sendPicture(c, raw)
		var u struct {
			ID, Kind string
		}
		if err := json.Unmarshal(b, &u); err != nil || status != http.StatusCreated || u.Kind != kind {
			t.Fatalf("%s: %d %s", kind, status, b)
		}
		return u.ID
	}
	if status, b := sendPicture(street, bytes.Replace(pdf, []byte("/Catalog"), []byte("/Catalog /OpenAction << /S /JavaScript >>"), 1)); status != 422 || !strings.Contains(string(b), "evidence.document-active") {
		t.Errorf("a PDF with a script: %d %s", status, b)
	}
	id := w.Matter()
	if err := w.Acts.Receive(ctx, w.As(w.Secretary), id, acts.Doing{}, "", nil); err != nil {
		t.Fatal(err)
	}
	path := "/matters/" + string(id)
	document, recording := send(street, pdf, acts.Document), send(street, sound, acts.Recording)
	claim := func(uploads ...string) (int, []byte) {
		return street.post(path+"/claim", `{"text":"已派人值守。","photos":["`+strings.Join(uploads, `","`)+`"]}`)
	}
	if status, b := claim(document, recording); status != 422 || !strings.Contains(string(b), "body.photos") {
		t.Errorf("claimed without a picture: %d %s", status, b)
	}
	if status, b := claim(document, send(street, actstest.Picture(), acts.Picture), recording); status != http.StatusOK {
		t.Fatalf("claimed: %d %s", status, b)
	}
	var page struct {
		Evidence []struct{ ID string }
		Files    []struct{ ID, Media, Kind, URL string }
	}
	if status := signIn(t, base, "leader").get(path, &page); status != http.StatusOK || len(page.Files) != 2 {
		t.Fatalf("%d %+v", status, page)
	}
	want := map[string]struct {
		id, disposition, mime string
		content               []byte
	}{
		acts.Document:  {"file.after.1", "attachment", "application/pdf", pdf},
		acts.Recording: {"file.after.2", "", "audio/mpeg", sound[16:]},
	}
	outsider := w.Person("street_principal", "elsewhere", "丙示八", w.Department, []string{"500112017"}, nil)
	other := signIn(t, base, outsider.Login)
	for _, f := range page.Files {
		x := want[f.Media]
		status, header, b := street.fetch(f.URL)
		if status != http.StatusOK || !bytes.Equal(b, x.content) || f.ID != x.id || f.Kind != "after" {
			t.Errorf("%s: %d, %d bytes, %+v", f.Media, status, len(b), f)
		}
		if header.Get("Content-Type") != x.mime || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Content-Security-Policy") != "sandbox" || !strings.HasPrefix(header.Get("Content-Disposition"), x.disposition) {
			t.Errorf("%s: %v", f.Media, header)
		}
		if status, _ := other.do(http.MethodGet, f.URL, "", nil); status != http.StatusNotFound {
			t.Errorf("%s to who may not see the matter: %d", f.Media, status)
		}
	}
	if len(page.Evidence) != 1 || page.Evidence[0].ID != "photo.after.1" {
		t.Errorf("pictures: %+v", page.Evidence)
	}
	signs := signIn(t, base, "leader")
	signature := ledger.ID(send(signs, pdf, acts.Document))
	if status, b := signs.post("/hand-overs", `{"unit":"`+string(w.StreetOrg)+`","matters":["`+string(id)+`"],"post":"secretary","signer":"丙示一","signature":"`+string(signature)+`"}`); status != 422 || !strings.Contains(string(b), "picture.not-a-picture") {
		t.Errorf("a PDF as a signature: %d %s", status, b)
	}
}

// fetch gets what is no JSON, with its headers.
func (c *client) fetch(path string) (int, http.Header, []byte) {
	c.t.Helper()
	r, err := c.http.Get(c.base + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		c.t.Fatal(err)
	}
	return r.StatusCode, r.Header, b.Bytes()
}
