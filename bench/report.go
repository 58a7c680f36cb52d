package main

import (
	"fmt"
	"strings"
)

func (s Spread) String() string { return fmt.Sprintf("%.4g [%.4g, %.4g]", s.Median, s.Lo, s.Hi) }

// table writes a Markdown table's head.
func table(b *strings.Builder, columns ...string) {
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

func verdict(bar string, met bool) string {
	switch {
	case bar == "":
		return ""
	case met:
		return "yes"
	}
	return "no"
}

func (s *suite) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nCommit %s, %s, %s; %s. Reproduce with `make bench`. Medians of %d repeats, quartiles in brackets.\n\n",
		or(s.Commit, "not recorded"), s.Machine, s.Go, s.Device, s.repeats)
	fmt.Fprintf(&b, "Floors of this machine, in the same run: %s.\n\n", s.Floor)
	s.units(&b)
	for _, p := range s.Process {
		fmt.Fprintf(&b, "\nThe command itself (`%s`, %d x %d, PNG, backend %s, all cores): start to one finished image %.2f s%s; largest memory %.0f MiB for %d images, %.0f MiB for %d%s.\n",
			p.Preset, p.Size, p.Size, p.Backend, p.StartSeconds, p.barStart(), p.FewMiB, p.Few, p.ManyMiB, p.Many, p.barMemory())
	}

	b.WriteString("\n## Files\n\nA whole job that writes PNG files, beside rendering alone, 512 x 512, CPU backend, all cores; bar: 80 %.\n\n")
	table(&b, "preset", "rendering, images/s", "with PNG, images/s", "share", "met")
	for _, r := range s.Files {
		fmt.Fprintf(&b, "| %s | %v | %v | %.0f %% | %s |\n", r.Preset, r.Plain, r.PNG, 100*r.Share, verdict("bar", r.Met))
	}

	b.WriteString("\n## Growth\n\nCost beside that of the value marked *, ratios within rounds.\n\n")
	table(&b, "preset", "backend", "cost of", "with", "value: ratio", "µs at *", "bar", "met")
	for _, r := range s.Growth {
		var cells []string
		for i, v := range r.Values {
			star := ""
			if r.With == "r_min" && v == 10 || r.With != "r_min" && i == 0 {
				star = "*"
			}
			cells = append(cells, fmt.Sprintf("%g%s: %.2f [%.2f, %.2f]", v, star, r.Ratios[i].Median, r.Ratios[i].Lo, r.Ratios[i].Hi))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.4g | %s | %s |\n", r.Preset, r.Backend, r.Of, r.With, strings.Join(cells, "; "), r.First, r.Bar, verdict(r.Bar, r.Met))
	}

	b.WriteString("\n## PNG encoder\n\nOne core, MB/s of pixels.\n\n")
	table(&b, "picture", "--png-level", "MB/s", "size, % of the pixels")
	for _, r := range s.PNG {
		fmt.Fprintf(&b, "| %s | %d | %v | %.1f |\n", r.Picture, r.Level, r.Rate, 100*r.Size)
	}

	b.WriteString("\n## Throughput\n\nFrom placing to finished bytes in host memory. \"Of floor\" compares the finished bytes with what is copied in the same time: from the device to the host for gpu, from memory to memory for cpu.\n\n")
	table(&b, "preset", "backend", "size", "batch", "images/s", "megapixels/s", "of floor")
	for _, r := range s.Flow {
		if r.LeftOut != "" {
			fmt.Fprintf(&b, "| %s | %s | %d | %s | left out: %s | | |\n", r.Preset, r.Backend, r.Size, batchName(r.Batch), r.LeftOut)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %v | %.4g | %.3g %% |\n", r.Preset, r.Backend, r.Size, r.Batch, r.Rate, r.MPix, 100*r.OfFloor)
	}
	return b.String()
}

func batchName(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// units writes the table of units.
func (s *suite) units(b *strings.Builder) {
	fmt.Fprintf(b, "## CPU backend, one core\n\nOne unit is one complex 512 x 512 FFT by gonum: %.1f ms (quartiles %.1f to %.1f). Ratios are of units.\n\n", s.UnitMs.Median, s.UnitMs.Lo, s.UnitMs.Hi)
	table(b, "configuration", "ms an image", "units an image", "megapixels/s", "bar", "met")
	for _, row := range s.Rows {
		fmt.Fprintf(b, "| %s | %.2f [%.2f, %.2f] | %.2f [%.2f, %.2f] | %.1f | %s | %s |\n", row.Name,
			row.Ms.Median, row.Ms.Lo, row.Ms.Hi, row.Units.Median, row.Units.Lo, row.Units.Hi, row.MPix, row.Bar, verdict(row.Bar, row.Met))
	}
}
