package command

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"scrutineer/targets"
)

// Protocol is the version of the protocol that an adapter names in describe.
const Protocol = "scrutineer-command/1"

// Schema is the JSON Schema of every line, in either direction.
//
//go:embed schema.json
var Schema []byte

// The operations. An adapter has describe, and any of the others.
const (
	opDescribe = "describe"
	opSetup    = "setup"
	opEncrypt  = "encrypt"
	opCast     = "cast"
	opBoard    = "board"
	opClose    = "close"
	opTally    = "tally"
	opResult   = "result"
	opVerify   = "verify"
	opCount    = "count"
	opFault    = "fault"
)

// Operations lists all there are, in the order of an election.
func Operations() []string {
	return []string{opDescribe, opSetup, opEncrypt, opCast, opBoard, opClose, opTally, opResult, opVerify, opCount, opFault}
}

// request is a line to the adapter.
type request struct {
	ID   uint64 `json:"id"`
	Op   string `json:"op"`
	Args any    `json:"args"`
}

// response is a line from the adapter. Exactly one of OK, Refused and Failed
// is there.
type response struct {
	ID      uint64          `json:"id"`
	OK      json.RawMessage `json:"ok"`
	Refused *refusal        `json:"refused"`
	Failed  string          `json:"failed"`
}

// refusal is a final no of the system's.
type refusal struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// described is the answer to describe.
type described struct {
	Protocol   string   `json:"protocol"`
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	Operations []string `json:"operations"`
	// Parallel is how many adapters may run at once, Concurrency how many
	// requests one of them takes before it has answered; 0 means 1.
	Parallel    int `json:"parallel"`
	Concurrency int `json:"concurrency"`
	// Reaches names other machines that the adapter talks to.
	Reaches []string `json:"reaches"`
}

type (
	nothing   struct{}
	setupArgs struct {
		Election string          `json:"election"`
		Seed     string          `json:"seed"`
		Poll     json.RawMessage `json:"poll"`
	}
	setupDone struct {
		Credentials map[string]string `json:"credentials"`
	}
	encryptArgs struct {
		Election  string              `json:"election"`
		Voter     string              `json:"voter"`
		Choices   map[string][]string `json:"choices"`
		Unchecked bool                `json:"unchecked"`
	}
	encryptDone struct {
		Ballot  []byte `json:"ballot"`
		Tracker string `json:"tracker"`
	}
	castArgs struct {
		Election   string `json:"election"`
		Voter      string `json:"voter"`
		Credential string `json:"credential"`
		Ballot     []byte `json:"ballot"`
	}
	castDone struct {
		Tracker string `json:"tracker"`
		Receipt []byte `json:"receipt"`
	}
	electionArgs struct {
		Election string `json:"election"`
	}
	boardDone struct {
		Ballots []listed `json:"ballots"`
	}
	listed struct {
		Tracker string `json:"tracker"`
		Ballot  []byte `json:"ballot"`
		Voter   string `json:"voter"`
	}
	resultDone struct {
		Contests []counted `json:"contests"`
	}
	counted struct {
		Contest  string            `json:"contest"`
		Units    []string          `json:"units"`
		Ballots  *uint64           `json:"ballots"`
		Totals   map[string]uint64 `json:"totals"`
		Withheld bool              `json:"withheld"`
	}
	verifyDone struct {
		Findings []finding `json:"findings"`
	}
	finding struct {
		Check   string `json:"check"`
		Detail  string `json:"detail"`
		Culprit string `json:"culprit"`
	}
	countArgs struct {
		Contest targets.PollContest `json:"contest"`
		Ballots [][]string          `json:"ballots"`
	}
	countDone struct {
		Totals map[string]uint64 `json:"totals"`
	}
	faultArgs struct {
		Election string `json:"election"`
		Fault    string `json:"fault"`
	}
)

// decode reads one JSON value strictly: no unknown key, nothing after it.
func decode(raw []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something comes after the JSON object")
	}
	return nil
}

// errAnswer says what is wrong with an answer, and what was awaited.
func errAnswer(op string, err error) error {
	return fmt.Errorf("its answer to %s is not as the protocol has it: %.300q", op, err.Error())
}
