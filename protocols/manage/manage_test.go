package manage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
)

// Every message survives the strict codec: its members are in order, its
// optional ones marked.
func TestMessagesAreCanonical(t *testing.T) {
	index := uint64(7)
	finding := manage.Finding{Check: "V-20", Culprit: "authority", Detail: "d", Entry: &index, Evidence: map[string]codec.HexBytes{"entry": {1}}, Role: "auditor", ThirdParty: true}
	bare := manage.Finding{Check: "V-20", Role: "auditor"}
	same(t, manage.Status{Phase: message.PhaseVoting, Planted: []string{"weak"}, Role: manage.RoleVoter})
	same(t, manage.Status{Board: 1, Fault: "f", Fingerprint: message.Digest{1}, Held: true, ID: "t1", Planted: []string{}, SetupID: message.Digest{2}, Size: 3, Test: true})
	same(t, manage.Weaknesses{Planted: []string{}})
	same(t, manage.Keys{Keys: []manage.Key{{Role: "board"}, {Role: "trustee", ID: "t1", Decryption: message.Scalar{1}}}})
	same(t, manage.Import{Chunks: []codec.HexBytes{{1}}, Entries: []codec.HexBytes{{2, 3}}})
	same(t, manage.Imported{Size: 2})
	same(t, manage.Head{Note: "a\nb\n"})
	same(t, manage.Credentials{Voters: []manage.Credential{{Voter: "v", Style: "s", Unit: "u", Weight: 1}}})
	same(t, manage.Findings{Findings: []manage.Finding{finding, bare}, Size: 9})
	same(t, manage.Decrypted{Answer: manage.Answer{Outcome: manage.OutcomeOK}, Findings: []manage.Finding{}})
	same(t, manage.Answer{Body: codec.HexBytes{1}, Code: "c", Detail: "d", Outcome: manage.OutcomeRefused, Status: 409})
	same(t, manage.Encrypt{Choices: map[string][]string{"a": {"x", "y"}, "b": {}}, Voter: "v"})
	same(t, manage.Encrypted{Handle: "h", Tracker: message.Digest{1}})
	same(t, manage.Decide{Handle: "h", Voter: "v"})
	same(t, manage.Keep{Answer: codec.HexBytes{1}, Decision: codec.HexBytes{2}, Voter: "v"})
	same(t, manage.Checked{Findings: []manage.Finding{}, Pending: 1})
	same(t, manage.History{Ballots: []manage.Ballot{
		{Choices: map[string][]string{}, State: manage.BallotWaiting},
		{Choices: map[string][]string{}, State: manage.BallotCast, Receipt: &message.Receipt{Index: 4}},
	}})
	same(t, manage.Verify{Files: []manage.File{{Path: "checkpoint", Content: codec.HexBytes{1}}}, Fingerprint: message.Digest{1}})
	same(t, manage.Verdict{Accepted: true, Findings: []manage.Finding{}})
	same(t, manage.Host{Abilities: []string{"open"}, Lacks: []manage.Lack{{Ability: "inspect", Why: "w"}}})
	same(t, manage.Hosting{Draft: manage.Draft{Roll: []manage.RollLine{}, Manifest: emptyManifest()}, Entries: []codec.HexBytes{{1}},
		Harness: []string{"trustee/1"}, Planted: []string{}, Seed: "7", Via: map[string]string{"voter": "http://127.0.0.1:1"}})
	same(t, manage.Hosted{Election: "1", Ports: []manage.RolePort{{Role: "voter", URL: "http://127.0.0.1:2"}}, Public: "http://127.0.0.1:3"})
	same(t, manage.End{Election: "1"})
	same(t, manage.Node{Name: "n", Parts: []manage.Part{{Election: "1", Fault: "f", Role: "voter"}}})
	same(t, manage.Play{Announced: message.Digest{1}, Authority: "https://authority:1", Draft: manage.Draft{Roll: []manage.RollLine{}, Manifest: emptyManifest()}, Election: "1",
		Entries: []codec.HexBytes{{1}}, Identity: "https://identity:1", Manage: 1, Planted: []string{}, Public: 2, Role: "voter", Seed: "7",
		Shown: &manage.Draft{Roll: []manage.RollLine{}, Manifest: emptyManifest()}})
	same(t, manage.Play{Draft: manage.Draft{Roll: []manage.RollLine{}, Manifest: emptyManifest()}, Planted: []string{}})
	same(t, manage.Played{Manage: 1, Points: []string{"cast/append"}, Public: 2})
	same(t, manage.Arm{Election: "1", Point: "cast/append", Torn: true})
	same(t, manage.Via{Election: "1", Role: "voter", URL: "https://172.17.0.1:1"})
	same(t, manage.Reach{URL: "https://172.17.0.1:1"})
	same(t, manage.Draft{Ceremony: 1, Roll: []manage.RollLine{}, Manifest: emptyManifest()})
}

func emptyManifest() message.Manifest {
	return message.Manifest{
		Channels: []message.Channel{}, Contests: []message.Contest{}, Devices: []message.Device{}, Officers: []message.Officer{},
		Stages: []string{}, Styles: []message.Style{}, Trustees: []message.TrusteeLine{}, Units: []message.Unit{},
		Weights: []uint64{}, Witnesses: []message.WitnessLine{},
	}
}

func same[T any](t *testing.T, v T) {
	t.Helper()
	raw, err := codec.Encode(v)
	if err != nil {
		t.Errorf("%T: %v", v, err)
		return
	}
	got, err := codec.Decode[T](raw, codec.Limits{})
	if err != nil {
		t.Errorf("%T: %s: %v", v, raw, err)
		return
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("%T: %s", v, diff)
	}
}
