package acts

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// corners of the picture that TestUpright takes, as they are to be seen: red and green above, blue and white
// below.
const corners = "RGBW"

var paints = map[byte]color.RGBA{'R': {255, 0, 0, 255}, 'G': {0, 255, 0, 255}, 'B': {0, 0, 255, 255}, 'W': {255, 255, 255, 255}}

// TestUpright: whichever way the camera was held, the picture stands as it was seen when its metadata are
// gone (R037). Stored is what lies in the file's corners by the meaning of its orientation (CIPA DC-008,
// tag 0112): the sides of the seen picture on which its first row and first column lie.
func TestUpright(t *testing.T) {
	for _, x := range []struct {
		orientation uint16
		stored      string
		turned      bool
	}{
		{0, "RGBW", false}, {9, "RGBW", false}, // no orientation
		{1, "RGBW", false}, // top, left
		{2, "GRWB", false}, // top, right
		{3, "WBGR", false}, // bottom, right
		{4, "BWRG", false}, // bottom, left
		{5, "RBGW", true},  // left, top
		{6, "GWRB", true},  // right, top
		{7, "WGBR", true},  // right, bottom
		{8, "BRWG", true},  // left, bottom
	} {
		for format, file := range map[string][]byte{
			"JPEG, big end first":    jpegOf(t, x.stored, x.turned, tiffOf(binary.BigEndian, x.orientation)),
			"JPEG, little end first": jpegOf(t, x.stored, x.turned, tiffOf(binary.LittleEndian, x.orientation)),
			"PNG":                    pngOf(t, x.stored, x.turned, tiffOf(binary.BigEndian, x.orientation)),
		} {
			drawn, size, refusal := redraw(file)
			if refusal != nil {
				t.Fatal(x.orientation, format, refusal)
			}
			img, err := jpeg.Decode(bytes.NewReader(drawn))
			if err != nil {
				t.Fatal(err)
			}
			if size != image.Pt(48, 32) || img.Bounds().Size() != size {
				t.Errorf("orientation %d, %s: %v, drawn %v", x.orientation, format, size, img.Bounds())
			}
			for i, at := range []image.Point{{8, 8}, {40, 8}, {8, 24}, {40, 24}} {
				if c := paints[corners[i]]; !near(img.At(at.X, at.Y), c) {
					t.Errorf("orientation %d, %s: at %v %v, want %v", x.orientation, format, at, img.At(at.X, at.Y), c)
				}
			}
		}
	}
}

func near(a, b color.Color) bool {
	r, g, bl, _ := a.RGBA()
	x, y, z, _ := b.RGBA()
	for _, d := range []int{int(r) - int(x), int(g) - int(y), int(bl) - int(z)} {
		if d > 0x3000 || d < -0x3000 {
			return false
		}
	}
	return true
}

// quarters paints the four quarters of a picture.
func quarters(stored string, turned bool) image.Image {
	size := image.Rect(0, 0, 48, 32)
	if turned {
		size = image.Rect(0, 0, 32, 48)
	}
	img := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			img.SetRGBA(x, y, paints[stored[2*(2*y/size.Dy())+2*x/size.Dx()]])
		}
	}
	return img
}

// tiffOf is metadata with an orientation and nothing else.
func tiffOf(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint32(order.AppendUint16(b, 42), 8)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint16(b, 1), tagOrientation), 3)
	return append(order.AppendUint16(order.AppendUint32(b, 1), orientation), 0, 0, 0, 0, 0, 0)
}

func jpegOf(t *testing.T, stored string, turned bool, tiff []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(stored, turned), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
	return append(append(append([]byte{}, b.Bytes()[:2]...), segment...), b.Bytes()[2:]...)
}

func pngOf(t *testing.T, stored string, turned bool, tiff []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, quarters(stored, turned)); err != nil {
		t.Fatal(err)
	}
	const head = 8 + 12 + 13 // signature and IHDR
	chunk := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(tiff))), "eXIf"...), tiff...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(append([]byte{}, b.Bytes()[:head]...), chunk...), b.Bytes()[head:]...)
}

// FuzzPicture: no bytes make the reader of pictures fall over, and what it gives is a picture without
// metadata.
func FuzzPicture(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\xff\xff"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffeXIfMM\x00\x2a"))
	f.Add([]byte("Exif\x00\x00II\x2a\x00\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = exifTag(exif(raw), tagGPS)
		_, _ = exifTag(raw, tagGPS)
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
