package unpack

import "strconv"

// codePage gives the charset label of a Windows code page (MS-UCODEREF, 2.2.1), empty for none and for those that nobody can read.
func codePage(n uint32) string {
	switch {
	case n >= 1250 && n <= 1258, n == 874:
		return "windows-" + strconv.Itoa(int(n))
	case n >= 28591 && n <= 28606 && n != 28602: // there is no part 12
		return "iso-8859-" + strconv.Itoa(int(n-28590))
	}
	switch n {
	case 437, 850, 852, 855, 860, 862, 863, 865, 866:
		return "ibm" + strconv.Itoa(int(n))
	case 858:
		return "ibm850" // has the euro sign besides
	case 932, 10001:
		return "shift_jis"
	case 936, 10008:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950, 10002:
		return "big5"
	case 1200:
		return labelUTF16
	case 1201:
		return "utf-16be"
	case 10000:
		return "macintosh"
	case 20127:
		return "us-ascii"
	case 20866:
		return "koi8-r"
	case 21866:
		return "koi8-u"
	case 20932, 51932:
		return "euc-jp"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	case 51936:
		return "gb2312"
	case 51949:
		return "euc-kr"
	case 54936:
		return "gb18030"
	case 65000:
		return "utf-7"
	case 65001:
		return "utf-8"
	}
	return ""
}
