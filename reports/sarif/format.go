package sarif

// The part of SARIF 2.1.0 that is written, with the names of the standard.

type document struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        tool                        `json:"tool"`
	Invocations []invocation                `json:"invocations"`
	BaseIDs     map[string]artifactLocation `json:"originalUriBaseIds"`
	Results     []result                    `json:"results"`
	Columns     string                      `json:"columnKind"`
	Properties  map[string]string           `json:"properties,omitempty"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Rules   []rule `json:"rules"`
}

type rule struct {
	ID         string         `json:"id"`
	Name       string         `json:"name,omitempty"`
	Short      message        `json:"shortDescription"`
	Full       message        `json:"fullDescription"`
	Help       message        `json:"help"`
	HelpURI    string         `json:"helpUri,omitempty"`
	Default    configuration  `json:"defaultConfiguration"`
	Properties ruleProperties `json:"properties"`
}

type configuration struct {
	Level string `json:"level"`
}

type ruleProperties struct {
	Severity  string   `json:"security-severity,omitempty"`
	Precision string   `json:"precision"`
	Tags      []string `json:"tags"`
}

type message struct {
	Text string `json:"text"`
}

type result struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Kind         string            `json:"kind"`
	Level        string            `json:"level"`
	Message      message           `json:"message"`
	Locations    []location        `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []suppression     `json:"suppressions,omitempty"`
	Properties   resultProperties  `json:"properties"`
}

type location struct {
	Physical *physical `json:"physicalLocation"`
}

type physical struct {
	Artifact artifactLocation `json:"artifactLocation"`
}

type artifactLocation struct {
	URI         string   `json:"uri,omitempty"`
	Base        string   `json:"uriBaseId,omitempty"`
	Description *message `json:"description,omitempty"`
}

type suppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type resultProperties struct {
	SubCase   string   `json:"subCase,omitempty"`
	Run       string   `json:"run"`
	Planted   []string `json:"planted,omitempty"`
	Judgement string   `json:"judgement"`
	Expected  string   `json:"expected"`
	Checks    []string `json:"checks,omitempty"`
	Replay    string   `json:"replay,omitempty"`
}

type invocation struct {
	Command         string         `json:"commandLine,omitempty"`
	Start           string         `json:"startTimeUtc,omitempty"`
	End             string         `json:"endTimeUtc,omitempty"`
	ExitCode        *int           `json:"exitCode,omitempty"`
	ExitDescription string         `json:"exitCodeDescription,omitempty"`
	Successful      bool           `json:"executionSuccessful"`
	Notifications   []notification `json:"toolExecutionNotifications"`
}

type notification struct {
	Level   string  `json:"level"`
	Message message `json:"message"`
}
