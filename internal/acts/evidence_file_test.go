package acts

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func boxOf(kind string, content ...[]byte) []byte {
	all := bytes.Join(content, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(all)+8)), kind...), all...)
}

// bigBoxOf has its size behind its kind.
func bigBoxOf(kind string, content []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, 1), kind...)
	return append(binary.BigEndian.AppendUint64(b, uint64(len(content)+16)), content...)
}

func handler(kind string) []byte {
	return boxOf("hdlr", make([]byte, 8), []byte(kind), make([]byte, 12))
}

// mp4Of is a file of one track with what is told beside it.
func mp4Of(kind string, told ...[]byte) []byte {
	moov := append([][]byte{boxOf("mvhd", make([]byte, 100)), boxOf("trak", boxOf("mdia", handler(kind)))}, told...)
	return bytes.Join([][]byte{boxOf("ftyp", []byte("M4A \x00\x00\x00\x00")), boxOf("moov", moov...), boxOf("mdat", []byte("sound"))}, nil)
}

func wavOf(chunks ...string) []byte {
	var body []byte
	for _, c := range chunks {
		kind, content, _ := strings.Cut(c, "=")
		body = binary.LittleEndian.AppendUint32(append(body, kind...), uint32(len(content)))
		if body = append(body, content...); len(body)%2 == 1 {
			body = append(body, 0)
		}
	}
	return append(append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4)), "WAVE"...), body...)
}

// mp3Of is n frames of 128 kbit/s at 44100.
func mp3Of(n int) []byte {
	return bytes.Repeat(append([]byte{0xff, 0xfb, 0x90, 0x00}, make([]byte, 413)...), n)
}

func oggOf(packets ...string) (out []byte) {
	for _, p := range packets {
		page := append([]byte("OggS"), make([]byte, 22)...)
		lacing := append(bytes.Repeat([]byte{255}, len(p)/255), byte(len(p)%255))
		out = append(append(append(append(out, page...), byte(len(lacing))), lacing...), p...)
	}
	return out
}

func pdfOf(objects ...string) []byte {
	return []byte("%PDF-1.7\n" + strings.Join(objects, "\n") + "\ntrailer << /Root 1 0 R >>\n%%EOF\n")
}

func objectSet(t testing.TB, content, filter string) string {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("5 0 obj << /Type /ObjStm /N 1 /First 4 /Filter %s /Length %d >> stream\n%s\nendstream endobj", filter, z.Len(), z.String())
}

// TestEvidenceFiles: a document or a recording is told by its content; what runs, hides or tells a place is refused or
// taken out (R037).
func TestEvidenceFiles(t *testing.T) {
	page := "1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj"
	place := boxOf("udta", boxOf("\xa9xyz", []byte("+29.7180+106.6310/")))
	for name, x := range map[string]struct {
		raw     []byte
		mime    string
		refused string
		notices string
	}{
		"a plain PDF":                    {raw: pdfOf(page), mime: "application/pdf"},
		"a packed one":                   {raw: pdfOf(page, objectSet(t, "6 0 << /Type /Page >>", "/FlateDecode")), mime: "application/pdf"},
		"a page with words":              {raw: pdfOf(page, "4 0 obj << /Length 9 >> stream\n(a / b)Tj\nendstream endobj"), mime: "application/pdf"},
		"a script":                       {raw: pdfOf(page, "3 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj"), refused: "evidence.document-active"},
		"a script written with escapes":  {raw: pdfOf(page, "3 0 obj << /S /J#61vaScript >> endobj"), refused: "evidence.document-active"},
		"a script packed":                {raw: pdfOf(page, objectSet(t, "6 0 << /S /JavaScript >>", "/FlateDecode")), refused: "evidence.document-active"},
		"a script packed, names escaped": {raw: pdfOf(page, strings.Replace(objectSet(t, "6 0 << /S /Launch >>", "/FlateDecode"), "/ObjStm", "/Obj#53tm", 1)), refused: "evidence.document-active"},
		"a launch":                       {raw: pdfOf(page, "3 0 obj << /S /Launch /F (x.exe) >> endobj"), refused: "evidence.document-active"},
		"a file within":                  {raw: pdfOf(page, "3 0 obj << /Type /EmbeddedFile >> endobj"), refused: "evidence.document-carries"},
		"a lock":                         {raw: []byte(strings.Replace(string(pdfOf(page)), "/Root", "/Encrypt 9 0 R /Root", 1)), refused: "evidence.document-locked"},
		"packed twice":                   {raw: pdfOf(page, objectSet(t, "x", "[/ASCII85Decode /FlateDecode]")), refused: "evidence.document-packed"},
		"packed wrongly":                 {raw: pdfOf(page, "5 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\nxx\nendstream endobj"), refused: "evidence.document-packed"},
		"unfolds without end":            {raw: pdfOf(page, objectSet(t, strings.Repeat("0", maxUnfolded+1), "/FlateDecode")), refused: "evidence.document-packed"},
		"cut off":                        {raw: []byte("%PDF-1.7\n" + page), refused: "evidence.broken"},
		"M4A":                            {raw: mp4Of("soun"), mime: "audio/mp4"},
		"M4A with a place":               {raw: mp4Of("soun", place), mime: "audio/mp4", notices: "metadata_removed gps_removed"},
		"M4A with a name":                {raw: mp4Of("soun", boxOf("meta", []byte("iPhone"))), mime: "audio/mp4", notices: "metadata_removed"},
		"M4A with a place, sized long":   {raw: mp4Of("soun", bigBoxOf("udta", boxOf("loci", []byte("106.6310")))), mime: "audio/mp4", notices: "metadata_removed gps_removed"},
		"a film":                         {raw: mp4Of("vide"), refused: "evidence.film"},
		"neither sound nor film":         {raw: mp4Of("text"), refused: "evidence.broken"},
		"M4A cut off":                    {raw: mp4Of("soun")[:150], refused: "evidence.broken"},
		"WAV":                            {raw: wavOf("fmt =0123456789abcdef", "data=sound"), mime: "audio/wav"},
		"WAV with names":                 {raw: wavOf("fmt =0123456789abcdef", "LIST=INFOIART", "data=sound"), mime: "audio/wav", notices: "metadata_removed"},
		"WAV without sound":              {raw: wavOf("fmt =0123456789abcdef"), refused: "evidence.broken"},
		"MP3":                            {raw: mp3Of(3), mime: "audio/mpeg"},
		"MP3 with names":                 {raw: append(append([]byte("ID3\x04\x00\x00\x00\x00\x00\x06artist"), mp3Of(3)...), "TAGartist"...), mime: "audio/mpeg", notices: "metadata_removed"},
		"MP3 of one frame":               {raw: mp3Of(1), refused: "evidence.broken"},
		"Opus":                           {raw: oggOf("OpusHead.....", "OpusTags....", "sound"), mime: "audio/ogg"},
		"Vorbis":                         {raw: oggOf("\x01vorbis.....", "\x03vorbis....", "sound"), mime: "audio/ogg"},
		"Opus with a place":              {raw: oggOf("OpusHead.....", "OpusTagslocation=106.63,29.71", "sound"), refused: "evidence.place"},
		"Theora":                         {raw: oggOf("\x80theora....."), refused: "evidence.film"},
		"Ogg cut off":                    {raw: oggOf("OpusHead.....", "OpusTags....")[:50], refused: "evidence.broken"},
		"too much sound":                 {raw: mp3Of(MaxEvidence/417 + 1), refused: "evidence.too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			sent := slices.Clone(x.raw)
			f, ok, refusal := lookAt(x.raw)
			if !ok {
				t.Fatal("not known")
			}
			code, field := "", ""
			if refusal != nil {
				code, field = refusal.Code, refusal.Field
			}
			if code != x.refused || code != "" && field != "file" {
				t.Fatalf("%q at %q, want %q", code, field, x.refused)
			}
			if !bytes.Equal(sent, x.raw) {
				t.Error("what was sent was changed")
			}
			if refusal == nil && (f.mime != x.mime || strings.Join(f.notices, " ") != x.notices || EvidenceTypes[f.mime] != f.kind) {
				t.Errorf("%s %v, want %s %q", f.mime, f.notices, x.mime, x.notices)
			}
			clean(t, f, refusal == nil)
		})
	}
	for _, other := range []string{"", "GIF89a", "\xff\xd8\xff\xe0JFIF", "plain words"} {
		if _, ok, _ := lookAt([]byte(other)); ok {
			t.Errorf("%q is taken for a document or a recording", other)
		}
	}
	for name, raw := range map[string][]byte{"mp3": mp3Of(5), "wav": wavOf("fmt =0123456789abcdef", "data=sound!"), "m4a": mp4Of("soun")} {
		if f, _, r := lookAt(raw); r != nil || !bytes.Equal(f.content, raw) {
			t.Errorf("%s with nothing beside its sound was changed (%v)", name, r)
		}
	}
}

// clean wants nothing of what is taken out left, and what is kept to be taken again as it is.
func clean(t testing.TB, f evidenceFile, kept bool) {
	t.Helper()
	if !kept {
		return
	}
	if f.mime != "application/pdf" {
		for _, told := range []string{"106.63", "iPhone", "artist", "IART"} {
			if bytes.Contains(f.content, []byte(told)) {
				t.Errorf("%q is still there", told)
			}
		}
	}
	again, ok, refusal := lookAt(f.content)
	if !ok || refusal != nil || !bytes.Equal(again.content, f.content) || len(again.notices) > 0 {
		t.Errorf("kept is not clean: %v %v %v", ok, refusal, again.notices)
	}
}

// FuzzEvidence: whatever is sent, looking at it ends, and what is kept is clean.
func FuzzEvidence(f *testing.F) {
	for _, seed := range [][]byte{
		pdfOf("1 0 obj << /Type /Catalog >> endobj", objectSet(f, "6 0 << /Type /Page >>", "/FlateDecode")), mp4Of("soun", boxOf("udta", boxOf("\xa9xyz", []byte("+29")))),
		mp4Of("soun", bigBoxOf("meta", []byte("x"))), wavOf("fmt =0123456789abcdef", "LIST=x", "data=sound"), append([]byte("ID3\x04\x00\x00\x00\x00\x00\x02xx"), mp3Of(2)...),
		oggOf("OpusHead.....", "OpusTags....", "sound"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, ok, refusal := lookAt(raw)
		if !ok || refusal != nil {
			return
		}
		if len(file.content) > len(raw)+1 {
			t.Errorf("%d bytes became %d", len(raw), len(file.content))
		}
		again, ok, refusal := lookAt(file.content)
		if !ok || refusal != nil || !bytes.Equal(again.content, file.content) {
			t.Errorf("kept is not taken again: %v %v", ok, refusal)
		}
	})
}
