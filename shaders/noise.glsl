// Noise tiles: texels of three 10-bit values, red lowest; v stands for (v - 512) /
// 128. They fill one buffer, or several when one would pass the driver's limit;
// a tile lies in one of them whole. NOISE_POOLS and NOISE_POOL_TEXELS are set
// when the shader is compiled.
layout(std430, binding = BIND_NOISE0) readonly buffer NoiseBuffer0 { uint pool0[]; };
#if NOISE_POOLS > 1
layout(std430, binding = BIND_NOISE1) readonly buffer NoiseBuffer1 { uint pool1[]; };
#endif
#if NOISE_POOLS > 2
layout(std430, binding = BIND_NOISE2) readonly buffer NoiseBuffer2 { uint pool2[]; };
#endif
#if NOISE_POOLS > 3
layout(std430, binding = BIND_NOISE3) readonly buffer NoiseBuffer3 { uint pool3[]; };
#endif
#if NOISE_POOLS > 4
layout(std430, binding = BIND_NOISE4) readonly buffer NoiseBuffer4 { uint pool4[]; };
#endif
#if NOISE_POOLS > 5
layout(std430, binding = BIND_NOISE5) readonly buffer NoiseBuffer5 { uint pool5[]; };
#endif

uint noiseTexel(uint at) {
#if NOISE_POOLS > 1
    uint pool = at / uint(NOISE_POOL_TEXELS);
    at -= pool * uint(NOISE_POOL_TEXELS);
    if (pool == 1u) {
        return pool1[at];
    }
#endif
#if NOISE_POOLS > 2
    if (pool == 2u) {
        return pool2[at];
    }
#endif
#if NOISE_POOLS > 3
    if (pool == 3u) {
        return pool3[at];
    }
#endif
#if NOISE_POOLS > 4
    if (pool == 4u) {
        return pool4[at];
    }
#endif
#if NOISE_POOLS > 5
    if (pool == 5u) {
        return pool5[at];
    }
#endif
    return pool0[at];
}

// How a tile is laid on a texture.
struct Spot {
    int x, y;
    uint symmetry;
    bool shifted;
};

// Where the texel (x, y) of level l of the texture lies on the tile, which repeats.
ivec2 placed(Spot s, int x, int y, uint l) {
    if ((s.symmetry & 4u) != 0u) {
        int t = x;
        x = y;
        y = t;
    }
    if ((s.symmetry & 1u) != 0u) {
        x = -x;
    }
    if ((s.symmetry & 2u) != 0u) {
        y = -y;
    }
    return ivec2(x + (s.x >> l), y + (s.y >> l));
}

// How a tile that is laid as s in cell (0, 0) is laid in cell (i, j).
Spot inCell(Spot s, int i, int j) {
    if ((i | j) != 0) {
        uint number = uint(i + 4 * j) & 15u;
        s.symmetry ^= number & 7u;
        s.shifted = number >= 8u;
        uint h = uint(s.x) << 16 ^ uint(s.y) ^ uint(i) * 0x9e3779b1u ^ uint(j) * 0x85ebca77u;
        h = (h ^ h >> 15) * 0x2c1b3c6du;
        h = (h ^ h >> 12) * 0x297a2d39u;
        h ^= h >> 15;
        s.x += int(h >> 16 & ~3u);
        s.y += int(h & 0xfffcu);
    }
    return s;
}

// The cell that holds a coordinate, and the one next to it, if that shows as well.
struct Crossed {
    int own, other;
    float weight, fading;
};

Crossed crossing(float u, float fade) {
    Crossed c;
    c.own = floorInt(u);
    c.other = c.own - 1;
    c.weight = 1.0;
    c.fading = 0.0;
    precise float f = u - float(c.own);
    if (f > 0.5) {
        f = 1.0 - f;
        c.other = c.own + 1;
    }
    precise float turn = fade * f;
    turn = 0.125 + turn;
    if (turn < 0.25) {
        c.weight = sinTurns(turn);
        c.fading = cosTurns(turn);
    }
    return c;
}

uvec3 spread(uint v) { return uvec3(v & 1023u, v >> 10 & 1023u, v >> 20); }

vec3 fetch(uint p, uint k, Spot s, int x, int y) {
    uint log = paints[p].part[k].log;
    uvec2 at = uvec2(placed(s, x, y, 0u) & ivec2((1 << log) - 1));
    precise vec3 v = vec3(ivec3(spread(noiseTexel(paints[p].part[k].at[0] + (at.y << log | at.x)))) - 512);
    v = v * 0.0078125;
    return v;
}

// Interpolates level l at texture coordinates x, y. The weights are 32nds, so
// that the sum is one of integers.
vec3 interpolate(uint p, uint k, Spot s, uint l, float x, float y) {
    float shrink = l == 0u ? 1.0 : l == 1u ? 0.5 : 0.25;
    precise float u = x - 0.5;
    precise float v = y - 0.5;
    u = u * shrink;
    v = v * shrink;
    int i = floorInt(u), j = floorInt(v);
    precise float du = (u - float(i)) * 32.0;
    precise float dv = (v - float(j)) * 32.0;
    uint f = uint(du), g = uint(dv);
    if ((s.symmetry & 4u) != 0u) {
        uint t = f;
        f = g;
        g = t;
    }
    uint log = paints[p].part[k].log - l;
    ivec2 mask = ivec2((1 << log) - 1);
    uvec2 near = uvec2(placed(s, i, j, l) & mask), far = uvec2(placed(s, i + 1, j + 1, l) & mask);
    uint row0 = paints[p].part[k].at[l] + (near.y << log), row1 = paints[p].part[k].at[l] + (far.y << log);
    uvec3 sum = spread(noiseTexel(row0 + near.x)) * ((32u - f) * (32u - g))
        + spread(noiseTexel(row0 + far.x)) * (f * (32u - g))
        + spread(noiseTexel(row1 + near.x)) * ((32u - f) * g)
        + spread(noiseTexel(row1 + far.x)) * (f * g);
    precise float gain = paints[p].part[k].gain[l] * 7.62939453e-06;
    precise vec3 w = vec3(ivec3(sum) - 524288) * gain;
    return w;
}

// Three independent unit Gaussians to the patch's colour.
vec3 coloured(uint p, uint k, vec3 v) {
    precise float a = paints[p].part[k].mean[0] + paints[p].part[k].chol[0] * v.x;
    precise float b = paints[p].part[k].mean[1] + paints[p].part[k].chol[1] * v.x;
    b = b + paints[p].part[k].chol[2] * v.y;
    precise float c = paints[p].part[k].mean[2] + paints[p].part[k].chol[3] * v.x;
    c = c + paints[p].part[k].chol[4] * v.y;
    c = c + paints[p].part[k].chol[5] * v.z;
    return vec3(a, b, c);
}
