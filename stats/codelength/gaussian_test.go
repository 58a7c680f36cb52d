package codelength

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// known is a covariance with a root, to draw from and to compute with.
func known(seed uint64) (cov *mat.SymDense, root *mat.Dense) {
	random := rand.New(rand.NewPCG(seed, 1))
	root = mat.NewDense(dims, dims, nil)
	for i := range dims {
		for j := range dims {
			root.Set(i, j, 0.01*random.NormFloat64())
		}
		root.Set(i, i, 0.02+0.3/float64(1+i))
	}
	var c mat.Dense
	c.Mul(root, root.T())
	cov = mat.NewSymDense(dims, nil)
	for i := range dims {
		for j := range i + 1 {
			cov.SetSym(i, j, c.At(i, j))
		}
	}
	return cov, root
}

// draw draws n patches and gives every scale the same.
func draw(root *mat.Dense, n int, seed uint64) *Patches {
	random := rand.New(rand.NewPCG(seed, 2))
	var all []float64
	x := mat.NewVecDense(dims, nil)
	for range n {
		for j := range dims {
			x.SetVec(j, random.NormFloat64())
		}
		var y mat.VecDense
		y.MulVec(root, x)
		all = append(all, y.RawVector().Data...)
	}
	p := &Patches{counts: []int{n}}
	for s := range p.coef {
		p.coef[s] = all
	}
	return p
}

// entropy is that of a Gaussian: what its own code takes.
func entropy(cov *mat.SymDense) float64 {
	var c mat.Cholesky
	c.Factorize(cov)
	return (c.LogDet() + dims*math.Log(2*math.Pi*math.E)) / 2
}

// relative is the relative entropy of zero-mean Gaussians, in nats.
func relative(p, q *mat.SymDense) float64 {
	var cp, cq mat.Cholesky
	cp.Factorize(p)
	cq.Factorize(q)
	var x mat.Dense
	if err := cq.SolveTo(&x, p); err != nil {
		panic(err)
	}
	return (mat.Trace(&x) - dims + cq.LogDet() - cp.LogDet()) / 2
}

// Patches of a known Gaussian take its entropy with a density fitted to it, and with one fitted to another
// the relative entropy more.
func TestKnownGaussian(t *testing.T) {
	a, rootA := known(1)
	b, rootB := known(2)
	o := Options{Components: 1, Iterations: 2, Threads: 2}
	lengths := map[string]Length{}
	for name, root := range map[string]*mat.Dense{"own": rootA, "other": rootB} {
		d, err := Begin(context.Background(), draw(root, 20000, 3), o)
		if err != nil {
			t.Fatal(err)
		}
		lengths[name] = d.Lengths(draw(rootA, 20000, 4), 2)[0]
	}
	for s := range scales {
		const pixels = side * side
		// 2016 parameters of 20,000 patches cost 0.05 nats, chance and the prior as much.
		if off := lengths["own"][s]*pixels - entropy(a); math.Abs(off) > 0.2 {
			t.Errorf("scale %d: %g nats a patch more than the entropy", s, off)
		}
		if got, want := (lengths["other"][s]-lengths["own"][s])*pixels, relative(a, b); math.Abs(got/want-1) > 0.05 {
			t.Errorf("scale %d: with the wrong Gaussian %g nats a patch more, the relative entropy is %g", s, got, want)
		}
	}
}

// Giving up components early changes next to nothing.
func TestScore(t *testing.T) {
	m := &mixture{weight: []float64{0.5, 0.3, 0.2}, white: triangles(3), top: make([]float64, 3)}
	var chol [3]mat.Cholesky
	for k := range m.weight {
		c, _ := known(uint64(k))
		c.ScaleSym(math.Pow(2, float64(k)), c)
		chol[k].Factorize(c)
		var packedCov []float64
		for i := range dims {
			for j := range i + 1 {
				packedCov = append(packedCov, c.At(i, j))
			}
		}
		m.cov = append(m.cov, packedCov)
	}
	if err := m.prepare(); err != nil {
		t.Fatal(err)
	}
	_, root := known(1)
	p, of := draw(root, 200, 5), make([]float64, 3)
	for i := range p.Count() {
		x := p.coef[0][i*dims:][:dims]
		sum := 0.0
		for k, w := range m.weight {
			var y mat.VecDense
			if err := chol[k].SolveVecTo(&y, mat.NewVecDense(dims, x)); err != nil {
				t.Fatal(err)
			}
			sum += w * math.Exp(-(mat.Dot(&y, mat.NewVecDense(dims, x))+chol[k].LogDet()+dims*math.Log(2*math.Pi))/2)
		}
		if got, want := m.score(x, of), math.Log(sum); math.Abs(got-want) > 3*math.Exp(-behind)+1e-9 {
			t.Fatalf("patch %d: %.12g, by the formula %.12g", i, got, want)
		}
	}
}
