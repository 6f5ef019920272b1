// Package roles runs the roles of an election as they stand in the field: each
// in a process (or a goroutine) of its own, a client of the authority over
// HTTP, with a management port beside it. What a role decides is in the core;
// here is when it looks, what it sends, and what it says when it is asked.
//
// Every role is a Config and a Run that ends with its context. Listeners,
// clients, clocks and randomness come from outside: a test or a target lets
// them meet over pipes, a command over the loopback.
package roles

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board/follow"
	"scrutineer/reference-evoting/rules"
)

// fault turns a broken rule into a finding.
func fault(role string, f *rules.Fault) manage.Finding {
	culprit := string(f.Role)
	if f.ID != "" {
		culprit += "/" + f.ID
	}
	if culprit == "" {
		culprit = string(message.RoleAuthority) // it let the entry on the board
	}
	out := manage.Finding{Check: f.Check, Culprit: culprit, Detail: f.Detail, Role: role, ThirdParty: true}
	if f.Type != "" || f.Index > 0 { // else it is about the record as a whole
		index := f.Index
		out.Entry = &index
	}
	return out
}

func faults(role string, list []*rules.Fault) []manage.Finding {
	out := make([]manage.Finding, len(list))
	for i, f := range list {
		out[i] = fault(role, f)
	}
	return out
}

// split turns a board of two histories into a finding: both heads bear its
// signature and those of a quorum.
func split(role string, f *follow.Fork) manage.Finding {
	return manage.Finding{
		Check: "V-03", Culprit: string(message.RoleBoard), Detail: f.Error(), Role: role, ThirdParty: true,
		Evidence: map[string]codec.HexBytes{"had": f.Had, "have": f.Have},
	}
}

// name is a role as findings and logs have it.
func name(role message.Role, id string) string {
	if id == "" {
		return string(role)
	}
	return string(role) + "/" + id
}

// phaseIsBeforeOpening tells whether weaknesses may still be planted.
func phaseIsBeforeOpening(p message.Phase) bool {
	switch p {
	case message.PhaseEmpty, message.PhaseCommit, message.PhaseReveal, message.PhaseDeal,
		message.PhaseCredentials, message.PhaseConfirm, message.PhaseReady:
		return true
	}
	return false
}

// ErrConfig is wrapped for a configuration that cannot work.
var ErrConfig = errors.New("configuration")

// require names what is missing in a configuration.
func require(role string, have map[string]bool) error {
	var missing []string
	for name, ok := range have {
		if !ok {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("%s: %w: without %s", role, ErrConfig, strings.Join(missing, ", "))
}
