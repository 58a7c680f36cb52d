package fit

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// walk is CMA-ES (Hansen, arXiv 1604.00772, with its usual numbers), one generation at a time: ask
// for points, tell their figures. gonum's CmaEsChol adapts a step size that it then does not sample
// with (v0.17.0), so it needs ten times as many figures, each of which takes a second or more here; and it cannot
// be stopped and gone on with between two figures.
type walk struct {
	random *rand.Rand
	n      int
	weight []float64 // of the best points, best first
	many   float64   // points that the weights are worth

	cs, cc, c1, cmu, damp, expected float64

	mean, ps, pc []float64
	cov          *mat.SymDense
	sigma        float64
	turn         int
	basis        mat.Dense // eigenvectors of cov, in columns
	width        []float64 // roots of its eigenvalues
	points       [][]float64
}

func newWalk(n int, seed uint64) *walk {
	w := &walk{random: rand.New(rand.NewPCG(seed, 0x66697420636d61)), n: n, sigma: 1}
	lambda, size := 4+int(3*math.Log(float64(n))), float64(n)
	for i := range lambda / 2 {
		w.weight = append(w.weight, math.Log(float64(lambda+1)/2)-math.Log(float64(i+1)))
	}
	floats.Scale(1/floats.Sum(w.weight), w.weight)
	w.many = 1 / floats.Dot(w.weight, w.weight)
	w.cs = (w.many + 2) / (size + w.many + 5)
	w.cc = (4 + w.many/size) / (size + 4 + 2*w.many/size)
	w.c1 = 2 / ((size+1.3)*(size+1.3) + w.many)
	w.cmu = min(1-w.c1, 2*(w.many-2+1/w.many)/((size+2)*(size+2)+w.many))
	w.damp = 1 + 2*max(0, math.Sqrt((w.many-1)/(size+1))-1) + w.cs
	w.expected = math.Sqrt(size) * (1 - 1/(4*size) + 1/(21*size*size))
	w.mean, w.ps, w.pc, w.width = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	w.cov = mat.NewSymDense(n, nil)
	for i := range n {
		w.cov.SetSym(i, i, 1)
	}
	w.points = make([][]float64, lambda)
	return w
}

// ask draws the points of a generation.
func (w *walk) ask() [][]float64 {
	var eigen mat.EigenSym
	if !eigen.Factorize(w.cov, true) {
		panic("fit: eigenvalues of a covariance were not found")
	}
	eigen.VectorsTo(&w.basis)
	for i, v := range eigen.Values(nil) {
		w.width[i] = math.Sqrt(max(v, 1e-20))
	}
	for k := range w.points {
		z, x := make([]float64, w.n), make([]float64, w.n)
		for i := range z {
			z[i] = w.width[i] * w.random.NormFloat64()
		}
		mat.NewVecDense(w.n, x).MulVec(&w.basis, mat.NewVecDense(w.n, z))
		floats.Scale(w.sigma, x)
		floats.Add(x, w.mean)
		w.points[k] = x
	}
	return w.points
}

// tell moves on, given the figures of the points.
func (w *walk) tell(figures []float64) {
	order := make([]int, len(figures))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case figures[a] < figures[b]:
			return -1
		case figures[a] > figures[b]:
			return 1
		}
		return 0
	})
	w.turn++
	steps := make([][]float64, len(w.weight))
	move := make([]float64, w.n)
	for i, weight := range w.weight {
		steps[i] = floats.SubTo(make([]float64, w.n), w.points[order[i]], w.mean)
		floats.Scale(1/w.sigma, steps[i])
		floats.AddScaled(move, weight, steps[i])
	}
	floats.AddScaled(w.mean, w.sigma, move)

	// The move as it would be with an even covariance: basis / width * basis' * move.
	even, back := mat.NewVecDense(w.n, nil), mat.NewVecDense(w.n, nil)
	even.MulVec(w.basis.T(), mat.NewVecDense(w.n, move))
	for i, width := range w.width {
		even.SetVec(i, even.AtVec(i)/width)
	}
	back.MulVec(&w.basis, even)
	floats.Scale(1-w.cs, w.ps)
	floats.AddScaled(w.ps, math.Sqrt(w.cs*(2-w.cs)*w.many), back.RawVector().Data)

	length, stalls := floats.Norm(w.ps, 2), 0.0
	if length/math.Sqrt(1-math.Pow(1-w.cs, 2*float64(w.turn))) < (1.4+2/float64(w.n+1))*w.expected {
		stalls = 1
	}
	floats.Scale(1-w.cc, w.pc)
	floats.AddScaled(w.pc, stalls*math.Sqrt(w.cc*(2-w.cc)*w.many), move)

	w.cov.ScaleSym(1-w.c1-w.cmu+(1-stalls)*w.c1*w.cc*(2-w.cc), w.cov)
	w.cov.SymRankOne(w.cov, w.c1, mat.NewVecDense(w.n, w.pc))
	for i, weight := range w.weight {
		w.cov.SymRankOne(w.cov, w.cmu*weight, mat.NewVecDense(w.n, steps[i]))
	}
	w.sigma *= math.Exp(min(1, w.cs/w.damp*(length/w.expected-1)))
}

// spread is the largest standard deviation of the next points along any axis.
func (w *walk) spread() float64 {
	most := 0.0
	for i := range w.n {
		most = max(most, w.sigma*math.Sqrt(w.cov.At(i, i)))
	}
	return most
}
