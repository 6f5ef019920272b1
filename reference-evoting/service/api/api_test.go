package api_test

import (
	"context"
	"crypto/cipher"
	"net"
	"testing"

	"go.uber.org/goleak"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rivals is a second voting client that knows nothing of what the first did.
func rivals(s *rolestest.Stage) func(ctx context.Context, port net.Listener) error {
	return func(ctx context.Context, port net.Listener) error {
		return roles.RunVoter(ctx, roles.VoterConfig{
			Manifest: s.Manifest, Client: s.Client(), Voters: roles.Credentials(s.Roll), Manage: port,
			Random: func(id string) cipher.Stream { return rolestest.Seed.Stream(manage.RoleVoter, id, "rival") },
		})
	}
}

func rolesCredential(s *rolestest.Stage, voter string) message.Element {
	for _, c := range roles.Credentials(s.Roll).Voters {
		if c.Voter == voter {
			return c.Key
		}
	}
	return message.Element{}
}

func parseDigest(t *testing.T, text string) message.Digest {
	t.Helper()
	d, err := codec.ParseHex32(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
