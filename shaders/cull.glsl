// Which leaves matter to a square of pixels: shared by bin and cover. Nothing here
// decides a pixel.

// A workgroup tests leaves in blocks of this many.
const uint blockSize = 256u;
// Side of a bin, px, and of a coarse bin, whose leaves a fine one picks from.
const uint binSize = 32u;
const uint coarseSize = 128u;

// A radius round the centre outside which the leaf has no pixel, with a pixel to
// spare: it culls and decides nothing.
float bound(Leaf leaf) {
    uint kind = leaf.shape & 3u;
    precise float reach = leaf.b + 1.0;
    if (hasRects && kind == kindRect) {
        reach = reach + leaf.a;
    } else if (hasPolys && kind == kindPoly) {
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

// Hits of a block are bits of a mask, in order.
const uint maskWords = blockSize / 32u;

// One bin: how many leaves it lists, and the first leaf that found no room.
struct Bin {
    uint count, stop;
};
