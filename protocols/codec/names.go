package codec

import (
	"bytes"
	"cmp"
	"strings"
	"unicode/utf8"
)

// compareNames orders member names by their UTF-16 code units, RFC 8785,
// section 3.2.3. Both are valid UTF-8.
func compareNames(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n || a[i] < utf8.RuneSelf || b[i] < utf8.RuneSelf {
		return bytes.Compare(a[i:], b[i:])
	}
	for i > 0 && !utf8.RuneStart(a[i]) {
		i--
	}
	x, _ := utf8.DecodeRune(a[i:])
	y, _ := utf8.DecodeRune(b[i:])
	if (x > 0xffff) != (y > 0xffff) {
		return cmp.Compare(firstUnit(x), firstUnit(y))
	}
	return cmp.Compare(x, y)
}

// firstUnit is the first UTF-16 code unit of r.
func firstUnit(r rune) rune {
	if r > 0xffff {
		return 0xd800 + (r-0x10000)>>10
	}
	return r
}

// Nearest returns the known name that somebody who wrote name most likely
// meant: the same in another case, or within a few typing errors. It returns
// "" where nothing is near.
func Nearest(name string, known []string) string {
	if len(name) > 64 {
		return ""
	}
	best, bound := "", max(1, len(name)/3)+1
	for _, k := range known {
		if strings.EqualFold(name, k) {
			return k
		}
		if d := editDistance(name, k); d < bound {
			best, bound = k, d
		}
	}
	return best
}

// editDistance counts the bytes to insert, delete, replace or swap with a
// neighbour (optimal string alignment).
func editDistance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := above[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(above[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = above, row, before
	}
	return rows[1][len(b)]
}
