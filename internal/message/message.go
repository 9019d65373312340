// Package message owns the sentences that the server says, in both languages, read from the message
// files. It refuses to know when they are said.
package message

import (
	"encoding/json"
	"fmt"
	"strings"

	"duzhan/data/messages"
)

// Lang is a language of the product.
type Lang string

// The languages, the first is the default.
const (
	Zh Lang = "zh-CN"
	En Lang = "en"
)

var sentences = map[Lang]map[string]string{Zh: load(Zh), En: load(En)}

func load(l Lang) map[string]string {
	b, err := messages.FS.ReadFile("server." + string(l) + ".json")
	if err != nil {
		panic(err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(b, &m); err != nil {
		panic(fmt.Sprintf("messages/server.%s.json: %v", l, err))
	}
	return m
}

// Choose picks the language that an Accept-Language header asks for.
func Choose(accept string) Lang {
	for part := range strings.SplitSeq(accept, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(part)), ";")
		switch {
		case strings.HasPrefix(tag, "zh"):
			return Zh
		case strings.HasPrefix(tag, "en"):
			return En
		}
	}
	return Zh
}

// Has tells whether there is a sentence for a key.
func Has(key string) bool {
	_, zh := sentences[Zh][key]
	_, en := sentences[En][key]
	return zh && en
}

// Say gives the sentence of a key with its arguments filled in; a key without one says itself.
func Say(l Lang, key string, args map[string]string) string {
	s, ok := sentences[l][key]
	if !ok {
		return key
	}
	for name, v := range args {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

// At puts the place in a file before a sentence about it: a line and a column, field or cell.
func At(line int, where, sentence string) string {
	place := where
	if line > 0 {
		place = strings.TrimSpace(fmt.Sprintf("%d: %s", line, where))
	}
	return strings.TrimPrefix(strings.TrimSuffix(place, ":")+": "+sentence, ": ")
}
