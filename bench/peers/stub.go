//go:build !(linux && cgo && egl)

package main

import (
	"errors"
	"time"
)

type device struct{ name string }

var errNotBuilt = errors.New("built without the tag egl: no shader is measured")

func openDevice() (*device, error) { return nil, errNotBuilt }

func (*device) brute(*subject) (time.Duration, error) { return 0, errNotBuilt }

func tiles(*subject) (func() (time.Duration, error), error) { return nil, errNotBuilt }
