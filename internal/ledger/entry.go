// Package ledger (台账) owns the append-only ledger: the bytes of entries, their order, the Merkle
// tree over them, checkpoints and proofs, and the group commit that makes many commands durable with
// one synchronisation. It refuses to know what an entry means: desks register their types, and what
// entries do to rows is in the functions handed to New.
//
// The tree is that of RFC 6962 with SHA-256; docs/ledger.md says what is final.
package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// MaxEntry is the most bytes one entry may have (the length prefix of an entry bundle has 16 bits).
// Larger things are sealed parts.
const MaxEntry = 65535

// ID names a thing in the ledger. It says nothing about the thing.
type ID string

// NewID makes an ID that sorts by when it was made.
func NewID() ID { return ID(uuid.Must(uuid.NewV7()).String()) }

// NewPersonID makes a random ID: a reference to a person must not even tell when it was made.
func NewPersonID() ID { return ID(uuid.NewString()) }

// Valid tells whether id could be an ID that a client made: 8 to 64 letters, digits, '-', '_' or ':'.
func (id ID) Valid() bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != ':' {
			return false
		}
	}
	return true
}

// Precision says how exactly OccurredAt is known. The zero value is exact.
type Precision string

// The precisions of a reported time (R080). All but exact stand for an interval in the tenant's zone.
const (
	Exact   Precision = ""
	Hour    Precision = "hour"
	Evening Precision = "evening" // 18:00 to 24:00
	Day     Precision = "day"
)

// Part is a sealed part of an entry: a salted hash in the ledger, the content in the vault.
type Part struct {
	Name  string `json:"name"`  // what it is: "text", "photo.before.1", "name"
	Class string `json:"class"` // retention class, see vault
	Key   string `json:"key"`   // the key that seals it
	Hash  string `json:"hash"`  // "sha256:" and the hash of salt and content
	Type  string `json:"type,omitempty"`
}

// Body is what an entry says. Kind names its type, "desk.past-tense", and version.
type Body interface {
	Kind() (name string, version int)
}

// Draft is an entry that was decided and is not yet appended.
type Draft struct {
	Subject    ID
	OccurredAt time.Time // zero: when it is recorded
	Until      time.Time // end of the interval, exclusive, if only an interval is known (see Interval)
	Precision  Precision
	Parts      []Part
	Body       Body
}

// Who acts, in the header of every entry.
type Who struct {
	Person  ID // reference to a person; empty for the system itself
	Unit    ID // the organisation acted for
	Account ID
}

// Idem identifies a command, so that the same command sent twice happens once.
type Idem struct {
	Key  string `json:"key"`  // hash of the sender and the key sent
	Body string `json:"body"` // hash of the command
}

// Entry is one line of the ledger.
type Entry struct {
	Tenant     string
	Pos        int64
	Type       string
	Version    int // of the bytes; Body is always of the newest version
	Subject    ID
	Incident   ID
	OccurredAt time.Time
	Until      time.Time
	Precision  Precision
	RecordedAt time.Time
	Who        Who
	Idem       *Idem
	Parts      []Part
	Body       Body
}

// Part finds a part by name.
func (e Entry) Part(name string) (Part, bool) {
	for _, p := range e.Parts {
		if p.Name == name {
			return p, true
		}
	}
	return Part{}, false
}

// header is the stored form; its field order and names are final (docs/ledger.md).
type header struct {
	Format    int             `json:"duzhan"`
	Tenant    string          `json:"tenant"`
	Pos       int64           `json:"pos"`
	Type      string          `json:"type"`
	Version   int             `json:"version"`
	Subject   ID              `json:"subject"`
	Incident  ID              `json:"incident,omitempty"`
	Occurred  int64           `json:"occurred"`
	Until     int64           `json:"until,omitempty"`
	Precision Precision       `json:"precision,omitempty"`
	Recorded  int64           `json:"recorded"`
	Person    ID              `json:"person,omitempty"`
	Unit      ID              `json:"unit,omitempty"`
	Account   ID              `json:"account,omitempty"`
	Idem      *Idem           `json:"idem,omitempty"`
	Parts     []Part          `json:"parts,omitempty"`
	Body      json.RawMessage `json:"body"`
}

// ErrTooLarge says that an entry would have more than MaxEntry bytes.
var ErrTooLarge = errors.New("entry too large")

// encode gives the bytes that are stored and hashed.
func (e Entry) encode() ([]byte, error) {
	body, err := marshal(e.Body)
	if err != nil {
		return nil, err
	}
	var until int64
	if !e.Until.IsZero() {
		until = e.Until.UnixMicro()
	}
	b, err := marshal(header{
		Format: 1, Tenant: e.Tenant, Pos: e.Pos, Type: e.Type, Version: e.Version, Subject: e.Subject,
		Incident: e.Incident, Occurred: e.OccurredAt.UnixMicro(), Until: until, Precision: e.Precision,
		Recorded: e.RecordedAt.UnixMicro(), Person: e.Who.Person, Unit: e.Who.Unit,
		Account: e.Who.Account, Idem: e.Idem, Parts: e.Parts, Body: body,
	})
	if err != nil {
		return nil, err
	}
	if len(b) > MaxEntry {
		return nil, fmt.Errorf("%w: %s has %d bytes, at most %d", ErrTooLarge, e.Type, len(b), MaxEntry)
	}
	return b, nil
}

func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// Codec reads the body of one type and version that was ever written, as the newest version.
type Codec struct {
	Type    string
	Version int
	decode  func([]byte) (Body, error)
}

// Current is the codec of a body as it is written today.
func Current[B Body]() Codec {
	var zero B
	name, version := zero.Kind()
	return Codec{Type: name, Version: version, decode: func(b []byte) (Body, error) {
		var body B
		err := json.Unmarshal(b, &body)
		return body, err
	}}
}

// Upcast is the codec of an earlier version: up is pure and total.
func Upcast[Old, New Body](up func(Old) New) Codec {
	c := Current[Old]()
	return Codec{Type: c.Type, Version: c.Version, decode: func(b []byte) (Body, error) {
		var body Old
		if err := json.Unmarshal(b, &body); err != nil {
			return nil, err
		}
		return up(body), nil
	}}
}

// Types knows every body that can stand in a ledger.
type Types map[string]Codec

// NewTypes collects codecs; two for the same type and version are a fault of the program.
func NewTypes(codecs ...[]Codec) Types {
	t := Types{}
	for _, list := range codecs {
		for _, c := range list {
			k := typeKey(c.Type, c.Version)
			if _, twice := t[k]; twice {
				panic("ledger: two codecs for " + k)
			}
			t[k] = c
		}
	}
	return t
}

func typeKey(name string, version int) string { return fmt.Sprintf("%s@%d", name, version) }

// ErrUnknownType says that the ledger holds an entry type that this program does not know.
var ErrUnknownType = errors.New("unknown entry type")

// Decode reads an entry from its stored bytes.
func (t Types) Decode(b []byte) (Entry, error) {
	var h header
	if err := json.Unmarshal(b, &h); err != nil {
		return Entry{}, fmt.Errorf("entry header: %w", err)
	}
	e := Entry{
		Tenant: h.Tenant, Pos: h.Pos, Type: h.Type, Version: h.Version, Subject: h.Subject,
		Incident: h.Incident, OccurredAt: time.UnixMicro(h.Occurred).UTC(), Precision: h.Precision,
		RecordedAt: time.UnixMicro(h.Recorded).UTC(), Who: Who{h.Person, h.Unit, h.Account},
		Idem: h.Idem, Parts: h.Parts,
	}
	if h.Until != 0 {
		e.Until = time.UnixMicro(h.Until).UTC()
	}
	c, ok := t[typeKey(h.Type, h.Version)]
	if !ok {
		return e, fmt.Errorf("%w: %s version %d at %d", ErrUnknownType, h.Type, h.Version, h.Pos)
	}
	body, err := c.decode(h.Body)
	if err != nil {
		return e, fmt.Errorf("body of %s at %d: %w", h.Type, h.Pos, err)
	}
	e.Body = body
	return e, nil
}

// RawBody gives the body of stored bytes as it was written, for showing.
func RawBody(b []byte) (json.RawMessage, error) {
	var h header
	err := json.Unmarshal(b, &h)
	return h.Body, err
}
