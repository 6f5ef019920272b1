package exit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"

	"scrutineer/cmd/internal/exit"
)

func TestWorstFollowsThePrecedence(t *testing.T) {
	order := []exit.Code{130, 70, 64, 3, 1, 2, 0}
	for i, graver := range order {
		for _, other := range order[i:] {
			if got := exit.Worst(other, graver); got != graver {
				t.Errorf("Worst(%d, %d) = %d", other, graver, got)
			}
		}
	}
	all := append([]exit.Code{}, order...)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for len(all) > 0 {
		want := exit.Pass
		for _, c := range order {
			for _, have := range all {
				if c == have && want == exit.Pass {
					want = c
				}
			}
		}
		if got := exit.Worst(all...); got != want {
			t.Errorf("Worst(%v) = %d, want %d", all, got, want)
		}
		all = all[1:]
	}
}

func TestWorstOfNothingIsPass(t *testing.T) {
	if got := exit.Worst(); got != exit.Pass {
		t.Errorf("Worst() = %d", got)
	}
}

func TestUnknownCodeIsABug(t *testing.T) {
	if got := exit.Worst(exit.Finding, 42); got != exit.Bug {
		t.Errorf("Worst(1, 42) = %d", got)
	}
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	for _, c := range exit.Codes() {
		if c.Meaning() == "" {
			t.Errorf("%d has no meaning", c)
		}
	}
}

func TestOf(t *testing.T) {
	finding := exit.Errorf(exit.Finding, "two ballots share a tracker")
	tests := map[string]struct {
		err  error
		want exit.Code
	}{
		"nil":                      {nil, exit.Pass},
		"coded":                    {finding, exit.Finding},
		"status":                   {exit.Status(exit.Inconclusive), exit.Inconclusive},
		"wrapped":                  {fmt.Errorf("running: %w", finding), exit.Finding},
		"joined":                   {errors.Join(finding, exit.Errorf(exit.Target, "gone")), exit.Target},
		"joined with unknown":      {errors.Join(finding, fs.ErrExist), exit.Bug},
		"joined deep":              {fmt.Errorf("a: %w", errors.Join(fmt.Errorf("b: %w", finding))), exit.Finding},
		"outermost code counts":    {exit.Wrap(exit.Target, finding), exit.Target},
		"cancelled":                {fmt.Errorf("waiting: %w", context.Canceled), exit.Interrupted},
		"cancelled but judged":     {exit.Wrap(exit.Target, context.Canceled), exit.Target},
		"deadline":                 {context.DeadlineExceeded, exit.Bug},
		"nobody classified it":     {fs.ErrExist, exit.Bug},
		"unknown code in an error": {&exit.Error{Code: 42}, exit.Bug},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := exit.Of(test.err); got != test.want {
				t.Errorf("Of = %d, want %d", got, test.want)
			}
		})
	}
}

func TestWrapKeepsNilAndCause(t *testing.T) {
	if exit.Wrap(exit.Bug, nil) != nil {
		t.Error("Wrap(nil) is an error")
	}
	if exit.Status(exit.Pass) != nil {
		t.Error("Status(Pass) is an error")
	}
	err := exit.Wrap(exit.Usage, fs.ErrNotExist)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != fs.ErrNotExist.Error() {
		t.Errorf("Wrap hides its cause: %v", err)
	}
	if exit.Silent(err) || !exit.Silent(exit.Status(exit.Finding)) {
		t.Error("Silent is wrong")
	}
}
