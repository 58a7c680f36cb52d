package main

import (
	"context"
	"fmt"
	"time"

	"leaflitter/dataset"
	"leaflitter/render"
)

// EncoderRow is one PNG level on one kind of picture, on one core.
type EncoderRow struct {
	Picture string  `json:"picture"`
	Level   int     `json:"level"`
	Rate    Spread  `json:"mb_per_s"` // of pixels
	Size    float64 `json:"size"`     // of the pixels' bytes
}

// encoders times the PNG encoder on rendered images.
func (s *suite) encoders() error {
	const count = 4
	for _, name := range []string{"dead-leaves-pp", "dead-leaves"} {
		cfg := preset(name, 512)
		e, err := s.open(&cfg, "cpu", 0)
		if err != nil {
			return err
		}
		var images []*render.Image
		var indices []uint64
		for i := range count {
			images, indices = append(images, render.NewImage(&cfg, render.Labels{ID: true})), append(indices, uint64(i))
		}
		if err := e.Source.Render(context.Background(), indices, images); err != nil {
			return err
		}
		kinds := map[string]func(im *render.Image) dataset.Picture{
			name:                      dataset.ImagePicture,
			"leaf numbers of " + name: func(im *render.Image) dataset.Picture { return dataset.IDPicture(im.Width, im.Height, im.ID) },
		}
		for _, kind := range []string{name, "leaf numbers of " + name} {
			for _, n := range []int{0, 1, 6, 9} {
				level, err := dataset.LevelOf(n)
				if err != nil {
					return err
				}
				row := EncoderRow{Picture: kind, Level: n}
				encoder := dataset.Encoder{Level: level}
				var buf []byte
				var rates []float64
				for k := range s.repeats + 1 {
					raw, size := 0, 0
					start := time.Now()
					for time.Since(start) < least/2 {
						for _, im := range images {
							p := kinds[kind](im)
							if p.Err() != nil {
								return fmt.Errorf("%s: %w", kind, p.Err())
							}
							buf = encoder.Encode(buf[:0], p)
							raw, size = raw+p.Bytes(), size+len(buf)
						}
					}
					if k > 0 {
						rates = append(rates, float64(raw)/1e6/time.Since(start).Seconds())
					}
					row.Size = float64(size) / float64(raw)
				}
				row.Rate = spread(rates)
				s.PNG = append(s.PNG, row)
			}
		}
	}
	return nil
}
