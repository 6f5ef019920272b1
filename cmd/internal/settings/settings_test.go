package settings_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"scrutineer/cmd/internal/settings"
)

// values is what a command would see.
type values struct {
	Seed    uint64
	Target  string
	Format  []string
	Timeout time.Duration
	Quiet   bool
}

// apply runs the command line args against an environment and a file c.yaml,
// which is named on the command line where it is not empty.
func apply(t *testing.T, file string, env []string, args ...string) (values, error) {
	t.Helper()
	var v values
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	flags.String(settings.ConfigFlag, "", "")
	flags.Uint64Var(&v.Seed, "seed", 1, "")
	flags.StringVar(&v.Target, "target", "embedded", "")
	flags.StringSliceVar(&v.Format, "format", []string{"html"}, "")
	flags.DurationVar(&v.Timeout, "timeout", time.Minute, "")
	flags.BoolVar(&v.Quiet, "quiet", false, "")
	if file != "" {
		args = append(args, "--config", "c.yaml")
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	err := settings.Sources{
		Known:    []string{"seed", "target", "format", "timeout", "quiet", "fail-on"},
		Reserved: []string{"SCRUTINEER_DATA"},
		Environ:  env,
		ReadFile: func(name string) ([]byte, error) {
			if name != "c.yaml" {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(file), nil
		},
	}.Apply(flags)
	return v, err
}

func TestPrecedence(t *testing.T) {
	file := "seed: 4\ntarget: remote\n"
	env := []string{"SCRUTINEER_SEED=3", "HOME=/", "SCRUTINEER_DATA=x"}
	tests := map[string]struct {
		file string
		env  []string
		args []string
		want uint64
	}{
		"flag":                 {file, env, []string{"--seed", "2"}, 2},
		"environment":          {file, env, nil, 3},
		"empty variable":       {file, []string{"SCRUTINEER_SEED="}, nil, 4},
		"file":                 {file, nil, nil, 4},
		"default":              {"", nil, nil, 1},
		"file without the key": {"target: remote\n", nil, nil, 1},
		"flag at its default":  {file, env, []string{"--seed", "1"}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := apply(t, test.file, test.env, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Seed != test.want {
				t.Errorf("seed %d, want %d", got.Seed, test.want)
			}
		})
	}
}

func TestKindsOfValues(t *testing.T) {
	got, err := apply(t, `# a configuration
seed: 0x10
target: "true"
format: [json, text]
timeout: 90s
quiet: true
fail-on: high   # a flag of another command
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := values{Seed: 16, Target: "true", Format: []string{"json", "text"}, Timeout: 90 * time.Second, Quiet: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestListsReplaceTheDefault(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		env  []string
		want []string
	}{
		"list":           {"format: [json, text]", nil, []string{"json", "text"}},
		"one of a list":  {"format: [json]", nil, []string{"json"}},
		"empty list":     {"format: []", nil, nil},
		"one value":      {"format: json", nil, []string{"json"}},
		"commas":         {"format: json,text", nil, []string{"json", "text"}},
		"in environment": {"", []string{"SCRUTINEER_FORMAT=json,text"}, []string{"json", "text"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apply(t, test.file, test.env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Format); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestConfigFromTheEnvironment(t *testing.T) {
	_, err := apply(t, "", []string{"SCRUTINEER_CONFIG=missing.yaml"})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "missing.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsHaveAPlaceAndANearestName(t *testing.T) {
	tests := map[string]struct {
		file string
		env  []string
		want string
		hint string
	}{
		"unknown key":        {"seed: 1\nsede: 2\n", nil, "c.yaml:2:1: no setting has the name sede", "did you mean seed?"},
		"nothing near":       {"zzzzzz: 2\n", nil, "c.yaml:1:1: no setting has the name zzzzzz", ""},
		"config in the file": {"config: other.yaml\n", nil, "c.yaml:1:1: no setting has the name config", ""},
		"twice":              {"seed: 1\nquiet: true\nseed: 2\n", nil, "c.yaml:3:1: seed is set twice, first at c.yaml:1:7", ""},
		"wrong type":         {"seed: many\n", nil, `c.yaml:1:7: seed: "many" is not a valid value: strconv.ParseUint: parsing "many": invalid syntax`, ""},
		"no value":           {"seed:\n", nil, "c.yaml:1:6: seed: a value or a list of values is expected here", ""},
		"mapping":            {"seed: {a: 1}\n", nil, "c.yaml:1:7: seed: a value or a list of values is expected here", ""},
		"list for one value": {"target: [a, b]\n", nil, "c.yaml:1:9: target: takes one value, not a list", ""},
		"nested list":        {"format: [a, [b]]\n", nil, "c.yaml:1:13: format: an item of a list is one value", ""},
		"alias":              {"target: &x a\nformat: *x\n", nil, "c.yaml:2:9: format: a value or a list of values is expected here", ""},
		"not a mapping":      {"- seed\n", nil, "c.yaml:1:1: a configuration is a mapping from names to values", ""},
		"complex key":        {"[a]: 1\n", nil, "c.yaml:1:1: a name is expected here", ""},
		"syntax":             {"seed: 1\nformat: [a\nquiet: true", nil, "c.yaml:3:6: did not find expected ',' or ']'", ""},
		"two documents":      {"seed: 1\n---\nseed: 2\n", nil, "c.yaml:2:1: a configuration is one document, a second begins here", ""},
		"not UTF-8":          {"seed: 1\ntarget: é\xff", nil, "c.yaml:2:10: this is not text in UTF-8", ""},
		"control character":  {"target: \x1b[2J", nil, "c.yaml:1:9: this is not text in UTF-8", ""},
		"variable":           {"", []string{"SCRUTINEER_SEDE=1"}, "SCRUTINEER_SEDE: no setting has this name", "did you mean SCRUTINEER_SEED?"},
		"variable's value":   {"", []string{"SCRUTINEER_TIMEOUT=soon"}, `SCRUTINEER_TIMEOUT: timeout: "soon" is not a valid value: time: invalid duration "soon"`, ""},
		"too large":          {"# " + strings.Repeat("x", 300_000), nil, "c.yaml: a configuration has at most 262144 bytes, this one has 300002", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := apply(t, test.file, test.env)
			var fault *settings.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a fault", err)
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
			if fault.Hint() != test.hint {
				t.Errorf("hint %q, want %q", fault.Hint(), test.hint)
			}
		})
	}
}

func TestAllFaultsAreTold(t *testing.T) {
	_, err := apply(t, "sede: 1\nquite: true\n", []string{"SCRUTINEER_TARGTE=x"})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 {
		t.Errorf("%d faults: %v", len(lines), err)
	}
}

func TestEmptyConfiguration(t *testing.T) {
	for _, file := range []string{"# nothing\n", "\n", "---\n", "{}\n"} {
		got, err := apply(t, file, nil)
		if err != nil || got.Seed != 1 {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{"seed: 1\n", "format: [a, b]", "a: &x 1\nb: *x", "[a]: 1", "---\n---\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		_, err := apply(t, file+"\n", nil)
		if err != nil && !strings.HasPrefix(err.Error(), "c.yaml") {
			t.Errorf("an error without a place: %v", err)
		}
	})
}
