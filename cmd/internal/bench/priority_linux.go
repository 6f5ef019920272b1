package bench

import "syscall"

// thread names the calling thread, for a goroutine that is locked to it.
func thread() int { return syscall.Gettid() }

// yield gives a thread a lower priority than the others of the process.
func yield(thread int) error { return syscall.Setpriority(syscall.PRIO_PROCESS, thread, 15) }
