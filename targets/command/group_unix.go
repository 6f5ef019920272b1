//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// ownGroup has a command start in a process group of its own.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = nil
}

// killGroup ends what is left of the group. That nothing is left is no error.
func killGroup(c *exec.Cmd) {
	if c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
}
