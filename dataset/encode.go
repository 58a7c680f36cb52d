package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"leaflitter/degrade"
	"leaflitter/render"
	"leaflitter/scene"
)

// encoding is what a sink wants of each sample.
type encoding struct {
	members []member
	pair    *degrade.Pair
	level   Level
	header  *Header
	config  string // hash of the configuration

	png    bool // members as PNG files; else their numbers
	npy    bool // numbers as .npy files
	planar bool // numbers as C x H x W
	json   bool // a JSON member says what the image is
	sums   bool // File.Sum is wanted
}

// kinds are the kinds of a sample's files, in their order.
func (e *encoding) kinds() []string {
	var list []string
	for _, m := range e.members {
		switch {
		case e.png:
			list = append(list, dotted(m.kind, "png"))
		case e.npy:
			list = append(list, dotted(m.kind, "npy"))
		default:
			list = append(list, m.kind)
		}
	}
	if e.json {
		list = append(list, "json")
	}
	return list
}

// dotted joins what there is of a kind and an extension.
func dotted(kind, ext string) string {
	if kind == "" {
		return ext
	}
	return kind + "." + ext
}

// encoder makes the files of samples, keeping its buffers; one a goroutine.
type encoder struct {
	*encoding
	sampler
	encoder Encoder
	names   []string
	files   []File
	data    [][]byte
	tmp     []byte
}

func (e *encoding) encoder() *encoder {
	enc := &encoder{encoding: e, encoder: Encoder{Level: e.level}, names: e.kinds()}
	enc.data, enc.files = make([][]byte, len(enc.names)), make([]File, len(enc.names))
	if e.pair != nil {
		enc.maker = e.pair.Maker(e.header.Seed)
	}
	return enc
}

// encode returns the files of an image, valid until the next call, and their bytes.
func (e *encoder) encode(index uint64, im *render.Image) (files []File, n int, err error) {
	for i, kind := range e.names {
		data := e.data[i][:0]
		switch {
		case i == len(e.members):
			data, err = e.about(data, index, im)
		case e.png:
			p := e.picture(&e.members[i], index, im)
			err = p.Err()
			data = e.encoder.Encode(data, p)
		default:
			m := &e.members[i]
			if e.npy {
				data = AppendNPYHeader(data, m.descr, m.shape()...)
			}
			data, err = e.raw(data, m, index, im)
			if e.planar {
				e.tmp = planar(data, e.tmp, m.channels, m.itemSize())
			}
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s cannot be encoded: %w", fileName(index, kind), err)
		}
		e.data[i] = data
		e.files[i] = File{Kind: kind, Data: data}
		if e.sums {
			e.files[i].Sum = sha256.Sum256(data)
		}
		n += len(data)
	}
	return e.files, n, nil
}

// About is the JSON member of a sample.
type About struct {
	Index    uint64     `json:"index"`
	Seed     uint64     `json:"seed"`
	Model    int        `json:"model"`    // render.ModelVersion
	Config   string     `json:"config"`   // SHA-256 of the configuration as compact JSON
	Palettes string     `json:"palettes"` // hash of the palettes
	Palette  int        `json:"palette"`  // number of the one that was used
	Outline  string     `json:"outline"`
	Radii    [2]float64 `json:"radii"` // px: the ends of the radius law
	Pair     string     `json:"pair,omitempty"`
	// What the image drew for the fields with laws, by path; absent if there are none.
	Draws *scene.Draws `json:"draws,omitempty"`
	// The leaves that show, as [id, layer, radius in px]; with the label id only.
	Leaves []AboutLeaf `json:"leaves,omitempty"`
}

// AboutLeaf is a leaf in an About: [id, layer, radius].
type AboutLeaf render.LeafFacts

// MarshalJSON implements json.Marshaler.
func (l AboutLeaf) MarshalJSON() ([]byte, error) {
	text := fmt.Appendf(nil, "[%d,%d,", l.ID, l.Layer)
	return append(strconv.AppendFloat(text, float64(l.Radius), 'f', -1, 32), ']'), nil
}

// aboutSize is what the size of a JSON member is a multiple of: blanks fill it, so that
// without leaves all are equally long and a byte of a shard can be found without
// rendering what comes before it (leaflitter serve).
const aboutSize = 512

func (e *encoder) about(dst []byte, index uint64, im *render.Image) ([]byte, error) {
	f := &im.Facts
	a := About{
		Index: index, Seed: e.header.Seed, Model: render.ModelVersion, Config: e.config, Palettes: e.header.PaletteHash,
		Palette: f.Palette, Outline: f.Outline, Radii: f.Radii,
	}
	if e.pair != nil {
		a.Pair = e.pair.String()
	}
	if f.Draws.Bytes > 0 {
		a.Draws = &f.Draws
	}
	for _, l := range f.Leaves {
		a.Leaves = append(a.Leaves, AboutLeaf(l))
	}
	text, err := marshal(a, "")
	if err != nil {
		return dst, err
	}
	dst = append(dst, text...)
	pad := aboutSize - 1 - len(text)%aboutSize
	if f.Draws.Bytes > 0 { // drawn numbers are not equally long
		pad += max(0, 1+(aboutSize-1+f.Draws.Bytes)/aboutSize-(len(text)+aboutSize)/aboutSize) * aboutSize
	}
	dst = slices.Grow(dst, pad+1)
	for range pad {
		dst = append(dst, ' ')
	}
	return append(dst, '\n'), nil
}

// configHash identifies a configuration.
func configHash(h *Header) (string, error) {
	text, err := marshal(h.Config, "")
	if err != nil {
		return "", fmt.Errorf("the configuration cannot be written to %s: %w", manifestName, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
