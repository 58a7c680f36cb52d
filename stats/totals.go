package stats

// totals is everything that is summed over images.
type totals struct {
	grey    grey
	colours colours
	objects objects
	sums
}

// sums are those that are not counts: summed in the order of images.
type sums struct {
	images, pixels int64
	least, most    [2]int // smallest and largest width and height
	power          power
	slope          tally // of single images
	lab            moments
	entropy        tally // of blocks
	blur           tally
}

func newTotals(l *lattice) *totals {
	return &totals{newGrey(), newColours(), newObjects(), sums{power: l.newPower()}}
}

func (t *totals) add(o *totals) {
	t.grey.add(&o.grey)
	t.colours.add(&o.colours)
	t.objects.add(&o.objects)
	t.sums.add(&o.sums)
}

func (s *sums) add(o *sums) {
	if o.images > 0 {
		for i := range 2 {
			if s.images == 0 || o.least[i] < s.least[i] {
				s.least[i] = o.least[i]
			}
			s.most[i] = max(s.most[i], o.most[i])
		}
	}
	s.images += o.images
	s.pixels += o.pixels
	s.power.add(&o.power)
	s.slope = s.slope.plus(o.slope)
	s.lab.add(&o.lab)
	s.entropy = s.entropy.plus(o.entropy)
	s.blur = s.blur.plus(o.blur)
}
