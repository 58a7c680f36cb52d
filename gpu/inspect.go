//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"sort"
	"time"

	"leaflitter/shaders"
)

// Compiled is what a device's driver made of one program.
type Compiled struct {
	Stage string        `json:"stage"`
	Took  time.Duration `json:"took_ns"`
	Bytes int           `json:"bytes"` // of the driver's binary; 0: it gives none
	Error string        `json:"error,omitempty"`
}

// Inspect compiles every stage for the given features on device number i, whatever
// fails, and calls before with each stage's name and after with the outcome.
func Inspect(i int, o Options, f shaders.Features, before func(stage string), after func(Compiled)) error {
	t, err := openThread(i, &o)
	if err != nil {
		return err
	}
	defer t.close()
	defines := shaders.Define(1, 1<<28, f)
	stages := shaders.Stages()
	sort.Strings(stages)
	for _, stage := range stages {
		before(stage)
		c := Compiled{Stage: stage}
		err := t.do(func() error {
			start := time.Now()
			p, err := t.compiler.one(&o, stage, defines)
			c.Took = time.Since(start)
			if err != nil {
				return err
			}
			c.Bytes = binarySize(p)
			return check(fmt.Sprintf("inspecting %s", stage))
		})
		if err != nil {
			c.Error = err.Error()
		}
		after(c)
	}
	return nil
}
