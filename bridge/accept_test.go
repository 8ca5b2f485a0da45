package bridge

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// blob is a sealed message that counts what becomes of it.
type blob struct{ discarded int }

func (*blob) Raw() Digest     { return Digest{1} }
func (*blob) Content() Digest { return Digest{2} }
func (*blob) Size() int64     { return 1 }
func (b *blob) Discard()      { b.discarded++ }

// steps writes down the order of effects, and fails where it is told to.
type steps struct {
	done []string
	fail string
}

var errAsked = errors.New("as asked")

func (s *steps) do(name string) error {
	s.done = append(s.done, name)
	if s.fail == name {
		return errAsked
	}
	return nil
}

type stepArchive struct{ *steps }

func (stepArchive) Begin() Intake { panic("not used") }
func (stepArchive) Open(context.Context, Digest, string) (Raw, error) {
	panic("not used")
}
func (a stepArchive) Append(_ context.Context, in []Sealed) ([]string, error) {
	return make([]string, len(in)), a.do("append")
}

type stepReceipts struct{ *steps }

func (r stepReceipts) PutReceipts(_ context.Context, _ Fence, in []Stored) ([]Put, error) {
	return make([]Put, len(in)), r.do("receipts")
}

// Raw bytes first, then the receipt, then the word that there is work; what failed is not taken for done, and the bytes are kept for
// another try (invariant 1).
func TestAcceptOrder(t *testing.T) {
	for fail, want := range map[string][]string{"": {"append", "receipts", "accepted"}, "append": {"append"}, "receipts": {"append", "receipts"}} {
		s := &steps{fail: fail}
		b := &blob{}
		d := &Door{Archive: stepArchive{s}, Receipts: stepReceipts{s}, Meter: NoMeter{}, Accepted: func() { s.done = append(s.done, "accepted") }}
		_, err := d.Accept(t.Context(), Fence{}, []Arrival{{Raw: b}})
		if !slices.Equal(s.done, want) {
			t.Errorf("failing %q: did %v, want %v", fail, s.done, want)
		}
		if (fail != "") != errors.Is(err, errAsked) {
			t.Errorf("failing %q: error %v", fail, err)
		}
		if kept := b.discarded == 0; kept != (fail != "") {
			t.Errorf("failing %q: the bytes were discarded %d times", fail, b.discarded)
		}
	}
}
