package intake

import (
	"bytes"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var utf8BOM = []byte("\xEF\xBB\xBF")

// decoded gives a file's text as UTF-8 without byte order mark. auto: a byte order mark decides; without
// one the text is UTF-8 if all of it is, else GB18030, which contains GBK and GB2312. foreign
// tells that the file was not UTF-8.
func decoded(f *os.File, in io.Reader, encoding string) (text io.Reader, foreign bool, err error) {
	head := make([]byte, 3)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	head = head[:n]
	marked16 := bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	if encoding == "auto" {
		switch {
		case bytes.HasPrefix(head, utf8BOM):
			encoding = "utf-8"
		case marked16:
			encoding = "utf-16"
		default:
			valid, err := allUTF8(f)
			if err != nil {
				return nil, false, err
			}
			if encoding = "gb18030"; valid {
				encoding = "utf-8"
			}
		}
	}
	switch encoding {
	case "utf-16":
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), true, nil
	case "gb18030":
		return transform.NewReader(in, simplifiedchinese.GB18030.NewDecoder()), true, nil
	default:
		if bytes.HasPrefix(head, utf8BOM) {
			if _, err := io.ReadFull(in, make([]byte, len(utf8BOM))); err != nil {
				return nil, false, err
			}
		}
		return in, false, nil
	}
}

// allUTF8 reads the whole file once: a ledger may have its first Chinese name on its last line.
func allUTF8(f *os.File) (bool, error) {
	const size = 256 << 10
	buf := make([]byte, size)
	kept := 0
	for at := int64(0); ; {
		n, err := f.ReadAt(buf[kept:], at)
		at += int64(n)
		b := buf[:kept+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		last := errors.Is(err, io.EOF)
		whole := len(b)
		if !last { // a rune may go on in the next piece
			for cut := 1; cut < utf8.UTFMax && cut <= len(b); cut++ {
				if utf8.RuneStart(b[len(b)-cut]) {
					if !utf8.FullRune(b[len(b)-cut:]) {
						whole = len(b) - cut
					}
					break
				}
			}
		}
		if !utf8.Valid(b[:whole]) {
			return false, nil
		}
		if last {
			return true, nil
		}
		kept = copy(buf, b[whole:])
	}
}

// counter counts what was read of a file, for progress.
type counter struct {
	in   io.Reader
	read int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.read += int64(n)
	return n, err
}

// guessDelimiter takes the delimiter that stands most often in the first lines, outside quotes.
func guessDelimiter(head []byte) byte {
	count := map[byte]int{}
	quoted := false
	for _, b := range head {
		switch b {
		case '"':
			quoted = !quoted
		case ',', ';', '\t', '|':
			if !quoted {
				count[b]++
			}
		}
	}
	best := byte(',')
	for _, b := range []byte{',', ';', '\t', '|'} {
		if count[b] > count[best] {
			best = b
		}
	}
	return best
}
