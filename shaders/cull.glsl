// Which leaves matter to a square of pixels: shared by bin and cover. Nothing here
// decides a pixel.

// A workgroup tests this many leaves at once.
const uint blockSize = 256u;
// Side of a bin, px.
const uint binSize = 128u;

// A radius round the centre outside which the leaf has no pixel, with a pixel to
// spare: it culls and decides nothing.
float bound(Leaf leaf) {
    uint kind = leaf.shape & 3u;
    precise float reach = leaf.b + 1.0;
    if (kind == kindRect) {
        reach = reach + leaf.a;
    } else if (kind == kindPoly) {
        precise float spare = 2.5 * recip(leaf.a);
        reach = reach + spare;
    }
    return reach;
}

// Whether a leaf may hold the centre of a pixel in the square round mid whose outermost
// centres are at half along each axis.
bool reaches(Leaf leaf, vec2 mid, float spread) {
    precise float dx = max(abs(leaf.x - mid.x) - spread, 0.0);
    precise float dy = max(abs(leaf.y - mid.y) - spread, 0.0);
    precise float reach = bound(leaf);
    precise float far = dx * dx + dy * dy;
    precise float limit = reach * reach;
    return far <= limit;
}

shared uint hitMask[blockSize / 32u];

// Ranks the invocations of the workgroup that hit, in order: returns how many do, and
// the caller's place among them. All 256 call it; a barrier must come before the
// next call.
uint ranked(bool hit, out uint rank) {
    uint me = gl_LocalInvocationIndex;
    if (me < blockSize / 32u) {
        hitMask[me] = 0u;
    }
    memoryBarrierShared();
    barrier();
    if (hit) {
        atomicOr(hitMask[me >> 5], 1u << (me & 31u));
    }
    memoryBarrierShared();
    barrier();
    uint total = 0u;
    rank = 0u;
    for (uint w = 0u; w < blockSize / 32u; w++) {
        uint m = hitMask[w];
        if (w == me >> 5) {
            rank = total + uint(bitCount(m & ((1u << (me & 31u)) - 1u)));
        }
        total += uint(bitCount(m));
    }
    return total;
}

// One bin: how many leaves it lists, and the first leaf that found no room.
struct Bin {
    uint count, stop;
};
