package dataset

var goldenPNG = map[string]string{}
