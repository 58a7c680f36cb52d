package bank

// Blur is the kernel of one stack: a Gaussian, or a lens.
type Blur struct {
	Weight []uint32    // of a Gaussian, see Gaussian; one weight: sharp
	Lens   *LensKernel // nil: Gaussian
}

// NewBlur returns the kernel of a stack: kind is Config.Blur.Kind, size Stack.Blur.
func NewBlur(kind string, size float64) Blur {
	if kind == "lens" && size > 0 {
		if k := Lens(size); k.Reach() > 0 {
			return Blur{Lens: &k}
		}
		size = 0
	}
	return Blur{Weight: Gaussian(size)}
}

// Reach returns how far, in render pixels, the kernel takes colour from; 0: sharp.
func (k *Blur) Reach() int {
	if k.Lens != nil {
		return k.Lens.Reach() + 1
	}
	return len(k.Weight) - 1
}
