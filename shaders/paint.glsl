// What a leaf is filled with (cpu/paint.go, cpu/pattern.go).
const uint paintFlat = 0u, paintGradient = 1u, paintSin = 2u, paintNoise = 3u, paintMix = 4u;

// A piece of the logistic, rescaled to run from 0 to 1 on [0, 1].
struct Curve {
    float slope, offset, bias, gain;
};

// One sinusoid or one family of lines: phase fx x + fy y + phase turns.
struct Wave {
    float fx, fy, phase;
    float freq;
    float threshold;
    Curve curve;
    float mean;
    float period, line;
};

// A 1/f^s noise paint, or one flat colour if tile is 0.
struct Noise {
    float mean[3];
    float chol[6];
    float gain[3]; // of the tile and of the levels of half and a quarter its side
    uint log;
    float cells; // a texture px; 0: the tile holds all that the leaf shows
    float fade; // turns a cell
    int x, y;
    uint symmetry;
    uint tile; // 1 + slope class | variant << 8
    uint at[3]; // where the levels start
};

// A map of spots in place of waves.
struct Spots {
    uint on;
    float xx, xy, yx, yy; // texels of the warp field a px
    float x, y, turnedX, turnedY, bendX, bendY; // texels
    float threshold, slope;
    float size; // px
    float mean;
};

// Textures drawn out: coordinates are turned, and the first divided.
struct Stretch {
    uint on;
    float xx, xy, yx, yy;
};

struct Paint {
    uint kind;
    uint flatLow, flatHigh; // texel
    float x, y; // of the leaf
    uint tilt;
    float inv, extent;
    float from[3], to[3];
    float rampX, rampY;
    Curve curve;
    uint grid, count, warped; // the pattern
    float warpRate, warpHeight, warpX, warpY;
    Wave waves[2];
    Noise part[2];
    Stretch stretch;
    Spots spots;
};

float profile(float threshold, Curve curve, float phase) {
    precise float v = 0.5 * sinTurns(phase);
    v = 0.5 + v;
    if (v > threshold) {
        v = 1.0;
    }
    precise float y = curve.slope * v;
    y = y + curve.offset;
    y = logistic(y) - curve.bias;
    y = y * curve.gain;
    return y;
}
