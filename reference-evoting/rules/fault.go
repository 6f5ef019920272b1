package rules

import (
	"errors"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/ceremony"
)

// Fault is a rule of SPEC.md that an entry breaks. Check is its number, and
// Role and ID say who can be blamed for the entry.
type Fault struct {
	Check  string
	Index  uint64
	Type   message.Type
	Role   message.Role
	ID     string
	Detail string
	Reason message.Reason // for a decision: why the box refuses it
}

func (f *Fault) Error() string {
	return fmt.Sprintf("%s at entry %d (%s): %s", f.Check, f.Index, f.Type, f.Detail)
}

func broken(check, format string, args ...any) *Fault {
	return &Fault{Check: check, Detail: fmt.Sprintf(format, args...)}
}

func refused(check string, reason message.Reason, format string, args ...any) *Fault {
	f := broken(check, format, args...)
	f.Reason = reason
	return f
}

// fromCeremony keeps the check number of a ceremony's fault.
func fromCeremony(err error) *Fault {
	if err == nil {
		return nil
	}
	var c *ceremony.Fault
	if errors.As(err, &c) {
		return &Fault{Check: c.Check, Detail: c.Detail}
	}
	return &Fault{Check: "V-17", Detail: err.Error()}
}
