package directory

import (
	"bytes"
	_ "embed"
)

// startingCSV holds the first-level bodies: the committees of the provinces before and after 1/7/2025, the ministries and other central
// bodies before and after the spring of 2025. What the facts rest on:
//
//   - codes: Quyết định 20/2020/QĐ-TTg as amended by Quyết định 09/2025/QĐ-TTg of 14/4/2025, by which a merged province keeps the code of
//     the province whose name it bears, and the other codes are closed;
//   - the 34 provinces from 1/7/2025: Nghị quyết 202/2025/QH15 of 12/6/2025.
//
// The annexes were not at hand in full; the column doubt says of each line what was not confirmed. Codes of the people's councils (K…) are
// left out but for K57: they are only presumed to run like those of the committees.
//
//go:embed starting.csv
var startingCSV []byte

// Starting is the directory that an installation starts with, as agencies.csv.
func Starting() []byte { return bytes.Clone(startingCSV) }
