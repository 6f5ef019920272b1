package scenarios

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"scrutineer/harness/oracle"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verdict"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

func all(t *testing.T) []*scenario.Scenario {
	t.Helper()
	out, err := All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The table of sub-cases: what a sound system does, who does it, when it is
// judged and which switches let it through. It is written down a second time
// on purpose.
func TestTable(t *testing.T) {
	const want = `
A01 board prevented authority accepted ballot.noVoterBinding+bb.noWeeding
A01 wire prevented authority accepted ballot.noVoterBinding+bb.noWeeding
A01 colluders prevented authority accepted ballot.noVoterBinding+bb.noWeeding
A01 revote prevented authority accepted ballot.noVoterBinding+bb.noWeeding
A01 game-of-three prevented authority result ballot.noVoterBinding+bb.noWeeding
A01 game-of-five prevented authority result ballot.noVoterBinding+bb.noWeeding
A01 game-of-thirty prevented authority result ballot.noVoterBinding+bb.noWeeding
A02 scalars prevented authority accepted ballot.acceptNoncanonical+ballot.noVoterBinding+bb.noWeeding
A02 elements prevented authority accepted ballot.acceptNoncanonical+ballot.noVoterBinding+bb.noWeeding
A02 options prevented authority accepted ballot.acceptNoncanonical+ballot.noVoterBinding+bb.noWeeding+ctx.noContestBinding
A02 members prevented authority accepted ballot.acceptNoncanonical+ballot.noVoterBinding+bb.noWeeding
A02 contests prevented authority accepted ballot.acceptNoncanonical+ballot.noVoterBinding+bb.noWeeding
A02 own-ballot prevented authority accepted ballot.acceptNoncanonical
A03 pair prevented authority sealed fs.commitmentsOnly
A03 reuse prevented authority sealed fs.commitmentsOnly
A03 approval prevented authority sealed fs.commitmentsOnly
A03 stall prevented authority result fs.commitmentsOnly
A04 chosen-result prevented authority result fs.decryptCommitmentsOnly
A04 any-result prevented authority accepted fs.decryptCommitmentsOnly
A04 colluding-board detected trustee+auditor result fs.decryptCommitmentsOnly
A06 key prevented authority accepted fs.omit.key+fs.omit.election
A06 election prevented authority accepted fs.omit.election
A06 voter prevented authority accepted fs.omit.voter
A06 siblings prevented authority accepted fs.omit.siblings
A06 branches prevented authority accepted fs.omit.branches
A06 colluding-server detected trustee accepted fs.omit.branches
A07 junk-proofs prevented authority result ballot.skipIndividualProofs
A07 proof-lists prevented authority result ballot.skipIndividualProofs
A08 all-options prevented authority result ballot.skipSumProof
A08 blank-and-option prevented authority result ballot.skipSumProof
A08 too-few prevented authority result ballot.skipSumProof
A08 omitted prevented authority result ballot.skipSumProof
A08 wider-limit prevented authority result ballot.skipSumProof
A09 free-challenges prevented authority accepted or.noSumCheck
A09 named-branches prevented authority accepted or.branchFromProof
A10 two-options prevented authority sealed group.noMembershipCheck
A10 encodings prevented authority sealed group.noMembershipCheck
A10 no-result prevented authority result group.noMembershipCheck
A10 factor prevented authority result group.noMembershipCheck
A14 ballot prevented trustee+authority accepted ctx.noElectionBinding+trustee.keyReuse
A14 decision prevented trustee+authority accepted ctx.noElectionBinding+trustee.keyReuse
A14 share prevented trustee+authority accepted ctx.noElectionBinding+trustee.keyReuse
A14 contest prevented authority accepted ctx.noContestBinding
A14 style prevented authority accepted ctx.noContestBinding
B01 one-audits detected voter result client.noAudit
B01 one-in-five detected voter result client.noAudit
B01 one-in-ten detected voter result client.noAudit
B01 one-in-a-hundred detected voter result client.noAudit
B04 cast-after-challenge prevented authority accepted challenge.castable
B04 fresh-proofs prevented authority accepted challenge.castable
B04 at-once prevented authority accepted challenge.castable
B04 challenge-after-cast prevented authority accepted challenge.castable
B04 server detected trustee accepted challenge.castable+elig.serverAsserted
B05 first-ballot detected voter result ballot.noVoterBinding+bb.aliases
B05 revote detected voter result ballot.noVoterBinding+bb.aliases
B06 after-check detected voter result revote.noNotification
B06 second-login detected voter result revote.noNotification
B06 other-code detected voter result revote.noNotification+bb.aliases
B07 other-ballot prevented voter result client.trustServerReceipt
B07 other-district prevented trustee result ballot.boxIdUnbound
B07 empty-box prevented trustee result ballot.boxIdUnbound
C06 abstainers detected trustee result bb.noParticipationList
C06 overwritten detected trustee result bb.noParticipationList
C08 none prevented identity sealed token.algFromHeader
C08 none-cased prevented identity sealed token.algFromHeader
C08 stripped prevented identity sealed token.algFromHeader
C08 hs256-raw prevented identity sealed token.algFromHeader
C08 hs256-hex prevented identity sealed token.algFromHeader
C08 hs256-pem prevented identity sealed token.algFromHeader
C08 jwk prevented identity sealed token.algFromHeader
C08 jku prevented identity sealed token.algFromHeader
C08 kid-path prevented identity sealed token.algFromHeader
C08 zero-signature prevented identity sealed token.algFromHeader
C08 claims-twice prevented identity sealed token.algFromHeader
C08 expired prevented identity sealed token.algFromHeader+token.noAud
C08 not-yet prevented identity sealed token.algFromHeader+token.noAud
C08 other-audience prevented identity sealed token.algFromHeader+token.noAud
C08 other-election prevented identity sealed token.noAud
C09 own-session prevented identity sealed auth.trustClientVoterId
C09 header prevented identity sealed auth.trustClientVoterId
C09 no-session prevented authority sealed bb.noParticipationList
C09 other-body prevented authority sealed ballot.noVoterBinding
C09 weight prevented authority sealed cast.weightFromBallot
C09 style prevented authority sealed cast.weightFromBallot
C10 stays-at-home prevented identity accepted auth.noRateLimit
C10 has-voted prevented identity accepted auth.noRateLimit
C10 register prevented identity accepted auth.tellsUnknown
C11 two prevented authority sealed cast.checkThenInsert
C11 sixty-four prevented authority sealed cast.checkThenInsert
C11 revote prevented authority sealed cast.checkThenInsert
C11 retry prevented authority sealed cast.checkThenInsert
D01 fork prevented voter result bb.noGossip
D01 other-mirror prevented voter result bb.noGossip
D01 after-close detected voter result bb.noGossip
D01 unsigned-head prevented voter result bb.noGossip+bb.unsignedHead
D03 index-reused detected voter result receipt.noPromise
D03 last-ballot detected voter result receipt.noPromise
D03 few-check detected voter result receipt.noPromise
D05 held-back prevented authority result revote.noChain
D05 overtaken prevented authority sealed revote.noChain
D05 replayed prevented authority sealed bb.noWeeding+revote.noChain
D05 server detected trustee sealed revote.noChain
D07 replaced prevented trustee result tally.noRecompute
D07 after-close prevented trustee result close.nonAtomic
D07 each-trustee prevented trustee result tally.noRecompute
D09 close-by-trustee detected trustee accepted sig.anyChain
D09 close-by-witness detected trustee accepted sig.anyChain
D09 close-by-registrar detected trustee accepted sig.anyChain
D09 close-by-board detected trustee accepted sig.anyChain
D09 own-key detected trustee accepted sig.keyFromMessage
D09 list-by-authority detected trustee accepted sig.anyChain
D09 list-by-witness detected trustee accepted sig.anyChain
D09 list-by-trustee detected trustee accepted sig.anyChain
D09 share-by-authority prevented authority accepted sig.anyChain
D09 share-by-witness prevented authority accepted sig.anyChain
D09 share-by-trustee prevented authority accepted sig.anyChain
E01 cancelling-key prevented authority accepted setup.noPoK+dkg.noCommitRound
E04 zero prevented authority accepted dkg.indexUnchecked
E04 duplicate prevented authority accepted dkg.indexUnchecked
E04 huge prevented authority accepted dkg.indexUnchecked
E06 own-key prevented trustee accepted setup.keyAssembledByServer
E06 added-share prevented trustee result setup.keyAssembledByServer
E06 shredder prevented trustee result setup.keyAssembledByServer
E06 targeted prevented voter result client.keyUnpinned+client.trustServerReceipt
E07 silent prevented authority result trustees.nOfN
E07 late prevented authority result trustees.nOfN
E07 garbage prevented authority result trustees.nOfN
E07 too-many prevented authority result 
E08 junk-proof prevented authority result decrypt.noProof
E08 empty-proof prevented authority result decrypt.noProof
E08 same-proof prevented authority result decrypt.noProof
E08 other-ciphertext prevented authority result decrypt.proofUnboundToCiphertext
E08 other-contest prevented authority result decrypt.noProof
E08 other-trustee prevented authority result decrypt.noProof
E08 swapped-options prevented authority result decrypt.proofUnboundToCiphertext
E12 no-ballots prevented auditor result verifier.vacuous
E12 no-proofs prevented auditor result verifier.vacuous
E12 first-page prevented auditor result verifier.vacuous
E12 optional prevented auditor result verifier.vacuous
E12 own-keys prevented auditor result verifier.trustRecordParams
H01 cast prevented authority accepted json.lenient
H01 share prevented authority accepted json.lenient
H01 result prevented auditor result json.lenient+verifier.vacuous
H07 share prevented authority accepted decode.ignoreTrailing
H07 bundle prevented auditor result decode.ignoreTrailing
H07 head prevented auditor result decode.ignoreTrailing
H08 joined prevented trustee result hash.joinWithPipe
H08 untagged prevented trustee result hash.noTypeTags
I01 mixed prevented authority sealed net.noAdmission
I02 slow-header prevented authority sealed http.noTimeouts
I02 unread prevented authority sealed http.noTimeouts
I03 outsider prevented authority sealed cast.verifyBeforeAuth+net.noAdmission
I03 voter prevented authority sealed net.noAdmission
I06 last-cast prevented authority result close.nonIdempotent
I06 close-torn prevented authority result close.nonIdempotent
I06 close-written prevented authority result close.nonIdempotent
I06 seal-torn prevented authority result close.nonIdempotent
I06 seal-written prevented authority result close.nonIdempotent
I06 result-torn prevented authority result close.nonIdempotent
I06 result-written prevented authority result close.nonIdempotent
I07 at-the-receipt prevented authority sealed cast.asyncPersist+receipt.noPromise
I07 torn prevented authority sealed cast.asyncPersist+receipt.noPromise
I07 twice prevented authority sealed cast.asyncPersist+receipt.noPromise
I08 redelivery prevented authority result count.atLeastOnce+bb.noWeeding
I08 two-restarts prevented authority result count.atLeastOnce+bb.noWeeding
I08 lost prevented authority result cast.asyncPersist+receipt.noPromise
I09 refuses prevented authority sealed dep.failOpen
I09 hangs prevented authority sealed dep.failOpen
I09 garbage prevented authority sealed dep.failOpen
I09 errors prevented authority sealed dep.failOpen
K01 page detected auditor result res.unsignedSite
K01 json detected auditor result res.unsignedSite
K01 stale detected auditor result res.unsignedSite
K01 other-host detected auditor result res.unsignedSite
K02 official-totals detected auditor result res.noCrossCheck
K02 backup-totals detected auditor result res.noCrossCheck
K02 some-units detected auditor result res.noCrossCheck
K02 delay detected auditor result res.noCrossCheck
K04 shares prevented trustee accepted tally.partialAllowed
K05 forged prevented voter accepted notice.unsigned
K05 other-election prevented voter accepted notice.noSequence
K05 old prevented voter accepted notice.noSequence
K05 gap prevented voter accepted notice.noSequence
`
	got := "\n"
	for _, s := range all(t) {
		for _, c := range s.Cases {
			p, err := s.Plan(c.ID, event.Attack)
			if err != nil {
				t.Fatal(err)
			}
			var by []string
			for _, r := range c.Expect.By {
				by = append(by, string(r))
			}
			planted := strings.ReplaceAll(strings.Join(c.Planted, "+"), "weak.", "")
			got += strings.Join([]string{s.ID, c.ID, string(c.Expect.Verdict), strings.Join(by, "+"), string(p.Judged), planted}, " ") + "\n"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFilesAreNamedAfterTheirIDs(t *testing.T) {
	files, err := fs.Glob(Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range all(t) {
		if files[i] != s.ID+".yaml" {
			t.Errorf("%s is in %s", s.ID, files[i])
		}
	}
}

func TestFilesFitTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenario.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := fs.Glob(Files, "*.yaml")
	for _, name := range files {
		data, err := fs.ReadFile(Files, name)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := yaml.Load(data, &v); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A twin is a whole honest election with the oddities of honest voters, and
// attacks carry something to read for each step of the adversary.
func TestTwinsAndTexts(t *testing.T) {
	for _, s := range all(t) {
		if len(s.References) == 0 || len(s.Requirements) == 0 || s.Info().Expect == "" {
			t.Errorf("%s: references, requirements or verdict are missing", s.ID)
		}
		for _, c := range s.Cases {
			checkTwin(t, s, c.ID)
			attack, _ := s.Plan(c.ID, event.Attack)
			for _, step := range attack.Steps {
				if step.Adversarial && step.Says == "" {
					t.Errorf("%s %s: step %s says nothing to the reader", s.ID, c.ID, step.Name)
				}
			}
		}
	}
}

func checkTwin(t *testing.T, s *scenario.Scenario, id string) {
	t.Helper()
	twin, err := s.Plan(id, event.Twin)
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	odd := false
	for _, step := range twin.Steps {
		done = append(done, step.Do)
		odd = odd || len(step.Args.List("oddities")) == 4
	}
	for _, action := range []string{"setup", "close", "decrypt", "publish", "verify"} {
		if !slices.Contains(done, action) {
			t.Errorf("%s %s: the twin does not %s", s.ID, id, action)
		}
	}
	if !odd {
		t.Errorf("%s %s: nobody in the twin is odd", s.ID, id)
	}
}

// Every action of the vocabulary is used somewhere, so none is there for show.
func TestVocabularyIsUsed(t *testing.T) {
	words := vocabulary.Standard()
	used := map[string]bool{vocabulary.Judge: true}
	oracles := map[string]bool{}
	for _, s := range all(t) {
		for _, c := range s.Cases {
			for _, run := range []event.RunKind{event.Attack, event.Twin} {
				p, _ := s.Plan(c.ID, run)
				for _, step := range p.Steps {
					used[step.Do] = true
				}
				for _, o := range p.Oracles {
					oracles[o] = true
				}
			}
		}
	}
	for _, name := range words.Names(vocabulary.Actions) {
		if !used[name] {
			t.Errorf("no scenario uses action %s", name)
		}
	}
	if !oracles["O.accept"] || !oracles["O.tally"] || !oracles["O.live"] || !oracles["O.ind"] {
		t.Error("an oracle of the catalogue is not used")
	}
}

// Words that two packages know are the same in both.
func TestWordsAgree(t *testing.T) {
	var oracles []string
	for _, o := range oracle.Standard() {
		oracles = append(oracles, o.ID)
	}
	words := vocabulary.Standard().Names(vocabulary.Oracles)
	slices.Sort(words)
	if !slices.Equal(words, oracles) {
		t.Errorf("the vocabulary has oracles %v, the package %v", words, oracles)
	}
	if !slices.Equal(scenario.Severity("").Words(), verdict.Severities()) {
		t.Error("severities differ")
	}
}

// No plan tells what is planted: who judges must not know.
func TestPlansNameNoWeakness(t *testing.T) {
	for _, s := range all(t) {
		for _, c := range s.Cases {
			p, _ := s.Plan(c.ID, event.Attack)
			b, err := json.Marshal(p)
			if err != nil || bytes.Contains(b, []byte("weak.")) {
				t.Errorf("%s %s: %v", s.ID, c.ID, err)
			}
		}
	}
}

// The judged election of a replay is the second one.
func TestJudgedElections(t *testing.T) {
	for _, s := range all(t) {
		for _, c := range s.Cases {
			want := "election"
			if s.ID == "A14" && c.ID != "contest" && c.ID != "style" {
				want = "production"
			}
			if p, _ := s.Plan(c.ID, event.Attack); p.JudgedElection() != want {
				t.Errorf("%s %s is judged on %s", s.ID, c.ID, p.JudgedElection())
			}
		}
	}
}
