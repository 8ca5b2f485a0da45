package mapping

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestInstantsOfSignatures: what is not known is written as "", and everything comes back as it was.
func TestInstantsOfSignatures(t *testing.T) {
	at := time.Date(2026, 5, 3, 2, 0, 0, 0, time.UTC)
	for _, s := range []FileSignature{
		{Signers: []Signer{}},
		{State: "valid", Judged: at, Signers: []Signer{{Name: "Nguyễn Văn An", At: at, Unchecked: []string{"revocation"}}, {Stamp: true, Unchecked: []string{}}}},
	} {
		b, err := json.Marshal(s)
		if err != nil || strings.Contains(string(b), "0001") {
			t.Fatalf("%s, %v", b, err)
		}
		var again FileSignature
		if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(s, again) {
			t.Errorf("%s comes back as %+v, %v", b, again, err)
		}
	}
}
