package disk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// What package syscall does not name (linux/ptrace.h, linux/wait.h).
const (
	traceSeccomp  = 0x80     // PTRACE_O_TRACESECCOMP
	exitKill      = 0x100000 // PTRACE_O_EXITKILL
	eventSeccomp  = 7
	waitAll       = 0x40000000 // __WALL
	waitOwnThread = 0x20000000 // __WNOTHREAD
)

// Start starts cmd with its disk in our hands. wait waits for its end, in place of
// cmd.Wait; the program dies with the tester.
func (d *Disk) Start(cmd *exec.Cmd) (wait func() error, err error) {
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// The thread that traces is the only one that may; it is given up
		// with the goroutine.
		runtime.LockOSThread()
		t := &tracer{disk: d, known: map[int]bool{}}
		if err := t.start(cmd); err != nil {
			started <- fmt.Errorf("%w: %w", ErrUnable, err)
			return
		}
		started <- nil
		err := t.run()
		_ = cmd.Wait() // closes the pipes; the program has been waited for
		ended <- err
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() error { return <-ended }, nil
}

// tracer holds the program's threads.
type tracer struct {
	disk  *Disk
	pid   int
	known map[int]bool // threads that have stopped for us once
}

// start brings the program to its first instruction and has it hand us the calls
// that a disk answers.
func (t *tracer) start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return err
	}
	t.pid = cmd.Process.Pid
	t.known[t.pid] = true
	if err := t.prepare(); err != nil {
		_ = cmd.Process.Kill()
		_, _ = syscall.Wait4(t.pid, nil, waitAll|waitOwnThread, nil)
		_ = cmd.Wait()
		return err
	}
	return nil
}

func (t *tracer) prepare() error {
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &ws, waitAll|waitOwnThread, nil); err != nil {
		return fmt.Errorf("waiting for the program's start: %w", err)
	}
	if !ws.Stopped() {
		return fmt.Errorf("the program did not stop at its start: %v", ws)
	}
	options := syscall.PTRACE_O_TRACECLONE | syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK | traceSeccomp | exitKill
	if err := syscall.PtraceSetOptions(t.pid, options); err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	if err := t.filter(); err != nil {
		return err
	}
	return syscall.PtraceCont(t.pid, 0)
}

// run answers for the disk until the program has ended, and returns how it did, as
// cmd.Wait does.
func (t *tracer) run() error {
	for {
		var ws syscall.WaitStatus
		tid, err := syscall.Wait4(-1, &ws, waitAll|waitOwnThread, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("waiting for the program: %w", err)
		case ws.Exited() || ws.Signaled():
			if tid == t.pid {
				return ended(ws)
			}
			delete(t.known, tid) // another thread may come to have its number
		case ws.Stopped():
			// A thread that is gone meanwhile was killed.
			_ = syscall.PtraceCont(tid, t.stopped(tid, ws))
		}
	}
}

// Ended is how a program ended that did not end well.
type Ended struct{ Status syscall.WaitStatus }

func (e *Ended) Error() string {
	if e.Status.Signaled() {
		return "signal: " + e.Status.Signal().String()
	}
	return "exit status " + strconv.Itoa(e.Status.ExitStatus())
}

func ended(ws syscall.WaitStatus) error {
	if ws.Exited() && ws.ExitStatus() == 0 {
		return nil
	}
	return &Ended{ws}
}

// stopped deals with a stop and returns the signal to go on with.
func (t *tracer) stopped(tid int, ws syscall.WaitStatus) int {
	first := !t.known[tid]
	t.known[tid] = true
	switch signal := ws.StopSignal(); {
	case signal == syscall.SIGTRAP:
		if int(ws)>>16 == eventSeccomp {
			t.called(tid)
		}
		return 0
	case signal == syscall.SIGSTOP && first:
		return 0 // a new thread begins like this
	default:
		return int(signal)
	}
}

// called lets a call through, or answers in the kernel's place.
func (t *tracer) called(tid int) {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return // killed meanwhile
	}
	call, path, ok := t.what(tid, &regs)
	if !ok {
		return
	}
	rel, ok := t.disk.within(path)
	if !ok {
		return
	}
	switch t.disk.judge(call, rel) {
	case let:
		return
	case cut:
		regs.Rdx = max(1, regs.Rdx/2)
	case eio:
		skip(&regs, syscall.EIO)
	case enospc:
		skip(&regs, syscall.ENOSPC)
	}
	_ = syscall.PtraceSetRegs(tid, &regs)
}

// skip makes the call fail without being carried out (seccomp(2), "the tracer can
// skip the system call by changing its number to -1").
func skip(regs *syscall.PtraceRegs, with syscall.Errno) {
	regs.Orig_rax = ^uint64(0)
	regs.Rax = uint64(-int64(with))
}

// what tells the call and the file it is for.
func (t *tracer) what(tid int, regs *syscall.PtraceRegs) (Call, string, bool) {
	switch regs.Orig_rax {
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64:
		path, ok := file(tid, regs.Rdi)
		return Write, path, ok
	case syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
		path, ok := file(tid, regs.Rdi)
		return Sync, path, ok
	case syscall.SYS_OPENAT:
		if regs.Rdx&syscall.O_CREAT == 0 {
			return "", "", false
		}
		path, ok := named(tid, regs.Rdi, regs.Rsi)
		if _, err := os.Lstat(path); err == nil {
			return "", "", false // nothing is created
		}
		return Name, path, ok
	case syscall.SYS_MKDIRAT:
		path, ok := named(tid, regs.Rdi, regs.Rsi)
		return Name, path, ok
	case syscall.SYS_RENAMEAT, sysRenameat2, syscall.SYS_LINKAT:
		path, ok := named(tid, regs.Rdx, regs.R10)
		return Name, path, ok
	case syscall.SYS_MKDIR:
		path, ok := named(tid, cwd, regs.Rdi)
		return Name, path, ok
	case syscall.SYS_RENAME, syscall.SYS_LINK:
		path, ok := named(tid, cwd, regs.Rsi)
		return Name, path, ok
	}
	return "", "", false
}

const sysRenameat2 = 316

// cwd is AT_FDCWD as it stands in a register.
const cwd = ^uint64(99)

// calls are those that stop for the tracer. SQLite and Go make no others that
// write to a file: no vectors, and no mapping but that of SQLite's index to its
// log, which it makes again from the log.
var calls = [...]uint32{
	syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_OPENAT,
	syscall.SYS_MKDIRAT, syscall.SYS_RENAMEAT, sysRenameat2, syscall.SYS_LINKAT,
	syscall.SYS_MKDIR, syscall.SYS_RENAME, syscall.SYS_LINK,
}

// file is what a descriptor stands for.
func file(tid int, fd uint64) (string, bool) {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, int32(fd)))
	return path, err == nil && strings.HasPrefix(path, "/")
}

// named is the path that a call names.
func named(tid int, dir, at uint64) (string, bool) {
	buf := make([]byte, 0, 512)
	for len(buf) < 4096 {
		word := make([]byte, 8)
		if _, err := syscall.PtracePeekData(tid, uintptr(at)+uintptr(len(buf)), word); err != nil {
			return "", false
		}
		buf = append(buf, word...)
		if end := strings.IndexByte(string(word), 0); end >= 0 {
			buf = buf[:len(buf)-8+end]
			break
		}
	}
	path := string(buf)
	if filepath.IsAbs(path) {
		return filepath.Clean(path), true
	}
	link := fmt.Sprintf("/proc/%d/cwd", tid)
	if int32(dir) >= 0 {
		link = fmt.Sprintf("/proc/%d/fd/%d", tid, int32(dir))
	}
	base, err := os.Readlink(link)
	return filepath.Join(base, path), err == nil
}
