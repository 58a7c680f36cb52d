package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/cmplx"
	"sync"
	"testing"
)

func channel(tex []uint32, c int) []float64 {
	out := make([]float64, len(tex))
	for i, v := range tex {
		out[i] = (float64(v>>(10*c)&1023) - 512) / 128
	}
	return out
}

func TestNoiseMoments(t *testing.T) {
	n := newNoise(false)
	for _, slope := range []float32{0.5, 1, 1.5, 2.5} {
		for _, log := range []int{6, 8, 9} {
			for v := range Variants(log) {
				tex := n.Tile(Slope(slope), log, v)
				var ch [3][]float64
				for c := range ch {
					ch[c] = channel(tex, c)
				}
				for c := range ch {
					sum, square, cross := 0.0, 0.0, 0.0
					for i, x := range ch[c] {
						sum += x
						square += x * x
						cross += x * ch[(c+1)%3][i]
					}
					size := float64(len(tex))
					if math.Abs(sum/size) > 0.01 || math.Abs(square/size-1) > 0.02 || math.Abs(cross/size) > 0.01 {
						t.Errorf("slope %g, side %d, variant %d, channel %d: mean %.4f, variance %.4f, correlation %.3f",
							slope, 1<<log, v, c, sum/size, square/size, cross/size)
					}
				}
			}
		}
	}
}

// The tile of half the side is the larger one without its upper octave: the
// receding texture depends on it.
func TestNoiseLevelsAgree(t *testing.T) {
	n := newNoise(false)
	const log = 6
	for _, s := range []float32{0.5, 1.25, 2} {
		big, small := channel(n.Tile(Slope(s), log, 2), 1), channel(n.Tile(Slope(s), log-1, 2), 1)
		gain := float64(n.Gain(Slope(s), log, log-1))
		// Low-pass the large tile by direct transform of a few waves of both.
		for _, k := range [][2]int{{1, 0}, {0, 1}, {3, -2}, {-7, 5}, {12, 9}} {
			a, b := coefficient(big, 1<<log, k), coefficient(small, 1<<(log-1), k)*complex(gain, 0)
			if cmplx.Abs(a-b) > 0.003 {
				t.Errorf("slope %g, wave %v: %v in the large tile, %v in the small one", s, k, a, b)
			}
		}
		if gain <= 0 || gain >= 1 {
			t.Errorf("slope %g: gain %g", s, gain)
		}
	}
}

func coefficient(x []float64, n int, k [2]int) complex128 {
	var sum complex128
	for i, v := range x {
		sum += complex(v, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(k[0]*(i%n)+k[1]*(i/n))/float64(n)))
	}
	return sum / complex(float64(n*n), 0)
}

func TestNoiseConcurrently(t *testing.T) {
	a, b := newNoise(false), newNoise(false)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { a.Gain(8, 8, 7); a.Tile(9, 6, 3) })
	}
	wg.Wait()
	for i, v := range a.Tile(8, 8, 0) {
		if b.Tile(8, 8, 0)[i] != v {
			t.Fatal("a tile depends on who builds it")
		}
	}
}

// The bytes of the tables, on any machine, whatever the compiler may fuse.
func TestTablesGolden(t *testing.T) {
	sum := sha256.New()
	write := func(words []uint32) {
		for _, w := range words {
			sum.Write([]byte{byte(w), byte(w >> 8), byte(w >> 16), byte(w >> 24)})
		}
	}
	for _, axes := range []bool{false, true} {
		n := newNoise(axes)
		for _, slope := range []int{0, 5, 12, 20} {
			for _, log := range []int{4, 6, 7, 9} {
				for v := range Variants(log) {
					write(n.Tile(slope, log, v))
				}
				write([]uint32{math.Float32bits(n.Gain(slope, log, 4))})
			}
		}
	}
	write(buildWarp())
	for _, table := range [][]float32{buildLogistic(), buildGamma()} {
		for _, v := range table {
			write([]uint32{math.Float32bits(v)})
		}
	}
	for _, sigma := range []float64{0.3, 1.7, 5, 20} {
		write(Gaussian(sigma))
	}
	const golden = "673811e9335cb00b"
	if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != golden {
		t.Errorf("tables hash to %s, golden %s", got, golden)
	}
}

func TestWarpField(t *testing.T) {
	tile := buildWarp()
	for c := range 2 {
		at := func(i int) float64 { return (float64(tile[i%len(tile)]>>(16*c)&0xffff) - 32768) / 8192 }
		sum, square, shifted := 0.0, 0.0, 0.0
		for i := range tile {
			sum += at(i)
			square += at(i) * at(i)
			shifted += at(i) * at(i+8*WarpSize)
		}
		n := float64(len(tile))
		// White noise smoothed by sigma has correlation exp(-h^2 / (4 sigma^2)).
		want := math.Exp(-64. / (4 * WarpSigma * WarpSigma))
		if math.Abs(sum/n) > 0.01 || math.Abs(square/n-1) > 0.02 || math.Abs(shifted/square-want) > 0.1 {
			t.Errorf("component %d: mean %.3f, variance %.3f, correlation at 8 texels %.3f (want %.3f)", c, sum/n, square/n, shifted/square, want)
		}
	}
}

func TestCurves(t *testing.T) {
	for i, v := range buildLogistic() {
		if want := 1 / (1 + math.Exp(-float64(i-LogisticZero)/LogisticStep)); math.Abs(float64(v)-want) > 1e-7 {
			t.Fatalf("logistic[%d] = %g, want %g", i, v, want)
		}
	}
	g := buildGamma()
	if g[0] != 0 || g[GammaStep] != 255 || math.Abs(float64(g[GammaStep/2])-187.516) > 0.01 {
		t.Errorf("gamma: %g, %g, %g", g[0], g[GammaStep/2], g[GammaStep])
	}
}
