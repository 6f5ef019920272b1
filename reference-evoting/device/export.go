package device

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/statement"
)

// packed is what was exported, and what the next pack will hold.
type packed struct {
	sequence uint64         // of the last pack
	digest   message.Digest // of its archive

	first      uint64 // events and ballots of the next one
	ballots    uint64
	challenged uint64
	events     uint64
}

// exported goes on to the next pack after an export that is in the journal. The
// export's own event is the first of the next pack.
func (d *Device) exported(_ message.Event, digest message.Digest) {
	d.packed = packed{sequence: d.packed.sequence + 1, digest: digest, first: d.sequence + 1, events: 1}
	d.pending = nil
}

func packFile(sequence uint64) string { return "pack-" + strconv.FormatUint(sequence, 10) + ".zip" }

// Due is the number of the next pack and the activations that its ballots
// used, ascending: for the poll book, which signs the check-ins of the pack.
func (d *Device) Due() (sequence uint64, used []message.Digest, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.exportable(); err != nil {
		return 0, nil, err
	}
	return d.packed.sequence + 1, slices.Clone(d.nonces.Due), nil
}

func (d *Device) exportable() error {
	switch {
	case d.failed != nil:
		return fmt.Errorf("%w: %w", ErrBroken, d.failed)
	case d.phase != PhaseOpen && d.phase != PhaseClosed:
		return fmt.Errorf("%w: the device is %s; packs come after the opening", ErrState, d.phase)
	case d.session != nil:
		return fmt.Errorf("%w: a voter stands before it", ErrState)
	}
	return nil
}

// Export makes the next pack with the check-ins that the poll book signed for
// it (S-56). It is final once the polls are closed. The archive is durable here
// before it leaves; [Device.Pack] gives it again for another medium.
func (d *Device) Export(checkIns message.CheckIns) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.exportable(); err != nil {
		return nil, err
	}
	if err := d.belong(checkIns); err != nil {
		return nil, err
	}
	files, err := d.files(checkIns)
	if err != nil {
		return nil, err
	}
	archive, err := d.seal(files, checkIns)
	if err != nil {
		return nil, err
	}
	sequence := d.packed.sequence + 1
	if err := d.kept(d.cfg.Store.Save(packFile(sequence), archive)); err != nil {
		return nil, err
	}
	digest := message.Digest(transcript.BodyDigest(archive))
	event, err := d.log.append(line{Digest: digest, Event: message.Event{Kind: message.EventExport, At: d.now(), Detail: digest.String()}})
	if err != nil {
		return nil, d.kept(err)
	}
	d.exported(event, digest)
	d.nonces.turn(d.packed.sequence + 1)
	return archive, d.kept(save(d.cfg.Store, noncesFile, d.nonces))
}

// belong holds that check-ins are those of the next pack: as many as it has
// ballots, and signed.
func (d *Device) belong(c message.CheckIns) error {
	switch {
	case c.Device != d.cfg.ID || c.Place != d.line.Place || c.Fingerprint != d.print:
		return fmt.Errorf("%w: they are of device %q in place %q", ErrCheckIns, c.Device, c.Place)
	case c.Sequence != d.packed.sequence+1:
		return fmt.Errorf("%w: they are for pack %d, the next is %d", ErrCheckIns, c.Sequence, d.packed.sequence+1)
	case len(c.CheckIns) != len(d.nonces.Due):
		return fmt.Errorf("%w: %d for %d activations", ErrCheckIns, len(c.CheckIns), len(d.nonces.Due))
	}
	if err := statement.Verify(d.cfg.Recall, d.election, d.print, c, c.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrCheckIns, err)
	}
	return nil
}

// files are those of the next pack, by name.
func (d *Device) files(checkIns message.CheckIns) (map[string][]byte, error) {
	report := message.CloseReport{
		At: d.now(), Ballots: d.ballots, Cancelled: d.nonces.Cancelled, Challenged: d.challenged, CodeEnd: d.code,
		Device: d.cfg.ID, Fingerprint: d.print, LogHead: d.log.head, Sequence: d.packed.sequence + 1,
	}
	var err error
	if report.Signature, err = sign(d, report); err != nil {
		return nil, err
	}
	out := map[string][]byte{message.FileBallots: bytes.Join(d.pending, nil)}
	for name, v := range map[string]any{
		message.FileCheckIns: checkIns, message.FileNonces: message.Nonces{Nonces: d.nonces.Due},
		message.FileZeroReport: d.zero, message.FileCloseReport: report,
	} {
		if out[name], err = codec.Encode(v); err != nil {
			return nil, err
		}
	}
	out[message.FileEvents], err = d.events()
	return out, err
}

// events are the lines of the log that the next pack has.
func (d *Device) events() ([]byte, error) {
	var out bytes.Buffer
	from := d.log.number - d.packed.events
	err := d.lines(func(l line) error {
		if l.Event.Number <= from {
			return nil
		}
		raw, err := codec.Encode(l.Event)
		out.Write(append(raw, '\n'))
		return err
	})
	return out.Bytes(), err
}

// Pack gives an archive again that was exported before.
func (d *Device) Pack(sequence uint64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if sequence < 1 || sequence > d.packed.sequence {
		return nil, fmt.Errorf("%w: pack %d was not exported; the last is %d", ErrState, sequence, d.packed.sequence)
	}
	return d.cfg.Store.Load(packFile(sequence))
}

// inOrder are the options chosen, in the contest's order.
func inOrder(contest message.Contest, chosen []string) []string {
	out := []string{}
	for _, id := range manifest.Selections(contest) {
		if slices.Contains(chosen, id) {
			out = append(out, id)
		}
	}
	return out
}

// order is that of the files of a pack behind pack.json.
func order() []string {
	return []string{message.FileBallots, message.FileCheckIns, message.FileNonces, message.FileEvents, message.FileZeroReport, message.FileCloseReport}
}

// seal signs what names the files, and puts all of it into one archive.
func (d *Device) seal(files map[string][]byte, checkIns message.CheckIns) ([]byte, error) {
	p := message.Pack{
		Ballots: d.packed.ballots, Challenged: d.packed.challenged, CheckIns: uint64(len(checkIns.CheckIns)),
		CodeEnd: d.code, Device: d.cfg.ID, Events: d.packed.events, Final: d.phase == PhaseClosed, Fingerprint: d.print,
		First: d.packed.first, LogHead: d.log.head, Previous: d.packed.digest, Sequence: d.packed.sequence + 1,
	}
	out := make([]pack.File, 1, 1+len(files))
	for _, name := range order() {
		p.Files = append(p.Files, message.PackFile{Digest: transcript.BodyDigest(files[name]), Name: name})
		out = append(out, pack.File{Name: name, Content: files[name]})
	}
	var err error
	if p.Signature, err = sign(d, p); err != nil {
		return nil, err
	}
	out[0].Name = message.FilePack
	if out[0].Content, err = codec.Encode(p); err != nil {
		return nil, err
	}
	archive := pack.Write(out)
	if len(archive) > message.MaxPack {
		return nil, fmt.Errorf("%w: the pack has %d bytes, at most %d: export earlier", ErrState, len(archive), message.MaxPack)
	}
	return archive, nil
}
