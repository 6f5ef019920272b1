package crashtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"

	"scrutineer/reference-evoting/service/crashtest/disk"
)

// process is the authority's.
type process struct {
	start func(args ...string) *exec.Cmd
	args  []string
	// address is where it listens: chosen by the system the first time, the
	// same from then on.
	address string
	disk    *disk.Disk // nil for one that does not fail

	cmd    *exec.Cmd
	manage chan string // one address a start
	public chan string
	done   chan error

	mu   sync.Mutex
	said []string // the end of its log
}

// launch starts the process and does not wait until it serves.
func (p *process) launch() error {
	listen := "127.0.0.1:0"
	if p.address != "" {
		listen = p.address
	}
	p.cmd = p.start(append([]string{"--listen", listen, "--manage", "127.0.0.1:0"}, p.args...)...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	wait, err := p.begin()
	if err != nil {
		return fmt.Errorf("starting the authority: %w", err)
	}
	p.manage, p.public, p.done = make(chan string, 1), make(chan string, 1), make(chan error, 1)
	var reading sync.WaitGroup
	reading.Go(func() { listenFor(stdout, map[string]chan string{"manage": p.manage, "public": p.public}) })
	reading.Go(func() { p.keep(stderr) })
	done := p.done
	go func() {
		reading.Wait()
		done <- wait()
	}()
	return nil
}

// begin starts the command on its disk.
func (p *process) begin() (wait func() error, err error) {
	if p.disk != nil {
		return p.disk.Start(p.cmd)
	}
	return p.cmd.Wait, p.cmd.Start()
}

// ready waits until the process says where it listens.
func (p *process) ready(ctx context.Context) (manage string, err error) {
	for _, c := range []struct {
		from chan string
		to   *string
	}{{p.manage, &manage}, {p.public, &p.address}} {
		select {
		case s := <-c.from:
			*c.to = strings.TrimPrefix(s, "http://")
		case err := <-p.done:
			return "", fmt.Errorf("the authority ended by itself: %w%s", errors.Join(err), p.tail())
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for the authority: %w%s", ctx.Err(), p.tail())
		}
	}
	return manage, nil
}

// kill ends the process as a pulled plug would, but for the page cache.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("the authority ended by itself: %w%s", err, p.tail())
	}
	var exit *exec.ExitError
	var traced *disk.Ended
	if err := <-p.done; !errors.As(err, &exit) && !errors.As(err, &traced) {
		return fmt.Errorf("the authority was not killed: %v%s", err, p.tail())
	}
	return nil
}

// listenFor hands on the first place that follows each word.
func listenFor(r io.Reader, words map[string]chan string) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		word, place, _ := strings.Cut(lines.Text(), " ")
		if c, ok := words[word]; ok {
			select {
			case c <- place:
			default:
			}
		}
	}
}

// keep holds the last lines of the log.
func (p *process) keep(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		p.said = p.said[max(0, len(p.said)-10):]
		p.mu.Unlock()
	}
}
