package dataset

import (
	"fmt"
	"strconv"
	"strings"
)

// AppendNPYHeader appends the header of a .npy file (version 1.0) that holds a
// C-contiguous array: descr is NumPy's type ("|u1", "<u2", "<u4", "<f4"), shape its
// dimensions. The header is a multiple of 64 bytes, so a memory-mapped array is
// aligned. Source: numpy.lib.format's description of the format.
func AppendNPYHeader(dst []byte, descr string, shape ...int) []byte {
	var dims strings.Builder
	for i, n := range shape {
		if i > 0 {
			dims.WriteString(", ")
		}
		dims.WriteString(strconv.Itoa(n))
	}
	if len(shape) == 1 {
		dims.WriteByte(',') // a tuple of one
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims.String())
	const fixed = 10 // magic, version, length
	pad := 63 - (fixed+len(text))%64
	n := len(text) + pad + 1
	dst = append(dst, "\x93NUMPY\x01\x00"...)
	dst = append(dst, byte(n), byte(n>>8))
	dst = append(dst, text...)
	for range pad {
		dst = append(dst, ' ')
	}
	return append(dst, '\n')
}
