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
// before with each and after with the outcome.
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
			id, err := compile(&o, p.Stage, shaders.Defines(1, 1<<28, p.Features))
			c.Took = time.Since(start)
			if err != nil {
				return err
			}
			defer gl.DeleteProgram(id)
			c.Bytes, c.Log = binarySize(id), programLog(id)
			return check(fmt.Sprintf("inspecting %s", p.Name))
		})
		if err != nil {
			c.Error = err.Error()
		}
		after(p, c)
	}
	return nil
}

func programLog(id uint32) string {
	var n int32
	gl.GetProgramiv(id, gl.INFO_LOG_LENGTH, &n)
	log := make([]byte, n+1)
	gl.GetProgramInfoLog(id, n+1, nil, &log[0])
	return oneLine(gl.GoStr(&log[0]))
}
