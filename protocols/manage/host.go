package manage

import "scrutineer/protocols/codec"

// The paths of a host: somebody who sets up test elections on request, each a
// system of its own, and hands out where its processes listen. A laboratory
// that wants its system attacked from elsewhere runs one; the elections
// themselves know nothing of it.
const (
	PathHost      = "/manage/host"          // GET: Host
	PathElections = "/manage/elections"     // POST Hosting: Hosted, or 422 where the draft is refused
	PathEnd       = "/manage/elections/end" // POST End: 204
)

// CodeNotSetUp is the code of a problem by which a host says that an election
// cannot be set up as it was asked for.
const CodeNotSetUp = "not-set-up"

// Host is what a host says of itself and of the system that it hosts. The
// abilities are the words of package targets; Lacks gives for each of those
// that are missing the reason.
type Host struct {
	Abilities []string `json:"abilities" limit:"64"`
	Dialect   string   `json:"dialect" limit:"64"`
	Lacks     []Lack   `json:"lacks" limit:"64"`
	Name      string   `json:"name" limit:"256"`
	Test      bool     `json:"test"` // takes weaknesses and hands out insider help
	Version   string   `json:"version" limit:"256"`
}

// Lack is an ability that is missing, and why.
type Lack struct {
	Ability string `json:"ability" limit:"64"`
	Why     string `json:"why" limit:"512"`
}

// Hosting asks for an election. Harness names the roles that the asker plays,
// as "trustee/3". Via says for a role of the host's, such as "witness/w1",
// through which URL it is to reach the authority; others go there directly.
// Entries, where there are any, are the first of the board, as a corrupted
// server would have it.
type Hosting struct {
	Draft   Draft             `json:"draft"`
	Entries []codec.HexBytes  `json:"entries" limit:"1048576,65535"`
	Harness []string          `json:"harness" limit:"1024,256"`
	Planted []string          `json:"planted" limit:"64"`
	Seed    string            `json:"seed" limit:"256"`
	Via     map[string]string `json:"via" limit:"1024,512"`
}

// Hosted is an election that has been started: its public interface and its
// management ports.
type Hosted struct {
	Election string     `json:"election" limit:"256"`
	Ports    []RolePort `json:"ports" limit:"1024"`
	Public   string     `json:"public" limit:"512"`
}

// RolePort is where the management port of a role is: "authority", "registrar",
// "voter", "auditor", "trustee/2", "witness/w1".
type RolePort struct {
	Role string `json:"role" limit:"256"`
	URL  string `json:"url" limit:"512"`
}

// End ends an election of a host.
type End struct {
	Election string `json:"election" limit:"256"`
}
