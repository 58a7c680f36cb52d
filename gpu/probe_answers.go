//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"math"
	"math/bits"
)

// What shaders/probe.comp must find, computed here in the same order.

const (
	probeThreads  = 256
	probeGroups   = 5
	operandRows   = 12
	probeRows     = 31 // of what is found
	longLoop      = 65535
	longerLoop    = 200000
	reversedRow   = 24 // the first row that the second phase reads
	secondPhase   = 28 // the first row that it writes
	secondPhaseOf = 3  // rows
)

// operands are rows of words, one a thread.
type operands [operandRows * probeThreads]uint32

func (o *operands) word(row, thread int) uint32   { return o[row*probeThreads+thread] }
func (o *operands) float(row, thread int) float32 { return math.Float32frombits(o.word(row, thread)) }

// probeOperands are drawn so that each fused product and sum gives another result than
// two rounded operations.
func probeOperands() (o operands) {
	state := uint64(1)
	draw := func() uint32 {
		state = state*6364136223846793005 + 1442695040888963407
		return uint32(state >> 32)
	}
	float := func() float32 { return float32(int32(draw())>>7) / (1 << 23) } // 24 random bits and a sign, within 2
	floats := []float32{-2147483648, 2147483520, -0.75, 0.75, 0.99999994, -16777216, 16777215, 8388607.5, -8388607.5, 0, 1e-20, -2147483520}
	wholes := []int32{math.MinInt32, 0x7fffff80, -1, 1 << 24, -1 << 24, 0xffffff, 0, -0x7fffff80}
	for t := range probeThreads {
		set := func(row int, v uint32) { o[row*probeThreads+t] = v }
		a, b, c, d := float(), float(), float(), float()
		for !telling(a, b, c, d) {
			a, b, c, d = float(), float(), float(), float()
		}
		for row, v := range []float32{a, b, c, d, float32(math.Copysign(0, -1))} {
			set(row, math.Float32bits(v))
		}
		set(5, math.Float32bits(float32(float()*1e9)))
		set(6, math.Float32bits(float32(draw()>>8<<8)))
		set(7, uint32(int32(draw())>>8))
		set(8, draw())
		set(9, 1<<23|draw()>>9) // the smallest normal numbers
		set(10, longLoop)
		set(11, longerLoop)
		if t < len(floats) {
			set(5, math.Float32bits(floats[t]))
			set(6, math.Float32bits(max(floats[t], 0)))
		}
		if t < len(wholes) {
			set(7, uint32(wholes[t]))
		}
		if t < 2 {
			set(8, uint32(-t)) // nothing, and every bit
			set(6, math.Float32bits([]float32{4294967040, 0.99999994}[t]))
		}
	}
	return o
}

// rounded are product and sum, each rounded; fused rounds once.
func rounded(a, b, c float32) float32 { return float32(a*b) + c }
func fused(a, b, c float32) float32 {
	return float32(math.FMA(float64(a), float64(b), float64(c)))
}

func telling(a, b, c, d float32) bool {
	return rounded(a, b, c) != fused(a, b, c) && rounded(d, b, c) != fused(d, b, c) && c-float32(a*b) != fused(-a, b, c) &&
		rounded(a, b, float32(c*d)) != fused(a, b, float32(c*d)) && rounded(c, d, float32(a*b)) != fused(c, d, float32(a*b))
}

// answer is what one row must hold.
type answer struct {
	name   string
	needed bool
	want   func(o *operands, t int) uint32
}

func ofFloat(f func(a, b, c, d float32) float32) func(*operands, int) uint32 {
	return func(o *operands, t int) uint32 {
		return math.Float32bits(f(o.float(0, t), o.float(1, t), o.float(2, t), o.float(3, t)))
	}
}

func ofWords(f func(x, y uint32, t int) uint32) func(*operands, int) uint32 {
	return func(o *operands, t int) uint32 { return f(o.word(8, t), o.word(7, t), t) }
}

var probeLiterals = [8]float32{5.96046448e-08, 2.82352948, -76.7058563, 6.28318548, 0.00862068962, 1.05722523, 7.62939453e-06, 0.1}

// answers are the rows before the second phase.
var answers = []answer{
	{"a product that is summed in another statement", true, ofFloat(func(a, b, c, d float32) float32 { return rounded(a, b, c) })},
	{"a product and a sum in one expression", true, ofFloat(func(a, b, c, d float32) float32 { return rounded(a, b, c) })},
	{"a product that is subtracted", true, ofFloat(func(a, b, c, d float32) float32 { return c - float32(a*b) })},
	{"the sum of two products", true, ofFloat(func(a, b, c, d float32) float32 { return float32(a*b) + float32(c*d) })},
	{"products and sums of vectors", true, ofFloat(func(a, b, c, d float32) float32 { return rounded(d, b, c) })},
	{"a product through fma(a, b, -0), then a sum", false, ofFloat(func(a, b, c, d float32) float32 { return rounded(a, b, c) })},
	{"a product and a sum that nothing marks precise", false, ofFloat(func(a, b, c, d float32) float32 { return rounded(a, b, c) })},
	{"float literals", true, func(_ *operands, t int) uint32 { return math.Float32bits(probeLiterals[t&7]) }},
	{"float to int", true, func(o *operands, t int) uint32 { return uint32(int32(o.float(5, t))) }},
	{"float to uint", true, func(o *operands, t int) uint32 { return uint32(o.float(6, t)) }},
	{"int to float", true, ofWords(func(_, y uint32, _ int) uint32 { return math.Float32bits(float32(int32(y))) })},
	{"uint to float", true, ofWords(func(_, y uint32, _ int) uint32 { return math.Float32bits(float32(y &^ 0xff)) })},
	{"int of more than 24 bits to float, rounded to nearest", false, ofWords(func(x, _ uint32, _ int) uint32 { return math.Float32bits(float32(int32(x))) })},
	{"denormal floats", false, func(o *operands, t int) uint32 { return math.Float32bits(o.float(9, t) * 0.5) }},
	{"shift to the left", true, ofWords(func(x, _ uint32, t int) uint32 { return x << (t & 31) })},
	{"shift to the right", true, ofWords(func(x, _ uint32, t int) uint32 { return x >> (t & 31) })},
	{"shift to the right with a sign", true, ofWords(func(x, _ uint32, t int) uint32 { return uint32(int32(x) >> (t & 31)) })},
	{"umulExtended, high word", true, ofWords(func(x, y uint32, _ int) uint32 { hi, _ := bits.Mul32(x, y); return hi })},
	{"umulExtended, low word", true, ofWords(func(x, y uint32, _ int) uint32 { return x * y })},
	{"bitfieldExtract with a sign", true, ofWords(func(x, _ uint32, t int) uint32 { return uint32(int32(int8(x >> (t & 3 * 8)))) })},
	{"bitCount", true, ofWords(func(x, _ uint32, _ int) uint32 { return uint32(bits.OnesCount32(x)) })},
	{"findLSB", true, ofWords(func(x, _ uint32, _ int) uint32 {
		if x == 0 {
			return math.MaxUint32
		}
		return uint32(bits.TrailingZeros32(x))
	})},
	{"division of integers", true, ofWords(func(x, y uint32, _ int) uint32 { return x / (y>>8 | 1) })},
	{"remainder of integers", true, ofWords(func(x, y uint32, _ int) uint32 { return x % (y>>8 | 1) })},
	{"shared memory across barriers", true, func(o *operands, t int) uint32 { return exchanged(o)[t] }},
	{"a loop of 65,535 turns", true, func(*operands, int) uint32 { return longTurned }},
	{"a loop of 200,000 turns", false, func(*operands, int) uint32 { return longerTurned }},
	{"atomic addition in shared memory", true, func(o *operands, _ int) (sum uint32) {
		for t := range probeThreads {
			sum += o.word(7, t)
		}
		return sum
	}},
}

var longTurned, longerTurned = turned(longLoop), turned(longerLoop)

func exchanged(o *operands) (v [probeThreads]uint32) {
	for t := range v {
		v[t] = o.word(8, t)
	}
	for round := range 16 {
		old := v
		for t := range v {
			v[t] = v[t]*1664525 + old[(t*5+27+round)%probeThreads]
		}
	}
	return v
}

func turned(turns int) (sum uint32) {
	for i := range uint32(turns) {
		sum = sum*3 + i
	}
	return sum
}

// judge compares what a probe found, read from the device (words), through mapped memory
// (mapped) and in its tally, with the answers.
func judge(o *operands, words, mapped []uint32, sum tally) []Primitive {
	all := make([]Primitive, 0, len(answers)+3)
	for row, a := range answers {
		p := Primitive{Name: a.name, Needed: a.needed, Holds: true}
		for t := range probeThreads {
			if got, want := words[row*probeThreads+t], a.want(o, t); got != want && p.Holds {
				p.Holds, p.Detail = false, fmt.Sprintf("invocation %d gives %#08x, exact is %#08x", t, got, want)
			}
		}
		all = append(all, p)
	}
	want := tally{Groups: secondPhaseOf, One: 1, Two: 1, Bits: math.MaxUint32, Winners: 1, Taken: sum.Taken}
	for t := range probeThreads {
		want.Sum += probeGroups * o.word(8, t)
		want.Most = max(want.Most, o.word(8, t))
	}
	all = append(all, checked("atomics of all workgroups", sum == want && sum.Taken >= 1 && sum.Taken <= probeThreads, "%+v, exact is %+v", sum, want))
	at := -1
	for i := range secondPhaseOf * probeThreads {
		row, t := i/probeThreads, i%probeThreads
		if words[secondPhase*probeThreads+i] != words[(reversedRow+row)*probeThreads+probeThreads-1-t]^0x5a5a5a5a {
			at = i
			break
		}
	}
	all = append(all, checked("a dispatch that reads what the last one wrote, with as many workgroups as that wrote", at < 0, "word %d differs", at))
	at = -1
	for i := range words {
		if words[i] != mapped[i] {
			at = i
			break
		}
	}
	return append(all, checked("mapped memory read after a fence", at < 0, "word %d differs", at))
}

// checked is a needed primitive, with its detail if it does not hold.
func checked(name string, holds bool, format string, args ...any) Primitive {
	p := Primitive{Name: name, Needed: true, Holds: holds}
	if !holds {
		p.Detail = fmt.Sprintf(format, args...)
	}
	return p
}
