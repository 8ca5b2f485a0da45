package notice

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// htmlText shows a text as simple HTML: paragraphs, lists and headings, nothing that a mail program would fetch, run or make a link of ours.
// Every word is escaped, so what a mail says stays words.
func htmlText(title, text string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\"><title>" + html.EscapeString(title) + "</title></head>\n<body>\n")
	inList := false
	for _, line := range unwrap(text) {
		item, isItem := strings.CutPrefix(line, "- ")
		if isItem != inList {
			b.WriteString(map[bool]string{true: "<ul>\n", false: "</ul>\n"}[isItem])
			inList = isItem
		}
		switch words := html.EscapeString(item); {
		case line == "":
		case isItem:
			b.WriteString("<li>" + words + "</li>\n")
		case heading(line):
			b.WriteString("<p><strong>" + words + "</strong></p>\n")
		default:
			b.WriteString("<p>" + words + "</p>\n")
		}
	}
	if inList {
		b.WriteString("</ul>\n")
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

// unwrap undoes wrap: a line belongs to the one before it when its first word had no room there. A list's lines hang.
func unwrap(text string) []string {
	var out []string
	width := 0 // of the line before, as it stands in the text
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		words := strings.TrimSpace(line)
		first, _, _ := strings.Cut(words, " ")
		full := width > 0 && width+1+utf8.RuneCountInString(first) > columns
		if len(out) > 0 && words != "" && out[len(out)-1] != "" && (full && !strings.HasPrefix(words, "- ") || strings.HasPrefix(line, "  ")) {
			out[len(out)-1] += " " + words
		} else {
			out = append(out, words)
		}
		width = utf8.RuneCountInString(line)
	}
	return out
}

// heading says whether a line is in capitals, or begins with a number and a dot and is short.
func heading(line string) bool {
	if strings.ToUpper(line) == line && strings.ContainsFunc(line, unicode.IsLetter) {
		return true
	}
	number, rest, ok := strings.Cut(line, ". ")
	return ok && number != "" && strings.Trim(number, "0123456789") == "" && utf8.RuneCountInString(rest) < columns/2
}
