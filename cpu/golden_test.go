package cpu

// golden holds the first 8 bytes of SHA-256 of each preset's images; see
// TestGolden.
var golden = map[string]string{
	"dead-leaves-pp":      "b62ba8ae8e5b87ae",
	"dead-leaves":         "c795f16ee8c37863",
	"dead-leaves-pp-2025": "54af9952f1c8b318",
	"no-geometry":         "3458499067fba5f8",
	"no-texture":          "f77835649c1cf99f",
	"no-depth":            "19d05a2ee5264d55",
	"no-colour":           "b62ba8ae8e5b87ae",
	"no-gradient":         "01794952a06e7336",
	"no-perspective":      "e46d4990694b1625",
	"no-warp":             "e5f1b067164f48e1",
	"flat":                "ab5c407a139ce94e",
	"grey":                "8b9cd43e0f41f40d",
}
