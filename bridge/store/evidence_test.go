package store_test

import (
	"reflect"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// found is what a tool reads in a file.
func found(reader, text string) mapping.FileEvidence {
	return mapping.FileEvidence{Reader: reader, PageCount: 2, Pages: []mapping.PageText{{Number: 1, Text: text, OCR: true, Confidence: 0.5, Layer: text}},
		Signature: mapping.FileSignature{State: "valid", Signers: []mapping.Signer{{Name: text, Unchecked: []string{"revocation"}}}}}
}

func (b *bench) find(digest string, ev mapping.FileEvidence) {
	b.Helper()
	b.must(b.PutFileEvidence(b.ctx(), digest, ev))
}

func (b *bench) known(digests ...string) map[string]mapping.FileEvidence {
	b.Helper()
	files, err := b.FilesRead(b.ctx(), digests)
	b.must(err)
	return files
}

func testFilesRead(b *bench) {
	a, c := sum("a"), sum("c")
	one, two := found("r 1", "Công văn số 12/UBND\x00"), found("r 2", "Công văn số 13/UBND")
	b.find(a, one)
	b.clock.pass(time.Second)
	b.find(a, two)
	b.find(a, found("r 2", "khác")) // the same reader again
	b.find(c, mapping.FileEvidence{Reader: "r 1", Problem: mapping.ProblemNoOCR})
	files := b.known(a, c, sum("none"))
	if len(files) != 2 || !reflect.DeepEqual(files[a], two) || files[c].Problem != mapping.ProblemNoOCR || files[c].Pages == nil || files[c].Signature.Signers == nil {
		b.Fatalf("files read are %+v", files)
	}
	if len(b.known()) != 0 {
		b.Fatal("nothing was asked for")
	}
	got, err := b.ReadingsOf(b.ctx(), []bridge.Reading{{SHA256: a, Reader: "r 1"}, {SHA256: c, Reader: "r 2"}})
	b.must(err)
	if len(got) != 1 || got[a].Pages[0].Text != "Công văn số 12/UBND" {
		b.Fatalf("exactly these are %+v", got)
	}
	if got, err = b.ReadingsOf(b.ctx(), nil); err != nil || got == nil || len(got) != 0 {
		b.Fatalf("of no readings: %+v, %v", got, err)
	}
	if err := b.PutFileEvidence(b.ctx(), "short", one); err == nil {
		b.Fatal("a file without a digest was taken")
	}
}

// Of a file that bears a mark nothing is kept, of no reader, whoever comes later.
func testFileSecret(b *bench) {
	a := sum("a")
	secret := found("r 2", "MẬT: Kế hoạch")
	secret.Secret = vanban.Mat
	b.find(a, found("r 1", "Kế hoạch"))
	b.find(a, secret)
	b.clock.pass(time.Second)
	b.find(a, found("r 3", "Kế hoạch"))
	want := mapping.FileEvidence{Reader: "r 2", PageCount: 2, Pages: []mapping.PageText{}, Secret: vanban.Mat, Signature: mapping.FileSignature{Signers: []mapping.Signer{}}}
	if got := b.known(a)[a]; !reflect.DeepEqual(got, want) {
		b.Fatalf("kept is %+v", got)
	}
	got, err := b.ReadingsOf(b.ctx(), []bridge.Reading{{SHA256: a, Reader: "r 1"}})
	b.must(err)
	if ev := got[a]; ev.Problem != mapping.ProblemWithheld || len(ev.Pages) != 0 || len(ev.Signature.Signers) != 0 || ev.PageCount != 2 {
		b.Fatalf("of the reader before, kept is %+v", ev)
	}
	b.wantCount("SELECT count(*) FROM file_evidence", 3)
	b.wantCount("SELECT count(*) FROM file_evidence WHERE CAST(body AS text) LIKE '%hoạch%'", 0)
	if _, err := b.raw(b.T, b.url).Exec(`UPDATE file_evidence SET body = '{"pages": [{"text": "x"}]}'`); err == nil {
		b.Fatal("the database took words of a secret")
	}
}

// Who was decided by what tools found in a file before its mark was seen is decided again, whichever receipt it was read for.
func testFileSecretOthers(b *bench) {
	tasks := b.tasks(3)
	file := sum("1/UBND")
	one, two := settled(tasks[0], bridge.Registered, "1/UBND"), settled(tasks[1], bridge.Held, "1/UBND")
	b.find(file, mapping.FileEvidence{Reader: "r 1", Problem: mapping.ProblemNoOCR})
	b.commit(one)
	b.commit(two)
	b.commit(settled(tasks[2], bridge.Registered, "2/UBND"))
	b.find(file, mapping.FileEvidence{Reader: "r 2"})
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
	b.find(file, mapping.FileEvidence{Reader: "r 3", Secret: vanban.Mat})
	due := []string{b.claimOne().Receipt.ID, b.claimOne().Receipt.ID}
	slices.Sort(due)
	if want := []string{tasks[0].Receipt.ID, tasks[1].Receipt.ID}; !slices.Equal(due, want) {
		b.Fatalf("decided again are %v, want %v", due, want)
	}
	b.find(file, mapping.FileEvidence{Reader: "r 4", Secret: vanban.Mat})
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 2)
}
