// Package view is what the viewer shows and how keys change it: the state, the rows of
// the panel, the panel as pixels, where the image goes in a window, and what is
// saved. It knows neither windows nor OpenGL; cmd/leaflitter-view does.
package view
