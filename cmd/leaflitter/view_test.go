package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// view runs leaflitter-view with the flags as they are and ends as it does; without it,
// one sentence says how to get it.
func TestView(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	code, _, errs := leaflitter(t, dir, "view", "--seed", "3")
	if code != 1 || !strings.Contains(errs, "make view builds it") || strings.Count(errs, "\n") != 1 {
		t.Errorf("without it: exit %d: %s", code, errs)
	}
	script := "#!/bin/sh\necho \"$@\"\nexit $#\n"
	if err := os.WriteFile(filepath.Join(dir, viewer), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
	}{{nil, 0}, {[]string{"--help"}, 1}, {[]string{"--seed", "3", "--set", "leaves.r_min=2", "-o", "x y"}, 6}} {
		code, out, errs := leaflitter(t, dir, append([]string{"view"}, c.args...)...)
		if code != c.code || strings.TrimSpace(out) != strings.Join(c.args, " ") || errs != "" {
			t.Errorf("%q: exit %d, %q, %q", c.args, code, out, errs)
		}
	}
}
