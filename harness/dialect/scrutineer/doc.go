// Package scrutineer is the harness's own speech of the protocol of
// protocols/SPEC.md: the honest client of every role, and the forgers.
//
// The honest side is written from the specification, not from the system
// under test, so that an attack run does not inherit that system's mistakes:
//
//   - Seed, Keys, Description: keys from a seed, a manifest from a few words;
//   - Registrar, Trustee, Voter, Authority, Witness: players. Each holds its
//     own secrets, reads the board through a View, and returns bytes to post;
//   - View: a fold over the entries of a board, with a Fault for each check of
//     SPEC.md that an entry fails;
//   - CheckBallot, CheckChallenge, OpenCheckpoint and the like: single checks,
//     always by the sound rule.
//
// The files forge_*.go are the adversary, one attack of the catalogue each.
// Their comments cite the publication, derive the forgery, and say what
// exactly the planted weakness accepts. Forged messages have the form of
// honest ones: what refuses them is the check aimed at, not the codec.
//
// Nothing here talks to a network, reads a clock or draws randomness of its
// own: bytes come in and go out, times and io.Readers are arguments. How the
// bytes travel is the business of targets.
package scrutineer
