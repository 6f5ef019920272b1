package message

// CloseChannel ends casting on a channel (S-30).
type CloseChannel struct {
	Channel string `json:"channel"`
}

// Seal fixes the counted entries: all before index Count (S-31).
type Seal struct {
	Count uint64 `json:"count"`
	Root  Digest `json:"root"`
}

// Aggregate is the weighted sum of a cell's ciphertexts (S-34).
type Aggregate struct {
	Ballots     uint64       `json:"ballots"`
	Ciphertexts []Ciphertext `json:"ciphertexts" limit:"257"`
	Contest     string       `json:"contest"`
	Unit        string       `json:"unit"`
	Units       []string     `json:"units" limit:"4096"`
	Weight      uint64       `json:"weight"`
}

// Ciphertext is a pair of elements for an option.
type Ciphertext struct {
	Alpha  Element `json:"alpha"`
	Beta   Element `json:"beta"`
	Option string  `json:"option"`
}

// DecryptionShare is one trustee's factors for one cell (S-35).
type DecryptionShare struct {
	Contest string   `json:"contest"`
	Index   uint64   `json:"index"`
	Root    Digest   `json:"root"`
	Shares  []Factor `json:"shares" limit:"257"`
	Unit    string   `json:"unit"`
}

// Factor is d = xα with its proof, and names the ciphertext it is for.
type Factor struct {
	Alpha  Element `json:"alpha"`
	Beta   Element `json:"beta"`
	Factor Element `json:"factor"`
	Option string  `json:"option"`
	Proof  Compact `json:"proof"`
}

// Result is the published outcome (S-37). Uncounted names the devices of whose
// ballots some never reached the board (S-58); it is absent where there is none.
type Result struct {
	Contests  []ContestResult `json:"contests" limit:"256"`
	Root      Digest          `json:"root"`
	Uncounted []Uncounted     `json:"uncounted,omitempty" limit:"65536"`
	Version   uint64          `json:"version"`
}

// Uncounted is how many ballots of a device are not counted.
type Uncounted struct {
	Ballots uint64 `json:"ballots"`
	Device  string `json:"device"`
}

// ContestResult has a contest's cells, their sums and the outcome.
type ContestResult struct {
	Cells   []Cell   `json:"cells" limit:"4096"`
	Contest string   `json:"contest"`
	Outcome Outcome  `json:"outcome"`
	Totals  []uint64 `json:"totals" limit:"257"`
}

// Cell is a union of units with its totals, options in order, then blank. A
// withheld cell has no totals.
type Cell struct {
	Ballots  uint64   `json:"ballots"`
	Totals   []uint64 `json:"totals" limit:"257"`
	Unit     string   `json:"unit"`
	Units    []string `json:"units" limit:"4096"`
	Weight   uint64   `json:"weight"`
	Withheld bool     `json:"withheld"`
}

// Outcome is what the counting method makes of the totals.
type Outcome struct {
	Kind    string   `json:"kind"`
	Tied    []string `json:"tied" limit:"256"`
	Winners []string `json:"winners" limit:"256"`
}
