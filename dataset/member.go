package dataset

import (
	"encoding/binary"
	"fmt"
	"slices"

	"leaflitter/degrade"
	"leaflitter/render"
)

// member is one array of a sample: the image (or the two of a pair), then the labels.
type member struct {
	kind     string // empty: the image; gt, lq; id, layer, depth, edge
	height   int
	width    int
	channels int // 0: it has no channel axis
	descr    string
}

// NumPy's names of the types of members.
const (
	uint8s   = "|u1"
	uint16s  = "<u2"
	uint32s  = "<u4"
	float32s = "<f4"
)

// members lists what each sample consists of, given any image of the job.
func members(im *render.Image, labels render.Labels, pair *degrade.Pair) []member {
	list := []member{{"", im.Height, im.Width, im.Channels, uint8s}}
	if pair != nil {
		list[0].kind = "gt"
		w, h := pair.Size(im.Width, im.Height)
		lq := member{"lq", h, w, im.Channels, uint8s}
		if pair.Float() {
			lq.descr = float32s
		}
		list = append(list, lq)
	}
	for _, l := range labelList(labels) {
		descr := uint8s
		switch l {
		case "id":
			descr = uint32s
		case "depth":
			descr = uint16s
		}
		list = append(list, member{l, im.Height, im.Width, 0, descr})
	}
	return list
}

// shape is the shape of the array: height, width and, if it has them, channels.
func (m *member) shape() []int {
	if m.channels == 0 {
		return []int{m.height, m.width}
	}
	return []int{m.height, m.width, m.channels}
}

// itemSize is the bytes of one number.
func (m *member) itemSize() int { return int(m.descr[2] - '0') }

// size is the bytes of the array.
func (m *member) size() int { return m.height * m.width * max(1, m.channels) * m.itemSize() }

// sampler takes the members of samples out of images, keeping its buffers.
type sampler struct {
	maker  *degrade.Maker // nil without pairs
	bytes  []uint8
	floats []float32
}

// picture is member m of image index as a PNG.
func (s *sampler) picture(m *member, index uint64, im *render.Image) Picture {
	switch m.kind {
	case "", "gt":
		return ImagePicture(im)
	case "lq":
		if m.descr != uint8s {
			return Picture{err: fmt.Errorf("float32 pixels do not fit")}
		}
		var err error
		if s.bytes, err = s.maker.Bytes(s.bytes, im.Pix, im.Width, im.Height, im.Channels, index); err != nil {
			return Picture{err: err}
		}
		return ImagePicture(&render.Image{Width: m.width, Height: m.height, Channels: m.channels, Pix: s.bytes})
	case "id":
		return IDPicture(im.Width, im.Height, im.ID)
	case "layer":
		return GreyPicture(im.Width, im.Height, im.Layer)
	case "depth":
		return Grey16Picture(im.Width, im.Height, im.Depth)
	}
	return GreyPicture(im.Width, im.Height, im.Edge)
}

// raw appends the numbers of member m, little-endian, to dst.
func (s *sampler) raw(dst []byte, m *member, index uint64, im *render.Image) ([]byte, error) {
	n := len(dst)
	dst = slices.Grow(dst, m.size())
	var err error
	switch {
	case m.kind == "" || m.kind == "gt":
		dst = append(dst, im.Pix...)
	case m.kind == "lq" && m.descr == uint8s:
		s.bytes, err = s.maker.Bytes(s.bytes, im.Pix, im.Width, im.Height, im.Channels, index)
		dst = append(dst, s.bytes...)
	case m.kind == "lq":
		if s.floats, err = s.maker.Floats(s.floats, im.Pix, im.Width, im.Height, im.Channels, index); err == nil {
			dst, err = binary.Append(dst, binary.LittleEndian, s.floats)
		}
	case m.kind == "id":
		dst, err = binary.Append(dst, binary.LittleEndian, im.ID)
	case m.kind == "layer":
		dst = append(dst, im.Layer...)
	case m.kind == "depth":
		dst, err = binary.Append(dst, binary.LittleEndian, im.Depth)
	default:
		dst = append(dst, im.Edge...)
	}
	if err == nil && len(dst)-n != m.size() {
		err = fmt.Errorf("%q of image %d has %d bytes instead of %d", m.kind, index, len(dst)-n, m.size())
	}
	return dst, err
}

// planar reorders H x W x C numbers to C x H x W, in place by way of tmp.
func planar(pix, tmp []byte, channels, itemSize int) []byte {
	if channels < 2 {
		return tmp
	}
	tmp = append(tmp[:0], pix...)
	n := len(pix) / channels // bytes a plane
	if channels == 3 && itemSize == 1 {
		a, b, c := pix[:n], pix[n:2*n], pix[2*n:]
		for i := range n {
			p := tmp[3*i : 3*i+3 : 3*i+3]
			a[i], b[i], c[i] = p[0], p[1], p[2]
		}
		return tmp
	}
	for i := 0; i < len(tmp); i += itemSize {
		item := i / itemSize
		copy(pix[item%channels*n+item/channels*itemSize:], tmp[i:i+itemSize])
	}
	return tmp
}
