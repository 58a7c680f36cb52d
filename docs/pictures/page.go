package main

import (
	"fmt"
	"strings"
)

// modelPage writes docs/model.md anew: the text is written by hand, and each block
// between <!-- picture NAME --> or <!-- fields PATH... --> and <!-- end --> is made
// from the source. Every picture and every field has to be in one block.
func modelPage(a *album, old string) (string, error) {
	pictures := map[string]*picture{}
	for i := range a.pictures {
		pictures[a.pictures[i].name] = &a.pictures[i]
	}
	f := newFields()
	var b strings.Builder
	within := ""
	for line := range strings.Lines(old) {
		words := strings.Fields(line)
		mark := len(words) > 2 && words[0] == "<!--" && words[len(words)-1] == "-->"
		switch {
		case mark && words[1] == "end":
			if within == "" {
				return "", fmt.Errorf("<!-- end --> ends nothing")
			}
			within = ""
		case mark && within != "":
			return "", fmt.Errorf("block %s has no <!-- end -->", within)
		case mark:
			b.WriteString(line)
			within = strings.Join(words[1:len(words)-1], " ")
			block, err := "", error(nil)
			switch words[1] {
			case "picture":
				p := pictures[words[2]]
				if p == nil {
					return "", fmt.Errorf("there is no picture %s, or it is shown twice", words[2])
				}
				delete(pictures, words[2])
				block = p.block(a.name)
			case "fields":
				block, err = f.table(words[2 : len(words)-1])
			default:
				err = fmt.Errorf("%q is neither picture nor fields", words[1])
			}
			if err != nil {
				return "", err
			}
			b.WriteString(block)
		}
		if within == "" {
			b.WriteString(line)
		}
	}
	if within != "" {
		return "", fmt.Errorf("block %s has no <!-- end -->", within)
	}
	for name := range pictures {
		return "", fmt.Errorf("picture %s is not shown", name)
	}
	return b.String(), f.missing()
}

// block shows a picture, says what its panels are, and how each is made.
func (p *picture) block(folder string) string {
	var captions []string
	for _, pl := range p.panels {
		captions = append(captions, pl.caption)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n![%s](%s/%s)\n\nFrom the left: %s.\n\n", strings.ToUpper(p.about[:1])+p.about[1:], folder, p.file(), strings.Join(captions, "; "))
	b.WriteString("<details><summary>Commands</summary>\n\n```\n")
	for i, pl := range p.panels {
		fmt.Fprintf(&b, "leaflitter generate -o panel%d --count 1 %s", i+1, p.flags.over(pl.flags))
		if pl.label != "" {
			fmt.Fprintf(&b, " --labels %s", pl.label)
		}
		if !pl.crop.Empty() {
			fmt.Fprintf(&b, "   # %d x %d pixels from (%d, %d)", pl.crop.Dx(), pl.crop.Dy(), pl.crop.Min.X, pl.crop.Min.Y)
		}
		b.WriteString("\n")
	}
	b.WriteString("```\n\n</details>\n\n")
	return b.String()
}
