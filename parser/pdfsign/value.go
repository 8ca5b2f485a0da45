package pdfsign

// kind of a value (ISO 32000-2, 7.3). The zero value is null.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	real
	name
	literal // string in ( )
	hexed   // string in < >
	array
	dict
	ref // to an object
)

// value is an object as it stands in the file, with all that is directly in it.
type value struct {
	kind    kind
	at, end int64 // where it begins and ends, in what it was read from
	n, gen  int64 // an integer; number and generation of a ref
	s       string
	plain   bool     // of a hexed string: nothing but an even number of digits
	twice   bool     // of a dict: a key is given twice
	keys    []string // of a dict, beside list
	list    []value
}

// get gives the value of a key of a dict, null when there is none. The first one counts; see twice.
func (v *value) get(key string) *value {
	if v.kind == dict {
		for i, k := range v.keys {
			if k == key {
				return &v.list[i]
			}
		}
	}
	return &value{}
}

func (v *value) isName(s string) bool { return v.kind == name && v.s == s }

func (v *value) isRef(num int64) bool { return v.kind == ref && v.n == num }

func (v *value) text() bool { return v.kind == literal || v.kind == hexed }

// maxCompared bounds the keys of dictionaries that are compared; larger ones count as changed.
const maxCompared = 1000

// equal says whether two values are written alike but for blanks.
func (v *value) equal(o *value) bool {
	if v.kind != o.kind || v.n != o.n || v.gen != o.gen || v.s != o.s || v.twice != o.twice || len(v.list) != len(o.list) {
		if !v.text() || !o.text() || v.s != o.s {
			return false
		}
	}
	if v.kind == dict {
		if v.twice || len(v.keys) > maxCompared {
			return false
		}
		for i, k := range v.keys {
			if !o.has(k) || !v.list[i].equal(o.get(k)) {
				return false
			}
		}
		return true
	}
	for i := range v.list {
		if !v.list[i].equal(&o.list[i]) {
			return false
		}
	}
	return true
}

func (v *value) has(key string) bool { return v.get(key).kind != null }

// object is an indirect object.
type object struct {
	num, gen int64
	at       int64 // where its number stands; -1 in an object stream
	value    value
	stream   int64 // where its data begin; 0 when it has none
}
