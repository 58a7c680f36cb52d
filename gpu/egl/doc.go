// Package egl opens desktop OpenGL core contexts without a window system, through
// EGL devices (NVIDIA and other hardware, headless) or Mesa's surfaceless
// platform. libEGL is opened when it is first asked for, so a binary that
// imports this package starts on machines that have none.
//
// It is built on Linux with cgo and the build tag egl.
package egl
