package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// channelInWords names the ways by which documents come.
var channelInWords = map[bridge.Channel]string{bridge.Email: "thư điện tử", bridge.Paper: "văn bản giấy", bridge.System: "trục liên thông"}

// relationInWords says what ties two documents.
var relationInWords = map[string]string{"recalls": "thu hồi", "corrects": "đính chính", "replaces": "thay thế", "updates": "cập nhật", "recalled-by": "được đề nghị thu hồi bởi",
	"corrected-by": "được đính chính bởi", "replaced-by": "được thay thế bởi", "updated-by": "được cập nhật bởi"}

// effectInWords says what a status did to what was known.
var effectInWords = map[edxml.Effect]string{edxml.Advanced: "ghi nhận", edxml.Repeated: "lặp lại", edxml.Late: "đến muộn, không đổi trạng thái",
	edxml.Contrary: "trái với trạng thái đã báo, cần xem", edxml.Unheard: "mã không có trong danh mục, cần xem"}

// printTies shows by which ways a record came, what it is known by, and what ties it to others.
func printTies(w io.Writer, r store.StandingRecord) {
	var ways []string
	for _, c := range r.Channels {
		ways = append(ways, inWords(channelInWords, c))
	}
	if len(ways) > 1 || len(ways) == 1 && r.Channels[0] != bridge.Email {
		fmt.Fprintf(w, "  đến qua\t%s\n", strings.Join(ways, ", "))
	}
	for _, k := range r.Keys {
		fmt.Fprintf(w, "  khoá trùng\t%s\n", keyInWords(k))
	}
	for _, rel := range r.Relations {
		entry := "chưa có trong sổ"
		if rel.Record != "" {
			entry = "hồ sơ " + rel.Record + ", số đến " + dash(rel.SoDen) + ", " + string(rel.State)
		}
		fmt.Fprintf(w, "  liên quan\t%s\t%s\t%s\n", inWords(relationInWords, rel.Kind), dash(rel.SoHieu), entry)
	}
	for _, s := range r.Statuses {
		fmt.Fprintf(w, "  trạng thái\t%s %s\t%s\t%s\t%s\t%s\n", s.Code, s.Code.Words(), s.Organ, vnTime(s.TakenAt), inWords(effectInWords, s.Effect), s.Words)
	}
}

// keyInWords says what a record is known by.
func keyInWords(key string) string {
	if mapping.IsCodeKey(key) {
		organ, id, _ := strings.Cut(strings.TrimPrefix(key, "edxml|"), "|")
		return "mã văn bản " + id + " của đơn vị " + organ
	}
	parts := strings.Split(key, "|")
	if len(parts) != 4 {
		return key
	}
	return "số " + parts[0] + ", ký hiệu " + dash(parts[1]) + ", đơn vị " + parts[2] + ", năm " + parts[3]
}
