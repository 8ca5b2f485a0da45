package parser

import (
	"image"
	"image/jpeg"
	"image/png"
	"io"
)

// maxPictureHead bounds what is read of a picture to find its size, in bytes: cameras put previews and profiles before it.
const maxPictureHead = 1 << 20

// dimensions reads how large a picture is from its header. Nothing is decoded. A picture that does not say it stays unmeasured: that is no
// fault that anybody has to hear of.
func (k *walker) dimensions(f *file) {
	a := f.attachment()
	var config func(io.Reader) (image.Config, error)
	switch a.Sniffed {
	case "image/jpeg":
		config = jpeg.DecodeConfig
	case "image/png":
		config = png.DecodeConfig
	default:
		return
	}
	if c, err := config(io.NewSectionReader(f.reader(), 0, min(f.size, maxPictureHead))); err == nil {
		a.Width, a.Height = c.Width, c.Height
	}
}
