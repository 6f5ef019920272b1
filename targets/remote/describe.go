package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// Describe implements targets.Target. A host is believed what it says it can,
// as far as we know the words; of a standing election it is tried out. The
// error is ErrTarget where nobody answers.
func (t *Target) Describe(ctx context.Context) (targets.Description, error) {
	h, err := t.host.Describe(ctx)
	switch {
	case err == nil:
		return t.hosted(h), nil
	case errors.Is(err, targets.ErrUnable):
		return t.standing(ctx)
	}
	// Something answers there, and not as a host does: it may be an authority.
	d, other := t.standing(ctx)
	if other != nil {
		return d, errors.Join(err, other)
	}
	return d, nil
}

// hosted puts a host's words into ours.
func (t *Target) hosted(h manage.Host) targets.Description {
	d := targets.Description{Name: "remote: " + h.Name, Version: h.Version, Dialect: h.Dialect, Test: h.Test, Lacks: map[targets.Ability]string{}}
	why := map[string]string{}
	for _, l := range h.Lacks {
		why[l.Ability] = l.Why
	}
	for _, a := range targets.All() {
		switch {
		case (a == targets.Insider || a == targets.Front) && slices.Contains(h.Abilities, string(a)) && !t.near():
			d.Lacks[a] = "the target runs on another machine: its clients do not reach a liar of ours"
		case a == targets.Announce || a == targets.Identity || a == targets.Headers || a == targets.Outage || a == targets.Fault || a == targets.Opaque || a == targets.Count:
			d.Lacks[a] = "elections of a host have it not"
		case a == targets.Dialect:
			if h.Dialect == dialect {
				d.Abilities = append(d.Abilities, a)
				continue
			}
			d.Lacks[a] = fmt.Sprintf("it speaks %.64q, we speak %q", h.Dialect, dialect)
		case slices.Contains(h.Abilities, string(a)):
			d.Abilities = append(d.Abilities, a)
		case why[string(a)] != "":
			d.Lacks[a] = "the host says: " + why[string(a)]
		default:
			d.Lacks[a] = "the host does not name it"
		}
	}
	return d
}

// dialect is the protocol that the management ports and messages are of.
const dialect = "scrutineer"

// standing tries out what one election can.
func (t *Target) standing(ctx context.Context) (targets.Description, error) {
	d := targets.Description{Name: "remote: " + t.name, Lacks: map[targets.Ability]string{}}
	raw, err := t.public.Info(ctx)
	if err != nil {
		return d, fmt.Errorf("%s is neither a host nor an authority: %w", t.cfg.URL, err)
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		return d, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	d.Version, d.Dialect = "phase "+string(st.Phase), dialect
	found := map[targets.Ability]error{targets.Dialect: nil}
	t.tryPublic(ctx, found)
	t.tryPorts(ctx, found)
	stands := errors.New("one election stands there already, and scenarios set up their own: give the URL of a host")
	found[targets.Open], found[targets.Ceremony] = stands, stands
	found[targets.Insider] = errors.New("a liar cannot be put before an election that runs already")
	found[targets.Front] = found[targets.Insider]
	found[targets.Inspect] = errors.New("processes of another machine cannot be looked into")
	found[targets.Announce] = stands
	found[targets.Opaque] = errors.New("its messages are those of our dialect")
	found[targets.Count] = errors.New("it counts no plaintext ballots")
	found[targets.Fault] = errors.New("what it runs on is not ours to crash")
	found[targets.Identity] = errors.New("there is no way to say where an identity service is")
	found[targets.Headers] = found[targets.Identity]
	found[targets.Outage], found[targets.Network] = found[targets.Fault], errors.New("loads are for machines of this run")
	found[targets.Place] = errors.New("there is no way to say where its polling places are")
	found[targets.Results] = errors.New("there is no way to say where its results are published")
	found[targets.Notices] = found[targets.Results]
	for _, a := range targets.All() {
		if err := found[a]; err != nil {
			d.Lacks[a] = err.Error()
		} else {
			d.Abilities = append(d.Abilities, a)
		}
	}
	return d, nil
}

func (t *Target) tryPublic(ctx context.Context, found map[targets.Ability]error) {
	_, err := t.public.Head(ctx)
	if err != nil {
		err = fmt.Errorf("no board is published: %w", err)
	}
	found[targets.Board], found[targets.Publish] = err, err
	known, err := wire.Reachable(ctx, t.port(t.cfg.URL), "/v1/ballots", t.cfg.Limits)
	if err == nil && !known {
		err = errors.New("/v1/ballots is not known there")
	}
	found[targets.Submit] = err
}

func (t *Target) tryPorts(ctx context.Context, found map[targets.Ability]error) {
	found[targets.Close] = t.tryPort(ctx, "authority", t.ports.Authority, message.RoleAuthority)
	found[targets.Client] = errors.Join(t.tryPort(ctx, "voter", t.ports.Voter, manage.RoleVoter),
		t.tryPort(ctx, "registrar", t.ports.Registrar, message.RoleRegistrar))
	found[targets.Trustee] = missing("trustee/1")
	for index, p := range t.ports.Trustees {
		found[targets.Trustee] = t.tryPort(ctx, fmt.Sprintf("trustee/%d", index), &p, message.RoleTrustee)
	}
	found[targets.Tally] = found[targets.Trustee]
	found[targets.Witness] = missing("witness/ID")
	for id, p := range t.ports.Witnesses {
		found[targets.Witness] = t.tryPort(ctx, "witness/"+id, &p, message.RoleWitness)
	}
	found[targets.Verify] = missing("auditor")
	if p := t.ports.Auditor; p != nil {
		known, err := wire.Reachable(ctx, *p, manage.PathVerify, t.cfg.Limits)
		if err == nil && !known {
			err = fmt.Errorf("the port of the auditor does not know %s", manage.PathVerify)
		}
		found[targets.Verify] = err
	}
}

// missing says how to name a port.
func missing(role string) error {
	return fmt.Errorf("no management port of it was named: --port %s=URL", role)
}

// tryPort asks a port whether it is that role's.
func (t *Target) tryPort(ctx context.Context, name string, p *wire.Port, role message.Role) error {
	if p == nil {
		return missing(name)
	}
	st, err := wire.PortStatus(ctx, *p, t.cfg.Limits)
	switch {
	case err != nil:
		return fmt.Errorf("the port of %s: %w", name, err)
	case st.Role != role:
		return fmt.Errorf("the port of %s is that of %q", name, st.Role)
	}
	return nil
}

// Attach connects to the standing election at the URL, with the ports that
// were named.
func (t *Target) Attach() (targets.Election, error) {
	public, err := wire.NewPublic(t.port(t.cfg.URL), t.cfg.Limits, nil)
	if err != nil {
		return nil, err
	}
	return wire.NewManaged(public, t.ports, nil)
}
