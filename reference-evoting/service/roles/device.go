package roles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// DeviceConfig is what a device in the field is made of. It has a management
// port and nothing else: no client, no listener.
type DeviceConfig struct {
	Device device.Config
	// Media are the folders of removable media; a pack is written to each.
	Media  []string
	Manage net.Listener
	Logger *slog.Logger
}

// RunDevice runs a device until ctx ends.
func RunDevice(ctx context.Context, cfg DeviceConfig) error {
	if err := require(string(message.RoleDevice), map[string]bool{
		"id": cfg.Device.ID != "", "store": cfg.Device.Store != nil, "randomness": cfg.Device.Random != nil, "management port": cfg.Manage != nil,
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleDevice, cfg.Device.ID)
	d, err := device.Open(cfg.Device)
	if err != nil {
		return err
	}
	r := &deviceRole{id: cfg.Device.ID, media: cfg.Media, device: d}
	return withPort(ctx, cfg.Manage, cfg.Logger, r.routes, func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
}

type deviceRole struct {
	id     string
	media  []string
	device *device.Device
}

func (d *deviceRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{status: d.status, plant: func(context.Context, weakness.Set) error { return notTest() }, stop: stop}
	return append(m.routes(),
		getRoute(manage.PathDevice, func(w http.ResponseWriter, _ *http.Request) error { return web.Reply(w, http.StatusOK, d.screen()) }),
		web.Route{Method: http.MethodPost, Path: manage.PathInstall, Takes: web.TypeJSON, Limit: manage.MaxImport, Handle: d.install},
		commandRoute(manage.PathTestDeck, func(w http.ResponseWriter, _ *http.Request) error {
			deck, err := d.device.TestDeck()
			return reply(w, manage.Deck{Ballots: deck.Ballots, Cards: deck.Cards}, err)
		}),
		commandRoute(manage.PathOpenPolls, func(w http.ResponseWriter, _ *http.Request) error {
			z, err := d.device.OpenPolls()
			return reply(w, z, err)
		}),
		commandRoute(manage.PathClosePolls, func(w http.ResponseWriter, _ *http.Request) error {
			return done(w, d.device.ClosePolls())
		}),
		postRoute(manage.PathBegin, func(w http.ResponseWriter, r *http.Request) error {
			a, err := web.JSON[message.Activation](r, codec.Limits{Size: manage.MaxRequest})
			if err != nil {
				return err
			}
			return done(w, d.device.Begin(a))
		}),
		postRoute(manage.PathMark, d.mark),
		commandRoute(manage.PathConfirm, func(w http.ResponseWriter, _ *http.Request) error {
			p, err := d.device.Cast()
			return reply(w, manage.Paper{PNG: p.PNG, SVG: p.SVG}, err)
		}),
		commandRoute(manage.PathSpoil, func(w http.ResponseWriter, _ *http.Request) error {
			b, err := d.device.Challenge()
			return reply(w, b, err)
		}),
		commandRoute(manage.PathCancel, func(w http.ResponseWriter, _ *http.Request) error {
			c, err := d.device.Cancel()
			return reply(w, c, err)
		}),
		getRoute(manage.PathDue, func(w http.ResponseWriter, _ *http.Request) error {
			sequence, used, err := d.device.Due()
			return reply(w, manage.Due{Device: d.id, Sequence: sequence, Used: used}, err)
		}),
		web.Route{Method: http.MethodPost, Path: manage.PathExport, Takes: web.TypeJSON, Limit: manage.MaxImport, Handle: d.export},
		postRoute(manage.PathExportAgain, d.exportAgain),
	)
}

func (d *deviceRole) status(context.Context) (manage.Status, error) {
	s := d.device.Status()
	return manage.Status{Fault: s.Fault, Fingerprint: s.Fingerprint, ID: d.id, Phase: message.Phase(s.Phase),
		Planted: []string{}, Role: message.RoleDevice, Size: s.Ballots + s.Challenged}, nil
}

func (d *deviceRole) screen() manage.Device {
	s := d.device.Status()
	return manage.Device{
		Ballots: s.Ballots, Busy: s.Busy, Cancelled: s.Cancelled, Challenged: s.Challenged, Code: s.Code, Fault: s.Fault,
		Fingerprint: s.Fingerprint, ID: d.id, Key: s.Key, LogHead: s.LogHead, Packs: s.Packs, Phase: string(s.Phase),
	}
}

func (d *deviceRole) install(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Install](r, codec.Limits{Size: manage.MaxImport})
	if err != nil {
		return err
	}
	err = d.device.Install(q.Archive)
	return reply(w, d.screen(), err)
}

func (d *deviceRole) mark(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Mark](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := d.device.Encrypt(voter.Choices(q.Choices))
	return reply(w, manage.Shown{Code: s.Code, Sequence: s.Sequence, Tracker: s.Tracker}, err)
}

func (d *deviceRole) export(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[message.CheckIns](r, codec.Limits{Size: manage.MaxImport, Items: 1 << 16})
	if err != nil {
		return err
	}
	archive, err := d.device.Export(q)
	if err == nil {
		err = d.carry(d.device.Status().Packs, archive)
	}
	return reply(w, manage.Exported{Archive: archive}, err)
}

// exportAgain writes a pack once more: a medium was lost.
func (d *deviceRole) exportAgain(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Which](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	archive, err := d.device.Pack(q.Sequence)
	if err == nil {
		err = d.carry(q.Sequence, archive)
	}
	return reply(w, manage.Exported{Archive: archive}, err)
}

// carry writes a pack to every medium and reads it back. One medium is enough:
// which one failed is said, and nothing is lost.
func (d *deviceRole) carry(sequence uint64, archive []byte) error {
	var errs []error
	for _, dir := range d.media {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.zip", d.id, sequence))
		err := renameio.WriteFile(path, archive, 0o644)
		if err == nil {
			var read []byte
			if read, err = os.ReadFile(path); err == nil && !bytes.Equal(read, archive) {
				err = fmt.Errorf("%s reads back otherwise than it was written", path)
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(d.media) > 0 && len(errs) == len(d.media) {
		return web.Errorf(http.StatusInsufficientStorage, "no-medium", "%v", errors.Join(errs...))
	}
	return nil
}

// reply answers with v, or with the refusal that err stands for.
func reply(w http.ResponseWriter, v any, err error) error {
	if err != nil {
		return atPlace(err)
	}
	return web.Reply(w, http.StatusOK, v)
}

func done(w http.ResponseWriter, err error) error {
	if err != nil {
		return atPlace(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// atPlace gives the errors of devices and poll books their codes.
func atPlace(err error) error {
	for _, known := range placeCodes {
		if errors.Is(err, known.err) {
			return web.Errorf(known.status, known.code, "%v", err)
		}
	}
	return err
}
