package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// A slip of any words is drawn, the same each time; an address that no code can hold is an error, not a slip without its code.
func TestWriteSlip(t *testing.T) {
	s := Slip{Name: "Phiếu trả lại GL-1", Head: []string{"UBND TỈNH", "VĂN PHÒNG"}, Dated: "Quảng Trị, ngày 20 tháng 11 năm 2026", Title: "PHIẾU TRẢ LẠI", Check: "https://tracuu.example.vn/?ma=GL-1",
		Lines: []string{"1. Thư đã nhận", "- " + strings.Repeat("dài ", 100), "", strings.Repeat("x", 500), "\U0001f600\u202e"}, Made: time.Unix(1800000000, 0)}
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := WriteSlip(w, s); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) || !bytes.HasPrefix(a.Bytes(), []byte("%PDF-")) {
		t.Errorf("%d and %d bytes differ, or are no PDF", a.Len(), b.Len())
	}
	pages := func(s Slip) int {
		var b bytes.Buffer
		if err := WriteSlip(&b, s); err != nil {
			t.Fatal(err)
		}
		return bytes.Count(b.Bytes(), []byte("/Type /Page\n"))
	}
	one := pages(s)
	for range 100 {
		s.Lines = append(s.Lines, "một dòng nữa")
	}
	if many := pages(s); one != 1 || many < 3 {
		t.Errorf("%d page, and %d with 100 lines more", one, many)
	}
	s.Check = strings.Repeat("x", 5000)
	if err := WriteSlip(io.Discard, s); err == nil {
		t.Error("a code of 5000 letters was drawn")
	}
}

// Several loops draw slips at once, out of the same fonts.
func TestSlipsSideBySide(t *testing.T) {
	s := Slip{Name: "x", Head: []string{"VĂN PHÒNG"}, Title: "PHIẾU TRẢ LẠI", Lines: []string{"Ừ thì cũng được", "- Ồ"}, Check: "https://tracuu.example.vn/?ma=GL-1", Made: time.Unix(1800000000, 0)}
	var want bytes.Buffer
	if err := WriteSlip(&want, s); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	got := make([]bytes.Buffer, 4)
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() {
			for range 3 {
				got[i].Reset()
				errs[i] = errors.Join(errs[i], WriteSlip(&got[i], s))
			}
		})
	}
	all.Wait()
	for i := range got {
		if errs[i] != nil || !bytes.Equal(got[i].Bytes(), want.Bytes()) {
			t.Errorf("drawer %d drew something else (%v)", i, errs[i])
		}
	}
}
