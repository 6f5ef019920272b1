package wire

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// Bounds of the answers of management ports in bytes.
const (
	maxManaged  = 16 << 20         // findings with their evidence
	maxListed   = manage.MaxImport // credentials of all voters
	maxEvidence = 1 << 20          // of one piece
)

// Findings puts a role's findings into the words of targets.
func Findings(list []manage.Finding) []targets.Finding {
	var out []targets.Finding
	for _, f := range list {
		g := targets.Finding{
			Role: printable(f.Role), Check: printable(f.Check), Culprit: printable(f.Culprit), Detail: printable(f.Detail),
			Entry: f.Entry, ThirdParty: f.ThirdParty,
		}
		for name, piece := range f.Evidence {
			if g.Evidence == nil {
				g.Evidence = map[string][]byte{}
			}
			if len(piece) <= maxEvidence {
				g.Evidence[printable(name)] = piece
			}
		}
		out = append(out, g)
	}
	return out
}

// answered puts what became of a role's request into the words of targets.
func answered(a manage.Answer) targets.Answer {
	out := targets.Answer{
		Outcome: targets.Unknown, Status: int(min(a.Status, 999)), Code: printable(a.Code), Body: a.Body, Detail: printable(a.Detail),
	}
	switch a.Outcome {
	case manage.OutcomeOK:
		out.Outcome = targets.OK
	case manage.OutcomeRefused:
		out.Outcome = targets.Refused
	}
	return out
}

// Follow implements targets.Trustees.
func (m *Managed) Follow(ctx context.Context, index int) ([]targets.Finding, error) {
	c := m.trustees[index]
	if c == nil {
		return nil, without(fmt.Sprintf("trustee %d", index))
	}
	found, err := ask[manage.Findings](ctx, c, request{path: manage.PathFindings, limit: maxManaged, timeout: m.limits.Await}, nil)
	return Findings(found.Findings), err
}

// Decrypt implements targets.Trustees. If the answer completes what the result
// needs, the result is under a published head too.
func (m *Managed) Decrypt(ctx context.Context, index int) (targets.Answer, []targets.Finding, error) {
	c := m.trustees[index]
	if c == nil {
		return targets.Answer{}, nil, without(fmt.Sprintf("trustee %d", index))
	}
	done, err := ask[manage.Decrypted](ctx, c, request{path: manage.PathDecrypt, post: true, limit: maxManaged, timeout: m.limits.Await}, nil)
	if err != nil {
		return unknown(err), nil, nil
	}
	a, found := answered(done.Answer), Findings(done.Findings)
	if a.Outcome != targets.OK {
		return a, found, nil
	}
	// The result is durable before the share that made it due is answered.
	st, err := m.status(ctx)
	if err == nil && st.Phase == message.PhasePublished {
		_, err = m.Await(ctx, st.Size)
	}
	return a, found, err
}

// WitnessHead implements targets.Witnesses.
func (m *Managed) WitnessHead(ctx context.Context, id string) ([]byte, error) {
	c := m.witnesses[id]
	if c == nil {
		return nil, without("witness " + id)
	}
	h, err := ask[manage.Head](ctx, c, request{path: manage.PathHead, limit: 2 * record.MaxCheckpoint}, nil)
	return []byte(h.Note), err
}

// Credential implements targets.Credentials.
func (m *Managed) Credential(ctx context.Context, voter string) ([]byte, error) {
	if m.registrar == nil {
		return nil, without("the registrar")
	}
	m.credentials.Lock()
	defer m.credentials.Unlock()
	if m.credentials.of == nil {
		list, err := ask[manage.Credentials](ctx, m.registrar, request{path: manage.PathCredentials, limit: maxListed}, nil)
		if err != nil {
			return nil, err
		}
		codes, err := m.codes(ctx)
		if err != nil {
			return nil, err
		}
		m.credentials.of = map[string]manage.Credential{}
		for _, c := range list.Voters {
			c.Code = codes[c.Voter]
			m.credentials.of[c.Voter] = c
		}
	}
	c, ok := m.credentials.of[voter]
	if !ok {
		return nil, fmt.Errorf("%w: nobody on the roll is called %q", targets.ErrUnable, printable(voter))
	}
	return codec.Encode(c)
}

// Keys implements targets.Corruptible.
func (m *Managed) Keys(ctx context.Context, role string) ([]byte, error) {
	name, id, _ := strings.Cut(role, "/")
	if name == string(message.RolePublisher) {
		return m.publisherKey(ctx, id)
	}
	port, err := m.holder(name, id)
	if err != nil {
		return nil, err
	}
	keys, err := ask[manage.Keys](ctx, port, request{path: manage.PathKeys + "?role=" + url.QueryEscape(name)}, nil)
	if err != nil {
		return nil, err
	}
	for _, k := range keys.Keys {
		if string(k.Role) == name {
			return k.Signing[:], nil
		}
	}
	return nil, fmt.Errorf("%w: nobody gave the key of %s", targets.ErrTarget, printable(role))
}

// holder is the management port of who has a role's key.
func (m *Managed) holder(name, id string) (*client, error) {
	var c *client
	switch message.Role(name) {
	case message.RoleBoard, message.RoleAuthority:
		c = m.authority
	case message.RoleRegistrar:
		c = m.registrar
	case message.RoleWitness:
		c = m.witnesses[id]
	case message.RoleTrustee:
		index, _ := strconv.Atoi(id)
		c = m.trustees[index]
	default:
		return nil, fmt.Errorf("%w: nobody hands out a key of %q", targets.ErrUnable, printable(name))
	}
	if c == nil {
		return nil, without(name)
	}
	return c, nil
}

// Import implements targets.Importer.
func (m *Managed) Import(ctx context.Context, entries, chunks [][]byte) (uint64, error) {
	if m.authority == nil {
		return 0, without("the authority")
	}
	done, err := ask[manage.Imported](ctx, m.authority, request{path: manage.PathImport, timeout: m.limits.Await},
		manage.Import{Entries: hexed(entries), Chunks: hexed(chunks)})
	return done.Size, err
}

func hexed(list [][]byte) []codec.HexBytes {
	out := make([]codec.HexBytes, len(list))
	for i, b := range list {
		out[i] = b
	}
	return out
}

// Interpose implements targets.Corruptible. It reaches the target's own
// clients where they send through the Interposer that NewPublic was given.
func (m *Managed) Interpose(_ context.Context, f targets.Liar) error {
	m.liars.Set(f)
	return nil
}

// VerifyRecord implements targets.Verifier. The auditor is given the
// fingerprint that the trustees signed when the election was opened.
func (m *Managed) VerifyRecord(ctx context.Context, files map[string][]byte) ([]targets.Finding, error) {
	if m.auditor == nil {
		return nil, without("the auditor")
	}
	pin, err := m.Pin(ctx)
	if err != nil {
		return nil, err
	}
	q := manage.Verify{Files: []manage.File{}, Fingerprint: pin}
	for path, content := range files {
		q.Files = append(q.Files, manage.File{Path: path, Content: content})
	}
	verdict, err := ask[manage.Verdict](ctx, m.auditor, request{path: manage.PathVerify, limit: maxManaged, timeout: m.limits.Await}, q)
	found := Findings(verdict.Findings)
	if err == nil && verdict.Accepted != (len(found) == 0) {
		err = fmt.Errorf("%w: a verdict that contradicts its findings", targets.ErrTarget)
	}
	return found, err
}

// Pin is the fingerprint of the election that a trustee, or else the
// authority, knows; zero where neither has a port, or there is none yet.
func (m *Managed) Pin(ctx context.Context) (message.Digest, error) {
	from := m.authority
	if all := m.indices(); len(all) > 0 {
		from = m.trustees[all[0]]
	}
	if from == nil {
		return message.Digest{}, nil
	}
	st, err := ask[manage.Status](ctx, from, request{path: manage.PathStatus}, nil)
	return st.Fingerprint, err
}
