package transcript

import (
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Definition is the digest under which an administration announces an
// election before anybody has a key (SPEC.md §2): over the canonical bytes of
// the manifest with all keys zero.
func Definition(m *message.Manifest) ([32]byte, error) {
	canonical, err := codec.Encode(keyless(m))
	if err != nil {
		return [32]byte{}, err
	}
	return New("definition").Bytes(canonical).Sum(), nil
}

// keyless is a copy of the manifest with all keys zero.
func keyless(m *message.Manifest) *message.Manifest {
	out := *m
	out.Authority, out.Registrar, out.Identity, out.Board.Key = message.Key{}, message.Key{}, message.Key{}, message.Key{}
	out.Trustees, out.Witnesses = slices.Clone(m.Trustees), slices.Clone(m.Witnesses)
	out.Officers, out.Devices = slices.Clone(m.Officers), slices.Clone(m.Devices)
	for i := range out.Trustees {
		out.Trustees[i].Signing, out.Trustees[i].Encryption = message.Key{}, message.Element{}
	}
	for i := range out.Witnesses {
		out.Witnesses[i].Key = message.Key{}
	}
	for i := range out.Officers {
		out.Officers[i].Key = message.Key{}
	}
	for i := range out.Devices {
		out.Devices[i].Key = message.Key{}
	}
	out.CountCentre = message.Key{}
	out.Places = slices.Clone(m.Places)
	for i := range out.Places {
		p := &out.Places[i]
		p.PollBook, p.Officers = message.Key{}, slices.Clone(p.Officers)
		for j := range p.Officers {
			p.Officers[j].Key = message.Key{}
		}
	}
	if m.Publishing != nil {
		p := *m.Publishing
		p.Official.Key, p.Backup.Key = message.Key{}, message.Key{}
		out.Publishing = &p
	}
	return &out
}
