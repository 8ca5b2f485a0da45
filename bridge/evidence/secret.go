package evidence

import "github.com/giaolien/giaolien/parser/vanban"

// see looks for a mark of secrecy in the text of a page before anything else is done with it. Of several marks the gravest counts.
func (j *job) see(text string) {
	mark, _ := vanban.SecretMark(text)
	j.mark(mark)
}

// seeName does so in a name or a remark of few words, where less is needed to make a mark.
func (j *job) seeName(name string) {
	mark, _ := vanban.SecretInName(name)
	j.mark(mark)
}

func (j *job) mark(found vanban.Secrecy) {
	rank := map[vanban.Secrecy]int{"": 0, vanban.Mat: 1, vanban.ToiMat: 2, vanban.TuyetMat: 3}
	if rank[found] > rank[j.Secret] {
		j.Secret = found
	}
}
