package challenge

// Device is caster of S-11 for a ballot that a device makes.
func Device(id string, sequence uint64) Digest {
	return Start("caster").Str("device").Str(id).Uint(sequence).Sum()
}

// CodeStart is code_0 of S-50; zero is hb of the signed zero report.
func CodeStart(fingerprint Digest, device string, zero Digest) Digest {
	return Start("code-start").Dig(fingerprint).Str(device).Dig(zero).Sum()
}

// Code is code_i of S-52.
func Code(previous Digest, sequence uint64, tracker Digest) Digest {
	return Start("code").Dig(previous).Uint(sequence).Dig(tracker).Sum()
}
