package palette

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"

	"golang.org/x/image/tiff"
)

func read(data []byte) (Palette, error) {
	return readPhoto(context.Background(), data, maxArea, new(sync.Mutex))
}

var left, right = [3]uint8{200, 60, 40}, [3]uint8{30, 90, 180}

// paint draws the left and right half of an image; alpha is that of a
// non-premultiplied colour.
func paint(img interface {
	image.Image
	Set(x, y int, c color.Color)
}, alpha uint8) image.Image {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := right
			if x-b.Min.X < b.Dx()/2 {
				c = left
			}
			img.Set(x, y, color.NRGBA{c[0], c[1], c[2], alpha})
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asTIFF(t testing.TB, img image.Image, c tiff.CompressionType) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &tiff.Options{Compression: c, Predictor: true}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestKindsOfPhoto reads the same two colours from every kind of file.
func TestKindsOfPhoto(t *testing.T) {
	r := image.Rect(0, 0, 24, 16)
	colours := color.Palette{color.NRGBA{200, 60, 40, 255}, color.Black, color.NRGBA{30, 90, 180, 255}}
	for _, c := range []struct {
		name string
		data []byte
		tol  int // of each channel
	}{
		{"PNG", asPNG(t, paint(image.NewRGBA(r), 255)), 0},
		{"PNG with alpha", asPNG(t, paint(image.NewNRGBA(r), 100)), 0},
		{"PNG, transparent", asPNG(t, paint(image.NewNRGBA(r), 0)), 0},
		{"PNG, 16 bits", asPNG(t, paint(image.NewRGBA64(r), 255)), 0},
		{"PNG, 16 bits with alpha", asPNG(t, paint(image.NewNRGBA64(r), 100)), 1},
		{"PNG with a palette", asPNG(t, paint(image.NewPaletted(r, colours), 255)), 0},
		{"JPEG", asJPEG(t, paint(image.NewRGBA(r), 255)), 6},
		{"JPEG, progressive", progressiveJPEG, 12},
		{"JPEG, CMYK", cmykJPEG, 12},
		{"TIFF", asTIFF(t, paint(image.NewRGBA(r), 255), tiff.Uncompressed), 0},
		{"TIFF, 16 bits, deflate", asTIFF(t, paint(image.NewRGBA64(r), 255), tiff.Deflate), 0},
		{"TIFF with alpha", asTIFF(t, paint(image.NewNRGBA(r), 100), tiff.Deflate), 0},
		{"TIFF with a palette", asTIFF(t, paint(image.NewPaletted(r, colours), 255), tiff.Deflate), 0},
		{"WebP, lossless", losslessWebP, 0},
		{"WebP, lossy", lossyWebP, 12},
		{"WebP, lossy with alpha", alphaWebP, 12},
	} {
		p, err := read(c.data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var n [3]int // pixels near left, near right, far from both
		for _, x := range p.Pixels {
			switch {
			case near(x.RGB, left, c.tol):
				n[0]++
			case near(x.RGB, right, c.tol):
				n[1]++
			default:
				n[2]++
			}
		}
		// Lossy formats blur the edge between the halves.
		if n[0] < 300 || n[1] < 300 || n[2] > 300 || c.tol == 0 && n[2] > 0 {
			t.Errorf("%s: %d pixels like the left half, %d like the right half, %d like neither", c.name, n[0], n[1], n[2])
		}
		// The file is smaller than a patch, so all patches are the whole of it.
		if p.Patches[0] != p.Patches[255] {
			t.Errorf("%s: patches of the whole photograph differ", c.name)
		}
		for k, mean := range p.Patches[0].RGB.Mean {
			if want := (float32(left[k]) + float32(right[k])) / 2; mean < want-6 || mean > want+6 {
				t.Errorf("%s: patch mean of channel %d is %g, want %g", c.name, k, mean, want)
			}
		}
	}
}

func near(a, b [3]uint8, tol int) bool {
	for k := range a {
		if d := int(a[k]) - int(b[k]); d > tol || d < -tol {
			return false
		}
	}
	return true
}

func TestGreyPhotos(t *testing.T) {
	r := image.Rect(0, 0, 60, 60)
	for name, data := range map[string][]byte{
		"PNG":           asPNG(t, paint(image.NewGray(r), 255)),
		"PNG, 16 bits":  asPNG(t, paint(image.NewGray16(r), 255)),
		"JPEG":          asJPEG(t, paint(image.NewGray(r), 255)),
		"TIFF, 16 bits": asTIFF(t, paint(image.NewGray16(r), 255), tiff.Deflate),
	} {
		p, err := read(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, x := range p.Pixels {
			if x.RGB[0] != x.RGB[1] || x.RGB[1] != x.RGB[2] || x.Lab[1] != 0 || x.Lab[2] != 0 {
				t.Fatalf("%s: pixel %v is not grey", name, x)
			}
		}
		if g := p.Patches[0].RGB; g.Chol[0] == 0 || g.Chol[1] != g.Chol[0] || g.Chol[2] != 0 || g.Chol[5] != 0 {
			t.Errorf("%s: factor of a grey patch is %v", name, g.Chol)
		}
	}
}

// pngHeader is a PNG that claims a size and ends after its header.
func pngHeader(w, h uint32, pad int) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 2, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
	return append(b, make([]byte, pad)...)
}

func TestRefusedPhotos(t *testing.T) {
	good := asPNG(t, paint(image.NewRGBA(image.Rect(0, 0, 64, 64)), 255))
	goodJPEG := asJPEG(t, paint(image.NewRGBA(image.Rect(0, 0, 64, 64)), 255))
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "is empty"},
		{"text", []byte("hello, world"), "holds no JPEG, PNG, TIFF or WebP data"},
		{"GIF", gif, "is a GIF file, which is not read; convert it to PNG or JPEG"},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "is a HEIC file, which is not read"},
		{"TIFF in CMYK", cmykTIFF, "corrupt or unsupported TIFF: unsupported feature: color model"},
		{"truncated PNG", good[:len(good)/2], "is a corrupt or unsupported PNG"},
		{"truncated JPEG", goodJPEG[:len(goodJPEG)/2], "corrupt or unsupported JPEG: unexpected EOF"},
		{"truncated TIFF", asTIFF(t, paint(image.NewRGBA(image.Rect(0, 0, 64, 64)), 255), tiff.Deflate)[:100], "corrupt or unsupported TIFF"},
		{"truncated WebP", lossyWebP[:len(lossyWebP)/2], "corrupt or unsupported WebP"},
		{"corrupt PNG", flipped, "corrupt or unsupported PNG"},
		{"too small", asPNG(t, image.NewRGBA(image.Rect(0, 0, 7, 100))), "has 7 x 100 pixels; 8 x 8 is the least"},
		{"bomb", pngHeader(60000, 60000, 1<<20), "claims 60000 x 60000 pixels; the limit is 200 megapixels"},
		{"bomb that overflows", pngHeader(1<<31-1, 1<<31-1, 0), "corrupt or unsupported PNG: unsupported feature: dimension overflow"},
		{"empty bomb", pngHeader(10000, 10000, 100), "claims 10000 x 10000 pixels in 133 bytes: no photograph is that empty"},
	} {
		_, err := read(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestSmallestPhoto has 8 px, which is enough.
func TestSmallestPhoto(t *testing.T) {
	if _, err := read(asPNG(t, paint(image.NewRGBA(image.Rect(0, 0, 8, 8)), 255))); err != nil {
		t.Error(err)
	}
}

// TestPatchesAreWindows looks at a photograph with one red pixel in a corner:
// patches see it about as often as windows at random places do.
func TestPatchesAreWindows(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 52, 52))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(0, 0, color.NRGBA{0, 0, 0, 255})
	p, err := read(asPNG(t, img))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0 // one window in nine has the corner
	for _, q := range p.Patches {
		if q.RGB.Mean[0] < 255 {
			seen++
			if want := quantised(255 - 255./2500); q.RGB.Mean[0] != want {
				t.Errorf("patch mean is %g, want %g", q.RGB.Mean[0], want)
			}
		}
	}
	if seen < 13 || seen > 47 { // 28 +- 3.7 standard deviations
		t.Errorf("%d of 256 patches have the corner, expected about 28", seen)
	}
	// A photograph too big for the plane gives the same as one with it.
	big := paint(image.NewNRGBA(image.Rect(0, 0, 900, 800)), 255).(*image.NRGBA)
	pal, err := read(asPNG(t, big))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range pal.Patches {
		lo, hi := min(left[0], right[0]), max(left[0], right[0])
		if m := q.RGB.Mean[0]; m < float32(lo) || m > float32(hi) {
			t.Fatalf("patch mean %g lies outside the photograph's colours", m)
		}
	}
}

func FuzzPhoto(f *testing.F) {
	r := image.Rect(0, 0, 24, 16)
	f.Add(asPNG(f, paint(image.NewNRGBA(r), 100)))
	f.Add(asPNG(f, paint(image.NewGray16(r), 100)))
	f.Add(asTIFF(f, paint(image.NewRGBA(r), 255), tiff.Deflate))
	f.Add(asTIFF(f, paint(image.NewGray(r), 255), tiff.Uncompressed))
	for _, b := range [][]byte{losslessWebP, lossyWebP, alphaWebP, cmykJPEG, progressiveJPEG, cmykTIFF, gif} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readPhoto(t.Context(), data, 1<<16, new(sync.Mutex))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error says nothing")
			}
			return
		}
		s := Set{Palettes: []Palette{p}}
		if err := s.check(); err != nil {
			t.Error(err)
		}
		if !p.decode(s.encoded()[headerSize+2:][:bodySize]) {
			t.Error("a palette has a number out of range")
		}
	})
}
