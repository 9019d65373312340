package acts

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// FuzzPicture: no bytes make the reader of pictures fall over, and what it gives is a picture without
// metadata.
func FuzzPicture(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\xff\xff"))
	f.Add([]byte("Exif\x00\x00II\x2a\x00\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = hasGPS(raw)
		if len(raw) > 1<<16 {
			return
		}
		drawn, size, refusal := redraw(raw)
		if (refusal == nil) == (drawn == nil) {
			t.Fatal("a picture and a refusal must exclude each other")
		}
		if refusal == nil && (bytes.Contains(drawn, []byte("Exif")) || max(size.X, size.Y) > pictureEdge) {
			t.Fatal("metadata or size were kept")
		}
	})
}

// FuzzText: what passes holds no control character and is not longer than it may be.
func FuzzText(f *testing.F) {
	f.Add("2单元 17:05 约15人聚集")
	f.Add("a\x00b\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		out, refusal := cleanText("fact", s, false)
		if refusal != nil {
			return
		}
		for _, r := range out {
			if forbidden(r) {
				t.Fatalf("%q passed", r)
			}
		}
		if len([]rune(out)) > MaxText {
			t.Fatal("too long")
		}
	})
}
