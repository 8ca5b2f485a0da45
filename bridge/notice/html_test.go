package notice

import (
	"strings"
	"testing"
)

// checkHTML: the page has the tags that we write and no others, and none with an attribute but the two of the head.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	for tag := range tags(page) {
		switch tag {
		case "!DOCTYPE html", `html lang="vi"`, "/html", "head", "/head", `meta charset="utf-8"`, "title", "/title", "body", "/body", "p", "/p", "strong", "/strong",
			"ul", "/ul", "li", "/li":
		default:
			t.Fatalf("the page has <%s>", tag)
		}
	}
	for _, pair := range []string{"ul", "li", "p", "strong", "title", "body", "html"} {
		if open, end := strings.Count(page, "<"+pair+">")+strings.Count(page, "<"+pair+" "), strings.Count(page, "</"+pair+">"); open != end {
			t.Fatalf("%d of <%s>, %d ends", open, pair, end)
		}
	}
}

func tags(page string) map[string]bool {
	out := map[string]bool{}
	for _, after := range strings.Split(page, "<")[1:] {
		tag, _, _ := strings.Cut(after, ">")
		out[tag] = true
	}
	return out
}

// What is wrapped for the text is whole in the page, and lists are lists.
func TestHTML(t *testing.T) {
	d := every(t)["reject"]
	r, err := Render(d, numbers(d), keys)
	if err != nil {
		t.Fatal(err)
	}
	page := leaves(t, r.Bytes)[1].body
	for _, want := range []string{"<li>Trích yếu: Báo cáo tình hình thực hiện dự toán ngân sách quý III năm 2026 trên địa bàn tỉnh</li>",
		"<p>Văn phòng UBND tỉnh không tiếp nhận văn bản nêu trên. Văn bản không được đăng ký vào sổ văn bản đến và không được coi là đã gửi đến Văn phòng UBND tỉnh.</p>",
		"<p><strong>3. Căn cứ từ chối</strong></p>", "<p><strong>THÔNG BÁO TỪ CHỐI"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in\n%s", want, page)
		}
	}
	checkHTML(t, page)
	d.Body = "<script>alert(1)</script> & \"x\"\n- <a href='x'>y</a>\n"
	if r, err = Render(d, numbers(d), keys); err != nil {
		t.Fatal(err)
	}
	checkHTML(t, leaves(t, r.Bytes)[1].body)
}
