// Periodic maps and their warp (cpu/pattern.go).

float warpLane(uint a, uint b, uint c, uint d, float f, float g) {
    float fa = float(a), fb = float(b), fc = float(c), fd = float(d);
    precise float top = (fb - fa) * f;
    top = fa + top;
    precise float bottom = (fd - fc) * f;
    bottom = fc + bottom;
    precise float v = (bottom - top) * g;
    v = top + v;
    v = v - 32768.0;
    v = v * 0.000122070312;
    return v;
}

// The warp field at x, y (texels).
vec2 displacement(float x, float y) {
    int i = floorInt(x), j = floorInt(y);
    precise float f = x - float(i);
    precise float g = y - float(j);
    int i0 = i & (warpSize - 1), i1 = (i + 1) & (warpSize - 1);
    int j0 = (j & (warpSize - 1)) * warpSize, j1 = ((j + 1) & (warpSize - 1)) * warpSize;
    uint a = tables.warp[j0 + i0], b = tables.warp[j0 + i1], c = tables.warp[j1 + i0], d = tables.warp[j1 + i1];
    return vec2(warpLane(a & 0xffffu, b & 0xffffu, c & 0xffffu, d & 0xffffu, f, g),
        warpLane(a >> 16, b >> 16, c >> 16, d >> 16, f, g));
}

// How much of a pixel of width foot the nearest line covers.
float lines(float period, float line, float phase, float foot) {
    precise float f = phase - float(floorInt(phase));
    f = f - 0.5;
    if (f < 0.0) {
        f = -f;
    }
    precise float d = f * period;
    precise float halfFoot = foot * 0.5;
    precise float halfLine = line * 0.5;
    precise float hi = d + halfFoot;
    precise float lo = d - halfFoot;
    precise float overlap = min(halfLine, hi) - max(-halfLine, lo);
    if (overlap <= 0.0) {
        return 0.0;
    }
    overlap = overlap * recip(foot);
    return min(overlap, 1.0);
}

#include "spots.glsl"

// The map of paint number p at texture coordinates x, y (render px), where a pixel
// covers about foot texture pixels.
float pattern(uint p, float x0, float y0, float foot) {
    precise float x = x0;
    precise float y = y0;
    precise float reach = foot;
    if (paints[p].warped != 0u) {
        precise float wx = x * paints[p].warpRate;
        precise float wy = y * paints[p].warpRate;
        wx = wx + paints[p].warpX;
        wy = wy + paints[p].warpY;
        precise vec2 d = displacement(wx, wy);
        d = d * paints[p].warpHeight;
        x = x + d.x;
        y = y + d.y;
        reach = 1.5 * foot;
    }
    if (hasSpots && paints[p].spots.on != 0u) {
        return spotted(p, x, y, reach);
    }
    bool grid = paints[p].grid != 0u;
    precise float made = grid ? 0.0 : 1.0;
    for (uint i = 0u; i < paints[p].count; i++) {
        precise float px = x * paints[p].waves[i].fx;
        precise float py = y * paints[p].waves[i].fy;
        precise float phase = px + py;
        phase = phase + paints[p].waves[i].phase;
        if (grid) {
            made = max(made, lines(paints[p].waves[i].period, paints[p].waves[i].line, phase, foot));
            continue;
        }
        precise float cycles = paints[p].waves[i].freq * reach;
        precise float fade = (0.5 - cycles) * 6.66666651;
        fade = clamp01(fade);
        precise float v = paints[p].waves[i].mean;
        if (fade > 0.0) {
            precise float over = profile(paints[p].waves[i].threshold, paints[p].waves[i].curve, phase) - v;
            over = over * fade;
            v = v + over;
        }
        made = made * v;
    }
    return made;
}
