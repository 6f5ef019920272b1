// Package keys derives the secrets of test elections from a seed, so that one
// seed replays an election. Real elections draw theirs from crypto/rand and
// never come here.
package keys

import (
	"crypto/cipher"
	"crypto/ed25519"

	"go.dedis.ch/kyber/v3"
	"golang.org/x/crypto/chacha20"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Seed is the seed of a test election.
type Seed string

func (s Seed) derive(use string, role message.Role, id, context string) [32]byte {
	return transcript.New("test-election-key").String(string(s)).
		String(use).String(string(role)).String(id).String(context).Sum()
}

// Signing is the Ed25519 key of a role.
func (s Seed) Signing(role message.Role, id string) ed25519.PrivateKey {
	seed := s.derive("signing", role, id, "")
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public is its public half as the manifest has it.
func Public(k ed25519.PrivateKey) message.Key {
	return message.Key(k.Public().(ed25519.PublicKey))
}

// Decryption is the secret of a trustee's encryption key.
func (s Seed) Decryption(id string) kyber.Scalar {
	return new(ristretto.Scalar).Pick(s.Stream(message.RoleTrustee, id, "encryption key"))
}

// Authorisation is the secret of the identity service's authorisations.
func (s Seed) Authorisation() kyber.Scalar {
	return new(ristretto.Scalar).Pick(s.Stream(message.RoleIdentity, "", "authorisation key"))
}

// FillIdentity gives the manifest an identity service, where it has none.
func (s Seed) FillIdentity(m *message.Manifest) {
	if m.Identity != (message.Key{}) {
		return
	}
	m.Identity = Public(s.Signing(message.RoleIdentity, ""))
	m.Authorisation = ristretto.NewPoint().Mul(s.Authorisation(), nil).(*ristretto.Point).Bytes()
}

// Stream is the randomness of a role for one purpose, in one context: the same
// bytes each time it is asked for. It is for one goroutine.
func (s Seed) Stream(role message.Role, id, context string) cipher.Stream {
	key := s.derive("stream", role, id, context)
	c, err := chacha20.NewUnauthenticatedCipher(key[:], make([]byte, chacha20.NonceSize))
	if err != nil {
		panic("keys: " + err.Error()) // the lengths are fixed
	}
	return c
}

// Fill puts the public keys of the roles that this seed plays into a
// manifest: each that is zero.
func (s Seed) Fill(m *message.Manifest) {
	set := func(k *message.Key, role message.Role, id string) {
		if *k == (message.Key{}) {
			*k = Public(s.Signing(role, id))
		}
	}
	set(&m.Authority, message.RoleAuthority, "")
	set(&m.Board.Key, message.RoleBoard, "")
	set(&m.Registrar, message.RoleRegistrar, "")
	for i := range m.Trustees {
		t := &m.Trustees[i]
		set(&t.Signing, message.RoleTrustee, t.ID)
		if t.Encryption == (message.Element{}) {
			t.Encryption = ristretto.NewPoint().Mul(s.Decryption(t.ID), nil).(*ristretto.Point).Bytes()
		}
	}
	for i := range m.Witnesses {
		set(&m.Witnesses[i].Key, message.RoleWitness, m.Witnesses[i].ID)
	}
	for i := range m.Officers {
		set(&m.Officers[i].Key, message.RoleOfficer, m.Officers[i].ID)
	}
	for i := range m.Devices {
		set(&m.Devices[i].Key, message.RoleDevice, m.Devices[i].ID)
	}
	if len(m.Places) > 0 {
		set(&m.CountCentre, message.RoleCountCentre, "")
	}
	for i := range m.Places {
		p := &m.Places[i]
		set(&p.PollBook, message.RolePollBook, p.ID)
		for j := range p.Officers {
			set(&p.Officers[j].Key, message.RolePlaceOfficer, p.Officers[j].ID)
		}
	}
	if m.Publishing != nil {
		p := *m.Publishing // the caller's may be shared
		set(&p.Official.Key, message.RolePublisher, message.ChannelOfficial)
		set(&p.Backup.Key, message.RolePublisher, message.ChannelBackup)
		m.Publishing = &p
	}
}
