package container

import (
	"net/http"
	"testing"
)

// newRequest asks once, and returns the status.
func newRequest(t *testing.T, way http.RoundTripper, url string) (int, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(patient(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := way.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}
