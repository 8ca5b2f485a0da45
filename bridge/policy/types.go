package policy

// knownType says whether the table of types has the abbreviation.
func knownType(string) bool { return true }

// typeKey makes types comparable.
func typeKey(s string) string { return foldName(s) }
