// Package ristretto is the prime-order group ristretto255 (RFC 9496) behind
// the interfaces of go.dedis.ch/kyber: a Suite is a kyber.Group whose points
// and scalars decode from their one canonical form only.
//
// What goes where:
//
//   - Suite, Point, Scalar: the group as kyber sees it. Every operation on a
//     Scalar, and every multiplication by one, takes constant time; secrets
//     belong here.
//   - FixedBase: a table of one public point, for multiplying it by secret
//     scalars; constant time too.
//   - VarTime, VarTable: faster ways for public data. They take variable time,
//     are found by type assertion on the group, and have no place in code that
//     holds a secret.
//   - PointFromUniform, ScalarFromUniform, ReduceScalar: from hashes to
//     elements.
//   - UnsafeFromEdwards, UnsafeEdwardsBytes: the curve below the group,
//     torsion included, for attacks and planted weaknesses alone.
//
// What it is not: a transcript, a proof, or a cipher. It decides nothing about
// the protocol; it adds and multiplies.
//
// Curve arithmetic is filippo.io/edwards25519; what that package does not have
// (the quotient by the 4-torsion: decoding, encoding, equality, derivation; tables
// of other points than the generator; products that share their doublings) is
// here, each function with the source of its formula.
//
// Errors and panics: bytes from outside give errors and leave the receiver as
// it was. A panic means a mistake in the program: a point or scalar of another
// group passed in, a Point that never got a value, or a source of randomness
// that fails where kyber's interface has no room for an error.
package ristretto
