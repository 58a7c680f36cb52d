#version 430
// shade: the colour of every pixel of one stack (cpu/shade.go). A pixel's value
// depends on its own centre alone.
#include "arith.glsl"
#include "batch.glsl"
#include "texel.glsl"
#include "tables.glsl"
#include "paint.glsl"
#include "colour.glsl"
#define BIND_WORK 15
#include "work.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_IDS) readonly buffer IdBuffer { uint ids[]; };
layout(std430, binding = BIND_NUMBERS) readonly buffer NumberBuffer { uint numbers[]; };
layout(std430, binding = BIND_PAINTS) readonly buffer PaintBuffer { Paint paints[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

#include "noise.glsl"
#include "pattern.glsl"

uint own; // the settings of the canvas

// A place on a leaf's texture, render px from its centre, how many texture
// pixels a pixel covers, and whether it lies between texels.
struct Place {
    float x, y, foot;
    bool between;
};

// A plane seen in perspective; the derivation is in cpu/shade.go.
Place tilt(uint p, float dx, float dy) {
    uint mode = paints[p].tilt;
    if (!hasTilts || mode == 0u) {
        return Place(dx, dy, 1.0, false);
    }
    float along = mode == 4u ? dy : mode == 3u ? -dy : mode == 2u ? -dx : dx;
    float across = mode >= 3u ? dx : dy;
    precise float t = along * paints[p].inv;
    t = t * 0.5;
    t = t + 0.5;
    t = clamp01(t);
    precise float depth = t * 0.5;
    if (settings[own].approach != 0u) {
        depth = 1.0 + depth;
    } else {
        depth = 1.0 - depth;
    }
    precise float z = recip(depth);
    precise float length = 2.0 * paints[p].extent;
    precise float u = t * z;
    u = u * length;
    precise float v = across * z;
    precise float foot = z * z;
    bool between = foot != 1.0;
    return mode == 4u ? Place(v, u, foot, between) : mode == 3u ? Place(v, -u, foot, between) : Place(u, v, foot, between);
}

// The place on the texture before it was drawn out.
Place drawnOut(uint p, Place at) {
    if (!hasStretch || paints[p].stretch.on == 0u) {
        return at;
    }
    precise float xx = at.x * paints[p].stretch.xx;
    precise float xy = at.y * paints[p].stretch.xy;
    precise float x = xx + xy;
    precise float yx = at.x * paints[p].stretch.yx;
    precise float yy = at.y * paints[p].stretch.yy;
    precise float y = yx + yy;
    return Place(x, y, at.foot, true);
}

vec3 triple(float c[3]) { return vec3(c[0], c[1], c[2]); }

// The three unit Gaussians at a place of the texture, the tile laid as s says.
vec3 unitNoise(uint p, uint k, Spot s, Place at) {
    precise vec3 v;
    if (!hasTilts && !hasStretch || !at.between) {
        v = fetch(p, k, s, floorInt(at.x), floorInt(at.y));
    } else {
        // Levels hold what a pixel of 1, 2 and 4 texture pixels can show.
        precise float w;
        uint level = 0u;
        if (at.foot >= 2.0) {
            level = 1u;
            w = at.foot - 2.0;
        } else {
            w = at.foot - 1.0;
            w = 2.0 * w;
        }
        w = clamp01(w);
        v = interpolate(p, k, s, level, at.x, at.y);
        if (w > 0.0) {
            precise vec3 over = interpolate(p, k, s, level + 1u, at.x, at.y) - v;
            over = over * w;
            v = v + over;
        }
    }
    return s.shifted ? v.yzx : v;
}

// The noise colour at a place of the texture; cpu/noise.go says what the cells are.
vec3 noiseAt(uint p, uint k, Place at) {
    if (paints[p].part[k].tile == 0u) {
        return triple(paints[p].part[k].mean);
    }
    float cells = paints[p].part[k].cells;
    Crossed x = Crossed(0, 0, 1.0, 0.0), y = x; // without cells all is cell (0, 0)
    if (cells != 0.0) {
        precise float u = at.x * cells;
        u = u + 0.5;
        precise float v = at.y * cells;
        v = v + 0.5;
        x = crossing(u, paints[p].part[k].fade);
        y = crossing(v, paints[p].part[k].fade);
    }
    uint columns = x.fading > 0.0 ? 2u : 1u, rows = y.fading > 0.0 ? 2u : 1u;
    Spot drawn = Spot(paints[p].part[k].x, paints[p].part[k].y, paints[p].part[k].symmetry, false);
    precise vec3 sum = vec3(0.0);
    for (uint n = 0u; n < columns * rows; n++) {
        bool otherX = n % columns == 1u, otherY = n >= columns;
        precise float weight = (otherX ? x.fading : x.weight) * (otherY ? y.fading : y.weight);
        Spot s = inCell(drawn, otherX ? x.other : x.own, otherY ? y.other : y.own);
        precise vec3 one = unitNoise(p, k, s, at) * weight;
        sum = sum + one;
    }
    return coloured(p, k, sum);
}

// The texel of a + (b - a) m, in the mixing space.
uvec2 mixed(vec3 a, vec3 b, float m) {
    precise vec3 c = (b - a) * m;
    c = a + c;
    if (settings[own].lab != 0u) {
        c = labToRGB(c);
    }
    return texel(c);
}

uvec2 shaded(uint p, float x, float y) {
    uint kind = paints[p].kind;
    if (!hasTextures && !hasGradients || kind == paintFlat) {
        return uvec2(paints[p].flatLow, paints[p].flatHigh);
    }
    precise float dx = x - paints[p].x;
    precise float dy = y - paints[p].y;
    if (!hasTextures || hasGradients && kind == paintGradient) {
        precise float at = dy * paints[p].rampY;
        at = at + 0.5;
        at = dx * paints[p].rampX + at;
        at = clamp01(at);
        precise float m = paints[p].curve.slope * at;
        m = m + paints[p].curve.offset;
        m = logistic(m) - paints[p].curve.bias;
        m = m * paints[p].curve.gain;
        return mixed(triple(paints[p].from), triple(paints[p].to), m);
    }
    if (kind == paintNoise && paints[p].tilt == 0u && (!hasStretch || paints[p].stretch.on == 0u)) {
        int i = floorInt(x) - floorInt(paints[p].x), j = floorInt(y) - floorInt(paints[p].y);
        return texel(noiseAt(p, 0u, Place(float(i), float(j), 1.0, false)));
    }
    Place at = tilt(p, dx, dy);
    if (kind == paintNoise) {
        return texel(noiseAt(p, 0u, drawnOut(p, at)));
    }
    vec3 a, b;
    if (kind == paintSin) {
        a = triple(paints[p].from);
        b = triple(paints[p].to);
    } else {
        Place on = drawnOut(p, at);
        a = noiseAt(p, 0u, on);
        b = noiseAt(p, 1u, on);
    }
    return mixed(a, b, pattern(p, at.x, at.y, at.foot));
}

void main() {
    uint canvasNumber = gl_WorkGroupID.z;
    Canvas canvas = canvases[canvasNumber];
    own = canvas.settings;
    uvec2 pixel = gl_GlobalInvocationID.xy;
    if (pixel.x >= canvas.width || pixel.y >= canvas.height) {
        return;
    }
    Stack stack = stacks[stackOf(canvasNumber)];
    uint at = canvas.pixels + pixel.y * canvas.width + pixel.x;
    uint id = ids[at];
    uvec2 made = uvec2(0u);
    if (id != 0u) {
        uint number = numbers[stack.leaves + id - 1u];
        if (number != 0xffffffffu) { // else the list was too short, and the batch comes again
            count(workShaded, 1u);
            count(workTextured, paints[number - 1u].kind != paintFlat ? 1u : 0u);
            made = shaded(number - 1u, centre(pixel.x, canvas.left), centre(pixel.y, canvas.top));
        }
    }
    if (stack.radius == 0u && stack.lensSum == 0u) {
        made <<= 2u; // a sharp stack comes to the scale of blurred ones at once
    }
    target[at] = made;
}
