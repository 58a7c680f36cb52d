// Package window opens OpenGL 4.4 core contexts in GLFW windows, shown or hidden. The
// generator does not import it: it is for viewers, and needs X11 or Wayland.
//
// It is built with cgo and the build tag window, and then needs the headers of X11
// (Debian and Ubuntu: apt-get install libxrandr-dev libxcursor-dev libxinerama-dev
// libxi-dev libxxf86vm-dev).
package window
