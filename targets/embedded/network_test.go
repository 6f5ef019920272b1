package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"scrutineer/targets"
	"scrutineer/targets/embedded"
)

// from dials from an address of the loopback.
func from(address string) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
}

// In the field one address has 64 connections, and what it sends without anybody
// vouching for it is turned away before any proof is looked at. The others vote
// meanwhile.
func TestInTheFieldLimitsHold(t *testing.T) {
	ctx := t.Context()
	d := definition(t, "1")
	d.Field = &targets.Field{CPU: 500}
	if _, err := embedded.New(embedded.Config{Dir: t.TempDir()}).Open(ctx, d); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("without a network: %v", err)
	}
	e, err := open(ctx, embedded.New(embedded.Config{Dir: t.TempDir(), Network: true}), d)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	at := e.(targets.Networked).Address()

	var held []net.Conn
	for range 80 {
		c, err := from("127.0.0.2").DialContext(ctx, "tcp", at)
		if err != nil {
			t.Skipf("127.0.0.2 is no address here: %v", err)
		}
		defer c.Close()
		held = append(held, c)
	}
	cut := 0
	for _, c := range held {
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || err != nil && strings.Contains(err.Error(), "reset") {
			cut++
		}
	}
	if cut < 80-64 {
		t.Errorf("%d of 80 connections were cut, want 16", cut)
	}

	client := func(source string) *http.Client {
		tr := &http.Transport{DialContext: from(source).DialContext}
		t.Cleanup(tr.CloseIdleConnections)
		return &http.Client{Transport: tr}
	}
	ask := func(c *http.Client, path string, body []byte) (int, string) {
		t.Helper()
		method := http.MethodGet
		if body != nil {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, "http://"+at+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if body == nil {
			r.Body, r.ContentLength = nil, 0
		}
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	junk, turned := client("127.0.0.3"), 0
	large := append(append([]byte(`{"ballot":"`), bytes.Repeat([]byte("a"), 200<<10)...), `"}`...)
	for range 100 {
		if status, _ := ask(junk, "/v1/ballots", large); status == http.StatusTooManyRequests {
			turned++
		}
	}
	if turned < 50 {
		t.Errorf("%d of 100 large bodies were turned away", turned)
	}
	_, metrics := ask(client("127.0.0.4"), "/metrics", nil)
	if !strings.Contains(metrics, "scrutineer_ballots_checked_total 0\n") {
		t.Error("proofs were looked at")
	}
	if err := vote(ctx, e, "voter-1", "yes"); err != nil {
		t.Error(err)
	}
}
