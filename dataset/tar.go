package dataset

import (
	"archive/tar"
	"bytes"
	"fmt"
	"time"
)

const tarBlock = 512

// AppendTarHeader appends the header of a member of a tar archive (USTAR): a regular
// file of size bytes, with the same time, owner and mode wherever it is written.
// What follows it is the file and TarPadding. name has at most 100 bytes of ASCII and
// size is below 8 GiB.
func AppendTarHeader(dst []byte, name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
	})
	if err != nil || b.Len() != tarBlock {
		return dst, fmt.Errorf("%s of %d bytes cannot be a member of a tar archive: a name has at most 100 bytes, a member less than 8 GiB", name, size)
	}
	return append(dst, b.Bytes()...), nil
}

// TarPadding returns the zeros that follow a member of size bytes.
func TarPadding(size int64) []byte { return zeros[:-size&(tarBlock-1)] }

// TarEnd returns the zeros that end an archive.
func TarEnd() []byte { return zeros[:] }

var zeros [2 * tarBlock]byte
