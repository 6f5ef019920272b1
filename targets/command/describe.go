package command

import (
	"context"
	"fmt"
	"slices"

	"scrutineer/targets"
)

// needs are the operations that stand behind each ability.
var needs = map[targets.Ability][]string{
	targets.Open:    {opSetup},
	targets.Client:  {opEncrypt},
	targets.Submit:  {opCast},
	targets.Opaque:  {opEncrypt, opCast},
	targets.Board:   {opBoard},
	targets.Close:   {opClose},
	targets.Tally:   {opTally},
	targets.Publish: {opResult},
	targets.Verify:  {opVerify},
	targets.Count:   {opCount},
	targets.Fault:   {opFault},
}

// Describe implements targets.Target: an adapter is asked for its operations.
func (t *Target) Describe(ctx context.Context) (targets.Description, error) {
	told, err := t.describe(ctx)
	if err != nil {
		return targets.Description{}, err
	}
	d := targets.Description{Name: "command: " + told.Name, Version: told.Version, Lacks: map[targets.Ability]string{},
		Parallel: max(1, told.Parallel), Reaches: told.Reaches}
	for _, a := range targets.All() {
		ops, known := needs[a]
		if !known {
			d.Lacks[a] = "the command protocol has no operation for it"
			continue
		}
		for _, op := range ops {
			if !slices.Contains(told.Operations, op) {
				d.Lacks[a] = fmt.Sprintf("the adapter does not offer the operation %s", op)
			}
		}
		if d.Lacks[a] == "" {
			d.Abilities = append(d.Abilities, a)
		}
	}
	return d, nil
}
