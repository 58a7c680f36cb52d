// Which part of a square of pixels a leaf holds: all, none, or it must be asked pixel
// by pixel. All and none are said only where every pixel's own test says the same.

const uint partSome = 0u, partAll = 1u, partNone = 2u;

// A sketch is a polygon's tile in sketchSide x sketchSide cells, a word a row, two bits
// a cell from the lowest: whether every place in it is inside (1) or outside (2) the
// outline.
const uint sketchSide = 16u;

// Part of the square round mid whose outermost pixel centres are at spread along each axis.
uint partOf(Leaf leaf, vec2 mid, float spread) {
    precise float dx = mid.x - leaf.x;
    precise float dy = mid.y - leaf.y;
    uint kind = leaf.shape & 3u;
    if (!hasRects && !hasPolys || kind == kindDisk) {
        precise float fx = abs(dx) + spread;
        precise float fy = abs(dy) + spread;
        precise float far = fx * fx + fy * fy;
        // A millionth to spare for rounding.
        precise float limit = leaf.a * 0.999999;
        return far <= limit ? partAll : partSome;
    }
    if (!hasPolys || kind == kindRect) {
        return partSome;
    }
    // The square in texels of the outline's tile, a texel to spare on each side.
    uint tile = leaf.shape >> 3;
    uint size = outlines[4u * tile + 1u], sketch = outlines[4u * tile + 2u], cell = outlines[4u * tile + 3u];
    float last = float(size - 1u);
    precise float us = dy * leaf.sin;
    precise float vc = dy * leaf.cos;
    precise float u = dx * leaf.cos + us;
    precise float v = vc - dx * leaf.sin;
    if ((leaf.shape & 4u) != 0u) {
        u = -u;
    }
    precise float grown = abs(leaf.cos) + abs(leaf.sin);
    grown = grown * spread;
    grown = grown * leaf.a;
    grown = grown + 1.0;
    precise float s = last * 0.5;
    precise float t = v * leaf.a + s;
    s = u * leaf.a + s;
    precise float s0 = s - grown;
    precise float s1 = s + grown;
    precise float t0 = t - grown;
    precise float t1 = t + grown;
    if (s1 < 0.0 || t1 < 0.0 || s0 >= last || t0 >= last) {
        return partNone;
    }
    bool within = s0 >= 0.0 && t0 >= 0.0 && s1 < last && t1 < last;
    uint i0 = uint(max(s0, 0.0)) / cell, j0 = uint(max(t0, 0.0)) / cell;
    uint i1 = min(uint(s1), size - 2u) / cell, j1 = min(uint(t1), size - 2u) / cell;
    uint columns = i1 - i0 + 1u;
    uint mask = columns < sketchSide ? ((1u << (2u * columns)) - 1u) << (2u * i0) : 0xffffffffu;
    uint allIn = 0x55555555u & mask, allOut = 0xaaaaaaaau & mask;
    bool whole = within, empty = true;
    for (uint j = j0; j <= j1; j++) {
        uint row = outlines[sketch + j];
        whole = whole && (row & allIn) == allIn;
        empty = empty && (row & allOut) == allOut;
    }
    return empty ? partNone : whole ? partAll : partSome;
}
