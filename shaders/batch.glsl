// What a batch is made of. gpu/layout.go holds the same records; a test compares
// their layouts.

// Bindings of uniform blocks.
#define BIND_DISPATCH 0
// Bindings of storage blocks. A stage binds only what it reads; the last ones differ by stage.
#define BIND_SETTINGS 0
#define BIND_CANVASES 1
#define BIND_STACKS 2
#define BIND_LEAVES 3
#define BIND_NUMBERS 4
#define BIND_PASSES 5
#define BIND_SHOWN 6
#define BIND_PAINTS 7
#define BIND_IDS 8
#define BIND_TABLES 9
#define BIND_SOURCE 10
#define BIND_TARGET 11
#define BIND_KERNELS 12
#define BIND_OUTLINES 12
#define BIND_PALETTES 12
#define BIND_PROGRESS 13
#define BIND_BINS 14
#define BIND_BINNED 15
#define BIND_COARSE 12
#define BIND_COARSE_LISTS 13
// In shade only: as many as there are.
#define BIND_NOISE0 10
#define BIND_NOISE1 12
#define BIND_NOISE2 13
#define BIND_NOISE3 14
#define BIND_NOISE4 3
#define BIND_NOISE5 6

// One configuration: scene.Config as the shaders need it. Odds and ranges are as
// in docs/config.md; lengths are px before supersampling unless said otherwise. Where the
// configuration has laws, each image has settings of its own; stacks, scale and channels are those of all.
struct Settings {
    uint stacks;   // of every image
    uint scale;    // render px a px
    uint channels; // of the finished image
    uint lab;      // 1: colours mix in Lab
    uint approach; // 1: perspective enlarges
    uint textured;  // properties: 1 on, 0 off
    uint gradient;
    uint perspective;
    uint warp;
    uint largestTile;
    uint slopeCount;
    float slopeTotal;
    float renderScale;
    float flatBelow; // render px
    float noiseMargin; // render px
    float gradientOdds;
    float steepnessLo;
    float steepnessHi;
    float weightSin;
    float weightSinNoise;
    float weightTotal;
    float perspectiveOdds;
    float mixFlatOdds;
    float mixGridOdds;
    float sinDoubleOdds;
    float sinRotationLo; // turns
    float sinRotationHi;
    float sinFirstLo; // turns
    float sinFirstHi;
    float sinRightAngleOdds;
    float sinSecondLo; // turns
    float sinSecondHi;
    float sinPeriodLo;
    float sinPeriodHi;
    float sinThresholdLo;
    float sinThresholdHi;
    float sinSlopeLo;
    float sinSlopeHi;
    float gridBothOdds;
    float gridLineLo;
    float gridLineHi;
    float gridPeriodLo;
    float gridPeriodHi;
    float warpOdds;
    float warpSigmaLo;
    float warpSigmaHi;
    float warpAmplitudeMin;
    float warpAmplitudeRate;
    float contrast;
    float gravityOdds;
    float gravityIn;
    float gravityOut;
    float gravitySpread;
    uint sinPeriodLog; // 1: its logarithm is uniform, over so many octaves
    float sinPeriodOctaves;
    float stretchOdds; // of noise
    float stretchLo;
    float stretchOctaves;
    float spotOdds;
    float spotSizeLo;
    float spotSizeOctaves;
    float spotStretchOdds;
    float spotStretchLo;
    float spotStretchOctaves;
    float spotThresholdLo;
    float spotThresholdHi;
    float spotSlopeLo;
    float spotSlopeOctaves;
    float slopes[128]; // of paint.noise.slopes: low end and width
};
layout(std430, binding = BIND_SETTINGS) readonly buffer SettingsBuffer { Settings settings[]; };

// One canvas: an image, or a band of its rows, with the margin that blurs need.
// Offsets count elements of the buffer they point into.
struct Canvas {
    uint width; // render px
    uint height;
    int left; // place of the first column and row in the image, render px
    int top;
    uint pixels; // offset into ids, texels
    uint prefix; // offset into the lens prefix sums
    uint margin; // px, on each side
    uint outWidth; // px: the rows of the image that this canvas makes
    uint outHeight;
    uint outTop; // first of them
    uint imageHeight;
    uint outWords; // offset into the finished words of each kind
    uint front; // offset into the front-most leaves: outWidth * (outHeight + 1)
    uint palette; // number in the palette buffer
    uint seedLow;
    uint seedHigh;
    uint imageLow;
    uint imageHigh;
    uint extra; // kernel of the extra blur
    uint extraRadius; // 0: none
    uint bins; // offset of its first bin
    uint coarse; // offset of its first coarse bin
    uint settings; // number of its settings
};
layout(std430, binding = BIND_CANVASES) readonly buffer CanvasBuffer { Canvas canvases[]; };

// One stack of one canvas.
struct Stack {
    uint leaves; // offset of its first leaf
    uint count;
    uint layer; // index into the configuration's layers
    uint base; // leaves of the stacks in front
    uint depth; // 0 near to 65535 far
    uint kernel; // offset into the kernels
    uint radius; // of a Gaussian; 0: sharp, or a lens
    uint lensRuns; // offset of a lens's runs into the kernels
    uint lensReach;
    uint lensSum; // 0: no lens
};
layout(std430, binding = BIND_STACKS) readonly buffer StackBuffer { Stack stacks[]; };

// What one dispatch is told. It comes from a buffer like everything else: drivers have
// drawn other leaves with the same values in uniforms outside blocks.
layout(std140, binding = BIND_DISPATCH) uniform Dispatch {
    uvec4 starts; // where each label starts in the finished words: id, layer, depth, edge
    uint stackNumber; // which stack is being rendered, back to front
    uint capacity; // leaves that the list of shown ones and of paints holds
    uint coarseRoom; // leaves that a coarse bin lists; 0: bin makes the coarse bins now
    uint room; // leaves that a bin lists, of those bound; 0: there are none
    uint binSide; // of the bins that are bound to cover, px: binSize or coarseSize
};

uint stackOf(uint canvas) { return canvas * settings[0].stacks + stackNumber; }

// Coordinate of the middle of column or row i of a canvas that starts at first.
float centre(uint i, int first) {
    precise float c = float(int(i) + first) + 0.5;
    return c;
}
