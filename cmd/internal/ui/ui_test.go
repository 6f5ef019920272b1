package ui_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"scrutineer/cmd/internal/ui"
)

func TestErrorsAndTheirHints(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"plain":     {fs.ErrNotExist, "scrutineer: error: file does not exist\n"},
		"full stop": {errors.New("no such target."), "scrutineer: error: no such target\n"},
		"hint": {
			fmt.Errorf("reading: %w", ui.WithHint(fs.ErrNotExist, "try %s", "list")),
			"scrutineer: error: reading: file does not exist\nscrutineer: hint: try list\n",
		},
		"joined": {
			errors.Join(ui.WithHint(errors.New("first"), "mend it"), errors.New("second")),
			"scrutineer: error: first\nscrutineer: hint: mend it\nscrutineer: error: second\n",
		},
		"joined under a silent wrapper": {
			silent{errors.Join(errors.New("first"), errors.New("second"))},
			"scrutineer: error: first\nscrutineer: error: second\n",
		},
		"a target's newline": {
			errors.New("refused: no\nscrutineer: error: all is well\x1b[2J"),
			`scrutineer: error: refused: no\nscrutineer: error: all is well\x1b[2J` + "\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			ui.New(nil, &stderr).Error(test.err)
			if stderr.String() != test.want {
				t.Errorf("got  %q\nwant %q", stderr.String(), test.want)
			}
		})
	}
}

type silent struct{ error }

func (s silent) Unwrap() error { return s.error }

func TestLines(t *testing.T) {
	var stdout, stderr bytes.Buffer
	u := ui.New(&stdout, &stderr)
	u.Printf("%s %5.1f %d", "a\tb", 1.25, 7)
	u.Infof("%v begins", []string{"a\r", "b"})
	u.Warnf("%s", fs.ErrExist)
	u.SetQuiet(true)
	u.Infof("not told")
	u.Hintf("look at %q", "x\x00")
	if want := `a\tb   1.2 7` + "\n"; stdout.String() != want {
		t.Errorf("stdout %q, want %q", stdout.String(), want)
	}
	want := `scrutineer: [a\r b] begins
scrutineer: warning: file already exists
scrutineer: hint: look at "x\\x00"
`
	if stderr.String() != want {
		t.Errorf("stderr %q, want %q", stderr.String(), want)
	}
}

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"Zoë Müller – 選挙 🗳": "Zoë Müller – 選挙 🗳",
		"a\x1b]0;title\x07": `a\x1b]0;title\a`,
		"\u202eevil":        `\u202eevil`,
		"zero\u200bwidth":   `zero\u200bwidth`,
		"c1\u0085\u009b":    `c1\u0085\u009b`,
		"line\u2028sep":     `line\u2028sep`,
		"bad\xff\xfe":       `bad\xff\xfe`,
		"filler\u3164":      `filler\u3164`,
		"tag\U000e0041":     `tag\U000e0041`,
		`C:\path`:           `C:\path`,
		"":                  "",
	} {
		if got := ui.Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSafeCutsLongText(t *testing.T) {
	got := ui.Safe(strings.Repeat("é", 10_000))
	if len(got) > 9000 || !strings.HasSuffix(got, "… (11808 more bytes)") || !utf8.ValidString(got) {
		t.Errorf("%d bytes, end %q", len(got), got[len(got)-40:])
	}
}

func TestSafeIsPrintableOneLineAndStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "in"))
		if rapid.Bool().Draw(t, "utf8") {
			in = rapid.String().Draw(t, "text")
		}
		once := ui.Safe(in)
		for _, r := range once {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError && !strings.ContainsRune(in, utf8.RuneError) {
				t.Fatalf("Safe(%q) = %q", in, once)
			}
		}
		if ui.Safe(once) != once {
			t.Fatalf("Safe is not stable on %q", in)
		}
	})
}

func TestProgressWithoutTerminalIsLines(t *testing.T) {
	var stderr bytes.Buffer
	p := ui.New(nil, &stderr).Progress("attacks", 24)
	for i := range 24 {
		p.Done(fmt.Sprintf("A%02d", i))
	}
	p.Close()
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if len(lines) != 10 {
		t.Errorf("%d lines, want one a tenth:\n%s", len(lines), &stderr)
	}
	if want := "scrutineer: attacks: 24 of 24, A23"; lines[len(lines)-1] != want {
		t.Errorf("last line %q, want %q", lines[len(lines)-1], want)
	}
}

// locked is a buffer that the bar's own goroutine may write to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestProgressOnTerminalLetsLinesThrough(t *testing.T) {
	var stderr locked
	u := ui.New(nil, &stderr, ui.Terminal(true))
	p := u.Progress("attacks", 3)
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			p.Done("A03")
			u.Warnf("slow %d", i)
		})
	}
	all.Wait()
	p.Close()
	p.Close()
	u.Infof("after")
	for _, want := range []string{"warning: slow 0\n", "warning: slow 1\n", "warning: slow 2\n"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is lost in %q", want, stderr.String())
		}
	}
	if !strings.HasSuffix(stderr.String(), "scrutineer: after\n") {
		t.Errorf("the last line is lost in %q", stderr.String())
	}
}

func TestProgressCutShort(t *testing.T) {
	var stderr locked
	u := ui.New(nil, &stderr, ui.Terminal(true))
	p := u.Progress("attacks", 100)
	p.Done("A03")
	p.Close()
	again := u.Progress("reports", 1)
	again.Done("html")
	again.Close()
}
