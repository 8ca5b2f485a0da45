package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold gives a text in lower case, with one blank between words, and its Latin letters without their marks: "Trả lời tự động", however its
// marks are encoded, and "Tra loi tu dong" are the same words to whoever looks for them. The tables below are in this form.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true // no blank at the beginning
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		case r < utf8.RuneSelf:
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
		case r >= 0x300 && r <= 0x36F: // combining marks
			continue
		case r < rune(len(baseLetters)):
			b.WriteRune(baseLetters[r])
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		blank = false
	}
	return strings.TrimSuffix(b.String(), " ")
}

// baseLetters gives the letters of the Latin blocks, with which Vietnamese is written, in lower case and without their marks.
var baseLetters = func() [0x1F00]rune {
	var table [0x1F00]rune
	for r := range rune(len(table)) {
		table[r] = unicode.ToLower(r)
		if unicode.Is(unicode.Latin, r) {
			table[r], _ = utf8.DecodeRuneInString(norm.NFD.String(string(table[r])))
		}
	}
	table['đ'], table['Đ'] = 'd', 'd'
	return table
}()

// replyPhrases begin subjects that answering programs make, and are followed by the end, by punctuation, or by the subject that is
// answered. Programs translate theirs into the reader's language.
var replyPhrases = []string{
	"automatic reply", "automated reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "automatic response",
	"automated response", "auto answer", "auto:", "[auto]", "out of office", "out-of-office", "out of the office", "out of office autoreply",
	"out of office reply", "vacation reply", "vacation message", "vacation notice", "vacation response", "vacation auto-reply", "on vacation",
	"auto-re:", "auto re:", "autoresponder",
	"tra loi tu dong", "thu tra loi tu dong", "tu dong tra loi", "thu tu dong tra loi", "phan hoi tu dong", "thu phan hoi tu dong", "tu dong phan hoi",
	"thu tu dong phan hoi", "hoi am tu dong", "tu dong hoi am", "tu dong:", "[tu dong]", "thu tu dong", "thong bao tu dong", "tin nhan tu dong", "email tu dong", "e-mail tu dong",
	"abwesenheitsnotiz", "automatische antwort", "automatisch antwoord", "reponse automatique", "respuesta automatica", "risposta automatica",
	"resposta automatica", "automatiskt svar", "automatisk svar", "autosvar", "odpowiedz automatyczna", "automaticka odpoved", "automatikus valasz",
	"otomatik yanit", "raspuns automat", "balasan otomatis", "автоответ", "автоматический ответ", "自动回复", "自動回覆", "自动答复", "自動返信", "자동 회신",
}

// absencePhrases begin subjects that answering programs are given by people, and that people also write themselves, though then with a
// file or more words: only the whole phrase counts, and only without a file.
var absencePhrases = []string{
	"vang mat", "thong bao vang mat", "thu bao vang mat", "bao vang mat", "ngoai van phong", "khong co mat tai van phong", "khong co mat tai co quan",
	"nghi phep", "di vang", "dang di vang", "dang vang mat", "hien dang vang mat", "di cong tac", "dang di cong tac", "dang nghi phep", "dang nghi le", "dang ban cong tac",
	"abwesend", "abwesenheit", "absence du bureau", "absent du bureau", "fuera de la oficina", "fora do escritorio", "fuori sede", "franvaro", "不在通知", "on leave",
}

// absenceSentences begin subjects in which somebody says that he is away, in whatever words follow.
var absenceSentences = []string{
	"i am out of", "i'm out of", "i am away", "i'm away", "i am on leave", "i'm on leave", "i am on vacation", "i'm on vacation", "away until", "away from my mail",
	"away from my email", "away from my desk", "away from the office", "out of the office until", "out of office until", "out of the office from",
	"currently out of", "on annual leave", "on vacation until", "on leave until", "abwesend bis",
	"toi dang di cong tac", "toi dang di vang", "toi dang nghi phep", "toi hien dang di", "toi hien dang nghi", "toi hien vang mat", "toi hien khong co mat",
	"hien toi dang di", "hien toi dang nghi", "hien toi khong co mat", "toi vang mat", "toi se vang mat", "toi khong co mat", "toi di cong tac", "toi nghi phep",
	"vang mat tu ngay", "vang mat den", "dang di cong tac den", "dang di cong tac tu ngay", "nghi phep tu ngay", "nghi phep den",
}

// autoReplySubject says whether a folded subject is that of an answering program; bare, whether the message has no file.
func autoReplySubject(subject string, bare bool) bool {
	if beginsPhrase(subject, replyPhrases) || beginsPhrase(strings.TrimLeft(subject, "[(*\"'“«- "), replyPhrases) {
		return true
	}
	return bare && (beginsPhrase(subject, absencePhrases) || hasAnyPrefix(subject, absenceSentences...))
}

// beginsPhrase says whether a folded text begins with one of the phrases, and goes on as a program does after it.
func beginsPhrase(s string, phrases []string) bool {
	for _, p := range phrases {
		if rest, ok := strings.CutPrefix(s, p); ok && (strings.ContainsAny(p[len(p)-1:], ":]") || phraseEnds(rest)) {
			return true
		}
	}
	return false
}

func phraseEnds(rest string) bool {
	rest = strings.TrimPrefix(rest, " ")
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) || hasAnyPrefix(rest, "re:", "fwd:", "from ", "from:", "cho:", "tu:")
}

// readPhrases begin the subjects of read receipts (RFC 8098) in the form that arrives when a gateway or Outlook leaves the report out.
var readPhrases = []string{"read:", "not read:", "read receipt", "read-receipt", "return receipt", "deleted:", "gelesen:", "ungelesen:", "lu:", "non lu:", "leido:",
	"da doc:", "chua doc:", "khong doc:", "da xem:", "bien nhan doc", "bien nhan-doc", "bien nhan da doc", "xac nhan da doc", "bao da doc"}

// readWords are what their texts say.
var readWords = []string{"was read on", "was displayed on", "has been displayed", "was deleted without being read", "this is a return receipt", "this is a receipt for the mail",
	"no guarantee that the message has been read", "message was read", "was opened", "was received by", "acknowledges only that the message was displayed", "wurde gelesen",
	"da duoc doc", "da duoc hien thi", "da duoc mo", "da duoc xem", "khong dam bao rang thu da duoc doc", "da bi xoa ma khong doc", "da bi xoa ma khong duoc doc", "bi xoa ma chua doc"}

// readReceipt knows receipts without their machine-readable part by subject and text together: people write "Đã đọc: …" too.
func (s *signs) readReceipt() (Kind, string) {
	if !hasAnyPrefix(s.subject, readPhrases...) {
		return Normal, ""
	}
	if s.nullPath() || containsAny(fold(ownWords(s.text)), readWords...) {
		return MDN, "Subject and text of a read receipt"
	}
	return Normal, ""
}

// maxOpening is how many bytes of a folded text are its opening.
const maxOpening = 400

// saysReply says whether a text opens with the words that it is an automatic reply.
func (s *signs) saysReply() bool {
	if !containsAny(s.lead, selfWords...) || hasAnyPrefix(s.subject, "fwd", "[fwd", "fw:", "chuyen tiep") {
		return false
	}
	own := fold(ownWords(s.text))
	return containsAny(own[:min(len(own), maxOpening)], selfWords...)
}

// selfWords are what answering programs call their answer.
var selfWords = []string{
	"day la thu tra loi tu dong", "day la email tra loi tu dong", "day la e-mail tra loi tu dong", "day la thu phan hoi tu dong", "day la phan hoi tu dong", "day la email phan hoi tu dong",
	"day la thu tu dong tra loi", "day la tin nhan tra loi tu dong", "thu nay duoc tra loi tu dong", "this is an automatic reply", "this is an automated reply",
	"this is an automatic response", "this is an automated response", "this is an auto-reply", "this is an auto reply", "this is an autoreply", "this is an out of office", "this is an out-of-office",
}

// saysSo says whether the text itself says that a program wrote it and that nobody reads answers. A person who answers such a mail quotes
// it, so only a message that answers nothing is looked at.
func (s *signs) saysSo() bool {
	if forwarded(s.subject) || len(s.m.InReplyTo) > 0 || len(s.m.References) > 0 {
		return false
	}
	t := fold(ownWords(s.text))
	return containsAny(t, "tu dong", "automat", "auto-gen", "auto gen") && containsAny(t, programWords...) && containsAny(t, noAnswerWords...)
}

// programWords are what programs call their mail.
var programWords = []string{
	"this is an automat", "this is an auto-generated", "this is an auto generated", "automatically generated", "this email was sent automatically",
	"this message was sent automatically", "day la thu tu dong", "day la email tu dong", "day la e-mail tu dong", "day la thu tra loi tu dong", "day la tin nhan tu dong",
	"thu nay duoc gui tu dong", "email nay duoc gui tu dong", "e-mail nay duoc gui tu dong", "thu duoc gui tu dong", "email duoc gui tu dong", "duoc tao tu dong",
	"gui tu dong tu he thong", "thu tu dong tu he thong", "email tu dong tu he thong",
}

// noAnswerWords are how they ask for none.
var noAnswerWords = []string{
	"do not reply", "don't reply", "not respond to this", "replies to this", "is not monitored", "unattended mailbox", "khong tra loi thu", "khong tra loi email",
	"khong tra loi e-mail", "khong tra loi lai thu", "khong tra loi lai email", "khong phan hoi thu", "khong phan hoi email", "khong phan hoi lai", "khong can tra loi", "khong reply",
	"khong hoi am", "khong tra loi tin",
}

// maxOwnWords is how many bytes of a text are searched for what its writer says.
const maxOwnWords = 16 << 10

// ownWords is the text before anything that is quoted: what somebody else wrote says nothing about the writer.
func ownWords(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxOwnWords)], "")
	at, header := 0, -1 // header: where a line stands that may begin the header which Outlook writes over a quotation
	for line := range strings.Lines(text) {
		l := strings.TrimSpace(line)
		switch name := quotedField(l); {
		case quoteBegins(l):
			return text[:at]
		case name == "from":
			header = at
		case name != "" && header >= 0:
			return text[:header]
		case l != "":
			header = -1
		}
		at += len(line)
	}
	return text
}

// quotedField tells the lines of that header apart: its first one, "from", and "other" for those that follow.
func quotedField(l string) string {
	name, _, ok := strings.Cut(l[:min(len(l), 40)], ":")
	if !ok {
		return ""
	}
	switch fold(strings.Trim(name, "* ")) {
	case "from", "tu", "nguoi gui", "von", "de":
		return "from"
	case "sent", "date", "to", "cc", "subject", "da gui", "gui", "ngay", "ngay gui", "den", "toi", "nguoi nhan", "chu de", "tieu de", "gesendet", "an", "betreff", "envoye", "objet":
		return "other"
	}
	return ""
}

// quoteBegins knows the lines with which mail programs begin a quotation.
func quoteBegins(l string) bool {
	switch {
	case l == "":
	case l[0] == '>', strings.HasPrefix(l, "____________"):
		return true
	case strings.HasPrefix(l, "---"):
		return containsAny(fold(l), "original message", "forwarded message", "thu goc", "thu da chuyen tiep", "thu chuyen tiep", "tin nhan goc")
	case l[len(l)-1] == ':' && len(l) < 500:
		f := fold(l)
		return strings.HasSuffix(f, " wrote:") || strings.HasSuffix(f, " da viet:") || strings.HasSuffix(f, "begin forwarded message:")
	}
	return false
}
