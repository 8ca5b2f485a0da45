package vanban

import "testing"

// Bytes of TCVN3 and VNI, as programs show them that take them for Western letters.
var oldSecret = map[string]Secrecy{
	"MËT": Mat, "TèI MËT": ToiMat, "Tèi mËt": ToiMat, "TUYÖT MËT": TuyetMat, "MAÄT": Mat, "TOÁI MAÄT": ToiMat, "TUYEÄT MAÄT": TuyetMat,
}

var oldUrgent = map[string]Urgency{
	"KHÈN": Khan, "TH¦îNG KHÈN": ThuongKhan, "Th\u00adîng khÈn": ThuongKhan, "HáA TèC": HoaToc, "HO¶ TèC": HoaToc,
	"KHAÅN": Khan, "THÖÔÏNG KHAÅN": ThuongKhan, "HOÛA TOÁC": HoaToc, "HOAÛ TOÁC": HoaToc, "Hoûa toác": HoaToc,
}

func TestMarksInOldLetters(t *testing.T) {
	for mark, want := range oldSecret {
		for _, name := range []string{"[" + mark + "] 12/BC-CAT", mark + ": b¸o c¸o", "12-BC-CAT (" + mark + ").pdf", "[" + mark + "] Báo cáo tháng 5 của xã"} {
			if got, evidence := SecretInName(name); got != want || evidence == "" {
				t.Errorf("name %q: %q (%q), want %q", name, got, evidence, want)
			}
			if d := ReadSubject(name); d.DoMat != want {
				t.Errorf("subject %q: %q, want %q", name, d.DoMat, want)
			}
		}
		text := "C¤NG AN TØNH\nSè: 12/BC-CAT\n" + mark + "\n"
		if got, _ := SecretMark(text); got != want {
			t.Errorf("text with %q: %q, want %q", mark, got, want)
		}
		if d := ReadText(text); d.DoMat != want {
			t.Errorf("ReadText with %q: %q, want %q", mark, d.DoMat, want)
		}
	}
	for mark, want := range oldUrgent {
		if got, _ := UrgencyInName("[" + mark + "] 10/C§-UBND"); got != want {
			t.Errorf("name with %q: %q, want %q", mark, got, want)
		}
		if got, _ := UrgencyMark("UBND TØNH\n" + mark + "\n"); got != want {
			t.Errorf("text with %q: %q, want %q", mark, got, want)
		}
		if d := ReadFileName("10-CD-UBND (" + mark + ").pdf"); d.DoKhan != want {
			t.Errorf("file with %q: %q, want %q", mark, d.DoKhan, want)
		}
	}
}

func TestNoMarksInOldLetters(t *testing.T) {
	for _, s := range []string{
		"T¨ng c\u00adêng b¶o mËt th«ng tin", "QUY CHÕ B¶O MËT", "b¶o vÖ bÝ mËt nhµ n\u00adíc", "MËT KHÈU HÖ THèNG", "®Ò nghÞ khÈn tr\u00ad¬ng", "t×nh tr¹ng khÈn cÊp", // TCVN3
		"taêng cöôøng baûo maät thoâng tin", "baûo veä bí maät nhaø nöôùc", "ñeà nghò khaån tröông", // VNI
		"La crèche de Noël", "Citroën", "MËTRO", "thèc", "chỗ toác hoác", "Mặt trận", "mất", "",
	} {
		if got, evidence := SecretInName(s); got != "" {
			t.Errorf("%q: %q from %q", s, got, evidence)
		}
		if got, evidence := UrgencyInName(s); got != "" {
			t.Errorf("%q: %q from %q", s, got, evidence)
		}
		if got, evidence := SecretMark("Kính gửi\n" + s + "\n"); got != "" {
			t.Errorf("text %q: %q from %q", s, got, evidence)
		}
	}
	if s := "Báo cáo kết quả công tác bảo mật; crèche"; modern(s) != s {
		t.Errorf("%q became %q", s, modern(s))
	}
}
