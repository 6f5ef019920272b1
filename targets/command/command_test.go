package command_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scrutineer/targets"
	"scrutineer/targets/command"
)

// hello is a shell's answer to the first request, describe.
const hello = `read l; echo '{"id":1,"ok":{"protocol":"scrutineer-command/1","name":"shell","operations":["setup","encrypt","cast","board"]}}'; `

// setUp is the same, with setup after it in another process: its first request
// is answered as either.
const setUp = `read l; case "$l" in *describe*) echo '{"id":1,"ok":{"protocol":"scrutineer-command/1","name":"shell","operations":["setup","encrypt","cast","board"]}}'; exit;; esac; echo '{"id":1,"ok":{}}'; `

func adapter(t *testing.T, line string, l command.Limits) *command.Target {
	t.Helper()
	if l.Request == 0 {
		l.Request = 10 * time.Second
	}
	l.Grace = 100 * time.Millisecond
	target, err := command.New(command.Config{Command: line, Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

// Whatever an adapter does wrong is its own fault, and said.
func TestHostileAdapters(t *testing.T) {
	for name, c := range map[string]struct {
		line   string
		limits command.Limits
		says   string
	}{
		"is not there":       {"/nowhere/adapter", command.Limits{}, "has ended"},
		"dies":               {"echo why >&2; exit 7", command.Limits{}, `exit status 7; the last lines of its standard error: "why"`},
		"is killed":          {"kill -9 $$", command.Limits{}, "has ended"},
		"says nothing":       {"exit 0", command.Limits{}, "it ended by itself"},
		"hangs":              {"read l; read l", command.Limits{Request: 200 * time.Millisecond}, "did not answer describe within"},
		"does not read":      {"sleep 100", command.Limits{Request: 200 * time.Millisecond}, "did not answer describe within"},
		"prints garbage":     {"read l; echo hello; read l", command.Limits{}, "no answer"},
		"prints bytes":       {`read l; printf '\377\000\033[2J\n'; read l`, command.Limits{}, `\x1b[2J`},
		"prints no end":      {"read l; printf '{}'", command.Limits{}, "has no end"},
		"prints on and on":   {"read l; tr '\\0' x </dev/zero", command.Limits{Line: 1 << 20}, "longer than 1048576 bytes"},
		"floods errors":      {"read l; yes >&2", command.Limits{Stderr: 1 << 20}, `more than 1048576 bytes to its standard error; the last lines of its standard error: "y`},
		"colours errors":     {`printf '\033[31mred\n' >&2; exit 1`, command.Limits{}, `\x1b[31mred`},
		"answers another":    {`read l; echo '{"id":2,"ok":{}}'; read l`, command.Limits{}, "answers request 2, which was never made"},
		"answers nothing":    {`read l; echo '{"id":1}'; read l`, command.Limits{}, "has 0 of ok, refused and failed"},
		"answers both":       {`read l; echo '{"id":1,"ok":{},"failed":"x"}'; read l`, command.Limits{}, "has 2 of ok, refused and failed"},
		"answers two":        {`read l; echo '{"id":1,"ok":{}} {"id":1,"ok":{}}'; read l`, command.Limits{}, "something comes after"},
		"has unknown keys":   {`read l; echo '{"id":1,"ok":{},"result":1}'; read l`, command.Limits{}, "result"},
		"fails":              {`read l; echo '{"id":1,"failed":"no database"}'; read l`, command.Limits{}, "no database"},
		"refuses":            {`read l; echo '{"id":1,"refused":{"code":"no"}}'; read l`, command.Limits{}, "refused"},
		"is of another kind": {`read l; echo '{"id":1,"ok":{"protocol":"smtp","name":"x","operations":[]}}'; read l`, command.Limits{}, "smtp"},
		"can what nobody asks": {`read l; echo '{"id":1,"ok":{"protocol":"scrutineer-command/1","name":"x","operations":["fly"]}}'; read l`,
			command.Limits{}, "fly"},
		"has deep answers": {`read l; printf '{"id":1,"ok":'; head -c 100000 /dev/zero | tr '\0' '['; echo; read l`, command.Limits{}, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := adapter(t, c.line, c.limits).Describe(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v", err)
			}
			if name != "refuses" && !errors.Is(err, targets.ErrTarget) {
				t.Errorf("not the target's: %v", err)
			}
			if strings.ContainsRune(err.Error(), 0x1b) {
				t.Errorf("an escape reaches the terminal: %q", err)
			}
		})
	}
}

func TestDescribes(t *testing.T) {
	d, err := adapter(t, hello, command.Limits{}).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	has := func(a targets.Ability) bool { return d.Lacks[a] == "" }
	if d.Name != "command: shell" || !has(targets.Opaque) || !has(targets.Board) || has(targets.Close) || has(targets.Dialect) {
		t.Errorf("%+v", d)
	}
}

// open is an election on an adapter that has been set up.
func open(t *testing.T, line string, l command.Limits) targets.Election {
	t.Helper()
	e, err := adapter(t, setUp+line, l).Open(t.Context(), targets.Definition{ID: "e", Draft: json.RawMessage("{}")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// An adapter that has broken a rule is asked nothing more, and every later
// answer is the same error.
func TestBrokenStaysBroken(t *testing.T) {
	for name, c := range map[string]struct{ line, says string }{
		"answers twice":        {`read l; echo '{"id":2,"refused":{}}'; echo '{"id":2,"refused":{}}'; read l; read l`, "a second time"},
		"answers out of order": {`read l; echo '{"id":3,"ok":{}}'; read l; echo '{"id":2,"ok":{}}'; read l`, "never made"},
		"empty ballot":         {`read l; echo '{"id":2,"ok":{"ballot":""}}'; read l`, "empty ballot"},
		"oversized ballot":     {`read l; printf '{"id":2,"ok":{"ballot":"'; head -c 40000 /dev/zero | tr '\0' A; echo '"}}'; read l`, "above 1024"},
		"ballot of no bytes":   {`read l; echo '{"id":2,"ok":{"ballot":"!!"}}'; read l`, "base64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t, c.line, command.Limits{Ballot: 1024}).(targets.Encrypter)
			var err error
			for i := 0; i < 3; i++ {
				_, _, err = e.Encrypt(t.Context(), "v", nil, false)
			}
			if !errors.Is(err, targets.ErrTarget) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestLacksAnOperation(t *testing.T) {
	e := open(t, "read l", command.Limits{})
	if _, err := e.(targets.Closer).CloseVoting(t.Context()); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("%v", err)
	}
}

func TestRefuses(t *testing.T) {
	e := open(t, `read l; echo '{"id":2,"refused":{"code":"closed","detail":"the box is closed"}}'; read l`, command.Limits{})
	_, a, err := e.(targets.Caster).Cast(t.Context(), targets.Casting{Voter: "v"})
	if err != nil || a.Outcome != targets.Refused || a.Code != "closed" {
		t.Errorf("%+v %v", a, err)
	}
}

// What an adapter has started ends with it.
func TestGroupEnds(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	e := open(t, `sleep 1000 >'`+fifo+`' 2>/dev/null & read l`, command.Limits{})
	f, err := os.Open(fifo) // waits until the child has it
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, f); err != nil { // ends when nobody has it any more
		t.Fatal(err)
	}
}

// Who gives up is not held up.
func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	target := adapter(t, "touch /dev/null; read l; read l", command.Limits{})
	cancel()
	if _, err := target.Describe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Elections of one group share a process, others have their own; only so many
// run at once.
func TestGroups(t *testing.T) {
	target := adapter(t, `read l; case "$l" in *describe*) echo '{"id":1,"ok":{"protocol":"scrutineer-command/1","name":"shell","operations":["setup"],"parallel":2}}'; exit;; esac
n=1; while :; do echo '{"id":'$n',"ok":{"credentials":{"pid":"'$$'"}}}'; n=$((n+1)); read l || exit; done`, command.Limits{})
	var pids []string
	for _, d := range []targets.Definition{{ID: "a", Group: "one"}, {ID: "b", Group: "one"}, {ID: "c", Group: "two"}} {
		d.Draft = []byte("{}")
		e, err := target.Open(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c, err := e.(targets.Credentials).Credential(t.Context(), "pid")
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, string(c))
	}
	if pids[0] != pids[1] || pids[0] == pids[2] {
		t.Errorf("%v", pids)
	}
	full, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := target.Open(full, targets.Definition{ID: "d", Draft: []byte("{}")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
