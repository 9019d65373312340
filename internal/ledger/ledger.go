package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"duzhan/internal/clock"
	"duzhan/internal/storage"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// maxBatch bounds how many commands one synchronisation makes durable, so that none waits for
	// more than a few milliseconds of others' work.
	maxBatch = 256
	// queueLength bounds how many commands wait; more block their senders (back-pressure).
	queueLength = 4096
)

// Apply turns an entry into rows. It holds no rule, opens no sealed part and reads no clock.
type Apply func(tx *storage.Tx, e Entry) error

// Options say what a ledger is made of.
type Options struct {
	Types    Types
	Appliers []Apply
	// Clock gives the time of a tenant; nil is the wall clock for all.
	Clock func(tenant string) time.Time
	// Sealed is run in the batch's transaction for every tenant that got entries, before commit.
	Sealed func(tx *storage.Tx, tenant string, size int64) error
	// Derived is the version of the rows that Appliers make; rows of another version are rebuilt before use.
	Derived int64
}

// Ledger appends commands' entries. Exactly one goroutine, its writer, owns the writing connection.
type Ledger struct {
	db   *storage.DB
	opt  Options
	jobs chan *job
	stop chan struct{}
	done chan struct{}

	mu     sync.Mutex
	broken error // a fault of a batch stops the writer for good
	subs   map[chan Change]string
	closed bool

	heads map[string]*head // owned by the writer goroutine, for the batch under way
}

type job struct {
	tenant string
	who    Who
	idem   *Idem
	fn     func(*Tx) error
	done   chan error
	tx     *Tx
}

type head struct {
	size   int64
	start  int64 // size at the batch's begin
	last   time.Time
	leaves []tlog.Hash
}

// Change says that entries were committed.
type Change struct {
	Tenant  string
	Entries []Meta
}

// Meta is what a change tells of an entry: keys, never contents.
type Meta struct {
	Pos        int64
	Type       string
	Subject    ID
	RecordedAt time.Time
}

// ErrClosed says that the ledger takes no more commands.
var ErrClosed = errors.New("ledger closed")

// New opens the writer.
func New(ctx context.Context, db *storage.DB, opt Options) (*Ledger, error) {
	if opt.Clock == nil {
		opt.Clock = func(string) time.Time { return clock.Wall() }
	}
	w, err := db.Writer(ctx)
	if err != nil {
		return nil, err
	}
	l := &Ledger{
		db: db, opt: opt, jobs: make(chan *job, queueLength),
		stop: make(chan struct{}), done: make(chan struct{}), subs: map[chan Change]string{},
	}
	go l.write(w)
	return l, nil
}

// DB is the database the ledger lies in, for reading.
func (l *Ledger) DB() *storage.DB { return l.db }

// Types are the entry types the ledger knows.
func (l *Ledger) Types() Types { return l.opt.Types }

// Now is a tenant's time.
func (l *Ledger) Now(tenant string) time.Time {
	return l.opt.Clock(tenant).UTC().Truncate(time.Microsecond)
}

// Do runs fn in the writer's transaction, in a savepoint of its own: an error of fn undoes what fn
// did and nothing else. When Do returns nil, what fn appended survives loss of power. A ctx that
// ends while waiting leaves it open whether the command happened: send it again with the same key.
func (l *Ledger) Do(ctx context.Context, tenant string, who Who, idem *Idem, fn func(*Tx) error) error {
	j := &job{tenant: tenant, who: who, idem: idem, fn: fn, done: make(chan error, 1)}
	select {
	case <-l.stop:
		return l.fault()
	case <-ctx.Done():
		return ctx.Err()
	case l.jobs <- j:
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-l.done:
		select {
		case err := <-j.done:
			return err
		default:
			return l.fault()
		}
	}
}

func (l *Ledger) fault() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	return ErrClosed
}

// Close lets the commands that wait finish and closes the writer.
func (l *Ledger) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.stop)
	}
	l.mu.Unlock()
	<-l.done
	return nil
}

func (l *Ledger) write(w *storage.Writer) {
	defer close(l.done)
	defer func() { _ = w.Close() }()
	batch := make([]*job, 0, maxBatch)
	for {
		batch = batch[:0]
		select {
		case j := <-l.jobs:
			batch = append(batch, j)
		case <-l.stop:
			select {
			case j := <-l.jobs:
				batch = append(batch, j)
			default:
				return
			}
		}
	fill:
		for len(batch) < maxBatch {
			select {
			case j := <-l.jobs:
				batch = append(batch, j)
			default:
				break fill
			}
		}
		if err := l.runBatch(w, batch); err != nil {
			l.mu.Lock()
			l.broken = fmt.Errorf("the ledger's writer stopped: %w", err)
			if !l.closed {
				l.closed = true
				close(l.stop)
			}
			l.mu.Unlock()
			for _, j := range batch {
				j.done <- l.broken
			}
			return
		}
	}
}

// runBatch runs the jobs and commits once. Its error is a fault of the batch: nothing of it happened.
func (l *Ledger) runBatch(w *storage.Writer, batch []*job) error {
	tx, err := w.Begin()
	if err != nil {
		return err
	}
	l.heads = map[string]*head{}
	results := make([]error, len(batch))
	for i, j := range batch {
		cmd, fault := l.runJob(w, tx, j)
		if fault != nil {
			return errors.Join(fault, w.Rollback())
		}
		results[i] = cmd
	}
	for tenant, h := range l.heads {
		if err := l.seal(tx, tenant, h); err != nil {
			return errors.Join(err, w.Rollback())
		}
	}
	if err := w.Commit(); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), w.Rollback())
	}
	l.publish(batch, results)
	for i, j := range batch {
		j.done <- results[i]
	}
	return nil
}

func (l *Ledger) runJob(w *storage.Writer, tx *storage.Tx, j *job) (cmd, fault error) {
	h, err := l.head(tx, j.tenant)
	if err != nil {
		return nil, err
	}
	before := head{size: h.size, last: h.last}
	nLeaves := len(h.leaves)
	now := l.Now(j.tenant)
	if !now.After(h.last) { // a clock that was set back does not put a command before what is recorded
		now = h.last.Add(time.Microsecond)
	}
	j.tx = &Tx{Tx: tx, l: l, h: h, Tenant: j.tenant, Who: j.who, Idem: j.idem, now: now}
	cmd, fault = w.Savepoint(func() (err error) {
		defer func() {
			if p := recover(); p != nil { // one command's fault undoes that command alone
				err = fmt.Errorf("command failed: %v", p)
			}
		}()
		return j.fn(j.tx)
	})
	if cmd != nil {
		h.size, h.last, h.leaves = before.size, before.last, h.leaves[:nLeaves]
		j.tx.appended = nil
	}
	return cmd, fault
}

// head reads a tenant's head once a batch, locked against other nodes.
func (l *Ledger) head(tx *storage.Tx, tenant string) (*head, error) {
	if h := l.heads[tenant]; h != nil {
		return h, nil
	}
	q := `SELECT size, last_at FROM ledger_head WHERE tenant = $1`
	if tx.Engine() == storage.Postgres {
		q += ` FOR UPDATE`
	}
	h := &head{}
	var last int64
	if _, err := tx.Row(q, []any{tenant}, &h.size, &last); err != nil {
		return nil, err
	}
	h.start = h.size
	h.last = time.UnixMicro(last).UTC()
	l.heads[tenant] = h
	return h, nil
}

func (l *Ledger) seal(tx *storage.Tx, tenant string, h *head) error {
	if h.size == h.start {
		return nil
	}
	if err := growTree(tx, tenant, h.start, h.leaves); err != nil {
		return fmt.Errorf("tree: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO ledger_head (tenant, size, last_at) VALUES ($1, $2, $3)
		ON CONFLICT (tenant) DO UPDATE SET size = excluded.size, last_at = excluded.last_at`,
		tenant, h.size, h.last.UnixMicro()); err != nil {
		return err
	}
	if l.opt.Sealed != nil {
		return l.opt.Sealed(tx, tenant, h.size)
	}
	return nil
}

// Subscribe gives the changes of a tenant from now on. A receiver that is too slow misses changes:
// a gap in positions tells it to read anew.
func (l *Ledger) Subscribe(tenant string) (changes <-chan Change, cancel func()) {
	c := make(chan Change, 256)
	l.mu.Lock()
	l.subs[c] = tenant
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.subs, c)
	}
}

func (l *Ledger) publish(batch []*job, results []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.subs) == 0 {
		return
	}
	by := map[string][]Meta{}
	for i, j := range batch {
		if results[i] == nil && j.tx != nil {
			by[j.tenant] = append(by[j.tenant], j.tx.appended...)
		}
	}
	for c, tenant := range l.subs {
		if len(by[tenant]) == 0 {
			continue
		}
		select {
		case c <- Change{Tenant: tenant, Entries: by[tenant]}:
		default:
		}
	}
}
