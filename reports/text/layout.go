package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ANSI colours.
const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	reset = "\x1b[0m"
)

func (p *printer) paint(colour, s string) string {
	if !p.colour {
		return s
	}
	return colour + s + reset
}

// mark is one column wide.
func (p *printer) mark(ok bool) string {
	if ok {
		return p.paint(green, "✓")
	}
	return p.paint(red, "✗")
}

// wrap prints s indented, broken at spaces where it can be.
func (p *printer) wrap(s string) {
	const indent = "    "
	line := indent
	for _, word := range strings.Fields(s) {
		if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.width {
			p.line("%s", line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	p.line("%s", line)
}

// pad returns s cut or filled to n columns, with at least one space after it.
func pad(s string, n int) string {
	s = clip(s, n-1)
	return s + strings.Repeat(" ", n-utf8.RuneCountInString(s))
}

// clip cuts s to n characters, the last of which says so.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// short is a commit as people quote it.
func short(commit string) string {
	if len(commit) > 12 && strings.Trim(commit, "0123456789abcdef") == "" {
		return commit[:12]
	}
	return clip(commit, 40)
}

// join joins what is not empty.
func join(sep string, parts ...string) string {
	out := ""
	for _, part := range parts {
		if part == "" {
			continue
		}
		if out != "" {
			out += sep
		}
		out += part
	}
	return out
}

func brackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// seconds shows milliseconds as seconds with one decimal.
func seconds(ms int64) string { return fmt.Sprintf("%.1f s", float64(ms)/1000) }
