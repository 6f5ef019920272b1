package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// definition is the election of Draft.
func definition(change func(*manage.Draft)) (targets.Definition, error) {
	d := Draft()
	change(&d)
	raw, err := codec.Encode(d)
	return targets.Definition{ID: "check", Draft: raw, Seed: "check"}, err
}

func says(_ context.Context, t *trial) error {
	d := t.cfg.Description
	var unknown []string
	for _, a := range d.Abilities {
		if !slices.Contains(targets.All(), a) {
			unknown = append(unknown, string(a))
		}
	}
	switch {
	case d.Name == "":
		return errors.New("it has no name")
	case len(unknown) > 0:
		return fmt.Errorf("it claims what nobody asks for: %s", strings.Join(unknown, ", "))
	case len(slices.Compact(slices.Sorted(slices.Values(d.Abilities)))) != len(d.Abilities):
		return errors.New("it names an ability twice")
	}
	return nil
}

func opens(ctx context.Context, t *trial) error {
	d, err := definition(func(*manage.Draft) {})
	if err != nil {
		return err
	}
	if t.election, err = t.cfg.Target.Open(ctx, d); err != nil {
		t.election = nil
		return err
	}
	st, err := t.status(ctx)
	if err == nil && (st.Phase != message.PhaseVoting || st.Fingerprint == (message.Digest{})) {
		err = fmt.Errorf("its phase is %.64q, with fingerprint %s", st.Phase, st.Fingerprint.String())
	}
	return err
}

// claims compares what the target says with what its election has. It may
// have more, and say so in words when it is asked.
func claims(_ context.Context, t *trial) error {
	e := t.election
	if e == nil {
		return nil
	}
	has := map[targets.Ability]bool{}
	_, has[targets.Submit] = e.(targets.Submitter)
	_, has[targets.Board] = e.(targets.BoardReader)
	_, has[targets.Publish] = e.(targets.BoardReader)
	_, has[targets.Close] = e.(targets.Closer)
	_, has[targets.Tally] = e.(targets.Trustees)
	_, has[targets.Trustee] = e.(targets.Trustees)
	_, has[targets.Client] = e.(targets.Voters)
	_, has[targets.Witness] = e.(targets.Witnesses)
	_, has[targets.Verify] = e.(targets.Verifier)
	_, has[targets.Insider] = e.(targets.Corruptible)
	_, has[targets.Inspect] = e.(targets.Inspectable)
	var lacks []string
	for _, a := range t.cfg.Description.Abilities {
		if is, known := has[a]; known && !is {
			lacks = append(lacks, string(a))
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("its election has no %s", strings.Join(lacks, ", "))
	}
	return nil
}

func publishes(ctx context.Context, t *trial) error {
	b, err := able[targets.BoardReader](t)
	if err != nil {
		return err
	}
	st, err := t.status(ctx)
	if err != nil {
		return err
	}
	raw, err := b.Await(ctx, st.Size)
	if err != nil {
		return err
	}
	size, err := headSize(raw)
	if err != nil || size < st.Size {
		return fmt.Errorf("a head of %d entries, and the status says %d: %w", size, st.Size, err)
	}
	n := min(st.Size, 10_000) // enough to see that it can
	entries, err := b.Entries(ctx, 0, n)
	if err == nil && uint64(len(entries)) != n {
		err = fmt.Errorf("asked for %d entries, got %d", n, len(entries))
	}
	return err
}

// headSize is the size that a checkpoint names on its second line.
func headSize(raw []byte) (uint64, error) {
	lines := bytes.SplitN(raw, []byte("\n"), 3)
	if len(lines) < 3 {
		return 0, fmt.Errorf("%w: %.80q is no checkpoint", targets.ErrTarget, raw)
	}
	size, err := strconv.ParseUint(string(lines[1]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %.80q is no checkpoint", targets.ErrTarget, raw)
	}
	return size, nil
}

func refuses(ctx context.Context, t *trial) error {
	s, err := able[targets.Submitter](t)
	if err != nil {
		return err
	}
	before, err := t.status(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []string{"ballot", "cast", "challenge", "entry"} {
		for _, body := range []string{"{}", "null", "\x00\xff", `{"a":1,"a":2}`, strings.Repeat("[", 200)} {
			a, err := s.Submit(ctx, kind, []byte(body))
			if err != nil {
				return err
			}
			if a.Outcome == targets.OK {
				return fmt.Errorf("it takes %.20q as a %s", body, kind)
			}
		}
	}
	after, err := t.status(ctx)
	if err == nil && after.Size != before.Size {
		err = fmt.Errorf("the board grew from %d entries to %d", before.Size, after.Size)
	}
	return err
}

func refusesDefinition(ctx context.Context, t *trial) error {
	d, err := definition(func(d *manage.Draft) { d.Manifest.Threshold = 1 })
	if err != nil {
		return err
	}
	e, err := t.cfg.Target.Open(ctx, d)
	switch {
	case err == nil:
		return errors.Join(errors.New("it opens an election in which one of three trustees decrypts alone"), e.Close())
	case errors.Is(err, targets.ErrSetup):
		return nil
	}
	return fmt.Errorf("it does not say that the definition is wrong: %w", err)
}

// cast are the votes of votes, by voter: weight 1, 1 and 3.
var cast = map[int]map[string][]string{
	0: {"council": {"ana", "bo"}, "bridge": {"yes"}},
	1: {"council": {"blank"}, "bridge": {"no", "yes"}},
	4: {"council": {"cleo"}},
}

// want is what they add up to: three options and the blank one, two options.
var want = map[string][]uint64{"council": {1, 1, 3, 1}, "bridge": {2, 1}}

func votes(ctx context.Context, t *trial) error {
	all, err := able[targets.Voters](t)
	if err != nil {
		return err
	}
	for i, choices := range cast {
		v, err := all.Voter(ctx, VoterID(i))
		if err != nil {
			return err
		}
		handle, tracker, err := v.Encrypt(ctx, choices)
		if err != nil {
			return err
		}
		if _, err := codec.ParseHex32(tracker); err != nil {
			return fmt.Errorf("the tracker %.80q: %w", tracker, err)
		}
		a, err := v.Cast(ctx, handle)
		if err != nil || a.Outcome != targets.OK {
			return errors.Join(fmt.Errorf("%s cannot cast: %s %.80q %.200q", VoterID(i), a.Outcome, a.Code, a.Detail), err)
		}
		found, err := v.Check(ctx)
		if err != nil || len(found) > 0 {
			return errors.Join(fmt.Errorf("%s finds %d things wrong: %.200v", VoterID(i), len(found), found), err)
		}
	}
	return nil
}

func tallies(ctx context.Context, t *trial) error {
	c, err := able[targets.Closer](t)
	if err != nil {
		return err
	}
	trustees, err := able[targets.Trustees](t)
	if err != nil {
		return err
	}
	if a, err := c.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("the voting does not close: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	for _, index := range []int{1, 3} {
		a, found, err := trustees.Decrypt(ctx, index)
		if err != nil || a.Outcome != targets.OK || len(found) > 0 {
			return errors.Join(fmt.Errorf("trustee %d does not decrypt: %s %.80q, findings %.200v", index, a.Outcome, a.Code, found), err)
		}
	}
	return t.counted(ctx)
}

// counted compares the published totals with the votes.
func (t *trial) counted(ctx context.Context) error {
	st, err := t.status(ctx)
	if err != nil {
		return err
	}
	if st.Phase != message.PhasePublished || st.Size == 0 {
		return fmt.Errorf("its phase is %.64q, after the shares of two trustees", st.Phase)
	}
	b, err := able[targets.BoardReader](t)
	if err != nil {
		return err
	}
	entries, err := b.Entries(ctx, st.Size-1, st.Size)
	if err != nil || len(entries) != 1 {
		return errors.Join(fmt.Errorf("%d entries for the last one", len(entries)), err)
	}
	last, err := message.DecodeEntry(entries[0])
	if err != nil {
		return fmt.Errorf("the last entry: %w", err)
	}
	r, err := codec.Decode[message.Result](last.Body, codec.Limits{})
	if err != nil {
		return fmt.Errorf("the last entry is no result: %w", err)
	}
	got := map[string][]uint64{}
	for _, c := range r.Contests {
		got[c.Contest] = c.Totals
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		return fmt.Errorf("the totals are %v, the votes add up to %v", got, want)
	}
	return nil
}

func exports(ctx context.Context, t *trial) error {
	b, err := able[targets.BoardReader](t)
	if err != nil {
		return err
	}
	if t.record, err = b.Record(ctx); err != nil {
		return err
	}
	if v, ok := t.election.(targets.Verifier); ok && slices.Contains(t.cfg.Description.Abilities, targets.Verify) {
		found, err := v.VerifyRecord(ctx, t.record)
		if err != nil || len(found) > 0 {
			return errors.Join(fmt.Errorf("its own verifier finds %d things: %.200v", len(found), found), err)
		}
	}
	if t.cfg.Verify == nil {
		return nil
	}
	if err := t.cfg.Verify(ctx, t.record); err != nil {
		return fmt.Errorf("our verifier: %w", err)
	}
	return nil
}

func sees(ctx context.Context, t *trial) error {
	v, err := able[targets.Verifier](t)
	if err != nil {
		return err
	}
	if len(t.record) == 0 {
		return errors.New("there is no record to change")
	}
	for path, content := range t.record {
		if len(content) == 0 {
			continue
		}
		changed := maps.Clone(t.record)
		changed[path] = slices.Clone(content)
		changed[path][len(content)/2] ^= 1
		found, err := v.VerifyRecord(ctx, changed)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("it accepts a record with a bit of %s changed", path)
		}
	}
	return nil
}
