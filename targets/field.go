package targets

// Field asks for an election as it stands in the field: reached over a network,
// with the limits of admission that it has there. The others of a laboratory let
// everybody do what he can.
type Field struct {
	// CPU is how many thousandths of a processor the server's work on requests
	// may take; 0 is all there is.
	CPU int
}

// Networked is an election whose public interface strangers reach over a
// network, from addresses of their own.
type Networked interface {
	// Address is the host and port at which it is reached, without TLS.
	Address() string
}
