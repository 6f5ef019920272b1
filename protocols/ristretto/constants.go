package ristretto

import (
	"math/big"

	"filippo.io/edwards25519/field"
)

// The constants of RFC 9496, section 4.1. They are set once and never written
// again; constants_test.go holds each against its definition.
var (
	fieldOne = new(field.Element).One()

	// curveD is d = -121665/121666 of the curve -x² + y² = 1 + dx²y².
	curveD = fieldElement("37095705934669439343138083508754565189542113879843219016388785533085940283555")

	// sqrtMinusOne is the non-negative square root of -1.
	sqrtMinusOne = fieldElement("19681161376707505956807079304988542015446066515923890162744021073123829784752")

	// sqrtADMinusOne is √(ad - 1) with a = -1; of the two roots, the RFC's.
	sqrtADMinusOne = fieldElement("25063068953384623474111414158702152701244531502492656460079210482610430750235")

	// invSqrtAMinusD is 1/√(a - d) with a = -1.
	invSqrtAMinusD = fieldElement("54469307008909316920995813868745141605393597292927456921205312896311721017578")

	// oneMinusDSquared is 1 - d².
	oneMinusDSquared = fieldElement("1159843021668779879193775521855586647937357759715417654439879720876111806838")

	// dMinusOneSquared is (d - 1)².
	dMinusOneSquared = fieldElement("40440834346308536858101042469323190826248399146238708352240133220865137265952")
)

// orderDecimal is ℓ = 2²⁵² + 27742317777372353535851937790883648493, the order
// of the group (RFC 9496, section 4.4).
const orderDecimal = "7237005577332262213973186563042994240857116359379907606001950938285454250989"

// Order returns ℓ, the order of the group, as a fresh integer that the caller
// may change.
func Order() *big.Int {
	l, _ := new(big.Int).SetString(orderDecimal, 10)
	return l
}

// fieldElement reads one of the constants above, a decimal below 2²⁵⁵ - 19.
func fieldElement(decimal string) *field.Element {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok {
		panic("ristretto: constant is not a decimal: " + decimal)
	}
	var buf [32]byte
	n.FillBytes(buf[:])
	reverse(&buf)
	e, err := new(field.Element).SetBytes(buf[:])
	if err != nil {
		panic("ristretto: constant is not a field element: " + decimal)
	}
	return e
}

// reverse turns big-endian into little-endian and back.
func reverse(b *[32]byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}
