package branding

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// What a logo may be: it travels with every mail.
const (
	MaxLogo   = 32 << 10 // bytes
	MaxPixels = 512      // wide, and high
	MinPixels = 8
)

// ErrLogo refuses a logo.
var ErrLogo = fault.New(fault.Unprocessable, "invalid_logo",
	"A logo is a whole PNG or JPEG of at most 32 KiB with 8 to 512 pixels a side, and nothing behind it.").At("logo")

// formats are the pictures that all mail programs show and that hold no script, unlike SVG. Each begins with its mark.
var formats = []struct {
	media, mark string
	size        func([]byte) (image.Config, error)
	decode      func([]byte) (whole bool)
}{
	{"image/png", "\x89PNG\r\n\x1a\n", func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }, wholePNG},
	{"image/jpeg", "\xff\xd8\xff", func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }, wholeJPEG},
}

// readLogo decodes a picture, after its header has said that it is small: what unpacks to gigabytes is refused before it is unpacked.
func readLogo(file []byte) (org.Logo, error) {
	if len(file) > MaxLogo {
		return org.Logo{}, ErrLogo
	}
	for _, f := range formats {
		if !bytes.HasPrefix(file, []byte(f.mark)) {
			continue
		}
		c, err := f.size(file)
		if err != nil || !sized(c.Width) || !sized(c.Height) || !f.decode(file) {
			return org.Logo{}, ErrLogo
		}
		return org.Logo{Type: f.media, Data: bytes.Clone(file), Width: c.Width, Height: c.Height}, nil
	}
	return org.Logo{}, ErrLogo
}

func sized(pixels int) bool { return pixels >= MinPixels && pixels <= MaxPixels }

// wholePNG decodes a file, and reports whether it ends where the picture does.
func wholePNG(file []byte) bool {
	r := bytes.NewReader(file)
	_, err := png.Decode(r)
	return err == nil && r.Len() == 0
}

// wholeJPEG does so by the marks of its segments: the decoder reads ahead, and takes what stands behind.
func wholeJPEG(file []byte) bool {
	_, err := jpeg.Decode(bytes.NewReader(file))
	return err == nil && jpegEnd(file) == len(file)
}
