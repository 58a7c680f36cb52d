//go:build !(linux && cgo && egl)

// Command gpubox measures the GPU backend; it needs Linux, cgo and the build tag egl.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "gpubox: built without the GPU backend; see make gpubox")
	os.Exit(1)
}
