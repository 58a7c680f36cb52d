package stats

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"regexp"
)

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{"show": show}).Parse(reportText))

// namespace declarations look like addresses and are not needed inside HTML.
var namespaces = regexp.MustCompile(`\s+xmlns(:\w+)?="[^"]*"`)

// WriteHTML writes one page that needs no other file, host or script. It is made in
// memory first, so an error leaves w as it was.
func (r *Report) WriteHTML(w io.Writer) error {
	type line struct {
		Name, Unit string
		Values     []string
	}
	type figure struct {
		Title string
		SVG   template.HTML
	}
	page := struct {
		*Report
		Abouts  []string
		Rows    []line
		Figures []figure
		Joints  []template.URL
	}{Report: r}
	for _, s := range r.sets() {
		page.Abouts = append(page.Abouts, s.about())
		url, err := heat(s.Neighbours.Joint)
		if err != nil {
			return err
		}
		page.Joints = append(page.Joints, template.URL(url))
	}
	for _, row := range rows() {
		l := line{Name: row.name, Unit: row.unit}
		for _, s := range r.sets() {
			l.Values = append(l.Values, show(row.of(s)))
		}
		page.Rows = append(page.Rows, l)
	}
	figures, err := r.Figures()
	if err != nil {
		return err
	}
	for _, f := range figures {
		svg, err := f.SVG()
		if err != nil {
			return err
		}
		page.Figures = append(page.Figures, figure{f.Title, template.HTML(namespaces.ReplaceAllString(svg, ""))})
	}
	var b bytes.Buffer
	if err := reportPage.Execute(&b, page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
