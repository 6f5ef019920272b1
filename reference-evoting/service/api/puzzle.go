package api

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"scrutineer/reference-evoting/service/web"
)

// puzzles asks each source one question a minute, and remembers none: what was
// asked can be computed again. An answer holds for the minute of its question
// and the next.
type puzzles struct {
	key   [32]byte
	clock func() time.Time
}

func newPuzzles(random cipher.Stream, clock func() time.Time) puzzles {
	p := puzzles{clock: clock}
	random.XORKeyStream(p.key[:], p.key[:])
	return p
}

func (p *puzzles) question(source netip.Prefix) string { return p.of(source, p.minute()) }

func (p *puzzles) minute() int64 { return p.clock().Unix() / 60 }

func (p *puzzles) of(source netip.Prefix, minute int64) string {
	mac := hmac.New(sha256.New, p.key[:])
	mac.Write([]byte(source.String() + " " + strconv.FormatInt(minute, 10)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// maxAnswer bounds an answer in bytes.
const maxAnswer = 64

// solved takes the question and the answer to it, with a colon between.
func (p *puzzles) solved(source netip.Prefix, text string) bool {
	question, answer, ok := strings.Cut(text, ":")
	if !ok || len(answer) > maxAnswer || !web.PuzzleSolved(question, answer) {
		return false
	}
	now := p.minute()
	return hmac.Equal([]byte(question), []byte(p.of(source, now))) || hmac.Equal([]byte(question), []byte(p.of(source, now-1)))
}
