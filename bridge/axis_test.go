package bridge_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

func TestAxisErrorTellsWhatToDo(t *testing.T) {
	final := bridge.NewAxisError("sendEdoc", 200, "18", "đơn vị nhận\nkhông tồn tại", bridge.ErrFail, true)
	if !errors.Is(final, bridge.ErrPermanent) || !errors.Is(final, bridge.ErrFail) || errors.Is(final, bridge.ErrUntouched) {
		t.Errorf("%v is not taken for final", final)
	}
	if want := `axis call sendEdoc: code "18": "đơn vị nhận không tồn tại": axis reports a failure`; final.Error() != want {
		t.Errorf("said %s, want %s", final, want)
	}
	later := bridge.NewAxisError("sendEdoc", 502, "", "<html>bad gateway", io.ErrUnexpectedEOF, false)
	if errors.Is(later, bridge.ErrPermanent) || !errors.Is(later, io.ErrUnexpectedEOF) {
		t.Errorf("%v is taken for final, or lost its cause", later)
	}
}

func TestAxisTextIsOneBoundedLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\r\n\tc":           "a b c",
		"x\xffy":                  "x\uFFFDy",
		"a\u202eb\u2066c":         "a b c",
		strings.Repeat("ệ", 4000): strings.Repeat("ệ", 299) + "…",
	} {
		if got := bridge.AxisText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestOriginsOfOnePackageDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range []string{
		bridge.OriginAxis("vxp", edxml.KindEdoc, "1", "a"), bridge.OriginAxis("vxp", edxml.KindEdoc, "1", "b"), bridge.OriginAxis("vxp", edxml.KindStatus, "1", "a"),
		bridge.OriginAxis("lgsp", edxml.KindEdoc, "1", "a"), bridge.OriginAxis("vxp", edxml.KindEdoc, "2", "a"), bridge.OriginDrop("vxp", bridge.Digest{1}, "a"),
		bridge.OriginDrop("vxp", bridge.Digest{1}, "b"), bridge.OriginImport("a", bridge.Digest{1}),
	} {
		if seen[o] {
			t.Errorf("%s names two deliveries", o)
		}
		seen[o] = true
	}
}
