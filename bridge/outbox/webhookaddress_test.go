package outbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
)

// TestAddressIsNoText: what an administrator wrote into the address, a key perhaps, is in no error.
func TestAddressIsNoText(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	w := hook(t, o.clock, "http://127.0.0.1:1/nhan?token=rat-kin")
	_, err := o.deliverer(w, o.store).Drain(t.Context())
	_, failure := w.Deliver(t.Context(), bridge.Dispatch{}, nil)
	for _, text := range []string{fmt.Sprint(err), fmt.Sprint(failure), o.one().Reply} {
		if strings.Contains(text, "rat-kin") {
			t.Errorf("the address stands in %q", text)
		}
	}
	if failure == nil {
		t.Error("delivered to nobody")
	}
}
