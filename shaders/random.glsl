// scene/philox.go: Philox4x32-10 (Salmon et al., SC'11) and the stream of words
// that one key gives.

uvec4 philox(uvec4 ctr, uvec2 key) {
    for (int i = 0; i < 10; i++) {
        uint h0, l0, h1, l1;
        umulExtended(0xD2511F53u, ctr.x, h0, l0);
        umulExtended(0xCD9E8D57u, ctr.z, h1, l1);
        ctr = uvec4(h1 ^ ctr.y ^ key.x, l1, h0 ^ ctr.w ^ key.y, l0);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return ctr;
}

const uint purposePaint = 4u;

// The stream that is being read. One invocation reads one stream.
uvec4 streamCounter; // of the next block
uvec2 streamKey;
uvec4 streamBlock;
uint streamLeft;

void openStream(uvec2 seed, uvec2 image, uint layer, uint leaf, uint purpose) {
    streamCounter = uvec4(leaf, purpose << 24 | layer << 16, image);
    streamKey = seed;
    streamLeft = 0u;
    streamBlock = uvec4(0u); // read no sooner than drawn, which not every compiler sees
}

uint drawUint() {
    if (streamLeft == 0u) {
        streamBlock = philox(streamCounter, streamKey);
        streamCounter.y++;
        streamLeft = 4u;
    }
    uint w = streamBlock.x;
    streamBlock = streamBlock.yzwx;
    streamLeft--;
    return w;
}

// Uniform in [0, 1), a multiple of 2^-24.
float drawFloat() {
    precise float u = float(drawUint() >> 8) * 5.96046448e-08;
    return u;
}

float drawBetween(float lo, float hi) {
    precise float u = drawFloat();
    u = u * (hi - lo);
    u = lo + u;
    return u;
}

// The logarithm uniform: from lo over so many octaves.
float drawLog(float lo, float octaves) {
    precise float u = drawFloat() * octaves;
    u = lo * exp2Of(u);
    return u;
}

// Uniform integer in [0, n).
uint drawBelow(uint n) {
    uint hi, lo;
    umulExtended(drawUint(), n, hi, lo);
    return hi;
}
