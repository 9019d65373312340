package acts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // pictures are read as JPEG or PNG
	"io"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/vault"

	"golang.org/x/image/draw"
)

// Limits of pictures.
const (
	// MaxPicture is the most bytes of a picture as sent.
	MaxPicture = 10 << 20
	// MaxPixels bounds what decoding a small file may unfold to.
	MaxPixels = 50_000_000
	// pictureEdge is the longest edge a picture is kept with, pixels.
	pictureEdge = 1600
	// MaxPictures of one kind that an act carries.
	MaxPictures = 8
)

// Upload is a picture, a document or a recording that was sent and is not yet part of an entry.
type Upload struct {
	ID      ledger.ID   `json:"id"`
	Kind    string      `json:"kind,omitempty"` // Document, Recording; empty: a picture
	Part    ledger.Part `json:"part"`
	Width   int         `json:"width"`
	Height  int         `json:"height"`
	Notices []string    `json:"notices,omitempty"` // gps_removed, metadata_removed
	// Sent tells another picture under the same key; it cannot be made without the key, so that it betrays
	// no picture to who guesses it.
	Sent string `json:"sent,omitempty"`
	// Print tells the same pixels again, whoever sends them; it is keyed like Sent.
	Print string `json:"print,omitempty"`
}

// SaveUpload seals a picture, a document or a recording until an act takes it. A picture is drawn anew, so that nothing but
// pixels is left; the others are looked through.
func (a *Acts) SaveUpload(ctx context.Context, c Caller, r io.Reader) (Upload, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxEvidence+1))
	if err != nil {
		return Upload{}, err
	}
	u := Upload{ID: c.newID("upload")}
	f, ok, refusal := lookAt(raw)
	if !ok {
		f, u.Width, u.Height, refusal = lookAtPicture(raw)
	}
	if refusal != nil {
		return Upload{}, refusal
	}
	if u.Notices = f.notices; f.kind != Picture {
		u.Kind = f.kind
	}
	if c.Key != "" {
		mac := hmac.New(sha256.New, []byte(c.Key))
		mac.Write(raw)
		u.Sent = hex.EncodeToString(mac.Sum(nil))
	}
	u.Print = a.V.RowHash(c.Tenant, f.kind+"\x00"+string(f.content))
	once := a.idem(c)
	// An upload appends no entry of its own, so its key stands with it and not in the ledger.
	err = a.do(ctx, Caller{Actor: c.Actor}, func(tx *ledger.Tx) error {
		if _, _, err := tx.Seen(once); err != nil {
			return err
		}
		before, found, err := uploaded(tx, c, u.ID)
		if err != nil {
			return err
		}
		if found {
			if before.Sent != u.Sent {
				return ledger.KeyReused()
			}
			u = before
			return nil
		}
		parts, err := a.V.Seal(tx, scope(tx), vault.Finding, vault.Content{Name: "photo", Type: f.mime, Bytes: f.content})
		if err != nil {
			return err
		}
		u.Part = parts[0]
		meta, err := json.Marshal(u)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO upload (tenant, id, account, at, meta, taken) VALUES ($1, $2, $3, $4, $5, 0)`,
			c.Tenant, string(u.ID), string(c.Account), tx.Now().UnixMicro(), meta)
		return err
	})
	return u, err
}

// uploaded finds an upload of the caller.
func uploaded(tx *ledger.Tx, c Caller, id ledger.ID) (u Upload, found bool, err error) {
	found, err = storage.One(tx.Tx, &u, `SELECT meta FROM upload WHERE tenant = $1 AND id = $2 AND account = $3`,
		c.Tenant, string(id), string(c.Account))
	return u, found, err
}

// lookAtPicture draws a picture anew and gives its width and height.
func lookAtPicture(raw []byte) (f evidenceFile, width, height int, refusal *ledger.Refusal) {
	if len(raw) > MaxPicture {
		return f, 0, 0, ledger.RefuseAs(ledger.Invalid, "picture.too-large", "file", "max", fmt.Sprint(MaxPicture>>20))
	}
	drawn, size, refusal := redraw(raw)
	f = evidenceFile{kind: Picture, mime: "image/jpeg", content: drawn}
	if tiff := exif(raw); tiff != nil {
		f.notices = append(f.notices, "metadata_removed")
		if _, located := exifTag(tiff, tagGPS); located {
			f.notices = append(f.notices, "gps_removed")
		}
	}
	return f, size.X, size.Y, refusal
}

// redraw decodes a JPEG or PNG and encodes it again, upright, no edge longer than pictureEdge.
func redraw(raw []byte) ([]byte, image.Point, *ledger.Refusal) {
	no := func() ([]byte, image.Point, *ledger.Refusal) {
		return nil, image.Point{}, ledger.RefuseAs(ledger.Invalid, "picture.not-a-picture", "file")
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 {
		return no()
	}
	if cfg.Width*cfg.Height > MaxPixels {
		return nil, image.Point{}, ledger.RefuseAs(ledger.Invalid, "picture.too-many-pixels", "file", "max", fmt.Sprint(MaxPixels))
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return no()
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > pictureEdge {
		w, h = max(1, w*pictureEdge/longest), max(1, h*pictureEdge/longest)
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Over, nil)
	orientation, _ := exifTag(exif(raw), tagOrientation)
	small = upright(small, orientation)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 80}); err != nil {
		return no()
	}
	return out.Bytes(), small.Rect.Size(), nil
}

// takeUploads turns the caller's uploads into parts of an entry: prefix1, prefix2, …; a document or a recording is no
// picture where one is wanted, and becomes file.before.1 beside photo.before.1. What was used before is flagged on what
// this is about.
func (a *Acts) takeUploads(tx *ledger.Tx, c Caller, about plan.About, prefix, field string, ids []ledger.ID) ([]ledger.Part, error) {
	if len(ids) > MaxPictures {
		return nil, ledger.RefuseAs(ledger.Invalid, "picture.too-many", field, "max", fmt.Sprint(MaxPictures))
	}
	parts := make([]ledger.Part, 0, len(ids))
	pictures, files := 0, 0
	for _, id := range ids {
		u, found, err := uploaded(tx, c, id)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, ledger.RefuseAs(ledger.Invalid, "picture.unknown-upload", field)
		}
		photo, evidence := strings.CutPrefix(prefix, "photo.")
		if u.Kind != "" && !evidence { // a signature is drawn or photographed
			return nil, ledger.RefuseAs(ledger.Invalid, "picture.not-a-picture", field)
		}
		if _, err := tx.Exec(`UPDATE upload SET taken = 1 WHERE tenant = $1 AND id = $2`, c.Tenant, string(id)); err != nil {
			return nil, err
		}
		if err := flagPicture(tx, u.Print, about); err != nil {
			return nil, err
		}
		if u.Kind == "" {
			pictures++
			u.Part.Name = fmt.Sprintf("%s%d", prefix, pictures)
		} else {
			files++
			u.Part.Name = fmt.Sprintf("file.%s%d", photo, files)
		}
		parts = append(parts, u.Part)
	}
	return parts, nil
}

// SweepUploads throws away the pictures that nothing took for longer than anybody may still report what
// they show. It gives how many.
func (a *Acts) SweepUploads(ctx context.Context, tenant string) (swept int, err error) {
	err = a.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		swept = 0
		pack, err := a.packNow(tx, tenant)
		if err != nil {
			return err
		}
		var left []Upload
		err = tx.Query(`SELECT meta FROM upload WHERE tenant = $1 AND taken = 0 AND at < $2 LIMIT 500`,
			[]any{tenant, tx.Now().Add(-pack.Retro).UnixMicro()}, func(scan func(...any) error) error {
				var meta []byte
				if err := scan(&meta); err != nil {
					return err
				}
				var u Upload
				err := json.Unmarshal(meta, &u)
				left = append(left, u)
				return err
			})
		if err != nil {
			return err
		}
		for _, u := range left {
			if err := a.V.Discard(tx, u.Part); err != nil {
				return err
			}
			if _, err := tx.Exec(`DELETE FROM upload WHERE tenant = $1 AND id = $2`, tenant, string(u.ID)); err != nil {
				return err
			}
			swept++
		}
		return nil
	})
	return swept, err
}

// Open gives a part's content; gone says that it was destroyed on purpose.
func (a *Acts) Open(tx *storage.Tx, tenant string, p ledger.Part) (content []byte, gone bool, err error) {
	content, err = a.V.Open(tx, tenant, p)
	if errors.Is(err, vault.ErrDestroyed) {
		return nil, true, nil
	}
	return content, false, err
}
