package cpu

// golden holds the first 8 bytes of SHA-256 of each preset's images; see
// TestGolden.
var golden = map[string]string{
	"dead-leaves-pp":      "7a7e7a918e2e34c6",
	"dead-leaves":         "c795f16ee8c37863",
	"dead-leaves-pp-2025": "eb295dc857114e48",
	"no-geometry":         "4050f5f796c08bb8",
	"no-texture":          "353b350d0be2a337",
	"no-depth":            "c7d605136df00029",
	"no-colour":           "c7974e954d4658f2",
	"no-gradient":         "58fa88f78613f59f",
	"no-perspective":      "2f5903046fd5bba7",
	"no-warp":             "2da2fb78cb40d5e7",
	"flat":                "653c795b772b6e7c",
	"grey":                "082e058053e5ca7d",
}
