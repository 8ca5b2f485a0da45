package parser

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// The size of a picture is in its header; a damaged one has none, and the mail is read all the same.
func TestDimensionsOfPictures(t *testing.T) {
	drawn := image.NewGray(image.Rect(0, 0, 640, 90))
	var asPNG, asJPEG bytes.Buffer
	if err := png.Encode(&asPNG, drawn); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, drawn, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
	}{
		{"png", asPNG.Bytes(), 640, 90},
		{"jpeg", asJPEG.Bytes(), 640, 90},
		{"cut", asPNG.Bytes()[:20], 0, 0},
		{"cut jpeg", asJPEG.Bytes()[:100], 0, 0},
		{"empty", nil, 0, 0},
	} {
		raw := "From: a@example.vn\r\nContent-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(c.data) + "\r\n"
		m := parseString(raw)
		if len(m.Attachments) != 1 || m.Attachments[0].Width != c.width || m.Attachments[0].Height != c.height {
			t.Errorf("%s: %+v", c.name, m.Attachments)
		}
	}
}
