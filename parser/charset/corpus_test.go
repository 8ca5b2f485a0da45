package charset

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// sentences as official letters have them; people, agencies and matters are invented.
var sentences = strings.Split(strings.TrimSpace(`
Cộng hòa xã hội chủ nghĩa Việt Nam
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Kính gửi: Ủy ban nhân dân tỉnh Quảng Trị
Về việc tăng cường công tác phòng cháy, chữa cháy rừng trong mùa khô năm 2019
Báo cáo tình hình thực hiện nhiệm vụ quý I và phương hướng, nhiệm vụ quý II
Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015
Sở Nội vụ đề nghị các sở, ban, ngành gửi báo cáo trước ngày 25 hằng tháng
Quyết định phê duyệt dự toán kinh phí sửa chữa trụ sở làm việc
Giấy mời họp giao ban công tác cải cách hành chính
Thông báo kết luận của Phó Chủ tịch thường trực tại buổi làm việc với huyện Hướng Hóa
Công văn số 123/UBND-VX về việc chuyển đổi số
Danh sách cán bộ, công chức, viên chức đăng ký dự lớp bồi dưỡng nghiệp vụ văn thư, lưu trữ
Yêu cầu các đơn vị khẩn trương rà soát, thống kê số liệu thiệt hại do bão số 5 gây ra
Hướng dẫn sử dụng phần mềm quản lý văn bản và hồ sơ công việc
Ban Tổ chức trân trọng kính mời đồng chí đến dự lễ khai giảng năm học mới
Kế hoạch kiểm tra việc chấp hành kỷ luật, kỷ cương hành chính tại các xã, thị trấn
Tờ trình xin chủ trương đầu tư xây dựng cầu dân sinh vượt sông Thạch Hãn
Người ký: Nguyễn Văn Dũng, Trưởng phòng Tài chính - Kế hoạch
Nơi nhận: như trên; lưu văn thư, tổng hợp
Đề nghị Ủy ban Mặt trận Tổ quốc phối hợp tuyên truyền, vận động nhân dân giữ gìn vệ sinh môi trường
Phúc đáp công văn của Trung tâm Y tế dự phòng về phòng, chống dịch bệnh truyền nhiễm
Biên bản bàn giao tài sản, trang thiết bị phục vụ công tác tiếp công dân
Chỉ thị về việc nâng cao chất lượng tham mưu, giải quyết khiếu nại, tố cáo
Lịch tiếp công dân của lãnh đạo tỉnh tháng mười một
Quy chế làm việc của Hội đồng thẩm định giá đất
Phiếu chuyển đơn đến cơ quan có thẩm quyền giải quyết
Xin ý kiến góp ý dự thảo nghị quyết về mức thu học phí
Thực hiện chỉ đạo của Thủ tướng Chính phủ tại cuộc họp ngày mồng chín
Bà Trần Thị Hường, chuyên viên Văn phòng, điện thoại nội bộ hai trăm linh bảy
Đường dây nóng tiếp nhận phản ánh, kiến nghị của người dân và doanh nghiệp
Tổ công tác sẽ làm việc trực tiếp với từng địa phương để tháo gỡ khó khăn, vướng mắc
Nhằm đẩy mạnh sản xuất vụ hè thu, bảo đảm nguồn nước tưới cho cây trồng
Mức hỗ trợ mỗi hộ nghèo không quá ba triệu đồng
Kết quả kiểm phiếu được niêm yết công khai tại trụ sở
Thẻ căn cước, giấy khai sinh và sổ hộ khẩu bản sao có chứng thực
Các cơ sở giáo dục nghỉ học từ chiều thứ sáu đến hết chủ nhật
Khuyến cáo bà con ngư dân không ra khơi khi biển động
Đoàn kiểm tra liên ngành xử phạt mười hai cơ sở kinh doanh vi phạm
Kỷ niệm bảy mươi năm ngày thành lập lực lượng thanh niên xung phong
SỞ KẾ HOẠCH VÀ ĐẦU TƯ TỈNH QUẢNG TRỊ
THÔNG BÁO VỀ VIỆC TỔ CHỨC HỘI NGHỊ
Viện Kiểm sát nhân dân huyện Gio Linh trả lời đơn của ông Hồ Văn Khướt
Ghi chú: tệp đính kèm gồm phụ lục và biểu mẫu
Trạm Thủy lợi báo cáo mực nước hồ chứa lúc bảy giờ sáng
Hồ sơ gồm đơn, sơ yếu lý lịch và bằng tốt nghiệp
Thư ngỏ gửi đồng bào các dân tộc thiểu số
Nghiệm thu, thanh lý hợp đồng tư vấn giám sát thi công
Rất mong nhận được sự quan tâm, giúp đỡ của quý cơ quan
Trả lời kiến nghị cử tri sau kỳ họp thứ mười
`), "\n")

// foreign texts must come out as they went in.
var foreign = strings.Split(strings.TrimSpace(`
café
Müller
Zürich
Résumé à jour
Déjà vu
Monsieur Hélène Lefèvre
Été à la plage, très chaud
Veuillez trouver ci-joint le procès-verbal de la réunion du 3 février à Genève
L'élève a été reçu à l'école où il était né
Société Générale de Surveillance - numéro spécial
Une pièce jointe a été supprimée
Ça va très bien, merca à tous
Grüße aus München
Für die Übersetzung müssen Sie größere Änderungen bestätigen
Schöne Grüße, Jörg Köhler
Über öffentliche Straßen führt der Weg nach Österreich
Straße, Größe, Käse und Brötchen
Señor Peña, mañana por la mañana
¿Dónde está la reunión? ¡Aquí!
El niño comió piñas en el corazón de España
Información de la Administración pública según la resolución número doce
São Paulo é a maior cidade; não há dúvida, coração
Informação e educação em Moçambique
Å gå på skøyter er gøy, så må vi også få låne båten
Malmö och Göteborg är två städer på västkusten
Jag är från Sverige och går på långa promenader
København får nye cykelstier på Nørrebro
Hyvää päivää, käyttäjä löytää työpöydän
Naïve coöperation of the façade
Thế Grüne señor`+"\n"+`
Le garçon mangeait une crêpe au château près de l'hôtel
25 °C ± 2, 10 µm, § 5 Abs. 2, 3½ m², © 2019
« Bonjour » dit-elle
Perché no? È così, più o meno, città e università
Sjömän och ängar
Ærø Ø Ås
Björk Guðmundsdóttir
Raúl Núñez, José Martínez y Andrés Ibáñez
Crème brûlée
Noël
naïf
Ångström
`), "\n")

// czech and other text of letters beyond Latin-1, which only UTF-8 can carry here.
var beyondLatin = []string{
	"Příliš žluťoučký kůň úpěl ďábelské ódy", "Zażółć gęślą jaźń", "Árvíztűrő tükörfúrógép", "Ștefan și Țara", "Žižkov, Plzeň a Brno",
	"Привет, мир", "你好，世界", "Ñandú – “quoted” … €100",
}

var english = []string{
	"Don't you think it's what they're asking? Isn't it?", "Is a^2 + b^2 = c^2? See e^x and o^n (a'la carte).", "regex ^[a-z]+$ ^foo^ bar^",
	"He said 'no'. Did she? I can't recall; the dogs' owner didn't.", "Please add a dd command: dd if=/dev/zero of=/tmp/x; cd ..; ls ~/a",
	"x^a^e^o (a^o) u^ e^ 'quoted' a? o? i? u? e? y?", "The quick (brown) fox jumps over the lazy dog. Why? Because!",
}

// encoder writes NFC Vietnamese in one charset; capitals with a tone are small letters in TCVN3, as its fonts have them.
type encoder struct {
	name  string
	bytes map[rune]string
}

func encoders() []encoder {
	var list []encoder
	for i := range codecs {
		c := &codecs[i]
		e := encoder{c.name, map[rune]string{}}
		for a := range 256 {
			one := []byte{byte(a)}
			if r := c.runes(nil, one); len(r) == 1 && e.bytes[r[0]] == "" {
				e.bytes[r[0]] = string(one)
			}
		}
		for a := range 256 {
			for b := 0x80; b < 256; b++ {
				pair := []byte{byte(a), byte(b)}
				if r := c.runes(nil, pair); len(r) == 1 && e.bytes[r[0]] == "" && (c.table != nil || unicode.IsUpper(r[0]) == unicode.IsUpper(rune(b))) {
					e.bytes[r[0]] = string(pair)
				}
			}
		}
		if c.shared {
			for _, r := range small {
				if u := upperOf(r); r >= 0x80 && letterOf(r).tone != level {
					e.bytes[u] = e.bytes[r]
				}
			}
		}
		list = append(list, e)
	}
	viqr := encoder{nameVIQR, map[rune]string{}}
	for r := range rune(0x80) {
		viqr.bytes[r] = string(r)
	}
	for _, r := range small + strings.ToUpper(small) {
		l := letterOf(r)
		base := string(plainOf(l.base))
		if l.upper {
			base = strings.ToUpper(base)
		}
		viqr.bytes[r] = base + map[byte]string{'W': "(", 'A': "^", 'E': "^", 'O': "^", 'P': "+", 'U': "+"}[l.base] +
			[]string{"", "`", "?", "~", "'", "."}[l.tone]
	}
	viqr.bytes['đ'], viqr.bytes['Đ'] = "dd", "DD"
	return append(list, viqr)
}

func (e encoder) encode(t testing.TB, s string) []byte {
	t.Helper()
	b, ok := e.tryEncode(norm.NFC.String(s))
	if !ok {
		t.Fatalf("%s cannot write %q", e.name, s)
	}
	return b
}

// tryEncode reports false for text that the charset cannot write.
func (e encoder) tryEncode(s string) ([]byte, bool) {
	var out []byte
	for _, r := range s {
		b, ok := e.bytes[r]
		if !ok {
			return nil, false
		}
		out = append(out, b...)
	}
	return out, true
}

// letters are all 134 of the alphabet beyond ASCII.
func letters() []rune {
	var out []rune
	for _, r := range small + "đ" {
		if r >= 0x80 {
			out = append(out, r, upperOf(r))
		}
	}
	return out
}

func TestEveryLetter(t *testing.T) {
	if n := len(letters()); n != 134 {
		t.Fatalf("%d letters", n)
	}
	for _, e := range encoders() {
		for _, r := range letters() {
			b := e.encode(t, string(r))
			got := Read(e.name, b, "")
			want := string(r)
			if e.name == nameTCVN3 {
				got.Text = strings.ToLower(got.Text)
				want = strings.ToLower(want)
			}
			if e.name == nameVIQR && (r == 'Đ' || r == 'đ') {
				continue // checked in words
			}
			if c := codecNamed(e.name); c != nil && (!strings.EqualFold(c.decode(b), want) || e.name != nameTCVN3 && c.decode(b) != want) {
				t.Errorf("%s: % x is %q, want %q", e.name, b, c.decode(b), want)
			} else if c == nil && got.Text != want {
				t.Errorf("%s: %q is %q, want %q", e.name, b, got.Text, want)
			}
		}
	}
}

func TestWholeSentences(t *testing.T) {
	for _, e := range encoders() {
		for _, s := range sentences {
			got := Read(e.name, e.encode(t, s), "")
			if e.name == nameTCVN3 {
				got.Text, s = strings.ToLower(got.Text), strings.ToLower(s)
			}
			if got.Text != s && strings.EqualFold(got.Text, s) && e.name == nameTCVN {
				continue
			}
			if got.Text != s || !got.AsLabelled {
				t.Errorf("%s: %+v, want %q", e.name, got, s)
			}
		}
	}
}
