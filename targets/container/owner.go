package container

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// owner is a process: since which start of which machine, in which table of
// processes, and which. The start time tells it from a later one of the same
// number.
type owner struct {
	boot, space string
	pid         int
	start       string
}

func (o owner) String() string { return fmt.Sprintf("%s/%s/%d/%s", o.boot, o.space, o.pid, o.start) }

// self is this process.
func self() (owner, error) {
	o := owner{boot: "none", space: "none", pid: os.Getpid()}
	if raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		o.boot = strings.TrimSpace(string(raw))
	}
	if space, err := os.Readlink("/proc/self/ns/pid"); err == nil {
		o.space = strings.Trim(space, "pid:[]")
	}
	var err error
	o.start, err = startTime(o.pid)
	return o, err
}

// startTime is when a process began, in the kernel's own terms.
func startTime(pid int) (string, error) {
	if runtime.GOOS != "linux" {
		return "0", nil
	}
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", err
	}
	// The name of the program is in brackets and may hold anything.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	const field = 22 - 3 // starttime; the first after the name is number 3
	if len(fields) <= field {
		return "", errors.New("/proc/PID/stat has too few fields")
	}
	return fields[field], nil
}

// outlived says that what bears this label belonged to a process of this
// machine that is not there any more. What others may run is theirs.
func (o owner) outlived(label string) bool {
	f := strings.Split(label, "/")
	if len(f) != 4 || runtime.GOOS != "linux" {
		return false
	}
	pid, err := strconv.Atoi(f[2])
	if err != nil || f[0] != o.boot || f[1] != o.space {
		return false
	}
	now, err := startTime(pid)
	return err != nil || now != f[3]
}
