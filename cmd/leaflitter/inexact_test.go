package main

import (
	"testing"

	"leaflitter/gpu"
)

// What the flags say reaches the backend, and what nobody may miss is not silenced.
func TestDeviceFlags(t *testing.T) {
	var warned string
	f := deviceFlags{Inexact: true, NoCache: true}
	o := f.options(wiring{say: func(string, ...any) { t.Error("--quiet is not heard") }, warn: func(s string) { warned = s }})
	if o.Warn("other bytes"); !o.Inexact || o.ProgramCache != "" || warned != "other bytes" {
		t.Errorf("%+v, warned %q", o, warned)
	}
	t.Setenv("XDG_CACHE_HOME", "/somewhere")
	if o := (&deviceFlags{}).options(wiring{}); o.Inexact || o.ProgramCache != "/somewhere/leaflitter/programs" || o.ProgramCache != gpu.ProgramCacheDir() {
		t.Errorf("%+v", o)
	}
}
