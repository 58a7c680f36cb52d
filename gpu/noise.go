//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"math"
	"sync"

	"leaflitter/bank"
	"leaflitter/scene"
	"leaflitter/shaders"
)

// noisePlan says which noise tiles a configuration can ask for and where each
// lies in the pools.
type noisePlan struct {
	slopes, logs []int
	pools        []int // texels in each pool
	poolTexels   int   // the distance between the pools' first texels
	tile         [slopeClasses * tileLogs * tileVariants]uint32
}

// planNoise packs the tiles into pools of at most limit bytes.
func planNoise(c *scene.Config, limit uint64) (noisePlan, error) {
	p := noisePlan{pools: []int{1}, poolTexels: int(min(limit/4, math.MaxInt32))}
	support := c.Support()
	if !support.Noise {
		return p, nil
	}
	var wanted [slopeClasses]bool
	for _, in := range support.Slopes {
		for s := bank.Slope(float32(in[0])); s <= bank.Slope(float32(in[1])); s++ {
			wanted[s] = true
		}
	}
	for s, yes := range wanted {
		if yes {
			p.slopes = append(p.slopes, s)
		}
	}
	for log := largestTile(c); log >= 4; log-- {
		p.logs = append(p.logs, log)
	}
	total, at := 0, 0
	for _, log := range p.logs { // largest first, so that little is lost at the ends of pools
		for _, s := range p.slopes {
			for v := range bank.Variants(log) {
				size := 1 << (2 * log)
				total += size
				if at+size > p.poolTexels {
					p.pools = append(p.pools, 0)
					at = 0
				}
				last := len(p.pools) - 1
				p.tile[(s*tileLogs+log)*tileVariants+v] = uint32(last*p.poolTexels + at)
				at += size
				p.pools[last] = at
			}
		}
	}
	if len(p.pools) > shaders.MostPools || len(p.pools)*p.poolTexels > math.MaxUint32 {
		return p, fmt.Errorf("the noise tiles of this configuration take %d MiB, and the device's buffers hold %d times %d MiB; lower paint.noise.largest_tile (%d) or narrow paint.noise.slopes, or use --backend cpu",
			total>>18, shaders.MostPools, limit>>20, support.LargestTile)
	}
	return p, nil
}

// largestTile returns log2 of the side of the largest tile that a leaf of the
// configuration can ask for: that of tileLog in cpu/noise.go, for the widest texture.
func largestTile(c *scene.Config) int {
	scale := float64(c.Develop.Supersample)
	s := c.Support()
	extent := s.RMax * scale * max(1, c.Outline.Polygon.Reach, widestRectangle(s.Aspect))
	width := 1.001 * 2 * extent
	if s.Recedes {
		width *= 2
	}
	log := 6
	for bound := math.Exp2(6.5); (width+s.Margin*scale >= bound || width > math.Exp2(float64(log))) && 1<<(log+1) <= s.LargestTile; bound *= 2 {
		log++
	}
	return log
}

// widestRectangle returns the extent (scene.Leaf.Extent) of a rectangle of radius 1.
func widestRectangle(aspect float64) float64 {
	long := math.Sqrt(math.Pi/aspect) / 2
	return long * (1 + 0.4142136*aspect)
}

// buildNoise builds the tiles of a plan with all threads, largest first.
func buildNoise(n *bank.Noise, plan *noisePlan, threads int) {
	type tile struct{ slope, log int }
	work := make(chan tile)
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for t := range work {
				n.Tile(t.slope, t.log, 0)
			}
		})
	}
	for _, log := range plan.logs {
		for _, s := range plan.slopes {
			work <- tile{s, log}
		}
	}
	close(work)
	wg.Wait()
}
