package stats

import (
	"math"

	"leaflitter/stats/codelength"
)

// Set is what was measured of a set of images. The arrays are curves and histograms.
// docs/statistics.md defines every number.
type Set struct {
	Where   string     `json:"where"`
	Kind    string     `json:"kind"` // dataset, photographs
	Images  int64      `json:"images"`
	Pixels  int64      `json:"pixels"`
	Least   [2]int     `json:"smallest"` // width, height
	Most    [2]int     `json:"largest"`
	Skipped []Unusable `json:"skipped,omitempty"`

	Spectrum   Spectrum    `json:"spectrum"`
	Gradients  []Marginal  `json:"gradients"` // horizontal, vertical
	Wavelets   []Marginal  `json:"wavelets"`  // three scales of horizontal, vertical, diagonal
	Neighbours Neighbours  `json:"neighbours"`
	Colour     Colour      `json:"colour"`
	Entropy    Texture     `json:"entropy"` // bits, of blocks
	Blur       Texture     `json:"blur"`    // of images
	Objects    *ObjectSize `json:"objects"` // null without id labels

	lattice *lattice
	all     *totals
	halves  [2]*totals
	patches [2]*codelength.Patches // of even and of odd places; nil without code length
}

// Spectrum is the power spectrum of luma.
type Spectrum struct {
	Patch     int       `json:"patch"` // px
	Patches   int64     `json:"patches"`
	Band      [2]Number `json:"band"`       // of the fit, cycles a pixel
	Slope     Number    `json:"slope"`      // alpha of f^-alpha
	SlopeMean Number    `json:"slope_mean"` // of single images
	SlopeSD   Number    `json:"slope_sd"`
	Cardinal  Number    `json:"cardinal"`  // power across and down over that of the diagonals
	Frequency []Number  `json:"frequency"` // cycles a pixel
	Power     []Number  `json:"power"`
	Degrees   []Number  `json:"degrees"` // direction of the waves, 0: luma changes across
	Angular   []Number  `json:"angular"`
}

// Marginal is the distribution of a derivative or of wavelet coefficients.
type Marginal struct {
	Name     string   `json:"name"`
	Mean     Number   `json:"mean"` // grey levels
	SD       Number   `json:"sd"`
	Kurtosis Number   `json:"kurtosis"`
	Step     Number   `json:"step"`  // grey levels a bin
	First    Number   `json:"first"` // centre of the first bin
	Shares   []Number `json:"shares"`
}

// Neighbours is the joint distribution of horizontally adjacent pixels.
type Neighbours struct {
	Information Number     `json:"mutual_information"` // bits
	Correlation Number     `json:"correlation"`        // of the levels
	Joint       [][]Number `json:"joint"`              // 64 x 64 shares: left level, right level
}

// Colour is the distribution in CIE L*a*b*.
type Colour struct {
	Mean       [3]Number    `json:"mean"`
	Covariance [3][3]Number `json:"covariance"`
	Chroma     Number       `json:"chroma"`    // mean, from the histogram
	Lightness  []Number     `json:"lightness"` // shares
	A          []Number     `json:"a"`
	B          []Number     `json:"b"`
	ChromaHist []Number     `json:"chroma_shares"`
}

// Texture is the distribution of a number of blocks or images.
type Texture struct {
	Mean   Number   `json:"mean"`
	SD     Number   `json:"sd"`
	Count  int64    `json:"count"`
	Step   Number   `json:"step"`
	Shares []Number `json:"shares"`
}

// ObjectSize is what id labels show.
type ObjectSize struct {
	Objects      int64    `json:"objects"`
	PerImage     Number   `json:"per_image"`
	AreaMean     Number   `json:"area_mean"`     // px
	BoundaryMean Number   `json:"boundary_mean"` // pairs of pixels an object
	EdgeDensity  Number   `json:"edge_density"`  // share of adjacent pairs that differ
	Boundary     Number   `json:"boundary_per_image"`
	From         []Number `json:"from"` // lower ends of the bins, px
	AreaShares   []Number `json:"area_shares"`
	BoundShares  []Number `json:"boundary_shares"`
}

func numbers(list []float64) []Number {
	out := make([]Number, len(list))
	for i, v := range list {
		out[i] = Number(v)
	}
	return out
}

// orientations name what luma changes along.
var orientations = []string{"horizontal", "vertical", "diagonal"}

// fill computes the numbers from the totals.
func (s *Set) fill(halves [2]*totals) {
	s.halves = halves
	s.all = newTotals(s.lattice)
	s.all.add(halves[0])
	s.all.add(halves[1])
	t := s.all
	s.Images, s.Pixels, s.Least, s.Most = t.images, t.pixels, t.least, t.most
	if s.Images == 0 {
		return
	}
	s.Spectrum = t.spectrum(s.lattice)
	for i, c := range t.grey.gradient {
		s.Gradients = append(s.Gradients, marginal(orientations[i], c, c, 1, 1, 255))
	}
	for scale, list := range t.grey.haar {
		for i, c := range list {
			name := "scale" + string(rune('1'+scale)) + "." + orientations[i]
			// Grey levels: the difference of the means of the two halves.
			s.Wavelets = append(s.Wavelets, marginal(name, c, coarse(c, scale), haarUnit(scale), 2, haarLimit(scale)))
		}
	}
	s.Neighbours = neighbours(t.grey.joint)
	s.Colour = t.colour()
	s.Entropy = texture(t.grey.entropy, 0.1, t.entropy.mean(), t.entropy.sd())
	s.Blur = texture(t.grey.blur, 0.001, t.blur.mean(), t.blur.sd())
	if t.objects.images > 0 {
		s.Objects = t.objects.sizes()
	}
}

// haarUnit is a sum of pixels as the difference of the means of two halves, of
// 4^(scale+1) / 2 pixels each.
func haarUnit(scale int) float64 { return 2 / float64(int(4)<<(2*scale)) }

// coarse gathers coefficients in bins of 2 grey levels, the middle one around 0.
func coarse(c counts, scale int) counts {
	area, limit := 4<<(2*scale), haarLimit(scale)
	out := make(counts, 257)
	for i, n := range c {
		out[(i-limit+area/2+128*area)/area] += n // floor(v / area + 1/2) + 128
	}
	return out
}

func marginal(name string, fine, shown counts, unit, step float64, limit int) Marginal {
	mean, sd, kurtosis := fine.moments(-unit*float64(limit), unit)
	first := -step * float64(len(shown)/2)
	return Marginal{name, Number(mean), Number(sd), Number(kurtosis), Number(step), Number(first), numbers(shown.shares())}
}

func texture(c counts, step, mean, sd float64) Texture {
	return Texture{Number(mean), Number(sd), c.total(), Number(step), numbers(c.shares())}
}

func (t *totals) spectrum(l *lattice) Spectrum {
	n := float64(l.n)
	out := Spectrum{Patch: l.n, Patches: t.power.patches, Band: [2]Number{Number(4 / n), 0.25}}
	out.Slope, out.SlopeMean, out.SlopeSD = Number(l.slope(&t.power)), Number(t.slope.mean()), Number(t.slope.sd())
	f, p := l.radial(&t.power)
	out.Frequency, out.Power = numbers(f), numbers(p)
	a := l.angular(&t.power)
	out.Angular = numbers(a)
	out.Cardinal = Number((a[0] + a[sectors/2]) / (a[sectors/4] + a[3*sectors/4]))
	for s := range sectors {
		out.Degrees = append(out.Degrees, Number(s*180/sectors))
	}
	return out
}

func neighbours(joint counts) Neighbours {
	p := joint.shares()
	out := Neighbours{Information: Number(information(joint)), Correlation: Number(correlation(p))}
	for i := range jointLevels {
		if p != nil {
			out.Joint = append(out.Joint, numbers(p[i*jointLevels:(i+1)*jointLevels]))
		}
	}
	return out
}

// margins are the shares of left and of right levels.
func margins(p []float64) (left, right [jointLevels]float64) {
	for i, v := range p {
		left[i/jointLevels] += v
		right[i%jointLevels] += v
	}
	return left, right
}

// information is the mutual information of left and right, in bits.
func information(joint counts) float64 {
	p := joint.shares()
	if p == nil {
		return undefined
	}
	left, right := margins(p)
	sum := 0.0
	for i, v := range p {
		if v > 0 {
			sum += v * math.Log2(v/(left[i/jointLevels]*right[i%jointLevels]))
		}
	}
	return sum
}

func correlation(p []float64) float64 {
	var x, y, xx, yy, xy float64
	for i, v := range p {
		a, b := float64(i/jointLevels), float64(i%jointLevels)
		x, y, xx, yy, xy = x+v*a, y+v*b, xx+v*a*a, yy+v*b*b, xy+v*a*b
	}
	r := (xy - x*y) / math.Sqrt((xx-x*x)*(yy-y*y))
	if math.IsInf(r, 0) {
		return undefined
	}
	return r
}

func (t *totals) colour() Colour {
	var out Colour
	cov := t.lab.covariance()
	for i, v := range t.lab.mean() {
		out.Mean[i] = Number(v)
		for j := range 3 {
			out.Covariance[i][j] = Number(cov[i][j])
		}
	}
	mean, _, _ := t.colours.chroma.moments(1, 2)
	out.Chroma = Number(mean)
	out.Lightness, out.A, out.B = numbers(t.colours.lightness.shares()), numbers(t.colours.a.shares()), numbers(t.colours.b.shares())
	out.ChromaHist = numbers(t.colours.chroma.shares())
	return out
}

func (o *objects) sizes() *ObjectSize {
	n, images := o.area.total(), float64(o.images)
	return &ObjectSize{
		Objects: n, PerImage: Number(float64(n) / images), AreaMean: Number(float64(o.areaSum) / float64(n)),
		BoundaryMean: Number(float64(o.boundarySum) / float64(n)), EdgeDensity: Number(float64(o.edges) / float64(o.pairs)),
		Boundary: Number(float64(o.edges) / images), From: numbers(halfOctaveStarts(halfOctaves)),
		AreaShares: numbers(o.area.shares()), BoundShares: numbers(o.boundary.shares()),
	}
}
