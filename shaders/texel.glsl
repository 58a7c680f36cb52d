// A texel of a rendered layer: four 16-bit lanes, red | green << 16 and blue |
// cover << 16. See cpu/colour.go for their scales.
const uint coverOne = 16384u;

uvec4 lanes(uvec2 t) { return uvec4(t.x & 0xffffu, t.x >> 16, t.y & 0xffffu, t.y >> 16); }
uvec2 pack(uvec4 v) { return uvec2(v.x | v.y << 16, v.z | v.w << 16); }
