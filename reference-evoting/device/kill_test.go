package device_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/device"
)

// asDevice makes the test binary a device whose folder it names.
const asDevice = "DEVICE_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asDevice); dir != "" {
		if err := serve(dir, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve takes an activation a line and casts a ballot for it; it says what a
// voter would see.
func serve(dir string, in io.Reader, out io.Writer) error {
	store, err := device.OpenFolder(dir)
	if err != nil {
		return err
	}
	d, err := device.Open((&hall{}).config(store))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	for lines := bufio.NewScanner(in); lines.Scan(); {
		a, err := codec.Decode[message.Activation](lines.Bytes(), codec.Limits{})
		if err != nil {
			return err
		}
		err = d.Begin(a)
		if errors.Is(err, device.ErrActivation) {
			fmt.Fprintln(out, "used")
			continue
		}
		if err != nil {
			return err
		}
		s, err := d.Encrypt(yes)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "shown")
		if _, err := d.Cast(); err != nil {
			return err
		}
		fmt.Fprintln(out, "cast", s.Code)
	}
	return nil
}

// A device that is killed at any moment has every ballot that it confirmed,
// once, and goes on with the voter who stood before it.
func TestKilledDeviceLosesNoConfirmedBallot(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills processes for some seconds")
	}
	h, dir := newHall(t), t.TempDir()
	store, err := device.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	h.opened(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	confirmed := map[string]bool{}
	landed := 0
	var open *message.Activation // whose outcome is not known
	for range 25 {
		open = h.killed(t, dir, random, open, confirmed, &landed)
	}
	if len(confirmed) == 0 {
		t.Fatal("no ballot was confirmed")
	}
	store, err = device.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := h.start(store)
	if open != nil { // the last voter decides
		switch err := d.Begin(*open); {
		case errors.Is(err, device.ErrActivation):
			landed++
		case err != nil:
			t.Fatal(err)
		default:
			if _, err := d.Cancel(); err != nil {
				t.Fatal(err)
			}
		}
	}
	archive, err := d.Export(h.checkIns(d))
	if err != nil {
		t.Fatal(err)
	}
	p, ballots, _ := read(t, archive)
	acknowledged := len(confirmed)
	for _, b := range ballots {
		delete(confirmed, b.Ballot.Code.String())
	}
	t.Logf("%d ballots, %d of them confirmed to nobody", p.Ballots, landed)
	if len(confirmed) > 0 {
		t.Errorf("%d confirmed ballots are lost", len(confirmed))
	}
	if int(p.Ballots) != acknowledged+landed {
		t.Errorf("%d ballots of %d voters who cast", p.Ballots, acknowledged+landed)
	}
}

// killed runs a device, sends it voters, and kills it somewhere on the way. It
// returns the voter of whom nobody knows what became.
func (h *hall) killed(t *testing.T, dir string, random *rand.Rand, open *message.Activation, confirmed map[string]bool, landed *int) *message.Activation {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), asDevice+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	// So many lines are heard; then it has a moment to go on in.
	last, moment := 1+random.IntN(9), time.Duration(random.IntN(8_000))*time.Microsecond
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n++; n == last {
			time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
		}
		word, code, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "shown":
			continue
		case "cast":
			confirmed[code], open = true, nil
		case "used":
			*landed++
			open = nil
		}
		if open == nil {
			a := h.activation()
			open = &a
		}
		raw, err := codec.Encode(*open)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write(append(raw, '\n')); err != nil {
			break // it is dead; what is left to read says how far it came
		}
	}
	return open
}
