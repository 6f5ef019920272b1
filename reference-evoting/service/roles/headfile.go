package roles

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/witness"
)

// HeadFile keeps a witness's last head in a file.
type HeadFile string

var _ witness.Store = HeadFile("")

// Load implements witness.Store.
func (h HeadFile) Load(context.Context) ([]byte, error) {
	f, err := os.Open(string(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, record.MaxCheckpoint))
	if len(b) == 0 {
		return nil, err
	}
	return b, err
}

// Save implements witness.Store.
func (h HeadFile) Save(_ context.Context, head []byte) error { return writeDurable(string(h), head) }
