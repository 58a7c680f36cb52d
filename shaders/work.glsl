// Counting the work, in a debug mode that leaves the pixels alone: Options.Count
// defines COUNT_WORK. A stage that counts defines BIND_WORK, a binding that it has
// free, before it includes this. Counts are pairs of words, low and high.
#ifdef COUNT_WORK
layout(std430, binding = BIND_WORK) buffer WorkBuffer { uint work[]; };

void count(uint what, uint n) {
    if (n > 0u) {
        uint before = atomicAdd(work[2u * what], n);
        if (before + n < before) {
            atomicAdd(work[2u * what + 1u], 1u);
        }
    }
}
#else
#define count(what, n)
#endif

// What is counted, in the order of Work's fields in gpu/work.go.
const uint workBinTests = 0u; // leaf against bin
const uint workTileTests = 1u; // leaf against tile
const uint workPixelTests = 2u; // leaf against pixel
const uint workPolyTests = 3u; // of these, against a polygon
const uint workCovered = 4u; // pixels of stacks that a leaf covers
const uint workShaded = 5u; // pixels of stacks that are shaded
const uint workTextured = 6u; // of these, of a paint that is not flat
