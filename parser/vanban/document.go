package vanban

// Document is one văn bản as read: every field as printed (NFC), empty when it was not found, and in Sources the words that each field
// was read from. The JSON form is that of `inspect --json`.
type Document struct {
	SoHieu     string   `json:"so_hieu"`       // 1775/UBND-KGVX
	So         string   `json:"so"`            // 1775; leading zeros as printed; empty for a draft with a blank number
	KyHieu     string   `json:"ky_hieu"`       // UBND-KGVX; legal-normative documents keep the year
	Loai       string   `json:"loai_van_ban"`  // Công văn
	LoaiTat    string   `json:"loai_viet_tat"` // CV
	Ngay       string   `json:"ngay_ban_hanh"` // 2018-06-05
	DiaDanh    string   `json:"dia_danh"`
	CoQuan     string   `json:"co_quan_ban_hanh"`
	CoQuanTren string   `json:"co_quan_chu_quan"`
	TrichYeu   string   `json:"trich_yeu"` // without the leading "V/v"
	NguoiKy    string   `json:"nguoi_ky"`
	ChucVu     string   `json:"chuc_vu"`
	QuyenHanKy []string `json:"quyen_han_ky"` // TM, KT, TL, TUQ, Q in order
	DoKhan     Urgency  `json:"do_khan"`
	DoMat      Secrecy  `json:"do_mat"`
	KinhGui    []string `json:"kinh_gui"`
	NoiNhan    []string `json:"noi_nhan"`
	TraLoi     []string `json:"tra_loi"` // numbers of the documents that this one answers or carries out
	Files      []string `json:"files"`   // sha256 of the decoded files, the main file first

	Sources map[string]Source `json:"sources"` // by JSON name of the field
}

// Source says where a field was read and how sure the reading is.
type Source struct {
	From       From    `json:"from"`
	Evidence   string  `json:"evidence"`
	Confidence float64 `json:"confidence"` // 0 to 1
}

// From is a place that a field can be read from, in falling order of trust except Clerk, which stands above all.
type From string

const (
	FromClerk     From = "clerk"
	FromSidecar   From = "sidecar"
	FromSubject   From = "subject"
	FromFileName  From = "file_name"
	FromText      From = "text"
	FromSignature From = "signature"
	FromOCR       From = "ocr"
)

// Urgency is the độ khẩn (NĐ 30/2020, Phụ lục I, II.10b); empty means none.
type Urgency string

const (
	Khan       Urgency = "khan"
	ThuongKhan Urgency = "thuong-khan"
	HoaToc     Urgency = "hoa-toc"
)

// Secrecy is the độ mật; empty means none.
type Secrecy string

const (
	Mat      Secrecy = "mat"
	ToiMat   Secrecy = "toi-mat"
	TuyetMat Secrecy = "tuyet-mat"
)
