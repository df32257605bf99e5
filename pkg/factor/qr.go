package factor

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode/qr"
)

const (
	qrModule = 6 // pixels a module: large enough for a phone held at arm's length
	qrQuiet  = 4 // modules of white around it (ISO/IEC 18004 §6.3.8)
)

// QR draws text as a QR code: a two-colour PNG of a few kilobytes.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return nil, fmt.Errorf("factor: text does not fit a QR code") // the cause may quote the text, which holds a secret
	}
	modules := code.Bounds().Dx()
	side := (modules + 2*qrQuiet) * qrModule
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			mx, my := x/qrModule-qrQuiet, y/qrModule-qrQuiet
			inside := mx >= 0 && my >= 0 && mx < modules && my < modules
			if inside && isBlack(code.At(mx, my)) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("factor: cannot encode the QR code: %w", err)
	}
	return out.Bytes(), nil
}

func isBlack(c color.Color) bool {
	r, _, _, _ := c.RGBA()
	return r < 0x8000
}

func spaces(query string) string { return strings.ReplaceAll(query, "+", "%20") }
