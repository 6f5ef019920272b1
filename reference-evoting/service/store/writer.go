package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// maxBatch is how many functions share a transaction at most.
	maxBatch = 256
	// maxHold is how long a transaction takes up more functions at most.
	maxHold = 5 * time.Millisecond
	// linger is how long a transaction waits for the next function when others
	// were busy with the store a moment ago. It is short beside a sync.
	linger = 200 * time.Microsecond
	// checkpointAfter is how many changes SQLite's log takes up before they are
	// copied to the file. A change is a few pages.
	checkpointAfter = 500
)

// writer owns the one connection that writes.
type writer struct {
	conn  *sql.Conn
	tx    *Tx
	jobs  chan job // unbuffered: what is sent has been taken up
	quit  chan struct{}
	ended chan struct{}
	once  sync.Once
	last  int                   // size of the transaction before
	since int                   // changes since the checkpoint before
	disk  atomic.Pointer[error] // the first failure of the disk, for good
}

type job struct {
	f    func(*Tx) error
	done chan error
}

func startWriter(conn *sql.Conn) *writer {
	w := &writer{
		conn: conn, tx: newTx(conn), since: checkpointAfter, // what was left behind is due
		jobs: make(chan job), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

func (w *writer) commit(ctx context.Context, f func(*Tx) error) error {
	if err := errors.Join(w.failed(), ctx.Err()); err != nil {
		return err
	}
	j := job{f, make(chan error, 1)}
	select {
	case w.jobs <- j:
		err := <-j.done
		// A panic belongs to the caller, not to all who share the writer.
		if p, ok := err.(panicked); ok {
			panic(p.value)
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
}

// stop ends the writer after the transaction under way. It reports whether it was
// this call that did.
func (w *writer) stop() (first bool) {
	w.once.Do(func() { first = true; close(w.quit) })
	<-w.ended
	return first
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.conn.Close()
	// SQLite keeps the files of a connection open as long as it has statements.
	defer w.tx.ready.close()
	for {
		select {
		case <-w.quit:
			return
		case j := <-w.jobs:
			w.transact(j)
		}
	}
}

// failed is not nil once the disk has failed: nothing is committed any more.
func (w *writer) failed() error {
	if err := w.disk.Load(); err != nil {
		return *err
	}
	return nil
}

// fail notes an error after which the file cannot be trusted. A write or sync
// that failed may have left pages that the kernel counts as clean though they
// never reached the disk: a later sync would succeed and prove nothing
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX
// ATC 2020). Only what is read from the disk again, at the next start, counts.
func (w *writer) fail(err error) error {
	err = fmt.Errorf("%w; free or replace the disk and start again: %w", ErrFailed, err)
	w.disk.CompareAndSwap(nil, &err)
	return err
}

// ofDisk reports whether err is SQLite's word for a disk that failed or is full,
// or for a file that is not what was written to it.
func ofDisk(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // without the extended part
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM:
		return true
	}
	return false
}

// transact runs first and whatever comes meanwhile in one transaction.
func (w *writer) transact(first job) {
	// It may have been taken up while the one before it failed.
	if err := w.failed(); err != nil {
		first.done <- err
		return
	}
	start := time.Now()
	if err := w.tx.run("BEGIN IMMEDIATE"); err != nil {
		err = fmt.Errorf("beginning a transaction: %w", err)
		if ofDisk(err) {
			err = w.fail(err)
		}
		first.done <- err
		return
	}
	var good []job
	count := 0
	for j, more := first, true; more; {
		count++
		err, broken := w.try(j)
		if broken {
			if ofDisk(err) {
				err = w.fail(err)
			}
			w.abandon(append(good, j), err)
			return
		}
		if err != nil {
			j.done <- err
		} else {
			good = append(good, j)
		}
		j, more = w.next(count, start)
	}
	w.last = count
	if err := w.tx.run("COMMIT"); err != nil {
		w.abandon(good, w.fail(fmt.Errorf("committing: %w", err)))
		return
	}
	for _, j := range good {
		j.done <- nil
	}
	w.checkpoint()
}

// checkpoint copies SQLite's log to the file where that is due. SQLite would do it
// by itself and tell nobody where the disk fails.
func (w *writer) checkpoint() {
	if w.since < checkpointAfter {
		return
	}
	w.since = 0
	var busy, pages, copied int
	err := w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
	if err != nil {
		_ = w.fail(fmt.Errorf("checkpoint: %w", err)) // the next to come hears of it
	}
}

// next takes up another function for the transaction under way, if there is one
// and room for it.
func (w *writer) next(count int, start time.Time) (job, bool) {
	if count >= maxBatch || time.Since(start) > maxHold {
		return job{}, false
	}
	select {
	case j := <-w.jobs:
		return j, true
	default:
	}
	// Those whose transaction has just been committed come back in a moment; a
	// caller who is alone must not wait for them.
	if w.last < 2 || count >= w.last {
		return job{}, false
	}
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case j := <-w.jobs:
		return j, true
	case <-timer.C:
		return job{}, false
	}
}

// try runs one function so that it can be undone alone. broken says that the
// whole transaction is lost.
func (w *writer) try(j job) (err error, broken bool) {
	if err := w.tx.run("SAVEPOINT one"); err != nil {
		return fmt.Errorf("in a transaction: %w", err), true
	}
	before := w.tx.ready.count
	err = call(j.f, w.tx)
	w.since += w.tx.ready.count - before
	if ofDisk(err) {
		return err, true
	}
	if err != nil {
		// SQLite ends the whole transaction on some errors (a full disk); then
		// there is no savepoint to go back to.
		if e := w.tx.run("ROLLBACK TO one"); e != nil {
			return errors.Join(err, e), true
		}
	}
	if e := w.tx.run("RELEASE one"); e != nil {
		return errors.Join(err, e), true
	}
	return err, false
}

// panicked is what a function panicked with.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprint("panic in a transaction: ", p.value) }

func call(f func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked{v}
		}
	}()
	return f(tx)
}

// abandon gives up the transaction and tells all who took part.
func (w *writer) abandon(jobs []job, err error) {
	// It fails where SQLite has rolled back already.
	_ = w.tx.run("ROLLBACK")
	for _, j := range jobs {
		j.done <- err
	}
}

// Tx is the transaction that a function given to Commit works in.
type Tx struct {
	queries
	conn  *sql.Conn
	ready statements
}

func newTx(conn *sql.Conn) *Tx {
	ready := statements{conn: conn, stmts: map[string]*sql.Stmt{}}
	tx := &Tx{conn: conn, ready: ready}
	tx.queries = queries{&tx.ready}
	return tx
}

func (tx *Tx) run(query string, args ...any) error {
	_, err := tx.ready.exec(query, args...)
	return err
}

// statements are prepared once for the writer's connection. A change that was
// taken up is carried through, so they heed no context.
type statements struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	count int // statements carried out
}

func (s *statements) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = stmt
	return stmt, nil
}

func (s *statements) close() {
	for _, stmt := range s.stmts {
		_ = stmt.Close() // there is nothing more to be done with it
	}
}

func (s *statements) exec(query string, args ...any) (int64, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return 0, err
	}
	s.count++
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// QueryContext implements querier.
func (s *statements) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}
