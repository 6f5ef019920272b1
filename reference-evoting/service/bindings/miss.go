package bindings

import (
	"context"
	"time"

	"scrutineer/reference-evoting/identity"
)

// maxMisses bounds what is kept, so that guesses at ids that nobody has do not
// fill the disk; those that wait the shortest go first.
const maxMisses = 1 << 16

// KeepMiss implements identity.Misses.
func (s *Store) KeepMiss(ctx context.Context, m identity.Miss) error {
	if m.Misses == 0 && m.Day == 0 {
		_, err := s.db.ExecContext(ctx, `DELETE FROM miss WHERE voter = ?`, m.Voter)
		return err
	}
	_, err := s.db.ExecContext(ctx, `INSERT OR REPLACE INTO miss VALUES (?, ?, ?, ?, ?)`,
		m.Voter, m.Misses, m.Day, nanos(m.Began), nanos(m.Next))
	return err
}

// Misses implements identity.Misses. What is too much of it is forgotten here.
func (s *Store) Misses(ctx context.Context) ([]identity.Miss, error) {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM miss WHERE voter IN (SELECT voter FROM miss ORDER BY next DESC, voter LIMIT -1 OFFSET ?)`, maxMisses); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT voter, misses, day, began, next FROM miss`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []identity.Miss
	for rows.Next() {
		var m identity.Miss
		var began, next int64
		if err := rows.Scan(&m.Voter, &m.Misses, &m.Day, &began, &next); err != nil {
			return nil, err
		}
		m.Began, m.Next = moment(began), moment(next)
		out = append(out, m)
	}
	return out, rows.Err()
}

// nanos and moment write a time, and read it; 0 is none.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}
