package cpu

// golden holds the first 8 bytes of SHA-256 of each preset's images; see
// TestGolden.
var golden = map[string]string{}
