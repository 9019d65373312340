package intake

import (
	"bytes"
	"io"
)

// splitter cuts UTF-8 text into rows of cells as RFC 4180 has them: quotes double inside quotes, and
// delimiters and line ends may stand there. encoding/csv is not used because a quote that is never closed
// would swallow the rest of the file, and with it the memory: here it costs its own line.
type splitter struct {
	in    io.Reader
	delim byte
	buf   []byte
	from  int // of the row to come
	to    int // of what was read
	line  int // of the row to come, from 1
	eof   bool
	err   error

	cells []string
	text  []byte // of the row, without quotes
	ends  []int  // of the cells in it
}

// maxRow bounds a row's bytes.
const maxRow = 1 << 20

func newSplitter(in io.Reader, delim byte) *splitter {
	return &splitter{in: in, delim: delim, buf: make([]byte, 64<<10), line: 1}
}

// next gives a row's cells and the line it begins on. rule names why it is none; cells then hold the
// line as it stands. The cells are valid until the next call. io.EOF ends the file.
func (s *splitter) next() (cells []string, line int, rule string, err error) {
	for {
		row := s.buf[s.from:s.to]
		if len(row) == 0 && s.eof {
			return nil, s.line, "", s.end()
		}
		used, broken := s.cut(row)
		switch {
		case used > 0 && broken == "":
			line = s.line
			s.line += bytes.Count(row[:used], []byte{'\n'})
			s.from += used
			return s.strings(), line, "", nil
		case len(row) >= maxRow || s.eof || (broken != "" && bytes.IndexByte(row, '\n') >= 0):
			if broken == "" {
				broken = "intake.row.quote"
			}
			return s.giveUp(row, broken)
		}
		if err := s.fill(); err != nil {
			return nil, s.line, "", err
		}
	}
}

func (s *splitter) end() error {
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

// giveUp drops the first line of what cannot be a row.
func (s *splitter) giveUp(row []byte, rule string) ([]string, int, string, error) {
	line := s.line
	s.line++
	end := bytes.IndexByte(row, '\n')
	if end >= 0 {
		s.from += end + 1
		return []string{string(row[:end])}, line, rule, nil
	}
	start := shorten(string(row[:min(len(row), 1000)]))
	s.from = s.to
	for !s.eof { // the line goes on beyond the longest row: pass over it
		s.from, s.to = 0, 0
		if err := s.fill(); err != nil {
			return nil, line, "", err
		}
		if end := bytes.IndexByte(s.buf[:s.to], '\n'); end >= 0 {
			s.from = end + 1
			return []string{start}, line, "intake.row.too-long", nil
		}
		s.from = s.to
	}
	if len(row) >= maxRow {
		rule = "intake.row.too-long"
	}
	return []string{start}, line, rule, nil
}

// fill reads on, keeping the row to come.
func (s *splitter) fill() error {
	if s.from > 0 {
		s.to = copy(s.buf, s.buf[s.from:s.to])
		s.from = 0
	}
	if s.to == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.in.Read(s.buf[s.to:])
	s.to += n
	if err == io.EOF {
		s.eof = true
		return nil
	}
	return err
}

// cut reads one row from the beginning of b: used bytes, 0 if more are needed. A row must end inside b
// unless the file does.
func (s *splitter) cut(b []byte) (used int, rule string) {
	s.text, s.ends = s.text[:0], s.ends[:0]
	i := 0
	for {
		if i < len(b) && b[i] == '"' {
			end, ok := s.quoted(b[i+1:])
			if !ok {
				return 0, ""
			}
			i += 1 + end
			if i == len(b) && !s.eof {
				return 0, ""
			}
			if i < len(b) && b[i] != s.delim && b[i] != '\n' && !bytes.HasPrefix(b[i:], []byte("\r\n")) {
				if b[i] == '\r' && i+1 == len(b) && !s.eof {
					return 0, ""
				}
				return 0, "intake.row.quote"
			}
		} else {
			n := bytes.IndexAny(b[i:], string([]byte{s.delim, '\n'}))
			if n < 0 {
				if !s.eof {
					return 0, ""
				}
				n = len(b) - i
			}
			s.text = append(s.text, bytes.TrimSuffix(b[i:i+n], []byte{'\r'})...)
			i += n
		}
		s.ends = append(s.ends, len(s.text))
		switch {
		case i >= len(b):
			return i, ""
		case b[i] == s.delim:
			i++
			if i == len(b) && !s.eof {
				return 0, ""
			}
		case b[i] == '\r':
			return i + 2, ""
		default:
			return i + 1, ""
		}
	}
}

// quoted reads up to the closing quote and behind it.
func (s *splitter) quoted(b []byte) (used int, ok bool) {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return 0, false
		}
		s.text = append(s.text, b[i:i+n]...)
		i += n + 1
		switch {
		case i < len(b) && b[i] == '"':
			s.text = append(s.text, '"')
			i++
		case i == len(b) && !s.eof:
			return 0, false // the next byte decides
		default:
			return i, true
		}
	}
}

func (s *splitter) strings() []string {
	row, from := string(s.text), 0
	s.cells = s.cells[:0]
	for _, end := range s.ends {
		s.cells = append(s.cells, row[from:end])
		from = end
	}
	return s.cells
}
