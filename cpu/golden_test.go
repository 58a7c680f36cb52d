package cpu

// golden holds the first 8 bytes of SHA-256 of each preset's images; see
// TestGolden.
var golden = map[string]string{
	"dead-leaves-pp":      "d711911809d18c1f",
	"dead-leaves":         "ff45858ea65b7c60",
	"dead-leaves-pp-2025": "3491384098da620a",
	"no-geometry":         "bf8c5abc91e5d296",
	"no-texture":          "706bfe214bea4b4b",
	"no-depth":            "31398bc78e3ecba4",
	"no-colour":           "50236deb2217f7f3",
	"no-gradient":         "bb0ac3835226773f",
	"no-perspective":      "5546104ee3655fae",
	"no-warp":             "c9da6840d791f816",
	"flat":                "2fb4785cb9cc057b",
	"grey":                "91117329d8f4579c",
}

// models holds the hash of the goldens of each model, from model 1 on: see
// TestModelVersion. Append to it; what is there stays.
var models = []string{
	"c6ca75fe72528f99", // three images a preset then
	"97b8e1053ea58e06",
}
