//go:build !(linux && cgo && egl)

// Command gpubox proves and measures the GPU backend on a machine that is lent for minutes;
// it needs Linux, cgo and the build tag egl.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "gpubox: built without the GPU backend; see make gpubox")
	os.Exit(1)
}
