package manage

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The paths of a node: a machine of the reference, such as a container, that
// plays one role in as many test elections as it is told to, each apart from
// the others. Who runs the machines tells each of them its part; the elections
// themselves know nothing of it.
const (
	PathNode  = "/manage/node"       // GET: Node
	PathPlay  = "/manage/node/play"  // POST Play: Played, or 422 where the draft is refused
	PathVia   = "/manage/node/via"   // POST Via: 204
	PathReach = "/manage/node/reach" // POST Reach: 204, or 502 where nobody answers
	PathLeave = "/manage/node/leave" // POST End: 204, and what it kept of the election is gone

	PathArm     = "/manage/node/arm"     // POST Arm: 204
	PathReached = "/manage/node/reached" // POST End: 204 once the server stands still, 202 if not yet
	PathOutage  = "/manage/node/outage"  // POST End: 204, and the disk is as the loss of power leaves it
)

// Node is what a machine says of itself. Parts are those that it plays, by
// election and role.
type Node struct {
	Name  string `json:"name" limit:"256"`
	Parts []Part `json:"parts" limit:"65536"`
}

// Part is a role in one election. Fault says why it ended, where it did by
// itself.
type Part struct {
	Election string `json:"election" limit:"256"`
	Fault    string `json:"fault,omitempty" limit:"4096"`
	Role     string `json:"role" limit:"256"`
}

// Play asks a node to take a part: "authority", "trustee/2", "witness/w1",
// "voter". Authority and Identity are URLs of servers that others play.
// Manage and Public are the ports to listen on, zero for any; a part that is
// played again with the same names goes on with what its disk holds. Announced,
// Entries, Planted, Seed and Shown mean what they do in Hosting and in the
// definition of an election.
type Play struct {
	Announced message.Digest   `json:"announced,omitzero"`
	Authority string           `json:"authority,omitempty" limit:"512"`
	Draft     Draft            `json:"draft"`
	Election  string           `json:"election" limit:"256"`
	Entries   []codec.HexBytes `json:"entries,omitempty" limit:"1048576,65535"`
	Identity  string           `json:"identity,omitempty" limit:"512"`
	Manage    uint64           `json:"manage,omitzero"`
	Planted   []string         `json:"planted" limit:"64"`
	Public    uint64           `json:"public,omitzero"`
	Role      string           `json:"role" limit:"256"`
	Seed      string           `json:"seed" limit:"256"`
	Shown     *Draft           `json:"shown,omitzero"`
}

// Played tells where a part listens on its node. Public is zero for roles that
// serve nobody. Points are where it can be made to stand still, as if its
// machine lost its power.
type Played struct {
	Manage uint64   `json:"manage"`
	Points []string `json:"points,omitempty" limit:"256"`
	Public uint64   `json:"public,omitzero"`
}

// Arm has the server of an election stand still the next time it comes to a
// point, in the middle of what it writes there if Torn.
type Arm struct {
	Election string `json:"election" limit:"256"`
	Point    string `json:"point" limit:"128"`
	Torn     bool   `json:"torn"`
}

// Via sends a part's requests to the authority through another URL from now on,
// or directly again where that is empty. Requests under way are not called
// back.
type Via struct {
	Election string `json:"election" limit:"256"`
	Role     string `json:"role" limit:"256"`
	URL      string `json:"url,omitempty" limit:"512"`
}

// Reach asks a node to knock at a URL.
type Reach struct {
	URL string `json:"url" limit:"512"`
}
