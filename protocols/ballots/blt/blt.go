// Package blt reads the ballot file format of preferential elections that is
// named after its extension (Hill, Wichmann, Woodall; used by OpenSTV and by
// the Scottish councils): a line with the numbers of candidates and seats,
// lines with withdrawn candidates, a line for each kind of ballot, a zero, and
// then names and title.
package blt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bounds of what is read.
const (
	maxLine       = 64 << 10
	maxLines      = 1 << 20
	maxCandidates = 1000
)

// Election is the content of a file. Candidates are numbered from 0.
type Election struct {
	Title      string
	Seats      int
	Candidates []string
	Withdrawn  []int
	Ballots    []Ballot
}

// Ballot is one ranking and how many voters gave it. Equal ranks share a
// group.
type Ballot struct {
	Count   int
	Ranking [][]int
}

// Error is a fault of a file, with its line from 1.
type Error struct {
	Line   int
	Detail string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Detail) }

type reader struct {
	lines *bufio.Scanner
	line  int
	out   Election
}

func (r *reader) fault(format string, args ...any) error {
	return &Error{r.line, fmt.Sprintf(format, args...)}
}

// next gives the next line with something on it, without its comment.
func (r *reader) next() (string, error) {
	for r.lines.Scan() {
		if r.line++; r.line > maxLines {
			return "", r.fault("more than %d lines", maxLines)
		}
		text, _, _ := strings.Cut(r.lines.Text(), "#")
		if text = strings.TrimSpace(text); text != "" {
			return text, nil
		}
	}
	if err := r.lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			r.line++
			return "", r.fault("the line is longer than %d bytes", maxLine)
		}
		return "", err
	}
	return "", r.fault("the file ends too early")
}

// Read reads a file. A fault of it is an *Error.
func Read(in io.Reader) (*Election, error) {
	r := &reader{lines: bufio.NewScanner(in)}
	r.lines.Buffer(make([]byte, 0, 4096), maxLine)
	if err := r.header(); err != nil {
		return nil, err
	}
	if err := r.ballots(); err != nil {
		return nil, err
	}
	if err := r.names(); err != nil {
		return nil, err
	}
	return &r.out, nil
}

func (r *reader) header() error {
	text, err := r.next()
	if err != nil {
		return err
	}
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return r.fault("%q, want the numbers of candidates and seats", text)
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil || n < 1 || n > maxCandidates {
		return r.fault("%q candidates, want 1 to %d", fields[0], maxCandidates)
	}
	r.out.Candidates = make([]string, n)
	r.out.Seats, err = strconv.Atoi(fields[1])
	if err != nil || r.out.Seats < 1 || r.out.Seats > n {
		return r.fault("%q seats, want 1 to %d", fields[1], n)
	}
	return nil
}

// ballots reads withdrawals and rankings up to the line that is zero.
func (r *reader) ballots() error {
	for {
		text, err := r.next()
		if err != nil {
			return err
		}
		fields := strings.Fields(text)
		switch {
		case len(fields) == 1 && fields[0] == "0":
			return nil
		case strings.HasPrefix(fields[0], "-"):
			err = r.withdrawn(fields)
		default:
			err = r.ballot(fields)
		}
		if err != nil {
			return err
		}
	}
}

func (r *reader) withdrawn(fields []string) error {
	if len(r.out.Ballots) > 0 {
		return r.fault("candidates are withdrawn before the first ballot")
	}
	for _, f := range fields {
		i, err := r.candidate(strings.TrimPrefix(f, "-"))
		if err != nil {
			return err
		}
		r.out.Withdrawn = append(r.out.Withdrawn, i)
	}
	return nil
}

func (r *reader) candidate(text string) (int, error) {
	i, err := strconv.Atoi(text)
	if err != nil || i < 1 || i > len(r.out.Candidates) {
		return 0, r.fault("%q is no candidate, want 1 to %d", text, len(r.out.Candidates))
	}
	return i - 1, nil
}

func (r *reader) ballot(fields []string) error {
	count, err := strconv.Atoi(fields[0])
	if err != nil || count < 1 || count > 1<<30 {
		return r.fault("%q ballots, want a number above zero", fields[0])
	}
	if fields[len(fields)-1] != "0" {
		return r.fault("the ballot does not end in 0")
	}
	b := Ballot{Count: count}
	seen := map[int]bool{}
	for _, f := range fields[1 : len(fields)-1] {
		var group []int
		for _, part := range strings.Split(f, "=") {
			i, err := r.candidate(part)
			if err != nil {
				return err
			}
			if seen[i] {
				return r.fault("candidate %d is ranked twice", i+1)
			}
			seen[i] = true
			group = append(group, i)
		}
		b.Ranking = append(b.Ranking, group)
	}
	r.out.Ballots = append(r.out.Ballots, b)
	return nil
}

func (r *reader) names() error {
	for i := range r.out.Candidates {
		text, err := r.next()
		if err != nil {
			return err
		}
		r.out.Candidates[i] = strings.Trim(text, `"`)
	}
	title, err := r.next()
	if err != nil {
		return err
	}
	r.out.Title = strings.Trim(title, `"`)
	return nil
}

// First counts first preferences by candidate, and ballots that have no
// single one.
func (e *Election) First() (totals []int, none int) {
	totals = make([]int, len(e.Candidates))
	for _, b := range e.Ballots {
		if len(b.Ranking) > 0 && len(b.Ranking[0]) == 1 {
			totals[b.Ranking[0][0]] += b.Count
		} else {
			none += b.Count
		}
	}
	return totals, none
}
