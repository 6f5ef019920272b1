package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"scrutineer/targets"
)

// process is one running adapter. Whatever it does wrong ends it: from then on
// every request fails with the same reason.
type process struct {
	limits Limits
	pace   func(context.Context) error
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr *tail
	slots  chan struct{} // requests that may be under way

	writing sync.Mutex // one line at a time

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan response
	fault   error
	dead    chan struct{} // closed with the first fault
	ended   chan struct{} // closed when it has been reaped
}

// start runs the command line in a shell, in a process group of its own.
func start(cfg Config, concurrency int) (*process, error) {
	l := cfg.Limits
	p := &process{limits: l, pace: cfg.Pace, cmd: exec.Command("/bin/sh", "-c", cfg.Command), stderr: &tail{limit: l.Stderr},
		slots: make(chan struct{}, max(1, concurrency)), waiting: map[uint64]chan response{},
		dead: make(chan struct{}), ended: make(chan struct{})}
	ownGroup(p.cmd)
	p.cmd.Env = cfg.Env
	p.cmd.WaitDelay = l.Grace
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the adapter: %w", err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the adapter: %w", err)
	}
	p.stdin, p.cmd.Stderr = stdin, p.stderr
	p.stderr.flooded = func() { p.fail(fmt.Errorf("it wrote more than %d bytes to its standard error", l.Stderr)) }
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: starting the adapter: %w", targets.ErrTarget, err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read(stdout)
	}()
	go p.reap(read)
	return p, nil
}

// reap waits for the end of the process, and of everything in its group.
func (p *process) reap(read chan struct{}) {
	// Wait closes the pipe that is read from: what was written before the end
	// is read first, as long as that ends.
	select {
	case <-read:
	case <-p.dead:
	}
	err := p.cmd.Wait()
	killGroup(p.cmd)
	if err == nil {
		err = errors.New("it ended by itself")
	}
	p.fail(fmt.Errorf("it has ended: %w", err))
	close(p.ended)
}

// fail notes the first fault, ends the group, and wakes who waits.
func (p *process) fail(err error) {
	p.mu.Lock()
	first := p.fault == nil
	if first {
		p.fault = err
		close(p.dead)
	}
	p.mu.Unlock()
	if first {
		killGroup(p.cmd)
	}
}

// why is the fault, in the words of an error of the target's, with the last
// lines of its standard error.
func (p *process) why() error {
	p.mu.Lock()
	err := p.fault
	p.mu.Unlock()
	if last := p.stderr.last(); last != "" {
		return fmt.Errorf("%w: the adapter: %w; the last lines of its standard error: %s", targets.ErrTarget, err, last)
	}
	return fmt.Errorf("%w: the adapter: %w; it wrote nothing to its standard error", targets.ErrTarget, err)
}

// read takes the adapter's lines until it ends or breaks a rule.
func (p *process) read(stdout io.Reader) {
	r := bufio.NewReaderSize(stdout, 64<<10)
	for {
		line, err := readLine(r, p.limits.Line)
		switch {
		case errors.Is(err, errLong):
			p.fail(fmt.Errorf("a line of its answers is longer than %d bytes", p.limits.Line))
			return
		case err != nil && len(line) > 0:
			p.fail(fmt.Errorf("its last line has no end: %.80q", line))
			return
		case err != nil:
			return // whether it ended well is for reap to say
		}
		if err := p.take(line); err != nil {
			p.fail(err)
			return
		}
	}
}

var errLong = errors.New("line too long")

// readLine reads up to a line feed, which is left out.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var out []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(out)+len(part) > limit {
			return nil, errLong
		}
		out = append(out, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return out, err
		default:
			return out[:len(out)-1], nil
		}
	}
}

// take hands an answer to who waits for it.
func (p *process) take(line []byte) error {
	var a response
	if err := decode(line, &a); err != nil {
		return fmt.Errorf("a line of its standard output is no answer (%.200q): %.80q", err.Error(), line)
	}
	n := 0
	for _, there := range []bool{a.OK != nil, a.Refused != nil, a.Failed != ""} {
		if there {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("its answer to request %d has %d of ok, refused and failed, and one is wanted: %.80q", a.ID, n, line)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	to, ok := p.waiting[a.ID]
	switch {
	case !ok && a.ID >= 1 && a.ID <= p.next:
		return fmt.Errorf("it answers request %d a second time, or after its deadline", a.ID)
	case !ok:
		return fmt.Errorf("it answers request %d, which was never made", a.ID)
	}
	delete(p.waiting, a.ID)
	to <- a
	return nil
}

// call makes a request and waits for its answer, at most for so long. After
// that the adapter is ended: nobody knows what it does.
func (p *process) call(ctx context.Context, op string, args any, within time.Duration) (response, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-p.dead:
		return response{}, p.why()
	case <-ctx.Done():
		return response{}, ctx.Err()
	}
	if p.pace != nil {
		if err := p.pace(ctx); err != nil {
			return response{}, err
		}
	}
	to := make(chan response, 1)
	p.mu.Lock()
	p.next++
	id := p.next
	p.waiting[id] = to
	p.mu.Unlock()
	line, err := json.Marshal(request{ID: id, Op: op, Args: args})
	if err != nil {
		return response{}, fmt.Errorf("writing a request: %w", err)
	}
	patience := time.NewTimer(within)
	defer patience.Stop()
	go p.send(append(line, '\n'))
	select {
	case a := <-to:
		if a.Failed != "" {
			return a, fmt.Errorf("%w: the adapter failed at %s: %.300q", targets.ErrTarget, op, a.Failed)
		}
		return a, nil
	case <-p.dead:
	case <-patience.C:
		p.fail(fmt.Errorf("it did not answer %s within %s", op, within))
	case <-ctx.Done():
		// What it does with the request is not awaited any more.
		p.fail(fmt.Errorf("%s was given up before it was answered", op))
		return response{}, ctx.Err()
	}
	return response{}, p.why()
}

// send writes a line. It may block on an adapter that does not read, which
// then does not answer in time and is ended.
func (p *process) send(line []byte) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if _, err := p.stdin.Write(line); err != nil {
		// The end of its standard output, or of itself, tells more.
		select {
		case <-p.dead:
		case <-p.ended:
		case <-time.After(p.limits.Grace):
			p.fail(fmt.Errorf("it does not read its standard input: %w", err))
		}
	}
}

// stop closes the adapter's input, gives it a moment to end, and ends its
// group.
func (p *process) stop() {
	p.mu.Lock()
	broken := p.fault != nil
	p.mu.Unlock()
	if !broken {
		_ = p.stdin.Close() // it reads the end of its input, and ends
		select {
		case <-p.ended:
		case <-time.After(p.limits.Grace):
		}
	}
	p.fail(errors.New("it was ended"))
	<-p.ended
}
