package directory

import "strings"

// CodeForm is the notation of an organisation code.
type CodeForm string

const (
	// QD20 is the notation of Quyết định 20/2020/QĐ-TTg, Điều 4: groups from the highest level down, H50.12.34.
	QD20 CodeForm = "qd20"
	// QCVN102 is the one of QCVN 102:2016/BTTTT: four groups of 3, 2, 2 and 3 characters from the lowest level up, 000.00.12.H28.
	QCVN102 CodeForm = "qcvn102"
	// ThreeGroups is the one before: three groups from the lowest level up, 28.22.H17.
	ThreeGroups CodeForm = "three-groups"
	// Opaque is any other: local extensions of an axis, registration numbers of enterprises.
	Opaque CodeForm = "opaque"
)

// maxCode is the longest code, in characters (Quyết định 20/2020/QĐ-TTg, Điều 4).
const maxCode = 35

// NormalCode brings a code to the form in which codes are compared: upper case, without blanks, and without the punctuation that
// surrounds it in running text. It does not change the notation.
func NormalCode(code string) string {
	plain := true
	for i := 0; i < len(code) && plain; i++ {
		c := code[i]
		plain = c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z'
	}
	if !plain {
		code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	}
	return strings.Trim(code, ".,;:")
}

// FormOf says in which notation a code is written.
func FormOf(code string) CodeForm {
	code = NormalCode(code)
	if code == "" || len(code) > maxCode {
		return Opaque
	}
	groups := strings.Split(code, ".")
	for _, g := range groups {
		if !alphanumeric(g) {
			return Opaque
		}
	}
	n := len(groups)
	switch {
	case levelOne(groups[0]) && n <= 7 && !longGroup(groups):
		return QD20
	case n == 4 && len(groups[0]) == 3 && len(groups[1]) == 2 && len(groups[2]) == 2 && levelOne(groups[3]):
		return QCVN102
	case n == 3 && digits(groups[0], 2) && digits(groups[1], 2) && levelOne(groups[2]):
		return ThreeGroups
	}
	return Opaque
}

// ToQD20 turns a code that is written from the lowest level up around, without the groups that name no level of their own (zeros):
// 000.12.31.H53 is H53.31.12. That is a guess, since units were numbered anew; the pairs that the axis publishes come first, and belong
// into the directory as aliases. It reports false for a code in any other notation.
func ToQD20(code string) (string, bool) {
	if f := FormOf(code); f != QCVN102 && f != ThreeGroups {
		return "", false
	}
	groups := strings.Split(NormalCode(code), ".")
	out := groups[len(groups)-1]
	for i := len(groups) - 2; i >= 0; i-- {
		if strings.Trim(groups[i], "0") != "" {
			out += "." + groups[i]
		}
	}
	return out, true
}

// levelOne says whether a group can name a body of the first level: a letter and two digits (G22, H50, K57).
func levelOne(g string) bool {
	return len(g) == 3 && g[0] >= 'A' && g[0] <= 'Z' && digits(g[1:], 2)
}

func digits(g string, n int) bool {
	if len(g) != n {
		return false
	}
	for i := range n {
		if g[i] < '0' || g[i] > '9' {
			return false
		}
	}
	return true
}

func alphanumeric(g string) bool {
	for i := 0; i < len(g); i++ {
		if c := g[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return g != ""
}

// longGroup says whether a group is longer than any that was seen in codes of the axis.
func longGroup(groups []string) bool {
	for _, g := range groups {
		if len(g) > 6 {
			return true
		}
	}
	return false
}
