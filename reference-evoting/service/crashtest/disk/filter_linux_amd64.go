package disk

import (
	"encoding/binary"
	"fmt"
	"syscall"
)

// Of linux/filter.h, linux/seccomp.h and linux/prctl.h.
const (
	bpfLoad      = 0x20 // BPF_LD | BPF_W | BPF_ABS
	bpfEqual     = 0x15 // BPF_JMP | BPF_JEQ | BPF_K
	bpfReturn    = 0x06 // BPF_RET | BPF_K
	retAllow     = 0x7fff0000
	retTrace     = 0x7ff00000
	noNewPrivs   = 38
	setSeccomp   = 22
	modeFilter   = 2
	redZone      = 128 // below the stack pointer, of the ABI
	instruction  = 8   // bytes of one of the filter
	systemCall   = "\x0f\x05"
	kernelErrors = -4096
)

// filter has the kernel stop the program at the calls, and at no others: to stop
// at each would be slow. The program is at its first instruction; the two calls
// that set the filter are put into its mouth, and then it is as it was. Its
// threads inherit the filter.
func (t *tracer) filter() error {
	var before syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(t.pid, &before); err != nil {
		return fmt.Errorf("reading registers: %w", err)
	}
	code := make([]byte, len(systemCall))
	if _, err := syscall.PtracePeekText(t.pid, uintptr(before.Rip), code); err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	program := filterOf(calls[:])
	at := (before.Rsp - redZone - uint64(len(program)) - 16) &^ 15
	head := make([]byte, 16) // struct sock_fprog
	binary.LittleEndian.PutUint16(head, uint16(len(program)/instruction))
	binary.LittleEndian.PutUint64(head[8:], at+16)
	if _, err := syscall.PtracePokeData(t.pid, uintptr(at), append(head, program...)); err != nil {
		return fmt.Errorf("writing the filter: %w", err)
	}
	if _, err := syscall.PtracePokeText(t.pid, uintptr(before.Rip), []byte(systemCall)); err != nil {
		return fmt.Errorf("writing the call: %w", err)
	}
	for _, args := range [][3]uint64{{noNewPrivs, 1, 0}, {setSeccomp, modeFilter, at}} {
		if err := t.say(before, args); err != nil {
			return err
		}
	}
	if _, err := syscall.PtracePokeText(t.pid, uintptr(before.Rip), code); err != nil {
		return fmt.Errorf("restoring the program: %w", err)
	}
	return syscall.PtraceSetRegs(t.pid, &before)
}

// say has the stopped program call prctl.
func (t *tracer) say(regs syscall.PtraceRegs, args [3]uint64) error {
	regs.Rax, regs.Orig_rax = syscall.SYS_PRCTL, ^uint64(0)
	regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8 = args[0], args[1], args[2], 0, 0
	if err := syscall.PtraceSetRegs(t.pid, &regs); err != nil {
		return fmt.Errorf("setting registers: %w", err)
	}
	if err := syscall.PtraceSingleStep(t.pid); err != nil {
		return fmt.Errorf("stepping: %w", err)
	}
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &ws, waitAll|waitOwnThread, nil); err != nil || !ws.Stopped() {
		return fmt.Errorf("stepping: %v, %w", ws, err)
	}
	if err := syscall.PtraceGetRegs(t.pid, &regs); err != nil {
		return fmt.Errorf("reading registers: %w", err)
	}
	if r := int64(regs.Rax); r < 0 && r > kernelErrors {
		return fmt.Errorf("setting a filter of system calls: %w", syscall.Errno(-r))
	}
	return nil
}

// filterOf is a program of the kernel's packet filter that stops at the calls.
func filterOf(calls []uint32) []byte {
	var out []byte
	add := func(code uint16, yes, no byte, k uint32) {
		out = binary.LittleEndian.AppendUint16(out, code)
		out = append(out, yes, no)
		out = binary.LittleEndian.AppendUint32(out, k)
	}
	add(bpfLoad, 0, 0, 0) // the number of the call
	for i, c := range calls {
		add(bpfEqual, byte(len(calls)-i), 0, c)
	}
	add(bpfReturn, 0, 0, retAllow)
	add(bpfReturn, 0, 0, retTrace)
	return out
}
