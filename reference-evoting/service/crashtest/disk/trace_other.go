//go:build !linux || !amd64

package disk

import (
	"fmt"
	"os/exec"
	"runtime"
)

// Start starts the program. Here it cannot.
func (d *Disk) Start(*exec.Cmd) (wait func() error, err error) {
	return nil, fmt.Errorf("%w: they are for linux on amd64, this is %s on %s", ErrUnable, runtime.GOOS, runtime.GOARCH)
}
