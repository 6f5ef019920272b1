package action

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// announce announces a definition honestly, under its digest.
func (s *Session) announce(ctx context.Context, def *targets.Definition) error {
	draft, err := decodeDraft(def.Draft)
	if err != nil {
		return err
	}
	digest, err := scrutineer.Announced(&draft.Manifest)
	if err != nil {
		return err
	}
	def.Announced, def.Shown = digest.String(), def.Draft
	return s.announces(ctx)
}

// announces asks whether the target takes announced digests; one that does not
// know them would not compare.
func (s *Session) announces(ctx context.Context) error {
	d, err := s.cfg.Target.Describe(ctx)
	if err != nil {
		return wrapTarget(err)
	}
	if !slices.Contains(d.Abilities, targets.Announce) {
		return &Unable{targets.Announce}
	}
	return nil
}

// setupTwoDocuments is H08: one digest is announced for two definitions.
func (s *Session) setupTwoDocuments(ctx context.Context, st Step) (Result, error) {
	def, err := s.define(st.Name)
	if err == nil {
		err = s.announces(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	draft, err := decodeDraft(def.Draft)
	if err != nil {
		return Result{}, err
	}
	way := map[string]scrutineer.DefinitionDigest{"joined": scrutineer.DigestJoined, "untagged": scrutineer.DigestUntagged}
	contest := st.Args.Text("contest")
	named(&draft.Manifest, contest)
	pair, err := way[st.Args.Text("digest")].Collide(draft.Manifest, contest)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	def.Announced = pair.Digest.String()
	draft.Manifest = pair.Audited
	if def.Draft, err = codec.Encode(draft); err != nil {
		return Result{}, err
	}
	draft.Manifest = pair.Shown
	if def.Shown, err = codec.Encode(draft); err != nil {
		return Result{}, err
	}
	r, err := s.begin(ctx, st, def, s.playTrustees)
	r.Actor = "server"
	s.recordDocuments(st, pair, contest)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.elections {
		if e.step == st.Name {
			e.shows = exchanged(scrutineer.Contest(&pair.Audited, contest))
		}
	}
	return r, err
}

// recordDocuments puts both readings of the one digest into the history.
func (s *Session) recordDocuments(st Step, pair *scrutineer.Collision, contest string) {
	p := s.cfg.History.Invoke(event.Operation{Election: st.Name, Actor: "server", Role: "authority", Op: OpAnnounce, Adversary: true,
		Params: []event.Param{
			param("digest", pair.Digest.String()), param("hashed", pair.Text),
			param("auditors read", reading(scrutineer.Contest(&pair.Audited, contest))),
			param("voters read", reading(scrutineer.Contest(&pair.Shown, contest))),
		}})
	p.OK(nil)
}

// reading is a contest as somebody reads it.
func reading(c *message.Contest) string {
	out := strconv.Quote(c.Title)
	for _, o := range c.Options {
		out += ", " + o.ID + " = " + strconv.Quote(o.Title)
	}
	return out
}

// named gives options that have no names but their ids names to be confused.
func named(m *message.Manifest, contest string) {
	c := scrutineer.Contest(m, contest)
	if c == nil {
		return
	}
	for i, o := range c.Options {
		if o.Title == o.ID {
			c.Options[i].Title = strings.ToUpper(o.ID[:1]) + o.ID[1:]
		}
	}
}

// exchanged says under which id a voter finds whom he wants.
func exchanged(c *message.Contest) map[string]map[string]string {
	i, j := c.Options[0].ID, c.Options[1].ID
	return map[string]map[string]string{c.ID: {i: j, j: i}}
}
