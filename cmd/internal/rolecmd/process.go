package rolecmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a role that runs as a process of its own.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer // open for as long as the role is to live
	at    map[string]string

	mu   sync.Mutex
	said []string // the end of its log
	done chan struct{}
	err  error
}

// endTime is how long a role may take to end.
const endTime = 15 * time.Second

// startProcess runs our own program again and waits until it has said where it
// listens: the words of the lines to wait for.
func startProcess(ctx context.Context, name string, words []string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, at: map[string]string{}, done: make(chan struct{})}
	p.cmd = exec.Command(self, append(args, "--until-stdin-closes")...)
	// ctrl-C at the terminal is for us; the roles end in order when we say so.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	listening := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() { p.listen(stdout, words, listening) })
	reading.Go(func() { p.keep(stderr) })
	go func() {
		reading.Wait()
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	select {
	case <-listening:
		return p, nil
	case <-p.done:
		return nil, p.failed()
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.stop())
	}
}

// listen reads where the process listens.
func (p *process) listen(r io.Reader, words []string, listening chan struct{}) {
	missing := len(words)
	if missing == 0 {
		close(listening)
	}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		word, place, _ := strings.Cut(lines.Text(), " ")
		if missing > 0 && p.at[word] == "" {
			p.at[word] = place
			if missing--; missing == 0 {
				close(listening)
			}
		}
	}
}

// keep holds the last lines of a log.
func (p *process) keep(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		p.said = p.said[max(0, len(p.said)-10):]
		p.mu.Unlock()
	}
}

// failed is why a process ended that should not have.
func (p *process) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Errorf("%s ended: %v\n%s", p.name, p.err, strings.Join(p.said, "\n"))
}

// stop ends the process, gently first.
func (p *process) stop() error {
	p.stdin.Close()
	select {
	case <-p.done:
	case <-time.After(endTime):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end in %v and was killed", p.name, endTime)
	}
	if p.err != nil {
		return p.failed()
	}
	return nil
}
