package evidence

import (
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// see looks for a mark of secrecy in the text of a page before anything else is done with it. Of several marks the gravest counts.
func (j *job) see(text string) { j.Secret = vanban.Graver(j.Secret, mapping.SecretText(text)) }

// seeName does so in a name or a remark of few words, where less is needed to make a mark.
func (j *job) seeName(name string) {
	mark, _ := vanban.SecretInName(name)
	j.Secret = vanban.Graver(j.Secret, mark)
}
