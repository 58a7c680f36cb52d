package degrade

import "testing"

// One 512 x 512 RGB image on one core.
func BenchmarkPair(b *testing.B) {
	for _, text := range []string{"sr:x2", "sr:x3", "sr:x4", "noise:gaussian:25", "noise:gaussian:25:float"} {
		b.Run(text, func(b *testing.B) {
			p := parsed(b, text)
			width, height := 512, 512
			if p.Check(width, height) != nil {
				width, height = 510, 510
			}
			src := random(width*height*3, 1)
			m := p.Maker(1)
			bytes, floats := []uint8(nil), []float32(nil)
			var index uint64
			for b.Loop() {
				index++
				if p.Float() {
					floats, _ = m.Floats(floats, src, width, height, 3, index)
				} else {
					bytes, _ = m.Bytes(bytes, src, width, height, 3, index)
				}
			}
		})
	}
}
