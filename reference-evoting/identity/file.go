package identity

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"golang.org/x/crypto/argon2"

	"scrutineer/protocols/codec"
)

// Bounds of a file of persons.
const (
	maxPersons = 1_000_000
	maxKiB     = 1 << 20
	maxPasses  = 16
)

// personsFile is a list of persons as a file: for each voter id the hash of
// the code as a PHC string, by ascending id.
type personsFile struct {
	Voters []personLine `json:"voters" limit:"1000000"`
}

type personLine struct {
	Code  string `json:"code" limit:"160"`
	Voter string `json:"voter" limit:"256"`
}

// phc is the PHC string format of argon2id, with the lengths of S-40.
var phc = regexp.MustCompile(`^\$argon2id\$v=(\d{1,3})\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`)

// b64 is that of the PHC format.
var b64 = base64.RawStdEncoding.Strict()

// Encode writes the list as a file. It holds no code in clear.
func (p *Persons) Encode() ([]byte, error) {
	cost := p.cost.withDefaults()
	f := personsFile{Voters: make([]personLine, 0, len(p.lines))}
	for _, id := range slices.Sorted(maps.Keys(p.lines)) {
		s := p.lines[id]
		f.Voters = append(f.Voters, personLine{Voter: id, Code: fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s",
			argon2.Version, cost.KiB, cost.Passes, b64.EncodeToString(s.salt[:]), b64.EncodeToString(s.hash[:]))})
	}
	return codec.Encode(f)
}

// Decode reads such a file; white space does not matter. All hashes are of the
// same cost: where one was dearer, the time of an answer would tell whose.
func Decode(raw []byte) (*Persons, error) {
	limits := codec.Limits{Size: len(raw), Items: 8 * maxPersons}
	canonical, err := codec.Canonical(raw, limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPersons, err)
	}
	f, err := codec.Decode[personsFile](bytes.TrimSpace(canonical), limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPersons, err)
	}
	p := &Persons{lines: make(map[string]secret, len(f.Voters))}
	for _, line := range f.Voters {
		s, cost, err := parsePHC(line.Code)
		if err != nil {
			return nil, fmt.Errorf("%w: voter %q: %w", ErrPersons, line.Voter, err)
		}
		if _, twice := p.lines[line.Voter]; twice || line.Voter == "" {
			return nil, fmt.Errorf("%w: voter id %q is empty or there twice", ErrPersons, line.Voter)
		}
		if p.cost != (Cost{}) && p.cost != cost {
			return nil, fmt.Errorf("%w: voter %q: another cost than those before; make all codes at once", ErrPersons, line.Voter)
		}
		p.cost, p.lines[line.Voter] = cost, s
	}
	return p, nil
}

func parsePHC(text string) (secret, Cost, error) {
	var s secret
	m := phc.FindStringSubmatch(text)
	if m == nil || m[1] != strconv.Itoa(argon2.Version) {
		return s, Cost{}, fmt.Errorf("want $argon2id$v=%d$m=…,t=…,p=1$salt of 16 bytes$hash of 32 bytes", argon2.Version)
	}
	kib, err := strconv.ParseUint(m[2], 10, 32)
	if err != nil || kib > maxKiB {
		return s, Cost{}, fmt.Errorf("m is above %d", maxKiB)
	}
	passes, err := strconv.ParseUint(m[3], 10, 32)
	if err != nil || passes > maxPasses {
		return s, Cost{}, fmt.Errorf("t is above %d", maxPasses)
	}
	salt, err := b64.DecodeString(m[4])
	if err != nil {
		return s, Cost{}, fmt.Errorf("salt: %w", err)
	}
	hash, err := b64.DecodeString(m[5])
	if err != nil {
		return s, Cost{}, fmt.Errorf("hash: %w", err)
	}
	s.salt, s.hash = [16]byte(salt), [32]byte(hash)
	return s, Cost{KiB: uint32(kib), Passes: uint32(passes)}, nil
}

// Cheap reports that a look at a code costs less than S-40 says.
func (p *Persons) Cheap() bool {
	least, has := Cost{}.withDefaults(), p.cost.withDefaults()
	return has.KiB < least.KiB || has.Passes < least.Passes
}

// Len is how many they are.
func (p *Persons) Len() int { return len(p.lines) }
