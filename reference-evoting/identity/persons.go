package identity

import (
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// CodeLength is the number of symbols of a code; alphabet has the 32 that
// nobody takes for another, 5 bits each.
const (
	CodeLength = 8
	alphabet   = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
)

// Cost is that of one look at a code (argon2id, RFC 9106). The zero Cost is
// the default: 19 MiB, two passes, one lane.
type Cost struct {
	KiB    uint32 `json:"kib"`
	Passes uint32 `json:"passes"`
}

func (c Cost) withDefaults() Cost {
	if c.KiB == 0 {
		c.KiB = 19 * 1024
	}
	if c.Passes == 0 {
		c.Passes = 2
	}
	return c
}

func (c Cost) hash(code string, salt [16]byte) [32]byte {
	c = c.withDefaults()
	return [32]byte(argon2.IDKey([]byte(code), salt[:], c.Passes, c.KiB, 1, 32))
}

// Persons is who may log in: for each voter id a salted hash of the code.
type Persons struct {
	cost  Cost
	lines map[string]secret
}

type secret struct {
	salt [16]byte
	hash [32]byte
}

// Sent is a code on its way to a voter.
type Sent struct {
	Voter, Code string
}

// ErrPersons is wrapped for a list that is not one.
var ErrPersons = errors.New("persons")

// Enrol draws a code for each voter. The codes are sent and forgotten.
func Enrol(voters []string, random cipher.Stream, cost Cost) (*Persons, []Sent, error) {
	p := &Persons{cost: cost, lines: make(map[string]secret, len(voters))}
	out := make([]Sent, 0, len(voters))
	for _, id := range voters {
		if _, twice := p.lines[id]; twice || id == "" {
			return nil, nil, fmt.Errorf("%w: voter id %q is empty or there twice", ErrPersons, id)
		}
		code := draw(random)
		p.lines[id] = p.seal(code, random)
		out = append(out, Sent{Voter: id, Code: code})
	}
	return p, out, nil
}

func draw(random cipher.Stream) string {
	var b [CodeLength]byte
	random.XORKeyStream(b[:], b[:])
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b[:])
}

func (p *Persons) seal(code string, random cipher.Stream) secret {
	var s secret
	random.XORKeyStream(s.salt[:], s.salt[:])
	s.hash = p.cost.hash(code, s.salt)
	return s
}

// is compares a code. It works as long for an id that nobody has.
func (p *Persons) is(voter, code string) bool {
	s, known := p.lines[voter] // nobody's salt is zeros
	got := p.cost.hash(code, s.salt)
	return subtle.ConstantTimeCompare(got[:], s.hash[:]) == 1 && known
}

func (p *Persons) has(voter string) bool { _, ok := p.lines[voter]; return ok }
