package roles

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// RegistrarConfig is what a registrar in the field is made of.
type RegistrarConfig struct {
	Manifest message.Manifest
	Client   *client.Client
	Key      ed25519.PrivateKey
	Roll     *registrar.Roll
	Weak     weakness.Set
	Insider  bool
	Manage   net.Listener
	Logger   *slog.Logger
	// Definition is the digest under which the election was announced; zero: it was not.
	Definition message.Digest
	Recall     *recall.Memory // shared with other roles of the process; nil: none
}

// RunRegistrar runs the registrar until ctx ends.
func RunRegistrar(ctx context.Context, cfg RegistrarConfig) error {
	if err := require(string(message.RoleRegistrar), map[string]bool{
		"client": cfg.Client != nil, "key": cfg.Key != nil, "roll": cfg.Roll != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleRegistrar, "")
	f, err := newFollower(message.RoleRegistrar, "", &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall)
	if err != nil {
		return err
	}
	f.play = func(weak weakness.Set, source rules.Source) player {
		// It follows by the rules that the board follows: who voted is what
		// the board counts.
		state := rules.New(weak.For(weakness.Trustee), source).Remember(cfg.Recall)
		state.Expect(cfg.Definition)
		return &registrarPlayer{Registrar: &registrar.Registrar{Roll: cfg.Roll, Key: cfg.Key, State: state}}
	}
	f.begin(cfg.Weak)
	routes := func(stop context.CancelFunc) []web.Route {
		m := managed{test: cfg.Manifest.Test, status: f.status, plant: f.plant, stop: stop}
		if cfg.Insider {
			m.insider = []manage.Key{{Role: message.RoleRegistrar, Signing: message.Digest(cfg.Key.Seed())}}
		}
		return append(m.routes(),
			getRoute(manage.PathFindings, f.tell),
			getRoute(manage.PathCredentials, func(w http.ResponseWriter, _ *http.Request) error {
				if !cfg.Manifest.Test {
					return notTest()
				}
				return web.Reply(w, http.StatusOK, Credentials(cfg.Roll))
			}))
	}
	return withPort(ctx, cfg.Manage, cfg.Logger, routes, f.run)
}

// registrarPlayer leaves out the proofs of ballots: trustees make them.
type registrarPlayer struct {
	*registrar.Registrar
	faults []*rules.Fault
}

// State implements player.
func (r *registrarPlayer) State() *rules.State { return r.Registrar.State }

// Faults implements player.
func (r *registrarPlayer) Faults() []*rules.Fault { return r.faults }

// Apply implements player.
func (r *registrarPlayer) Apply(ctx context.Context, raw []byte) error {
	fault, err := r.Registrar.State.Apply(ctx, raw, rules.Own)
	if fault != nil && len(r.faults) < maxFaults {
		r.faults = append(r.faults, fault)
	}
	return err
}

// Next implements player.
func (r *registrarPlayer) Next() ([]entry.Packed, error) { return r.Registrar.Next() }

// maxFaults bounds the faults that a role keeps.
const maxFaults = 1024

// Credentials lists what the voters of a roll are handed, by voter id.
func Credentials(roll *registrar.Roll) manage.Credentials {
	out := manage.Credentials{Voters: []manage.Credential{}}
	for _, c := range roll.Credentials() {
		out.Voters = append(out.Voters, manage.Credential{
			Key: c.Key, Secret: encodeScalar(c.Secret), Style: c.Voter.Style, Unit: c.Voter.Unit,
			Voter: c.Voter.ID, Weight: c.Voter.Weight,
		})
	}
	return out
}

func encodeScalar(s kyber.Scalar) message.Scalar {
	var out message.Scalar
	if b, err := s.MarshalBinary(); err == nil {
		copy(out[:], b)
	}
	return out
}
