package vocabulary

// ways to write a message that a weak reader alone reads: in other JSON, and
// with something after its end.
var (
	lenientWays  = []string{"twice", "case", "escape", "nested", "nan", "infinity", "comment", "bom", "utf8", "deep"}
	trailingWays = []string{"document", "nul", "newline", "crlf", "blank-lines", "truncated", "again"}
)

const waysDoc = "twice: the first member stands twice, the last one is right; case: its name in capitals; escape: its first letter escaped; nested: twice, in the first object within; nan, infinity, utf8, deep: an unknown member with NaN, −Infinity, bytes that are no UTF-8, arrays nested 100,000 deep; comment, bom: a comment, a byte order mark within; document, nul, newline, crlf, blank-lines, truncated, again: after the end a second document, a NUL, a line end, blank lines and an empty record, half of the message, all of it once more"

// mangled are the actions that send such bytes.
var mangled = []Action{
	{Name: "cast-mangled", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit"},
		Doc: "The voter casts one ballot for each way to write, each in place of the one before, with body and decision written so; what is too long for a decision in the body alone. The step is refused if all of them are.",
		Params: []Param{oneVoter("who casts; the harness plays the voter"),
			{Name: "ways", Kind: Words, Required: true, Words: lenientWays, Doc: waysDoc}, inElection()}},
	{Name: "post-mangled", Phase: Tally, Adversarial: true, Needs: []string{"dialect", "submit", "board"},
		Doc: "A trustee answers honestly, each cell in another way to write: JSON is changed in the signed body, a tail follows the entry. The step is refused if all of them are.",
		Params: []Param{{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays"},
			{Name: "ways", Kind: Words, Required: true, Words: append(append([]string{}, lenientWays[:9]...), trailingWays...), Doc: waysDoc}, inElection()}},
}
