package hdf5

import "fmt"

// Type is the type of an element, little-endian.
type Type uint8

// The types of elements. Those of training images are Uint8 and Float32.
const (
	Uint8 Type = iota
	Uint16
	Uint32
	Float32
)

// String returns NumPy's name of the type.
func (t Type) String() string {
	if names := [...]string{"uint8", "uint16", "uint32", "float32"}; int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// Size returns the bytes of an element: 1, 2 or 4, and 0 for an unknown type.
func (t Type) Size() int {
	if sizes := [...]int{1, 2, 4, 4}; int(t) < len(sizes) {
		return sizes[t]
	}
	return 0
}

// datatype returns the body of the type's datatype message: class and version, three
// bytes of the class's flags, the size, and where in the element which bits lie.
func (t Type) datatype() []byte {
	size := byte(t.Size())
	if t == Float32 {
		return []byte{
			0x11, 0x20, 31, 0, size, 0, 0, 0, // little-endian, leading 1 implied, sign in bit 31
			0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0, // bits 0 to 31; exponent at 23, 8 wide; mantissa at 0, 23 wide; bias
		}
	}
	return []byte{0x10, 0, 0, 0, size, 0, 0, 0, 0, 0, 8 * size, 0} // little-endian, unsigned, all bits used
}
