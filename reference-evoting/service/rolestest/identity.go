package rolestest

import (
	"context"
	"fmt"
	"net"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
)

// Identified is a change for New: the election has an identity service.
func Identified(m *message.Manifest) { Seed.FillIdentity(m) }

// enrol draws the codes of elections with an identity service.
func (s *Stage) enrol(voters []registrar.Voter) {
	if s.Manifest.Identity == (message.Key{}) {
		return
	}
	var ids []string
	for _, v := range voters {
		ids = append(ids, v.ID)
	}
	persons, sent, err := identity.Enrol(ids, Seed.Stream(message.RoleIdentity, "codes", "test"), identity.Cost{KiB: 64, Passes: 1})
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	s.persons, s.Codes = persons, map[string]string{}
	for _, c := range sent {
		s.Codes[c.Voter] = c.Code
	}
}

// Credentials are what the voters were handed, codes among it.
func (s *Stage) Credentials() manage.Credentials {
	out := roles.Credentials(s.Roll)
	for i := range out.Voters {
		out.Voters[i].Code = s.Codes[out.Voters[i].Voter]
	}
	return out
}

// Identity launches the identity service. It continues what it began in the
// same stage, with other randomness.
func (s *Stage) Identity(change ...func(*roles.IdentityConfig)) {
	pipe := web.NewPipe()
	dial := dialer(pipe.DialContext)
	s.identity.Store(&dial)
	s.starts++
	cfg := roles.IdentityConfig{
		Manifest: s.Manifest, Client: s.Client(), Key: Seed.Signing(message.RoleIdentity, ""), Authorisation: Seed.Authorisation(),
		Persons: s.persons, Dir: s.dir, Random: Seed.Stream(message.RoleIdentity, "", fmt.Sprint("start ", s.starts)),
		Limited: api.IdentityLimits{}.Times(0), Listener: pipe, Logger: s.Logger,
	}
	for _, f := range change {
		f(&cfg)
	}
	s.Launch("identity", func(ctx context.Context, port net.Listener) error {
		cfg.Manage = port
		return roles.RunIdentity(ctx, cfg)
	})
}

// IdentityClient is a client of the identity service; nil where there is none.
func (s *Stage) IdentityClient() *client.Client {
	if s.persons == nil {
		return nil
	}
	return s.over(func(ctx context.Context, network, address string) (net.Conn, error) {
		if d := s.identity.Load(); d != nil {
			return (*d)(ctx, network, address)
		}
		return nil, net.ErrClosed
	}, s.WrapIdentity)
}

// Persons are who may log in.
func (s *Stage) Persons() *identity.Persons { return s.persons }

// Login is the message with which somebody logs in who holds this credential.
func (s *Stage) Login(print message.Digest, with manage.Credential, voter, code string) []byte {
	s.t.Helper()
	secret, err := proof.Scalar(with.Secret)
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	raw, err := codec.Encode(message.Login{
		Code: code, Credential: with.Key, Fingerprint: print, Voter: voter,
		Signature: proof.Sign(secret, transcript.PurposeLogin, print, transcript.Login(print, voter),
			Seed.Stream(manage.RoleVoter, voter, code+with.Voter)),
	})
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	return raw
}
