//go:build !linux

package bench

import "errors"

func thread() int { return 0 }

func yield(int) error {
	return errors.New("threads have no priority of their own on this system")
}
