package rolecmd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"scrutineer/cmd/internal/exit"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/weakness"
)

// ceremony shows the key ceremony up to the opening.
func (d *demo) ceremony(ctx context.Context) error {
	steps := []struct {
		done message.Phase // by then the step is over
		text string
	}{
		{message.PhaseReveal, "The trustees have committed to their parts of the key, by hash."},
		{message.PhaseDeal, "They have revealed them, with proofs that they know them."},
		{message.PhaseCredentials, "They have sent each other encrypted shares."},
		{message.PhaseConfirm, "The registrar has posted the credentials of all voters, without names."},
		{message.PhaseVoting, "All trustees have signed the same key and fingerprint: the election is open."},
	}
	st, err := d.phase(ctx, message.PhaseVoting, func(st message.Status) {
		// We may have looked too late to see each phase by itself.
		for i, step := range steps {
			if step.done != st.Phase {
				continue
			}
			for _, over := range steps[:i+1] {
				d.say("%s", over.text)
			}
			steps = steps[i+1:]
			return
		}
	})
	if err != nil {
		return err
	}
	d.note("fingerprint %s", st.Fingerprint.String())
	return nil
}

// shown is how many voters are shown one by one.
const shown = 3

// vote plays every voter: a choice, and for some a challenge or a change of
// mind before it.
func (d *demo) vote(ctx context.Context) error {
	list, err := folder.Credentials(folder.CredentialsFile(filepath.Join(d.dir, "election")))
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(d.seed, 1))
	d.say("Voting: each ballot is encrypted, its tracker shown, and only then cast or challenged.")
	for i, v := range list.Voters {
		if i == 0 {
			if err := d.challenged(ctx, v.Voter, choose(random)); err != nil {
				return err
			}
		}
		tracker, err := d.cast(ctx, v.Voter, choose(random))
		if err != nil {
			return err
		}
		if i < shown {
			d.note("%s casts  %s…  and holds a signed receipt", v.Voter, tracker[:16])
		}
		if i == 1 {
			if tracker, err = d.cast(ctx, v.Voter, choose(random)); err != nil {
				return err
			}
			d.note("%s votes again: %s…  replaces it", v.Voter, tracker[:16])
		}
	}
	if len(list.Voters) > shown {
		d.note("… and %d more", len(list.Voters)-shown)
	}
	d.say("Every voter checks that his ballot stands at the promised place on the cosigned board.")
	for _, v := range list.Voters {
		c, err := ask[manage.Checked](ctx, d, "voter", manage.PathCheck, manage.Check{Voter: v.Voter, Wait: 60})
		if err != nil {
			return err
		}
		if len(c.Findings) > 0 || c.Pending > 0 {
			return exit.Errorf(exit.Finding, "%s finds: %+v", v.Voter, c)
		}
	}
	d.note("%d voters, nothing found", len(list.Voters))
	return nil
}

// choose makes up a ballot.
func choose(random *rand.Rand) map[string][]string {
	council := [][]string{{"amsler"}, {"brandt"}, {"amsler", "christen"}, {"brandt", "christen"}, {"blank"}}
	bridge := [][]string{{"yes"}, {"yes"}, {"no"}}
	return map[string][]string{"council": council[random.IntN(len(council))], "bridge": bridge[random.IntN(len(bridge))]}
}

func (d *demo) encrypt(ctx context.Context, voter string, choices map[string][]string) (string, error) {
	e, err := ask[manage.Encrypted](ctx, d, "voter", manage.PathEncrypt, manage.Encrypt{Voter: voter, Choices: choices})
	return e.Handle, err
}

func (d *demo) cast(ctx context.Context, voter string, choices map[string][]string) (string, error) {
	handle, err := d.encrypt(ctx, voter, choices)
	if err != nil {
		return "", err
	}
	a, err := ask[manage.Answer](ctx, d, "voter", manage.PathCast, manage.Decide{Voter: voter, Handle: handle})
	if err == nil && a.Outcome != manage.OutcomeOK {
		err = exit.Errorf(exit.Finding, "%s cannot cast: %s %s", voter, a.Code, a.Detail)
	}
	return handle, err
}

func (d *demo) challenged(ctx context.Context, voter string, choices map[string][]string) error {
	handle, err := d.encrypt(ctx, voter, choices)
	if err != nil {
		return err
	}
	a, err := ask[manage.Answer](ctx, d, "voter", manage.PathChallenge, manage.Decide{Voter: voter, Handle: handle})
	if err == nil && a.Outcome != manage.OutcomeOK {
		err = exit.Errorf(exit.Finding, "%s challenges a ballot: %s %s", voter, a.Code, a.Detail)
	}
	d.note("%s challenges %s…: it opens to what was chosen, and is spoilt", voter, handle[:16])
	return err
}

// tally closes, decrypts and shows the result.
func (d *demo) tally(ctx context.Context) error {
	if _, err := ask[message.Appended](ctx, d, "authority", manage.PathClose, message.CloseChannel{Channel: "online"}); err != nil {
		return err
	}
	if d.identified {
		d.say("Voting is closed. The registrar tells who took part, the identity service which ballot was the last of each.")
	} else {
		d.say("Voting is closed. The registrar tells who took part, and the board is sealed.")
	}
	if _, err := d.phase(ctx, message.PhaseDecrypting, nil); err != nil {
		return err
	}
	for _, t := range []string{"trustee t1", "trustee t3"} {
		out, err := ask[manage.Decrypted](ctx, d, t, manage.PathDecrypt, nil)
		if err != nil {
			return err
		}
		if out.Answer.Outcome != manage.OutcomeOK {
			return exit.Errorf(exit.Finding, "%s refuses: %s", t, out.Answer.Detail)
		}
		d.say("The %s has added up the encrypted ballots itself and gives its share of the decryption.", t)
	}
	st, err := d.phase(ctx, message.PhasePublished, nil)
	if err != nil {
		return err
	}
	if _, err := d.authority.Await(ctx, st.Size); err != nil {
		return err
	}
	d.say("The result is published, entry %d of the board.", st.Size-1)
	return d.result(ctx, st)
}

// result prints the totals; they must be those of the ballots that the voters
// say stand.
func (d *demo) result(ctx context.Context, st message.Status) error {
	raw, err := board.Entry(ctx, d.authority.Reader(), st.Size-1)
	if err != nil {
		return err
	}
	e, err := message.DecodeEntry(raw)
	if err != nil {
		return err
	}
	r, err := codec.Decode[message.Result](e.Body, codec.Limits{})
	if err != nil {
		return err
	}
	want, err := d.expected(ctx)
	if err != nil {
		return err
	}
	for _, c := range r.Contests {
		var parts []string
		for i, name := range selections(c.Contest) {
			parts = append(parts, fmt.Sprintf("%s %d", name, c.Totals[i]))
		}
		outcome := "elected: " + strings.Join(c.Outcome.Winners, ", ")
		if len(c.Outcome.Tied) > 0 {
			outcome += "; tied for a seat: " + strings.Join(c.Outcome.Tied, ", ")
		}
		d.note("%-8s %s; %s", c.Contest, strings.Join(parts, ", "), outcome)
		if !slices.Equal(c.Totals, want[c.Contest]) {
			return exit.Errorf(exit.Finding, "the voters chose %v in %s", want[c.Contest], c.Contest)
		}
	}
	d.note("These are the choices that the voters made.")
	return nil
}

// selections are the names of a contest's totals, in order.
func selections(contest string) []string {
	for _, c := range Trial(1, day).Manifest.Contests {
		if c.ID != contest {
			continue
		}
		var out []string
		for _, o := range c.Options {
			out = append(out, o.ID)
		}
		if c.Blank {
			out = append(out, message.BlankOption)
		}
		return out
	}
	return nil
}

// expected counts the standing ballots of all voters in the clear: only their
// own client can.
func (d *demo) expected(ctx context.Context) (map[string][]uint64, error) {
	want := map[string][]uint64{}
	for _, contest := range []string{"council", "bridge"} {
		want[contest] = make([]uint64, len(selections(contest)))
	}
	for i := range d.voters {
		h, err := ask[manage.History](ctx, d, "voter", manage.PathHistory, manage.Voter{Voter: fmt.Sprintf("voter-%02d", i+1)})
		if err != nil {
			return nil, err
		}
		for _, b := range slices.Backward(h.Ballots) {
			if b.State != manage.BallotCast {
				continue
			}
			for contest, chosen := range b.Choices {
				for j, name := range selections(contest) {
					if slices.Contains(chosen, name) {
						want[contest][j]++
					}
				}
			}
			break
		}
	}
	return want, nil
}

// verify exports the record and runs the system's own verifier over it.
func (d *demo) verify(ctx context.Context) error {
	st, err := d.authority.Status(ctx)
	if err != nil {
		return err
	}
	x, err := d.authority.Export(ctx)
	if err != nil {
		return err
	}
	place := d.keep
	if place == "" {
		place = filepath.Join(d.dir, "record")
	}
	if _, err := x.Folder(place); err != nil {
		return err
	}
	r, err := record.OpenFolder(place)
	if err != nil {
		return err
	}
	defer r.Close()
	verdict, err := roles.Audit(ctx, r, st.Fingerprint, weakness.Set{})
	if err != nil {
		return err
	}
	if !verdict.Accepted {
		return tell(d.a, verdict, false)
	}
	d.say("The record is verified by the system's own verifier: %d entries, nothing found.", verdict.Size)
	if d.keep != "" {
		d.note("It lies in %s; `scrutineer verify %s` checks it with other code.", d.keep, d.keep)
	}
	return nil
}
