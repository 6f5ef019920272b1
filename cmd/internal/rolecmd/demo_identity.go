package rolecmd

import (
	"context"
	"path/filepath"

	"scrutineer/cmd/internal/exit"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/service/folder"
)

// persons starts the identity service, and returns the flags with which the
// voting client finds it and logs in.
func (d *demo) persons(ctx context.Context, draft manage.Draft) ([]string, error) {
	state, letters := filepath.Join(d.dir, "persons"), filepath.Join(d.dir, "letters")
	var ids []string
	for _, v := range draft.Roll {
		ids = append(ids, v.ID)
	}
	if err := makeCodes(ids, state, letters); err != nil {
		return nil, err
	}
	p, err := d.start(ctx, "identity", []string{"public"}, "identity", "--listen", "127.0.0.1:0", "--state", state,
		"--rate-factor", "10") // all voters come from one place
	if err != nil {
		return nil, err
	}
	d.say("An identity service knows the voters by id and code, and nobody's credential, at %s (process %d).",
		p.at["public"], p.cmd.Process.Pid)
	return []string{"--identity-url", p.at["public"], "--codes", filepath.Join(letters, codesFile)}, nil
}

// notices lets every voter read his, and look at each whether it is of a
// ballot of his.
func (d *demo) notices(ctx context.Context) error {
	if !d.identified {
		return nil
	}
	list, err := folder.Credentials(folder.CredentialsFile(filepath.Join(d.dir, "election")))
	if err != nil {
		return err
	}
	for _, v := range list.Voters {
		c, err := ask[manage.Checked](ctx, d, "voter", manage.PathNotices, manage.Voter{Voter: v.Voter})
		if err != nil {
			return err
		}
		if len(c.Findings) > 0 {
			return exit.Errorf(exit.Finding, "%s finds: %+v", v.Voter, c)
		}
	}
	d.say("Every voter reads the identity service's notices: each is of a ballot that he cast.")
	return nil
}
