package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strconv"

	"github.com/onsi/gomega"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// head is what a checkpoint says, unverified.
type head struct {
	origin string
	size   uint64
	root   message.Digest
}

func headOf(raw []byte) head {
	lines := bytes.Split(raw, []byte("\n"))
	gomega.ExpectWithOffset(1, len(lines)).To(gomega.BeNumerically(">", 4), "%.200q", raw)
	size, err := strconv.ParseUint(string(lines[1]), 10, 64)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	root, err := base64.StdEncoding.DecodeString(string(lines[2]))
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	gomega.ExpectWithOffset(1, root).To(gomega.HaveLen(32))
	return head{string(lines[0]), size, message.Digest(root)}
}

// atBoard are specs of the board in the open election.
func (t *trial) atBoard() {
	board := abilities(targets.Open, targets.Board)

	t.it("commits to its entries", board, func(ctx context.Context) {
		e := t.shared
		b := as[targets.BoardReader](e)
		raw, err := b.Head(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		h := headOf(raw)
		gomega.Expect(h.origin).To(gomega.Equal(draft().Manifest.Board.Origin))
		entries, err := b.Entries(ctx, 0, h.size)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		tree := record.NewTiler(func(string, []byte) error { return nil })
		for _, entry := range entries {
			gomega.Expect(tree.Add(entry)).To(gomega.Succeed())
		}
		gomega.Expect(tree.Size()).To(gomega.Equal(h.size))
		gomega.Expect(tree.Root()).To(gomega.Equal(h.root))
	})

	t.it("gives any part of its entries, and none that are not there", board, func(ctx context.Context) {
		e := t.shared
		b := as[targets.BoardReader](e)
		size := e.status(ctx).Size
		all, err := b.Entries(ctx, 0, size)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		for _, c := range [][2]uint64{{0, 0}, {0, 1}, {2, 5}, {size - 1, size}, {size, size}} {
			part, err := b.Entries(ctx, c[0], c[1])
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			gomega.Expect(len(part)).To(gomega.BeEquivalentTo(c[1] - c[0]))
			for i := range part {
				gomega.Expect(part[i]).To(gomega.Equal(all[c[0]+uint64(i)]))
			}
		}
		for _, c := range [][2]uint64{{0, size + 1}, {size + 1, size + 2}, {3, 2}, {0, 1 << 62}} {
			_, err := b.Entries(ctx, c[0], c[1])
			gomega.Expect(err).To(gomega.HaveOccurred(), "%d to %d", c[0], c[1])
		}
	})

	t.it("has no chunk that nobody named", board, func(ctx context.Context) {
		b := as[targets.BoardReader](t.shared)
		for _, name := range []string{"", "00", "../checkpoint", message.Digest{}.String()} {
			_, err := b.Chunk(ctx, name)
			gomega.Expect(err).To(gomega.HaveOccurred(), "%q", name)
		}
	})

	t.it("waits for a head no longer than its caller", board, func(ctx context.Context) {
		b := as[targets.BoardReader](t.shared)
		ended, cancel := context.WithCancel(ctx)
		got := make(chan error, 1)
		go func() { _, err := b.Await(ended, 1<<30); got <- err }()
		cancel()
		var err error
		gomega.Eventually(ctx, got).Should(gomega.Receive(&err))
		gomega.Expect(errors.Is(err, context.Canceled)).To(gomega.BeTrue(), "%v", err)
	})
}

func (t *trial) board() {
	t.it("shows a new entry in a head that was waited for", abilities(targets.Open, targets.Board, targets.Client), func(ctx context.Context) {
		e := t.open(ctx, definition("await"))
		b := as[targets.BoardReader](e)
		receipt := e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		raw, err := b.Await(ctx, receipt.Index+1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(headOf(raw).size).To(gomega.BeNumerically(">", receipt.Index))
		entries, err := b.Entries(ctx, receipt.Index, receipt.Index+1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		entry := decode[message.Entry](entries[0])
		gomega.Expect(entry.Type).To(gomega.Equal(message.TypeCast))
		gomega.Expect(decode[message.Cast](entry.Body).Decision.Tracker).To(gomega.Equal(receipt.Tracker))
	})

	t.it("exports a record of the closed list of files at any time", abilities(targets.Open, targets.Board, targets.Client, targets.Close),
		func(ctx context.Context) {
			e := t.open(ctx, definition("record"))
			check := func(moments ...record.Moment) {
				got, err := as[targets.BoardReader](e).Record(ctx)
				gomega.Expect(err).NotTo(gomega.HaveOccurred())
				var kept []record.Moment
				for path, content := range got {
					p, err := record.Parse(path)
					gomega.Expect(err).NotTo(gomega.HaveOccurred())
					gomega.Expect(len(content)).To(gomega.BeNumerically("<=", p.Limit()))
					if p.Kind == record.KindCheckpoint && p.Moment != record.Final {
						kept = append(kept, p.Moment)
					}
				}
				gomega.Expect(got).To(gomega.HaveKey("checkpoint"))
				gomega.Expect(kept).To(gomega.ConsistOf(moments))
			}
			check(record.Opened)
			e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
			check(record.Opened)
			e.close(ctx)
			check(record.Opened, record.Closed, record.Sealed)
		})
}
