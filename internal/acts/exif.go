package acts

import (
	"bytes"
	"encoding/binary"
	"image"
)

// EXIF tags that a picture is read for before its metadata go (CIPA DC-008).
const (
	tagOrientation = 0x0112
	tagGPS         = 0x8825
)

// exif finds the metadata of a JPEG or PNG, as the TIFF structure they are; nil if there are none.
func exif(raw []byte) []byte {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8")):
		return exifOfJPEG(raw[2:])
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return exifOfPNG(raw[8:])
	}
	return nil
}

// exifOfJPEG goes through the segments before the picture itself.
func exifOfJPEG(raw []byte) []byte {
	for len(raw) >= 4 && raw[0] == 0xff {
		marker, size := raw[1], int(binary.BigEndian.Uint16(raw[2:]))
		if marker == 0xff { // a filling byte
			raw = raw[1:]
			continue
		}
		if marker == 0xda || size < 2 || 2+size > len(raw) {
			return nil
		}
		body := raw[4 : 2+size]
		if tiff, found := bytes.CutPrefix(body, []byte("Exif\x00\x00")); marker == 0xe1 && found {
			return tiff
		}
		raw = raw[2+size:]
	}
	return nil
}

func exifOfPNG(raw []byte) []byte {
	for len(raw) >= 12 {
		size := int64(binary.BigEndian.Uint32(raw))
		if size+12 > int64(len(raw)) {
			return nil
		}
		if string(raw[4:8]) == "eXIf" {
			return raw[8 : 8+size]
		}
		raw = raw[12+size:]
	}
	return nil
}

// exifTag finds a tag in the first directory of a TIFF structure; value is that of a short number.
func exifTag(tiff []byte, tag uint16) (value uint16, found bool) {
	if len(tiff) < 8 {
		return 0, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0, false
	}
	for k := range int64(order.Uint16(tiff[at:])) {
		p := at + 2 + 12*k
		if p+12 > int64(len(tiff)) {
			return 0, false
		}
		if order.Uint16(tiff[p:]) == tag {
			return order.Uint16(tiff[p+8:]), true
		}
	}
	return 0, false
}

// upright turns and mirrors a picture as its EXIF orientation says it is to be seen; what is no orientation
// leaves it as it is.
func upright(img *image.RGBA, orientation uint16) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var from func(x, y int) (int, int) // where the pixel that is seen at x, y is stored
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return img
	}
	size := image.Rect(0, 0, w, h)
	if orientation > 4 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			out.SetRGBA(x, y, img.RGBAAt(from(x, y)))
		}
	}
	return out
}
