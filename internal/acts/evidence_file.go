package acts

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"duzhan/internal/ledger"
)

// What an upload is, by its content.
const (
	Picture   = "picture"
	Document  = "document"  // PDF
	Recording = "recording" // sound
)

// MaxEvidence is the most bytes of a document or a recording.
const MaxEvidence = 20 << 20

// maxUnfolded bounds what the packed parts of a document may unfold to.
const maxUnfolded = 64 << 20

// evidenceFile is a document or a recording as it is kept.
type evidenceFile struct {
	kind    string
	mime    string
	content []byte
	notices []string
}

// EvidenceTypes are the content types that evidence is kept with.
var EvidenceTypes = map[string]string{
	"image/jpeg": Picture, "application/pdf": Document, "audio/mp4": Recording, "audio/mpeg": Recording, "audio/ogg": Recording, "audio/wav": Recording,
}

// lookAt tells a document or a recording by its content and looks through it: nothing that runs, hides or tells a
// place is kept. ok is false for anything else.
func lookAt(raw []byte) (f evidenceFile, ok bool, refusal *ledger.Refusal) {
	var look func([]byte) (evidenceFile, *ledger.Refusal)
	switch {
	case bytes.HasPrefix(raw, []byte("%PDF-")):
		look = lookAtPDF
	case len(raw) > 12 && string(raw[4:8]) == "ftyp":
		look = lookAtMP4
	case len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WAVE":
		look = lookAtWAV
	case bytes.HasPrefix(raw, []byte("OggS")):
		look = lookAtOgg
	case bytes.HasPrefix(raw, []byte("ID3")) || mp3Frame(raw) > 0:
		look = lookAtMP3
	default:
		return f, false, nil
	}
	if len(raw) > MaxEvidence {
		return f, true, ledger.RefuseAs(ledger.Invalid, "evidence.too-large", "file", "max", fmt.Sprint(MaxEvidence>>20))
	}
	f, refusal = look(raw)
	return f, true, refusal
}

func badFile(code string) *ledger.Refusal { return ledger.RefuseAs(ledger.Invalid, code, "file") }

// Names in a PDF (ISO 32000-1) that make it act, carry other files or ask for a key.
var (
	pdfActive    = []string{"JavaScript", "JS", "Launch", "SubmitForm", "ImportData", "RichMedia", "XFA", "GoToE", "Sound", "Movie", "Rendition"}
	pdfCarries   = []string{"EmbeddedFile", "EmbeddedFiles", "Filespec", "FileAttachment"}
	pdfName      = regexp.MustCompile(`/([A-Za-z0-9#]+)`)
	pdfObjectSet = regexp.MustCompile(`/Type\s*/ObjStm\b`)
	pdfFlateOnly = regexp.MustCompile(`/Filter\s*(?:\[\s*)?/FlateDecode\s*(?:\]|/|>>|\s)`)
)

// lookAtPDF refuses what a reader would run, unpack or need a key for. It reads names, in the open and in packed sets of
// objects; what it cannot unpack it refuses, so that it errs on the safe side only.
func lookAtPDF(raw []byte) (evidenceFile, *ledger.Refusal) {
	f := evidenceFile{kind: Document, mime: "application/pdf", content: raw}
	if !bytes.Contains(raw[max(0, len(raw)-1024):], []byte("%%EOF")) {
		return f, badFile("evidence.broken")
	}
	if r := pdfNames(raw); r != nil {
		return f, r
	}
	return f, pdfObjectSets(raw)
}

// pdfObjectSets looks through the objects that are packed together.
func pdfObjectSets(raw []byte) *ledger.Refusal {
	unfolded := 0
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte("stream"))
		if i < 0 {
			return nil
		}
		begin := at + i
		at = begin + len("stream")
		if begin >= 3 && string(raw[begin-3:begin]) == "end" {
			continue
		}
		// names may be written with escapes, here too
		head := unescaped(raw[max(0, bytes.LastIndex(raw[:begin], []byte("obj"))):begin])
		if !pdfObjectSet.Match(head) {
			continue
		}
		data := bytes.TrimLeft(raw[at:], "\r\n")
		if bytes.Contains(head, []byte("/Filter")) {
			if !pdfFlateOnly.Match(append(head, ' ')) {
				return badFile("evidence.document-packed")
			}
			z, err := zlib.NewReader(bytes.NewReader(data))
			if err != nil {
				return badFile("evidence.document-packed")
			}
			if data, err = io.ReadAll(io.LimitReader(z, maxUnfolded+1)); err != nil {
				return badFile("evidence.document-packed")
			}
		} else if end := bytes.Index(data, []byte("endstream")); end >= 0 {
			data = data[:end]
		}
		if unfolded += len(data); unfolded > maxUnfolded {
			return badFile("evidence.document-packed")
		}
		if r := pdfNames(data); r != nil {
			return r
		}
	}
}

// unescaped writes the names of a PDF without #xx.
func unescaped(b []byte) []byte {
	return pdfName.ReplaceAllFunc(b, func(name []byte) []byte {
		out := make([]byte, 0, len(name))
		for i := 0; i < len(name); i++ {
			if name[i] == '#' && i+2 < len(name) {
				if c, err := hex.DecodeString(string(name[i+1 : i+3])); err == nil {
					out = append(out, c...)
					i += 2
					continue
				}
			}
			out = append(out, name[i])
		}
		return out
	})
}

func pdfNames(b []byte) *ledger.Refusal {
	for _, m := range pdfName.FindAll(b, -1) {
		switch name := string(unescaped(m)[1:]); {
		case slices.Contains(pdfActive, name):
			return badFile("evidence.document-active")
		case slices.Contains(pdfCarries, name):
			return badFile("evidence.document-carries")
		case name == "Encrypt":
			return badFile("evidence.document-locked")
		}
	}
	return nil
}

// box of an MP4 (ISO 14496-12): where its content lies.
type box struct {
	kind       string
	from, till int
}

// boxes gives the boxes of b[from:till]; ok is false where one does not fit.
func boxes(b []byte, from, till int) (out []box, ok bool) {
	for from < till {
		if till-from < 8 {
			return nil, false
		}
		size, head := uint64(binary.BigEndian.Uint32(b[from:])), 8
		switch size {
		case 0:
			size = uint64(till - from)
		case 1:
			if till-from < 16 {
				return nil, false
			}
			size, head = binary.BigEndian.Uint64(b[from+8:]), 16
		}
		if size < uint64(head) || size > uint64(till-from) {
			return nil, false
		}
		out = append(out, box{string(b[from+4 : from+8]), from + head, from + int(size)})
		from += int(size)
	}
	return out, true
}

// lookAtMP4 takes sound alone; what is told beside it, a place among it, is blanked where it stands, so that nothing moves.
func lookAtMP4(raw []byte) (evidenceFile, *ledger.Refusal) {
	f := evidenceFile{kind: Recording, mime: "audio/mp4", content: slices.Clone(raw)}
	top, ok := boxes(f.content, 0, len(f.content))
	sound, picture := false, false
	var blank func(in []box, depth int) bool
	blank = func(in []box, depth int) bool {
		for _, x := range in {
			switch x.kind {
			case "udta", "meta", "uuid":
				told := f.content[x.from:x.till]
				f.notices = noticed(f.notices, "metadata_removed")
				if bytes.Contains(told, []byte("\xa9xyz")) || bytes.Contains(told, []byte("loci")) || bytes.Contains(told, []byte("location")) {
					f.notices = noticed(f.notices, "gps_removed")
				}
				copy(f.content[x.kindAt(f.content):], "free")
				clear(told)
			case "moov", "trak", "mdia":
				inner, ok := boxes(f.content, x.from, x.till)
				if !ok || depth > 3 || !blank(inner, depth+1) {
					return false
				}
			case "hdlr":
				if x.till-x.from < 12 {
					return false
				}
				switch string(f.content[x.from+8 : x.from+12]) {
				case "soun":
					sound = true
				case "vide", "pict", "auxv":
					picture = true
				}
			}
		}
		return true
	}
	if !ok || !blank(top, 0) || !sound && !picture {
		return f, badFile("evidence.broken")
	}
	if picture {
		return f, badFile("evidence.film")
	}
	return f, nil
}

// kindAt is where the box's kind stands.
func (x box) kindAt(b []byte) int {
	if x.from >= 16 && binary.BigEndian.Uint32(b[x.from-16:]) == 1 && string(b[x.from-12:x.from-8]) == x.kind {
		return x.from - 12
	}
	return x.from - 4
}

func noticed(notices []string, notice string) []string {
	if slices.Contains(notices, notice) {
		return notices
	}
	return append(notices, notice)
}

// lookAtWAV keeps the sound and its form, no more.
func lookAtWAV(raw []byte) (evidenceFile, *ledger.Refusal) {
	f := evidenceFile{kind: Recording, mime: "audio/wav"}
	out := append([]byte("RIFF"), 0, 0, 0, 0)
	out = append(out, "WAVE"...)
	form, data := false, false
	for at := 12; at+8 <= len(raw); {
		kind, size := string(raw[at:at+4]), int64(binary.LittleEndian.Uint32(raw[at+4:]))
		till := int64(at) + 8 + size
		if till > int64(len(raw)) {
			if kind != "data" { // a recorder that was cut off leaves its sound longer than the file
				return f, badFile("evidence.broken")
			}
			till = int64(len(raw))
		}
		switch kind {
		case "fmt ", "data":
			form, data = form || kind == "fmt ", data || kind == "data"
			out = append(out, kind...)
			out = binary.LittleEndian.AppendUint32(out, uint32(till-int64(at)-8))
			if out = append(out, raw[at+8:till]...); len(out)%2 == 1 {
				out = append(out, 0)
			}
		default:
			f.notices = noticed(f.notices, "metadata_removed")
		}
		at = int(till + till%2)
	}
	if !form || !data {
		return f, badFile("evidence.broken")
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	f.content = out
	return f, nil
}

// Layer III of ISO 11172-3 and 13818-3: kbit/s by index, for version 1 and for 2 and 2.5; samples a second.
var (
	mp3Rates   = [2][15]int{{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}, {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}}
	mp3Samples = [4][3]int{{11025, 12000, 8000}, {}, {22050, 24000, 16000}, {44100, 48000, 32000}}
)

// mp3Frame is the length of the frame that b begins with, 0 if none begins there.
func mp3Frame(b []byte) int {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return 0
	}
	version, layer, rate, sampling, pad := b[1]>>3&3, b[1]>>1&3, int(b[2]>>4), int(b[2]>>2&3), int(b[2]>>1&1)
	if version == 1 || layer != 1 || rate == 0 || rate == 15 || sampling == 3 {
		return 0
	}
	if version == 3 {
		return 144000*mp3Rates[0][rate]/mp3Samples[3][sampling] + pad
	}
	return 72000*mp3Rates[1][rate]/mp3Samples[version][sampling] + pad
}

// lookAtMP3 keeps the frames; what is told before, between and behind them is left out.
func lookAtMP3(raw []byte) (evidenceFile, *ledger.Refusal) {
	f := evidenceFile{kind: Recording, mime: "audio/mpeg"}
	at := 0
	if bytes.HasPrefix(raw, []byte("ID3")) && len(raw) >= 10 {
		at = 10 + int(raw[6]&0x7f)<<21 + int(raw[7]&0x7f)<<14 + int(raw[8]&0x7f)<<7 + int(raw[9]&0x7f)
	}
	frames := 0
	for at < len(raw) {
		n := mp3Frame(raw[at:])
		if n == 0 {
			at++
			continue
		}
		if at+n > len(raw) {
			break
		}
		f.content = append(f.content, raw[at:at+n]...)
		frames++
		at += n
	}
	if frames < 2 {
		return f, badFile("evidence.broken")
	}
	if len(f.content) < len(raw) {
		f.notices = noticed(f.notices, "metadata_removed")
	}
	return f, nil
}

// lookAtOgg takes Opus and Vorbis; one whose comments name a place is refused, as its pages carry checksums.
func lookAtOgg(raw []byte) (evidenceFile, *ledger.Refusal) {
	f := evidenceFile{kind: Recording, mime: "audio/ogg", content: raw}
	pages := 0
	var head []byte // the first packets: what it is, then its comments
	for at := 0; at < len(raw); pages++ {
		if len(raw)-at < 27 || string(raw[at:at+4]) != "OggS" {
			return f, badFile("evidence.broken")
		}
		lacing := int(raw[at+26])
		body := at + 27 + lacing
		if body > len(raw) {
			return f, badFile("evidence.broken")
		}
		till := body
		for _, n := range raw[at+27 : body] {
			till += int(n)
		}
		if till > len(raw) {
			return f, badFile("evidence.broken")
		}
		if pages < 4 {
			head = append(head, raw[body:till]...)
		}
		at = till
	}
	switch {
	case bytes.Contains(head, []byte("theora")):
		return f, badFile("evidence.film")
	case !bytes.HasPrefix(head, []byte("OpusHead")) && !bytes.HasPrefix(head, []byte("\x01vorbis")):
		return f, badFile("evidence.broken")
	}
	told := strings.ToUpper(string(head))
	if strings.Contains(told, "LOCATION=") || strings.Contains(told, "GEO") {
		return f, badFile("evidence.place")
	}
	return f, nil
}
