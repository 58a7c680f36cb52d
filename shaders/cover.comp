#version 430
// cover: the front-most leaf of every pixel of one stack (cpu/cover.go).
//
// A workgroup owns a tile of 16 x 16 pixels, a thread four of them, one below the
// other. It goes through the leaves of its bin (see bin.comp) front to back in blocks
// of 256: the threads test the leaves' bounds against the tile and note the hits in
// shared memory, and each open pixel walks the hits until one contains it. A leaf that
// holds the whole tile is known by then, and so is most of what a polygon's bound
// holds and its outline does not. The tile stops when it is full.
#include "arith.glsl"
#include "batch.glsl"
#include "leaf.glsl"
#include "cull.glsl"
#define BIND_WORK 11
#include "work.glsl"

layout(local_size_x = 16, local_size_y = 4) in;

const uint threads = 64u, rows = 4u; // of pixels a thread

// Leaf id of each pixel, 1 upwards; 0 where there is none.
layout(std430, binding = BIND_IDS) writeonly buffer IdBuffer { uint ids[]; };

// Polygon outlines: four words each (where its tile starts, its texels a side, where
// its sketch is, texels a side of the sketch's cells), then sketches, then texels, four
// signed bytes a word.
layout(std430, binding = BIND_OUTLINES) readonly buffer OutlineBuffer { uint outlines[]; };

// Per leaf: 0, or 1 + where its paint is.
layout(std430, binding = BIND_NUMBERS) buffer NumberBuffer { uint numbers[]; };

// Per stack number, over the whole batch: how many leaves show.
struct Pass {
    uint groups, one, two; // the paint stage's workgroups
    uint count;
};
layout(std430, binding = BIND_PASSES) buffer PassBuffer { Pass passes[]; };

// The leaves that show: leaf and canvas.
layout(std430, binding = BIND_SHOWN) writeonly buffer ShownBuffer { uvec2 shown[]; };

// Per stack: pixels that no leaf reached, and the last leaf that shows.
struct Progress { uint open, last; };
layout(std430, binding = BIND_PROGRESS) buffer ProgressBuffer { Progress progress[]; };

layout(std430, binding = BIND_BINS) readonly buffer BinBuffer { Bin bins[]; };
layout(std430, binding = BIND_BINNED) readonly buffer BinnedBuffer { uint binned[]; };

const uint paintGroup = 64u;

const uint wholeTile = 0x80000000u; // in hitIds: the leaf holds every pixel of the tile

shared Leaf hits[blockSize];
shared uint hitIds[blockSize];
shared uint hitMask[2u * maskWords]; // of this block, and of the next
shared uint tileIds[256];
shared uint tileOpen;

float distanceTexel(uint at) {
    return float(bitfieldExtract(int(outlines[at >> 2]), int(at & 3u) * 8, 8));
}

bool insidePoly(Leaf leaf, float u, float v) {
    uint tile = leaf.shape >> 3;
    uint offset = outlines[4u * tile], size = outlines[4u * tile + 1u];
    float scale = (leaf.shape & 4u) != 0u ? -leaf.a : leaf.a;
    float last = float(size - 1u);
    precise float mid = last * 0.5;
    precise float s = u * scale + mid;
    precise float t = v * leaf.a + mid;
    if (s < 0.0 || t < 0.0 || s >= last || t >= last) {
        return false;
    }
    uint i = uint(s), j = uint(t);
    precise float f = s - float(i);
    precise float g = t - float(j);
    uint at = offset + j * size + i;
    float q0 = distanceTexel(at), q1 = distanceTexel(at + size);
    precise float a = (distanceTexel(at + 1u) - q0) * f;
    a = q0 + a;
    precise float b = (distanceTexel(at + size + 1u) - q1) * f;
    b = q1 + b;
    precise float d = (b - a) * g;
    d = a + d;
    return d > 0.0;
}

bool inside(Leaf leaf, float x, float y) {
    precise float dx = x - leaf.x;
    precise float dy = y - leaf.y;
    uint kind = leaf.shape & 3u;
    if (!hasRects && !hasPolys || kind == kindDisk) {
        precise float far = dx * dx + dy * dy;
        return far <= leaf.a;
    }
    precise float us = dy * leaf.sin;
    precise float vc = dy * leaf.cos;
    precise float u = dx * leaf.cos + us;
    precise float v = vc - dx * leaf.sin;
    if (!hasPolys || hasRects && kind == kindRect) {
        return u <= leaf.a && u >= -leaf.a && v <= leaf.b && v >= -leaf.b;
    }
    return insidePoly(leaf, u, v);
}

#include "sketch.glsl"

void main() {
    uint canvasNumber = gl_WorkGroupID.z;
    Canvas canvas = canvases[canvasNumber];
    uvec2 corner = gl_WorkGroupID.xy * 16u;
    if (corner.x >= canvas.width || corner.y >= canvas.height) {
        return; // the whole group does
    }
    uint me = gl_LocalInvocationIndex;
    uvec2 pixel = corner + gl_LocalInvocationID.xy;
    float x = centre(pixel.x, canvas.left);
    float y[rows];
    uint id[rows], open = 0u; // bits: pixels without a leaf
    for (uint i = 0u; i < rows; i++) {
        y[i] = centre(pixel.y + i * 4u, canvas.top);
        id[i] = 0u;
        open |= pixel.x < canvas.width && pixel.y + i * 4u < canvas.height ? 1u << i : 0u;
    }
    uint exist = open;
    precise vec2 mid = vec2(float(int(corner.x) + canvas.left), float(int(corner.y) + canvas.top)) + vec2(8.0);
    Stack stack = stacks[stackOf(canvasNumber)];

    if (me == 0u) {
        tileOpen = min(16u, canvas.width - corner.x) * min(16u, canvas.height - corner.y);
    }
    if (me < 2u * maskWords) {
        hitMask[me] = 0u;
    }
    memoryBarrierShared();
    barrier();
    // First the leaves that the tile's bin lists, then those that it had no room for.
    uint listed = 0u, stop = 0u, list = 0u;
    if (room > 0u) {
        uint across = (canvas.width + binSide - 1u) / binSide;
        uint bin = (binSide == binSize ? canvas.bins : canvas.coarse) + corner.y / binSide * across + corner.x / binSide;
        listed = bins[bin].count;
        stop = bins[bin].stop;
        list = bin * room;
    }
    uint candidates = listed + stack.count - stop;
    uint mask = 0u; // where this block's part of hitMask begins
    uint tests = 0u, polyTests = 0u; // the compiler drops counts that nobody asks for
    for (uint first = 0u; first < candidates; first += blockSize) {
        if (tileOpen == 0u) {
            break; // the same for all: tileOpen changes between the two barriers only
        }
        if (me == 0u) {
            count(workTileTests, min(blockSize, candidates - first));
        }
        for (uint slot = me; slot < min(blockSize, candidates - first); slot += threads) {
            uint candidate = first + slot;
            uint number = candidate < listed ? binned[list + candidate] : stop + candidate - listed;
            Leaf leaf = leaves[stack.leaves + number];
            if (reaches(leaf, mid, 7.5)) {
                uint part = partOf(leaf, mid, 7.5);
                if (part != partNone) {
                    hits[slot] = leaf;
                    hitIds[slot] = number + 1u | (part == partAll ? wholeTile : 0u);
                    atomicOr(hitMask[mask + (slot >> 5)], 1u << (slot & 31u));
                }
            }
        }
        memoryBarrierShared();
        barrier();
        uint other = maskWords - mask;
        if (me < maskWords) {
            hitMask[other + me] = 0u;
        }
        uint before = open;
        for (uint w = 0u; w < maskWords; w++) {
            uint left = hitMask[mask + w];
            while (left != 0u && open != 0u) {
                uint h = w * 32u + uint(findLSB(left));
                left &= left - 1u;
                Leaf leaf = hits[h];
                uint number = hitIds[h];
                bool whole = (number & wholeTile) != 0u;
                for (uint i = 0u; i < rows; i++) {
                    if ((open >> i & 1u) == 0u) {
                        continue;
                    }
                    tests += whole ? 0u : 1u;
                    polyTests += !whole && (leaf.shape & 3u) == kindPoly ? 1u : 0u;
                    if (whole || inside(leaf, x, y[i])) {
                        id[i] = number & ~wholeTile;
                        open &= ~(1u << i);
                    }
                }
            }
        }
        if (open != before) {
            atomicAdd(tileOpen, 0u - uint(bitCount(before & ~open)));
        }
        mask = other;
        memoryBarrierShared();
        barrier();
    }

    count(workPixelTests, tests);
    count(workPolyTests, polyTests);
    count(workCovered, uint(bitCount(exist & ~open)));
    for (uint i = 0u; i < rows; i++) {
        if ((exist >> i & 1u) != 0u) {
            ids[canvas.pixels + (pixel.y + i * 4u) * canvas.width + pixel.x] = id[i];
        }
        tileIds[i * threads + me] = id[i];
    }
    if (me == 0u && tileOpen != 0u) {
        atomicAdd(progress[stackOf(canvasNumber)].open, tileOpen);
    }
    memoryBarrierShared();
    barrier();
    // One pixel a row and leaf is enough to enter the leaf into the list. Where it
    // stands there depends on who comes first; no pixel depends on where it stands.
    for (uint i = 0u; i < rows; i++) {
        uint at = i * threads + me;
        if (id[i] == 0u || (at & 15u) != 0u && tileIds[at - 1u] == id[i] || at >= 16u && tileIds[at - 16u] == id[i]) {
            continue;
        }
        uint leaf = stack.leaves + id[i] - 1u;
        if (numbers[leaf] == 0u && atomicCompSwap(numbers[leaf], 0u, 0xffffffffu) == 0u) {
            uint slot = atomicAdd(passes[stackNumber].count, 1u);
            atomicMax(progress[stackOf(canvasNumber)].last, id[i]);
            if (slot < capacity) {
                shown[slot] = uvec2(leaf, canvasNumber);
                atomicMax(passes[stackNumber].groups, slot / paintGroup + 1u);
                numbers[leaf] = slot + 1u;
            }
        }
    }
}
