//go:build !(linux && cgo && egl && window)

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "leaflitter-view: this binary was built without a window; on Linux, with a C compiler and the headers of EGL and X11 (Debian and Ubuntu: apt-get install gcc pkg-config libegl-dev libxrandr-dev libxcursor-dev libxinerama-dev libxi-dev libxxf86vm-dev), make view builds one with it")
	os.Exit(1)
}
