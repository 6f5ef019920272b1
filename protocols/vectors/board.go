package vectors

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// EntryContext is an election whose entries are signed, and bodies that lie
// beside them.
type EntryContext struct {
	Chunks      []string         `json:"chunks"` // texts, of which a case names some
	Fingerprint message.Digest   `json:"fingerprint"`
	Manifest    message.Manifest `json:"manifest"`
	SetupID     message.Digest   `json:"setupID"`
}

// EntryInput is an entry, whatever came before it: form, author, context and
// signature count, order does not.
type EntryInput struct {
	Beside []uint64      `json:"beside"` // which chunks of the context lie beside the entry
	Entry  message.Entry `json:"entry"`
}

// CheckpointContext says whose signatures a head must bear.
type CheckpointContext struct {
	Board     message.Board         `json:"board"`
	Quorum    uint64                `json:"quorum"`
	Witnesses []message.WitnessLine `json:"witnesses"`
}

// CheckpointInput is a signed note.
type CheckpointInput struct {
	Note string `json:"note"`
}

// ShareSubject is the cell that a trustee decrypts, and its key.
type ShareSubject struct {
	Aggregate       message.Aggregate `json:"aggregate"`
	Fingerprint     message.Digest    `json:"fingerprint"`
	Root            message.Digest    `json:"root"`            // sealed
	Signer          uint64            `json:"signer"`          // index of the trustee
	VerificationKey message.Element   `json:"verificationKey"` // X_j
}

// DecryptionInput is its share of the cell (S-35).
type DecryptionInput struct {
	Share message.DecryptionShare `json:"share"`
}

// TotalsContext is a cell to decrypt, under which rules.
type TotalsContext struct {
	Aggregate message.Aggregate `json:"aggregate"`
	Contest   message.Contest   `json:"contest"`
	Threshold uint64            `json:"threshold"`
}

// TotalsInput claims totals by the factors of some trustees, which count as
// proven.
type TotalsInput struct {
	Shares []Factors `json:"shares"`
	Totals []uint64  `json:"totals"`
}

// Factors are d of one trustee for each selection of the cell.
type Factors struct {
	Factors []message.Element `json:"factors"`
	Index   uint64            `json:"index"`
}

// RecordContext is the store of parts that the files of a group's records are
// put together from, because records differ in little.
type RecordContext struct {
	Parts []Part `json:"parts"`
}

// Part is a piece of a file; exactly one member is there.
type Part struct {
	Base64 string         `json:"base64,omitempty"` // bytes
	Entry  *message.Entry `json:"entry,omitzero"`   // length in two bytes, big endian, then the canonical form
	Text   string         `json:"text,omitempty"`   // UTF-8
}

// RecordInput is a folder: for each path the numbers of the parts that the
// file is put together from, in order.
type RecordInput struct {
	Files map[string][]uint64 `json:"files"`
}

// Bytes is what the part stands for.
func (p Part) Bytes() ([]byte, error) {
	switch {
	case p.Entry != nil:
		entry, err := codec.Encode(p.Entry)
		if err != nil {
			return nil, fmt.Errorf("vectors: part of a record: %w", err)
		}
		return append(binary.BigEndian.AppendUint16(nil, uint16(len(entry))), entry...), nil
	case p.Text != "":
		return []byte(p.Text), nil
	}
	b, err := base64.StdEncoding.DecodeString(p.Base64)
	if err != nil {
		return nil, fmt.Errorf("vectors: part of a record: %w", err)
	}
	return b, nil
}

// Record puts the files of a case together.
func (c RecordContext) Record(in RecordInput) (record.Memory, error) {
	out := record.Memory{}
	for path, numbers := range in.Files {
		file := []byte{}
		for _, n := range numbers {
			if n >= uint64(len(c.Parts)) {
				return nil, fmt.Errorf("vectors: %s has part %d of %d", path, n, len(c.Parts))
			}
			b, err := c.Parts[n].Bytes()
			if err != nil {
				return nil, err
			}
			file = append(file, b...)
		}
		out[path] = file
	}
	return out, nil
}

// Chunk finds a chunk that lies beside the entry of a case.
func (c EntryContext) Chunk(in EntryInput, digest message.Digest) ([]byte, bool) {
	for _, i := range in.Beside {
		if i < uint64(len(c.Chunks)) && sha256.Sum256([]byte(c.Chunks[i])) == digest {
			return []byte(c.Chunks[i]), true
		}
	}
	return nil, false
}
