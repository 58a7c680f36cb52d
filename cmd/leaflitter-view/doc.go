// Command leaflitter-view shows images in a window, on the GPU that renders them. It is
// a binary of its own so that leaflitter needs neither X11 nor a display.
//
// main.go reads the flags, app.go is the window's loop on the main thread, worker.go
// renders, draw.go draws. What keys do is in package view.
package main
