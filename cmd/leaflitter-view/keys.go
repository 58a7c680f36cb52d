//go:build linux && cgo && egl && window

package main

import (
	"strings"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// named are the keys that are the same on every keyboard.
var named = map[glfw.Key]string{
	glfw.KeyUp: "Up", glfw.KeyDown: "Down", glfw.KeyLeft: "Left", glfw.KeyRight: "Right",
	glfw.KeyEnter: "Enter", glfw.KeyKPEnter: "Enter", glfw.KeyEscape: "Esc", glfw.KeyBackspace: "Backspace",
	glfw.KeySpace: "Space", glfw.KeyTab: "Tab", glfw.KeyHome: "Home", glfw.KeyEnd: "End", glfw.KeyF1: "F1",
	glfw.KeyPageDown: "N", glfw.KeyPageUp: "P", glfw.KeyPeriod: ".", glfw.KeyComma: ",", glfw.KeyKPDecimal: ".",
}

// keyName returns what package view calls a key: letters by what is printed on them.
func keyName(key glfw.Key, scancode int) string {
	if key >= glfw.Key0 && key <= glfw.Key9 {
		return string(rune('0' + key - glfw.Key0))
	}
	if key >= glfw.KeyKP0 && key <= glfw.KeyKP9 {
		return string(rune('0' + key - glfw.KeyKP0))
	}
	if name := named[key]; name != "" && len(name) > 1 {
		return name
	}
	if printed := strings.ToUpper(glfw.GetKeyName(key, scancode)); len(printed) == 1 {
		return printed
	}
	if key >= glfw.KeyA && key <= glfw.KeyZ { // a layout without Latin letters
		return string(rune('A' + key - glfw.KeyA))
	}
	return named[key]
}
