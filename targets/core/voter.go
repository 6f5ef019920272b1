package core

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
)

var (
	_ targets.Voter    = (*voterClient)(nil)
	_ targets.Keeper   = (*voterClient)(nil)
	_ targets.Auditor  = (*voterClient)(nil)
	_ targets.Notified = (*voterClient)(nil)
)

// voterClient is the system's own client in one voter's hands.
type voterClient struct {
	election  *election
	id        string
	client    *voter.Client
	voting    *rules.Voting
	ballots   map[string]*voter.Prepared
	decisions map[string][]byte
	session   *message.Session // with the identity service
	notices   *results.Reader  // of the electoral body; nil before the first
}

// Voter implements targets.Voters.
func (e *election) Voter(ctx context.Context, id string) (targets.Voter, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.voters[id]; v != nil {
		return v, nil
	}
	c, ok := e.credentials[id]
	if !ok {
		return nil, fmt.Errorf("%w: no voter %q", targets.ErrUnable, id)
	}
	voting, err := e.electionSeen(ctx)
	if err != nil {
		return nil, err
	}
	v := &voterClient{election: e, id: id, voting: voting, ballots: map[string]*voter.Prepared{}, decisions: map[string][]byte{}}
	v.client = voter.New(voting, voter.Credential{
		Key: c.Key, Secret: c.Secret, Style: c.Voter.Style, Unit: c.Voter.Unit, Weight: c.Voter.Weight,
	}, e.seed.Stream(message.RoleAuthority, "voter/"+id, e.draft.Manifest.Board.Origin))
	e.voters[id] = v
	return v, nil
}

// electionSeen is the election as the clients of this process know it: from
// the board alone, read once.
func (e *election) electionSeen(ctx context.Context) (*rules.Voting, error) {
	if e.seen != nil {
		return e.seen, nil
	}
	state := rules.New(e.weak.For(weakness.Voter), e.log).Remember(e.memory)
	err := e.log.Entries(ctx, 0, e.log.Size(), func(_ uint64, raw []byte) error {
		if state.Phase() == message.PhaseVoting {
			return errOpen
		}
		fault, err := state.Apply(ctx, raw, rules.Full)
		if fault != nil {
			return fault
		}
		return err
	})
	if err != nil && !errors.Is(err, errOpen) {
		return nil, err
	}
	if state.Phase() != message.PhaseVoting {
		return nil, fmt.Errorf("%w: the election is not open", targets.ErrUnable)
	}
	e.seen = state.Voting()
	return e.seen, nil
}

var errOpen = errors.New("open")

// Encrypt implements targets.Voter.
func (v *voterClient) Encrypt(ctx context.Context, choices map[string][]string) (string, string, error) {
	p, err := v.client.Encrypt(choices)
	if err != nil {
		return "", "", err
	}
	r, err := v.election.request(ctx, "ballot", p.Submission)
	if err != nil {
		return "", "", err
	}
	accepted, err := codec.Decode[message.Accepted](r.Body, codec.Limits{Size: 4096})
	if err != nil || r.Status != 200 {
		return "", "", fmt.Errorf("the box did not take the ballot: %s", toAnswer("ballot", r).Detail)
	}
	if err := v.client.Accept(p, accepted); err != nil {
		return "", "", &targets.Objection{Check: "S-16", Detail: err.Error()}
	}
	tracker := p.Tracker.String()
	v.ballots[tracker] = p
	return tracker, tracker, nil
}

// Cast implements targets.Voter.
func (v *voterClient) Cast(ctx context.Context, handle string) (targets.Answer, error) {
	return v.decide(ctx, handle, "cast", v.client.Cast)
}

// Challenge implements targets.Voter.
func (v *voterClient) Challenge(ctx context.Context, handle string) (targets.Answer, error) {
	a, err := v.decide(ctx, handle, "challenge", v.client.Challenge)
	if err != nil || a.Outcome != targets.OK {
		return a, err
	}
	p := v.ballots[handle]
	if err := voter.Audit(v.voting, v.decisions[handle], p.Tracker, p.Choices); err != nil {
		return targets.Answer{Outcome: targets.Refused, Detail: err.Error()}, nil
	}
	return a, nil
}

func (v *voterClient) decide(ctx context.Context, handle, kind string, make func(*voter.Prepared) ([]byte, error)) (targets.Answer, error) {
	p := v.ballots[handle]
	if p == nil {
		return targets.Answer{}, fmt.Errorf("%w: no ballot %q", targets.ErrUnable, handle)
	}
	raw := v.decisions[handle]
	if raw == nil {
		var err error
		if raw, err = make(p); err != nil {
			return targets.Answer{}, err
		}
		if kind == "cast" && v.client.Identified() {
			var a targets.Answer
			if raw, a, err = v.authorise(ctx, raw); err != nil {
				// Nothing was sent to the box; the voter may try again.
				return targets.Answer{Outcome: targets.Unknown, Code: "not-authorised", Detail: err.Error()}, nil
			}
			if raw == nil {
				return a, nil
			}
		}
		v.decisions[handle] = raw
	}
	r, err := v.election.request(ctx, kind, raw)
	if err != nil {
		return targets.Answer{Outcome: targets.Unknown, Detail: err.Error()}, nil
	}
	if err := v.election.settle(ctx); err != nil {
		return targets.Answer{}, err
	}
	a := toAnswer(kind, r)
	if r.ContentType == "application/problem+json" {
		return a, nil // unsigned: not final
	}
	if err := v.client.Answer(p, r.Body); err != nil {
		return targets.Answer{Outcome: targets.Unknown, Detail: err.Error(), Body: r.Body}, nil
	}
	if p.Refusal() != nil {
		a.Outcome = targets.Refused
	}
	return a, nil
}

// login opens a session with the identity service, once.
func (v *voterClient) login(ctx context.Context) (targets.Answer, error) {
	if v.session != nil {
		return targets.Answer{Outcome: targets.OK}, nil
	}
	raw, err := v.client.Login(v.id, v.election.codes[v.id])
	if err != nil {
		return targets.Answer{}, err
	}
	r, err := v.election.request(ctx, "login", raw)
	if err != nil || r.Status != 200 {
		return toAnswer("login", r), err
	}
	s, err := codec.Decode[message.Session](r.Body, codec.Limits{Size: 4096})
	if err != nil {
		return targets.Answer{}, err
	}
	v.session = &s
	return targets.Answer{Outcome: targets.OK}, nil
}

// authorise has a decision authorised. Without a decision the answer says why.
func (v *voterClient) authorise(ctx context.Context, decision []byte) ([]byte, targets.Answer, error) {
	if a, err := v.login(ctx); err != nil || a.Outcome != targets.OK {
		return nil, a, err
	}
	q, err := v.client.Authorise(*v.session, decision)
	if err != nil {
		return nil, targets.Answer{}, err
	}
	r, err := v.election.request(ctx, "authorise", q)
	if err != nil || r.Status != 200 {
		return nil, toAnswer("authorise", r), err
	}
	raw, err := v.client.Authorised(decision, r.Body)
	return raw, targets.Answer{}, err
}

// ReadNotices implements targets.Notified.
func (v *voterClient) ReadNotices(ctx context.Context) ([]targets.Finding, error) {
	if !v.client.Identified() {
		return nil, nil
	}
	if a, err := v.login(ctx); err != nil || a.Outcome != targets.OK {
		return nil, errors.Join(err, fmt.Errorf("logging in: %s %s", a.Code, a.Detail))
	}
	q, err := codec.Encode(message.ReadNotices{Token: v.session.Token})
	if err != nil {
		return nil, err
	}
	r, err := v.election.request(ctx, "notices", q)
	if err != nil {
		return nil, err
	}
	alarms, err := v.client.CheckNotices(r.Body)
	var out []targets.Finding
	for _, a := range alarms {
		out = append(out, targets.Finding{Role: "voter/" + v.id, Check: a.Step, Detail: a.Detail, Evidence: map[string][]byte{"notices": r.Body}})
	}
	return out, err
}

// Keep implements targets.Keeper.
func (v *voterClient) Keep(_ context.Context, decision, answer []byte) error {
	return v.client.Keep(decision, answer)
}

// Audit implements targets.Auditor.
func (v *voterClient) Audit(_ context.Context, opening []byte, tracker string, choices map[string][]string) ([]targets.Finding, error) {
	var shown message.Digest
	if err := shown.UnmarshalText([]byte(tracker)); err != nil {
		return nil, err
	}
	if err := voter.Audit(v.voting, opening, shown, choices); err != nil {
		return []targets.Finding{{Role: "voter/" + v.id, Check: "S-18", Culprit: "device", Detail: err.Error(),
			Evidence: map[string][]byte{"opening": opening}}}, nil
	}
	return nil, nil
}

// Check implements targets.Voter.
func (v *voterClient) Check(ctx context.Context) ([]targets.Finding, error) {
	raw, err := v.election.Head(ctx)
	if err != nil {
		return nil, err
	}
	head, err := v.election.quorum.Open(raw)
	if err != nil {
		return nil, err
	}
	alarms, _, err := v.client.Check(ctx, view{v.election.log, head.Size})
	if err != nil {
		return nil, err
	}
	var out []targets.Finding
	for _, a := range alarms {
		index := a.Index
		f := targets.Finding{
			Role: "voter/" + v.id, Check: a.Step, Culprit: string(message.RoleBoard), Detail: a.Detail,
			Entry: &index, ThirdParty: a.ThirdParty, Evidence: map[string][]byte{"entry": a.Entry, "head": raw},
		}
		if a.Receipt != nil {
			receipt, err := codec.Encode(a.Receipt)
			if err != nil {
				return nil, err
			}
			f.Evidence["receipt"] = receipt
		}
		out = append(out, f)
	}
	return out, nil
}

// view is the board as far as a head reaches.
type view struct {
	*board.Memory
	size uint64
}

// Size implements voter.View.
func (v view) Size() uint64 { return v.size }
