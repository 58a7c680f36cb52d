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

// The texel of level l of part k of paint p at integer texture coordinates of that
// level, with the offset and symmetry of the leaf.
uint placed(uint p, uint k, int x, int y, uint l) {
    uint symmetry = paints[p].part[k].symmetry;
    if ((symmetry & 4u) != 0u) {
        int t = x;
        x = y;
        y = t;
    }
    if ((symmetry & 1u) != 0u) {
        x = -x;
    }
    if ((symmetry & 2u) != 0u) {
        y = -y;
    }
    uint log = paints[p].part[k].log - l;
    int mask = (1 << log) - 1;
    uint row = uint((y + (paints[p].part[k].y >> l)) & mask), column = uint((x + (paints[p].part[k].x >> l)) & mask);
    return noiseTexel(paints[p].part[k].at[l] + (row << log | column));
}

uvec3 spread(uint v) { return uvec3(v & 1023u, v >> 10 & 1023u, v >> 20); }

vec3 fetch(uint p, uint k, int x, int y) {
    precise vec3 v = vec3(ivec3(spread(placed(p, k, x, y, 0u))) - 512);
    v = v * 0.0078125;
    return v;
}

// Interpolates level l at texture coordinates x, y. The weights are 32nds, so
// that the sum is one of integers.
vec3 interpolate(uint p, uint k, uint l, float x, float y) {
    float shrink = l == 0u ? 1.0 : l == 1u ? 0.5 : 0.25;
    precise float u = x - 0.5;
    precise float v = y - 0.5;
    u = u * shrink;
    v = v * shrink;
    int i = floorInt(u), j = floorInt(v);
    precise float du = (u - float(i)) * 32.0;
    precise float dv = (v - float(j)) * 32.0;
    uint f = uint(du), g = uint(dv);
    uvec3 sum = spread(placed(p, k, i, j, l)) * ((32u - f) * (32u - g))
        + spread(placed(p, k, i + 1, j, l)) * (f * (32u - g))
        + spread(placed(p, k, i, j + 1, l)) * ((32u - f) * g)
        + spread(placed(p, k, i + 1, j + 1, l)) * (f * g);
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
