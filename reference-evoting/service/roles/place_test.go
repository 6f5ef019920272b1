package roles_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"scrutineer/protocols/card"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
)

// hall gives the election a polling place with one device.
func hall(m *message.Manifest) {
	m.Channels = append([]message.Channel{{ID: "hall", Kind: message.ChannelOffline, Opens: 1_700_000_000, Closes: 4_000_000_000}}, m.Channels...)
	m.Officers = []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}}
	m.Places = []message.Place{{ID: "hall", Title: "Town hall", Units: []string{"north"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}}
	m.Devices = []message.Device{{ID: "d1", Place: "hall", Opens: 1_700_000_000, Closes: 4_000_000_000}}
	rolestest.Seed.Fill(m)
}

// A poll book reads the board, hands out the definition and checks voters in; a
// device without a network is installed with it and takes a ballot.
func TestPollingPlace(t *testing.T) {
	s := rolestest.New(t, hall)
	s.All()
	s.Phase(message.PhaseVoting)
	s.Launch("poll-book", func(ctx context.Context, port net.Listener) error {
		return roles.RunPollBook(ctx, roles.PollBookConfig{
			Place: "hall", Manifest: s.Manifest, Client: s.Client(), Key: rolestest.Seed.Signing(message.RolePollBook, "hall"),
			Store: &device.Memory{}, Random: ristretto.Stream(nil), Manage: port,
		})
	})
	media := []string{t.TempDir(), t.TempDir()}
	s.Launch("device", func(ctx context.Context, port net.Listener) error {
		return roles.RunDevice(ctx, roles.DeviceConfig{
			Device: device.Config{ID: "d1", Store: &device.Memory{}, Key: rolestest.Seed.Signing(message.RoleDevice, "d1"), Random: ristretto.Stream(nil)},
			Media:  append(media, filepath.Join(t.TempDir(), "missing")), Manage: port,
		})
	})
	screen := rolestest.Ask[manage.Device](s, "device", http.MethodPost, manage.PathInstall,
		rolestest.Ask[manage.Install](s, "poll-book", http.MethodGet, manage.PathDefinition, nil))
	print := rolestest.Ask[manage.Status](s, "poll-book", http.MethodGet, manage.PathStatus, nil).Fingerprint
	if screen.Fingerprint != print || screen.Phase != "installed" {
		t.Fatalf("%+v, the board has %s", screen, print)
	}
	if deck := rolestest.Ask[manage.Deck](s, "device", http.MethodPost, manage.PathTestDeck, nil); deck.Ballots == 0 || deck.Ballots != deck.Cards {
		t.Errorf("%+v", deck)
	}
	zero := rolestest.Ask[message.ZeroReport](s, "device", http.MethodPost, manage.PathOpenPolls, nil)
	if zero.Ballots != 0 {
		t.Errorf("%+v", zero)
	}
	key := s.Credentials().Voters[0].Key
	a := rolestest.Ask[message.Activation](s, "poll-book", http.MethodPost, manage.PathCheckIn, manage.CheckIn{Credential: key, Device: "d1"})
	rolestest.Tell(s, "device", manage.PathBegin, a)
	shown := rolestest.Ask[manage.Shown](s, "device", http.MethodPost, manage.PathMark, manage.Mark{Choices: map[string][]string{"council": {"ana"}}})
	opened := rolestest.Ask[message.SignedBallot](s, "device", http.MethodPost, manage.PathSpoil, nil)
	if opened.Ballot.Code != shown.Code || opened.Ballot.Challenge == nil {
		t.Errorf("%+v, shown %+v", opened.Ballot, shown)
	}
	rolestest.Ask[manage.Shown](s, "device", http.MethodPost, manage.PathMark, manage.Mark{Choices: map[string][]string{"council": {"bo"}}})
	paper := rolestest.Ask[manage.Paper](s, "device", http.MethodPost, manage.PathConfirm, nil)
	if c, err := card.NewScanner(&s.Manifest, print).Drawing(paper.SVG); err != nil || c.Contests[0].Options[0] != "bo" {
		t.Errorf("%+v %v", c, err)
	}
	refused(t, s, "device", manage.PathBegin, a, "bad-activation")

	gone := rolestest.Ask[message.Activation](s, "poll-book", http.MethodPost, manage.PathCheckIn, manage.CheckIn{Credential: s.Credentials().Voters[1].Key, Device: "d1"})
	rolestest.Tell(s, "device", manage.PathBegin, gone)
	refused(t, s, "device", manage.PathMark, manage.Mark{Choices: map[string][]string{"council": {"nobody"}}}, "bad-choice")
	cancelled := rolestest.Ask[message.Cancelled](s, "device", http.MethodPost, manage.PathCancel, nil)
	if p := rolestest.Ask[manage.Present](s, "poll-book", http.MethodPost, manage.PathStrike, cancelled); p.CheckIns != 1 {
		t.Errorf("%+v", p)
	}
	refused(t, s, "poll-book", manage.PathCheckIn, manage.CheckIn{Credential: s.Credentials().Voters[4].Key, Device: "d1"}, "not-on-roll")

	rolestest.Tell(s, "device", manage.PathClosePolls, nil)
	due := rolestest.Ask[manage.Due](s, "device", http.MethodGet, manage.PathDue, nil)
	checkIns := rolestest.Ask[message.CheckIns](s, "poll-book", http.MethodPost, manage.PathCheckIns, due)
	out := rolestest.Ask[manage.Exported](s, "device", http.MethodPost, manage.PathExport, checkIns)
	for _, dir := range media {
		if raw, err := os.ReadFile(filepath.Join(dir, "d1-1.zip")); err != nil || !bytes.Equal(raw, out.Archive) {
			t.Errorf("a medium: %v", err)
		}
	}
	again := rolestest.Ask[manage.Exported](s, "device", http.MethodPost, manage.PathExportAgain, manage.Which{Sequence: 1})
	if !bytes.Equal(again.Archive, out.Archive) {
		t.Error("another pack the second time")
	}
}

// refused holds that a role will not do something, and says so with a code.
func refused(t *testing.T, s *rolestest.Stage, role, path string, in any, code string) {
	t.Helper()
	_, err := client.Call[manage.Status](s.Ctx, s.Ports[role], http.MethodPost, path, in)
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("%s %s: %v, want %s", role, path, err, code)
	}
}
