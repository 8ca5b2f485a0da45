package notice

import (
	"strings"
	"testing"
)

var keys = Keys{{ID: "k2", Secret: []byte("0123456789abcdef0123456789abcdef")}, {ID: "k1", Secret: []byte("fedcba9876543210fedcba9876543210")}}

func TestTokenRoundTrip(t *testing.T) {
	for _, id := range []string{
		"GL-2026-0000123.reject", "GL-2026-0000123.not-counted", "AL-12-3-1.alarm", "AL-7f3aC", "gl-1", "X-1.a", "Có dấu", "a..b", "GL-1.Reject",
	} {
		for _, k := range keys {
			token, err := k.token(id)
			if err != nil {
				t.Fatal(err)
			}
			if strings.ToLower(token) != token || !dotAtom(token) {
				t.Errorf("token %q does not survive lower-casing, or is no dot-atom", token)
			}
			for _, form := range []string{
				"vanthu+" + token + "@quangtri.gov.vn", "<" + token + "@quangtri.gov.vn>", strings.ToUpper(token) + "@X.VN",
				"bounce-" + token + "@x.vn", " <VanThu+" + token + "@x.vn> ", "SRS0=ab=cd=quangtri.gov.vn=vanthu+" + token + "@relay.example",
			} {
				if got, ok := Verify(keys, form); !ok || got != id {
					t.Errorf("Verify(%q) = %q, %v, want %q", form, got, ok, id)
				}
			}
		}
	}
}

func TestVerifyRefusesForgery(t *testing.T) {
	good, err := keys[0].token("GL-2026-0000123.reject")
	if err != nil {
		t.Fatal(err)
	}
	mac := good[len(good)-macChars:]
	other := "a" + mac[1:]
	if other == mac {
		other = "b" + mac[1:]
	}
	for _, s := range []string{
		"", "@", "x@y", good, "vanthu@quangtri.gov.vn", "gl-2026-0000123.reject@x.vn", "gl-2026-0000124.reject." + mac + "@x.vn",
		"gl-2026-0000123.remind." + mac + "@x.vn", "gl-2026-0000123.reject." + other + "@x.vn", "0000123.reject." + mac + "@x.vn",
		"gl-2026-0000123.reject." + mac[1:] + "@x.vn", "xgl-2026-0000123.reject." + mac + "@x.vn", "." + mac + "@x.vn",
		strings.Repeat("a", 1000) + "+" + good + "@x.vn",
	} {
		if id, ok := Verify(keys, s); ok {
			t.Errorf("Verify(%q) recognised %q", s, id)
		}
	}
	if _, ok := Verify(keys[1:], good+"@x.vn"); ok {
		t.Error("a token of a key that is no longer in use was believed")
	}
	if _, ok := Verify([]Key{{Secret: nil}}, good+"@x.vn"); ok {
		t.Error("an empty key was used")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("vanthu+gl-2026-0000123.reject.aaaaaaaaaaaaaaaa@quangtri.gov.vn")
	f.Add("<x-me.aaaaaaaaaaaaaaaa@x>")
	f.Fuzz(func(t *testing.T, s string) {
		if id, ok := Verify(keys, s); ok {
			t.Errorf("Verify(%q) recognised %q, which nobody made", s, id)
		}
	})
}

func TestCheckReturnPath(t *testing.T) {
	for pattern, ok := range map[string]bool{
		"<>": true, "vanthu+{token}@quangtri.gov.vn": true, "vanthu@quangtri.gov.vn": false, "": false, "{token}": false,
		"a@{token}.vn": false, "{token}+{token}@x.vn": false, "a b+{token}@x.vn": false,
		"van.thu.van.phong.uy.ban+{token}@quangtri.gov.vn": false, "{token}@x.vn\r\nRCPT TO:<a@b>": false,
	} {
		if err := CheckReturnPath(pattern); (err == nil) != ok {
			t.Errorf("CheckReturnPath(%q) = %v", pattern, err)
		}
	}
}
