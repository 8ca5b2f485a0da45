package report

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// sample is a book of n lines as offices have them: long subjects, decomposed letters, unused, blanked and withdrawn numbers, and one
// line that is taller than a page.
func sample(n int) []register.Entry {
	subjects := []string{"báo cáo tình hình thực hiện nhiệm vụ tháng 02 năm 2026 và phương hướng nhiệm vụ tháng 3 năm 2026",
		"mời họp triển khai Kế hoạch chuyển đổi số của các cơ quan, đơn vị trên địa bàn tỉnh; phân công chuẩn bị nội dung, địa điểm, thành phần tham dự và tài liệu phục vụ hội nghị",
		"đề nghị phối hợp cung cấp số liệu", "xin ý kiến góp ý dự thảo Quy chế tiếp nhận, xử lý, phát hành và quản lý văn bản điện tử (lần 2)"}
	offices := []string{"Sở Hải sản", "Ủy ban nhân dân xã Hải Tân", "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh", "Ban Quản lý Khu kinh tế"}
	arrived := time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC)
	entries := make([]register.Entry, n)
	for i := range entries {
		e := register.Entry{Book: register.Book{Receiver: "ubnd", Year: 2026, Kind: register.Incoming}, Number: i + 1, State: register.Registered,
			Arrived: arrived.Add(time.Duration(i) * 3 * time.Hour), Registered: arrived.Add(time.Duration(i)*3*time.Hour + time.Hour), Author: offices[i%len(offices)],
			Document: vanban.Document{So: fmt.Sprint(i + 100), KyHieu: "SHS-KHTC", SoHieu: fmt.Sprintf("%d/SHS-KHTC", i+100), Loai: "Công văn", LoaiTat: "CV", Ngay: "2026-01-04", TrichYeu: subjects[i%len(subjects)]}}
		switch i % 23 {
		case 3:
			e.Document.TrichYeu = norm.NFD.String(e.Document.TrichYeu)
			e.Directions = []register.Direction{{N: 1, Text: "Chủ trì, tham mưu UBND tỉnh", Author: "Lê Thị Bình", Handler: "Phòng Kinh tế – Ngân sách", CoHandlers: []string{"Phòng Nội chính", "Văn thư"}, Due: "2026-02-02", At: e.Registered}}
			e.Transferred, e.ReceivedBy = e.Registered, "Trần Văn Cường"
		case 7:
			e = register.Entry{Book: e.Book, Number: e.Number, State: register.Unused, Note: "bỏ qua khi phục hồi dữ liệu"}
		case 11:
			e.State, e.Document = register.Blanked, vanban.New()
		case 15:
			e.State, e.Relations = register.Withdrawn, []register.Relation{{Kind: register.RecalledBy, SoHieu: "250/SHS-KHTC"}}
		case 19:
			e.Document.DoKhan = vanban.HoaToc
			e.Ways = []register.Way{{Channel: "email", At: e.Arrived}, {Channel: "paper", At: e.Arrived.Add(48 * time.Hour)}}
		}
		entries[i] = e
	}
	return entries
}

// giant makes a line taller than a page.
func giant(e register.Entry) register.Entry {
	e.Document.TrichYeu = strings.Repeat("tổng hợp kiến nghị của cử tri các xã, phường, thị trấn trước kỳ họp thường lệ giữa năm; ", 45) + "hết"
	return e
}

func sampleCover(entries []register.Entry) register.Cover {
	c := register.CoverOf(entries)
	c.Parent, c.Agency, c.BookNumber = "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ", "VĂN PHÒNG ỦY BAN NHÂN DÂN", "01"
	return c
}

func made() time.Time { return time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC) }
