#version 430
// paint: choose the paint of every leaf that shows, from the leaf's own random
// stream (cpu/paint.go). One thread a leaf. Words are drawn in the same order as
// there: every draw is a statement of its own.
#include "arith.glsl"
#include "random.glsl"
#include "batch.glsl"
#include "leaf.glsl"
#include "texel.glsl"
#include "tables.glsl"
#include "paint.glsl"
#include "colour.glsl"

layout(local_size_x = 64) in;

struct Pass {
    uint groups, one, two;
    uint count;
};
layout(std430, binding = BIND_PASSES) readonly buffer PassBuffer { Pass passes[]; };
layout(std430, binding = BIND_SHOWN) readonly buffer ShownBuffer { uvec2 shown[]; };
layout(std430, binding = BIND_PAINTS) writeonly buffer PaintBuffer { Paint paints[]; };

// palette.Palette in words: pixels (RGB bytes, red lowest, then Lab), then patches, each
// a Gaussian in RGB and one in Lab: a mean of 3 and a Cholesky factor of 6. It is no
// array of structures, because some compilers take minutes for one.
layout(std430, binding = BIND_PALETTES) readonly buffer PaletteBuffer { uint palettes[]; };
const uint pixelWords = 4u, pixelCount = 1024u, gaussWords = 9u, patchCount = 256u;
const uint patchesAt = pixelCount * pixelWords;
const uint meansAt = patchesAt + patchCount * 2u * gaussWords; // the mean colour, in RGB and in Lab
const uint paletteWords = meansAt + 6u;

uint palette; // first word of the image's
uint own; // its settings
Leaf leaf;
Paint made;

// Three floats of the palette.
float[3] paletteFloats(uint at) {
    return float[3](uintBitsToFloat(palettes[at]), uintBitsToFloat(palettes[at + 1u]), uintBitsToFloat(palettes[at + 2u]));
}

// A colour scaled about the palette's mean.
float[3] contrasted(float[3] c, bool lab) {
    float contrast = settings[own].contrast;
    if (contrast == 1.0) {
        return c;
    }
    float[3] mean = paletteFloats(palette + meansAt + (lab ? 3u : 0u));
    for (uint i = 0u; i < 3u; i++) {
        precise float v = c[i] - mean[i];
        v = v * contrast;
        v = mean[i] + v;
        c[i] = v;
    }
    return c;
}

float[3] bytes(uint c) { return float[3](float(c & 255u), float(c >> 8 & 255u), float(c >> 16)); }

void drawFlat() {
    float[3] c = contrasted(bytes(palettes[palette + pixelWords * drawBelow(pixelCount)]), false);
    uvec2 t = texel(vec3(c[0], c[1], c[2]));
    made.flatLow = t.x;
    made.flatHigh = t.y;
}

// A pixel of the palette in the mixing space.
float[3] drawColour() {
    uint at = palette + pixelWords * drawBelow(pixelCount);
    if (settings[own].lab != 0u) {
        return contrasted(paletteFloats(at + 1u), true);
    }
    return contrasted(bytes(palettes[at]), false);
}

Curve makeCurve(float slope, float offset) {
    Curve c;
    c.slope = slope;
    c.offset = offset;
    c.bias = logistic(offset);
    precise float end = slope + offset;
    precise float span = logistic(end) - c.bias;
    c.gain = recip(span);
    return c;
}

uint tileLog(float width) {
    uint log = 6u;
    precise float bound = 90.5096664;
    precise float wide = width + settings[own].noiseMargin;
    while ((wide >= bound || width > float(1u << log)) && (2u << log) <= settings[own].largestTile) {
        log++;
        bound = bound * 2.0;
    }
    return log;
}

const float steep = 2.0; // the slope over which the cells of a patchwork fade all the way

Noise drawNoise(bool lab) {
    Noise n;
    precise float at = drawFloat() * settings[own].slopeTotal;
    precise float s = 0.0;
    for (uint i = 0u; i < settings[own].slopeCount; i++) {
        s = settings[own].slopes[2u * i] + at;
        float width = settings[own].slopes[2u * i + 1u];
        if (at < width || i == settings[own].slopeCount - 1u) {
            break;
        }
        at = at - width;
    }
    precise float nearest = s * 8.0;
    nearest = nearest + 0.5;
    uint slope = uint(nearest);
    bool recedes = made.tilt != 0u && settings[own].approach == 0u;
    precise float width = 2.0 * made.extent;
    if (recedes) {
        width = 2.0 * width;
    }
    n.log = tileLog(width);
    n.cells = 0.0;
    n.fade = 0.0;
    precise float side = float(1u << n.log);
    if (width > side) {
        n.fade = s > steep ? 0.25 : 0.75;
        side = side * (s > steep ? 0.5 : 0.75);
        n.cells = recip(side);
    }
    uint variants = n.log <= 8u ? 4u : 1u;
    uint variant = (drawUint() >> 30) & (variants - 1u);
    n.x = int((drawUint() >> 16) & ~3u);
    n.y = int((drawUint() >> 16) & ~3u);
    n.symmetry = drawUint() >> 29;
    n.tile = 1u + slope | variant << 8;
    uint which = palette + patchesAt + 2u * gaussWords * drawBelow(patchCount);
    if (lab) {
        which += gaussWords;
    }
    n.mean = contrasted(paletteFloats(which), lab);
    for (uint i = 0u; i < 6u; i++) {
        precise float factor = uintBitsToFloat(palettes[which + 3u + i]);
        if (settings[own].contrast != 1.0) {
            factor = factor * settings[own].contrast;
        }
        n.chol[i] = factor;
    }
    for (uint i = 0u; i < 3u; i++) {
        n.gain[i] = 0.0;
        n.at[i] = 0u;
    }
    uint levels = recedes ? 3u : 1u;
    for (uint i = 0u; i < levels; i++) {
        uint level = n.log - i;
        n.at[i] = tables.noiseTile[(slope * uint(tileLogs) + level) * uint(tileVariants) + variant];
        n.gain[i] = i == 0u ? 1.0 : tables.noiseGain[(slope * uint(tileLogs) + n.log) * 2u + i - 1u];
    }
    return n;
}

// scene/gravity.go
float leaning(float turn) {
    float odds = settings[own].gravityOdds;
    if (odds == 0.0) {
        return turn;
    }
    precise float u = turn * 4.0;
    float q = float(floorInt(u));
    precise float f = u - q;
    precise float x;
    if (f < odds) {
        x = f * settings[own].gravityIn;
        x = x - settings[own].gravitySpread;
    } else {
        x = f - odds;
        x = x * settings[own].gravityOut;
        x = settings[own].gravitySpread + x;
    }
    x = q + x;
    x = x * 0.25;
    return x;
}

void drawSin() {
    made.count = drawFloat() < settings[own].sinDoubleOdds ? 2u : 1u;
    precise float turn = drawBetween(settings[own].sinRotationLo, settings[own].sinRotationHi);
    turn = turn + drawBetween(settings[own].sinFirstLo, settings[own].sinFirstHi);
    if (drawFloat() < settings[own].sinRightAngleOdds) {
        turn = turn + 0.25;
    }
    turn = leaning(turn);
    for (uint i = 0u; i < 2u; i++) {
        if (i == 1u) {
            precise float angle = drawBetween(settings[own].sinSecondLo, settings[own].sinSecondHi);
            if (drawUint() >> 31 == 0u) {
                angle = -angle;
            }
            angle = 0.25 + angle;
            turn = turn + angle;
        }
        precise float period;
        if (settings[own].sinPeriodLog != 0u) {
            period = drawLog(settings[own].sinPeriodLo, settings[own].sinPeriodOctaves);
        } else {
            period = drawBetween(settings[own].sinPeriodLo, settings[own].sinPeriodHi);
        }
        period = period * settings[own].renderScale;
        Wave w;
        w.freq = recip(period);
        precise float fx = w.freq * cosTurns(turn);
        precise float fy = w.freq * sinTurns(turn);
        w.fx = fx;
        w.fy = fy;
        w.phase = drawFloat();
        w.threshold = drawBetween(settings[own].sinThresholdLo, settings[own].sinThresholdHi);
        w.curve = makeCurve(drawBetween(settings[own].sinSlopeLo, settings[own].sinSlopeHi), 0.0);
        precise float mean = 0.0;
        for (uint k = 0u; k < 16u; k++) {
            precise float phase = float(k) * 0.0625;
            mean = mean + profile(w.threshold, w.curve, phase);
        }
        mean = mean * 0.0625;
        w.mean = mean;
        w.period = 0.0;
        w.line = 0.0;
        made.waves[i] = w;
    }
}

void drawGrid() {
    made.grid = 1u;
    made.count = drawFloat() < settings[own].gridBothOdds ? 2u : 1u;
    precise float turn = leaning(drawFloat());
    for (uint i = 0u; i < 2u; i++) {
        if (i == 1u) {
            turn = turn + 0.25;
        }
        precise float line = drawBetween(settings[own].gridLineLo, settings[own].gridLineHi);
        line = line * settings[own].renderScale;
        precise float period = drawBetween(settings[own].gridPeriodLo, settings[own].gridPeriodHi);
        period = period * settings[own].renderScale;
        Wave w;
        w.line = line;
        w.period = period;
        w.freq = recip(period);
        precise float fx = w.freq * cosTurns(turn);
        precise float fy = w.freq * sinTurns(turn);
        w.fx = fx;
        w.fy = fy;
        w.phase = drawFloat();
        w.threshold = 0.0;
        w.curve = Curve(0.0, 0.0, 0.0, 0.0);
        w.mean = 0.0;
        made.waves[i] = w;
    }
}

void drawPattern(bool grid) {
    if (grid) {
        drawGrid();
    } else {
        drawSin();
    }
    bool warped = drawFloat() < settings[own].warpOdds;
    precise float sigma = drawBetween(settings[own].warpSigmaLo, settings[own].warpSigmaHi);
    precise float most = settings[own].warpAmplitudeRate * sigma;
    precise float height = drawBetween(settings[own].warpAmplitudeMin, most);
    precise float x = drawFloat() * 128.0;
    precise float y = drawFloat() * 128.0;
    made.warpX = x;
    made.warpY = y;
    if (warped && settings[own].warp != 0u) {
        made.warped = 1u;
        sigma = sigma * settings[own].renderScale;
        precise float rate = 4.0 * recip(sigma);
        made.warpRate = rate;
        height = height * settings[own].renderScale;
        made.warpHeight = height;
    }
}

void drawStretch() {
    float odds = drawFloat();
    made.stretch.on = odds < settings[own].stretchOdds ? 1u : 0u;
    float by = recip(drawLog(settings[own].stretchLo, settings[own].stretchOctaves));
    float turn = leaning(drawFloat());
    float c = cosTurns(turn), s = sinTurns(turn);
    precise float xx = c * by;
    precise float xy = s * by;
    made.stretch.xx = xx;
    made.stretch.xy = xy;
    made.stretch.yx = -s;
    made.stretch.yy = c;
}

// The standard normal distribution in nine steps: their places, and their shares.
const float spotPlaces[9] = float[9](-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0);
const float spotShares[9] = float[9](0.02763055, 0.06628225, 0.12383154, 0.18017382, 0.20416369, 0.18017382, 0.12383154, 0.06628225, 0.02763055);

void drawSpots() {
    float odds = drawFloat();
    made.spots.on = odds < settings[own].spotOdds ? 1u : 0u;
    precise float size = drawLog(settings[own].spotSizeLo, settings[own].spotSizeOctaves);
    size = size * settings[own].renderScale;
    made.spots.size = size;
    float stretched = drawFloat();
    float by = drawLog(settings[own].spotStretchLo, settings[own].spotStretchOctaves);
    float stretch = 1.0;
    if (stretched < settings[own].spotStretchOdds) {
        stretch = recip(by);
    }
    float turn = leaning(drawFloat());
    precise float rate = 4.0 * recip(size);
    precise float c = rate * cosTurns(turn);
    precise float s = rate * sinTurns(turn);
    precise float xx = c * stretch;
    precise float xy = s * stretch;
    made.spots.xx = xx;
    made.spots.xy = xy;
    made.spots.yx = -s;
    made.spots.yy = c;
    precise float x = drawFloat() * 128.0;
    precise float y = drawFloat() * 128.0;
    precise float turnedX = drawFloat() * 128.0;
    precise float turnedY = drawFloat() * 128.0;
    precise float bendX = drawFloat() * 128.0;
    precise float bendY = drawFloat() * 128.0;
    made.spots.x = x;
    made.spots.y = y;
    made.spots.turnedX = turnedX;
    made.spots.turnedY = turnedY;
    made.spots.bendX = bendX;
    made.spots.bendY = bendY;
    made.spots.threshold = drawBetween(settings[own].spotThresholdLo, settings[own].spotThresholdHi);
    made.spots.slope = drawLog(settings[own].spotSlopeLo, settings[own].spotSlopeOctaves);
    precise float mean = 0.0;
    for (uint k = 0u; k < 9u; k++) {
        precise float at = spotPlaces[k] - made.spots.threshold;
        at = made.spots.slope * at;
        precise float share = spotShares[k] * logistic(at);
        mean = mean + share;
    }
    made.spots.mean = mean;
}

void drawGradient() {
    if (settings[own].gradient == 0u) {
        drawFlat();
        return;
    }
    made.kind = paintGradient;
    made.from = drawColour();
    made.to = drawColour();
    float turn = leaning(drawFloat());
    float k = drawBetween(settings[own].steepnessLo, settings[own].steepnessHi);
    precise float slope = 12.0 * k;
    precise float offset = -6.0 * k;
    made.curve = makeCurve(slope, offset);
    precise float dx = cosTurns(turn);
    precise float dy = sinTurns(turn);
    precise float corner = max(dx, -dx) + max(dy, -dy);
    precise float rate = made.inv * 0.25;
    rate = rate * recip(corner);
    dx = dx * rate;
    dy = dy * rate;
    made.rampX = dx;
    made.rampY = dy;
}

void drawPaint() {
    if (leaf.r < settings[own].flatBelow) {
        drawFlat();
        return;
    }
    if (settings[own].textured == 0u) {
        drawGradient();
        return;
    }
    if (drawFloat() < settings[own].gradientOdds) {
        drawGradient();
        return;
    }
    precise float pick = drawFloat() * settings[own].weightTotal;
    bool tilted = drawFloat() < settings[own].perspectiveOdds;
    uint mode = drawBelow(4u);
    if (tilted && settings[own].perspective != 0u) {
        made.tilt = 1u + mode;
    }
    if (pick < settings[own].weightSin) {
        made.kind = paintSin;
        made.from = drawColour();
        made.to = drawColour();
        drawPattern(false);
    } else if (pick < settings[own].weightSinNoise) {
        made.kind = paintNoise;
        made.part[0] = drawNoise(false);
    } else {
        made.kind = paintMix;
        for (uint i = 0u; i < 2u; i++) {
            if (drawFloat() < settings[own].mixFlatOdds) {
                made.part[i].mean = drawColour();
            } else {
                made.part[i] = drawNoise(settings[own].lab != 0u);
            }
        }
        bool grid = drawFloat() < settings[own].mixGridOdds;
        drawPattern(grid);
    }
    if (made.kind >= paintNoise && settings[own].stretchOdds > 0.0) {
        drawStretch();
    }
    if ((made.kind == paintSin || made.kind == paintMix && made.grid == 0u) && settings[own].spotOdds > 0.0) {
        drawSpots();
    }
}

Noise noNoise() {
    return Noise(float[3](0.0, 0.0, 0.0), float[6](0.0, 0.0, 0.0, 0.0, 0.0, 0.0), float[3](0.0, 0.0, 0.0),
        0u, 0.0, 0.0, 0, 0, 0u, 0u, uint[3](0u, 0u, 0u));
}

void clearPaint() {
    made.kind = paintFlat;
    made.flatLow = 0u;
    made.flatHigh = 0u;
    made.tilt = 0u;
    made.from = float[3](0.0, 0.0, 0.0);
    made.to = made.from;
    made.rampX = 0.0;
    made.rampY = 0.0;
    made.curve = Curve(0.0, 0.0, 0.0, 0.0);
    made.grid = 0u;
    made.count = 0u;
    made.warped = 0u;
    made.warpRate = 0.0;
    made.warpHeight = 0.0;
    made.warpX = 0.0;
    made.warpY = 0.0;
    made.stretch = Stretch(0u, 0.0, 0.0, 0.0, 0.0);
    made.spots = Spots(0u, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (uint i = 0u; i < 2u; i++) {
        made.waves[i] = Wave(0.0, 0.0, 0.0, 0.0, 0.0, Curve(0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0);
        made.part[i] = noNoise();
    }
}

void main() {
    uint slot = gl_GlobalInvocationID.x;
    if (slot >= min(passes[stackNumber].count, capacity)) {
        return;
    }
    uvec2 who = shown[slot];
    Canvas canvas = canvases[who.y];
    Stack stack = stacks[stackOf(who.y)];
    leaf = leaves[who.x];
    palette = canvas.palette * paletteWords;
    own = canvas.settings;
    openStream(uvec2(canvas.seedLow, canvas.seedHigh), uvec2(canvas.imageLow, canvas.imageHigh),
        stack.layer, who.x - stack.leaves, purposePaint);

    clearPaint();
    made.x = leaf.x;
    made.y = leaf.y;
    // scene.Leaf.Extent
    precise float extent = leaf.b;
    if ((leaf.shape & 3u) == kindRect) {
        extent = leaf.b * 0.4142136;
        extent = leaf.a + extent;
    }
    made.extent = extent;
    made.inv = recip(made.extent);
    drawPaint();
    paints[slot] = made;
}
