//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/scene"
	"leaflitter/shaders"
)

// Program is a stage with what it must be able to draw.
type Program struct {
	Name     string
	Stage    string
	Features shaders.Features
}

// Compiled is what a device's driver made of a program.
type Compiled struct {
	Took  time.Duration `json:"took_ns"`
	Bytes int           `json:"bytes"`         // of the driver's binary; 0: it gives none
	Log   string        `json:"log,omitempty"` // what the driver said although it compiled it
	Error string        `json:"error,omitempty"`
}

// Needed returns what the shaders must be able to draw for a configuration.
func Needed(c *scene.Config) shaders.Features { return features(c, &Options{}) }

// Inspect compiles programs on device number i, one after another, whatever fails. It calls
// before with each and after with the outcome. A program whose source is that of one before
// costs nothing again.
func Inspect(i int, o Options, all []Program, before func(Program), after func(Program, Compiled)) error {
	t, err := openThread(i, &o)
	if err != nil {
		return err
	}
	defer t.close()
	for _, p := range all {
		before(p)
		c := Compiled{}
		err := t.do(func() error {
			start := time.Now()
			id, err := t.compiler.one(&o, p.Stage, shaders.Define(1, 1<<28, p.Features))
			c.Took = time.Since(start)
			if err != nil {
				return err
			}
			c.Bytes, c.Log = binarySize(id), oneLine(infoLog(id, gl.GetProgramiv, gl.GetProgramInfoLog))
			return check(fmt.Sprintf("inspecting %s", p.Name))
		})
		if err != nil {
			c.Error = err.Error()
		}
		after(p, c)
	}
	return nil
}
