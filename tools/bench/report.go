//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// report is the Markdown section of a run.
type report struct {
	name   string
	body   strings.Builder
	missed []string
}

func (r *report) begin(name string) { r.name = name }

func (r *report) line(format string, args ...any) {
	fmt.Fprintf(&r.body, format+"\n", args...)
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// target writes a number beside what was promised.
func (r *report) target(what string, ok bool, format string, args ...any) {
	word := "met"
	if !ok {
		word = "**missed**"
		r.missed = append(r.missed, what+": "+fmt.Sprintf(format, args...))
	}
	r.line("- %s: %s — %s", what, fmt.Sprintf(format, args...), word)
}

func (r *report) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "## Last %s run\n\n", r.name)
	if len(r.missed) == 0 {
		out.WriteString("Every target that this run measures is met.\n")
	} else {
		out.WriteString("Missed targets:\n\n")
		for _, m := range r.missed {
			fmt.Fprintf(&out, "- %s\n", m)
		}
	}
	return out.String() + "\n" + strings.TrimSpace(r.body.String()) + "\n"
}

// write puts the section between its marks, and behind the text if it has none yet.
func (r *report) write(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	from, until := []byte("<!-- "+r.name+" -->\n"), []byte("<!-- end of "+r.name+" -->\n")
	section := slices.Concat(from, []byte(r.text()), until)
	start, end := bytes.Index(text, from), bytes.Index(text, until)
	if start < 0 || end < start {
		text = slices.Concat(bytes.TrimRight(text, "\n"), []byte("\n\n"), section)
	} else {
		text = slices.Concat(text[:start], section, text[end+len(until):])
	}
	return os.WriteFile(path, text, 0o644)
}

// quantile of durations; it sorts them.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(q*float64(len(d))))]
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func mib(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

// thousands groups digits.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
