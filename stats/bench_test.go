//go:build unix

package stats

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// One core measures images of 512 x 512, decoding apart.
func BenchmarkMeasure(b *testing.B) {
	list := generate(b, "dead-leaves-pp", 512, 512, 4)
	l := newLattice(128)
	w := &worker{half: [2]*totals{newTotals(l), newTotals(l)}, fft: newTransform(l)}
	one := func(name string, f func(im *Image)) {
		b.Run(name, func(b *testing.B) {
			n, before := 0, processorTime()
			for b.Loop() {
				f(&list[n%4])
				n++
			}
			// Of the processor's time, since machines are shared.
			b.ReportMetric(float64(n)/(processorTime()-before).Seconds(), "images/cpu-s")
		})
	}
	grey := &w.half[0].grey
	one("all", func(im *Image) {
		if _, err := w.measure(im, 0); err != nil {
			b.Fatal(err)
		}
	})
	one("luma", func(im *Image) { w.luma = luma(w.luma, im.Pix, 3) })
	one("spectrum", func(im *Image) { w.fft.measure(w.luma, im.Width, im.Height) })
	one("neighbours", func(im *Image) { grey.neighbours(w.luma, im.Width, im.Height) })
	one("wavelets", func(im *Image) { grey.wavelets(w.luma, im.Width, im.Height) })
	one("entropy", func(im *Image) { grey.blocks(w.luma, im.Width, im.Height) })
	one("blur", func(im *Image) { grey.blurOf(w.luma, im.Width, im.Height) })
	one("colour", func(im *Image) { w.half[0].colours.measure(im.Pix, im.Width, im.Height, 3) })
	one("objects", func(im *Image) { w.labels.measure(&w.half[0].objects, im.ID, im.Width, im.Height) })
}
