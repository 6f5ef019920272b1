// Package settings finds the value of every flag: from the command line, else
// from the environment (SCRUTINEER_SEED for --seed), else from the
// configuration file, else the default. Nothing is ignored in silence: a name
// that no command knows is an error with its place and the nearest name that
// is known, because a misspelt threshold would otherwise pass for a verdict.
//
// A key of the file is the name of a flag, and holds for every command that
// has that flag:
//
//	seed: 7
//	target: embedded
//	fail-on: high
//	format: [html, json]
//
// It knows flags, not their meaning; who calls it is the root command, before
// a command begins its work.
package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"scrutineer/harness/nearest"
)

// Prefix begins the name of every environment variable of ours.
const Prefix = "SCRUTINEER_"

// ConfigFlag is the flag that names the configuration file. It can be set in
// the environment, but not in the file itself.
const ConfigFlag = "config"

// Fault is a setting that cannot be used.
type Fault struct {
	Where   string // file:line:column, or the name of a variable
	Problem string
	Nearest string // the name that was probably meant; "" for none
}

var _ error = (*Fault)(nil)

func (f *Fault) Error() string { return f.Where + ": " + f.Problem }

// Hint returns what to do about it; "" where there is nothing to add.
func (f *Fault) Hint() string {
	if f.Nearest == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", f.Nearest)
}

// Sources is where values come from besides the command line.
type Sources struct {
	// Known is the names of the flags of all commands.
	Known []string
	// Reserved is variables with our prefix that need not set a flag.
	Reserved []string
	// Environ is the environment, as os.Environ returns it.
	Environ []string
	// ReadFile reads the configuration file.
	ReadFile func(name string) ([]byte, error)
}

// Apply sets the flags that the command line left alone. It returns all
// faults that it finds, joined; flags may then have been set in part. An
// empty variable counts as one that is not set.
func (s Sources) Apply(flags *pflag.FlagSet) error {
	env, faults := s.environment()
	config := flags.Lookup(ConfigFlag)
	if value, ok := env[ConfigFlag]; ok && config != nil && !config.Changed {
		faults = append(faults, set(flags, config, variable(ConfigFlag), []string{value}))
	}
	file := map[string]entry{}
	if config != nil && config.Value.String() != "" {
		var err error
		if file, err = s.file(config.Value.String()); err != nil {
			faults = append(faults, err)
		}
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == ConfigFlag || !slices.Contains(s.Known, f.Name) {
			return
		}
		if value, ok := env[f.Name]; ok {
			faults = append(faults, set(flags, f, variable(f.Name), []string{value}))
		} else if e, ok := file[f.Name]; ok {
			faults = append(faults, set(flags, f, e.where, e.values))
		}
	})
	return errors.Join(faults...)
}

// set gives a flag its value, or its values where it takes a list. It counts
// as changed from then on, as if it had been on the command line.
func set(flags *pflag.FlagSet, f *pflag.Flag, where string, values []string) error {
	var err error
	if list, ok := f.Value.(pflag.SliceValue); ok && len(values) != 1 {
		if err = list.Replace(values); err == nil {
			f.Changed = true
		}
	} else if len(values) != 1 {
		err = errors.New("takes one value, not a list")
	} else {
		err = flags.Set(f.Name, values[0])
		if inner := errors.Unwrap(err); inner != nil {
			err = fmt.Errorf("%q is not a valid value: %w", values[0], inner)
		}
	}
	if err != nil {
		return &Fault{Where: where, Problem: fmt.Sprintf("%s: %v", f.Name, err)}
	}
	return nil
}

// environment returns the values of our variables by flag name.
func (s Sources) environment() (map[string]string, []error) {
	values := map[string]string{}
	var faults []error
	for _, line := range s.Environ {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		flag := s.flagOf(name)
		if flag == "" && slices.Contains(s.Reserved, name) {
			continue
		}
		if flag == "" {
			faults = append(faults, &Fault{
				Where: name, Problem: "no setting has this name",
				Nearest: nearest.Name(name, s.variables()),
			})
			continue
		}
		if value != "" {
			values[flag] = value
		}
	}
	return values, faults
}

func (s Sources) flagOf(name string) string {
	for _, flag := range append(slices.Clone(s.Known), ConfigFlag) {
		if variable(flag) == name {
			return flag
		}
	}
	return ""
}

func (s Sources) variables() []string {
	names := []string{variable(ConfigFlag)}
	for _, flag := range s.Known {
		names = append(names, variable(flag))
	}
	return append(names, s.Reserved...)
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
