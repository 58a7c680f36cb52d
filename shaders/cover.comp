#version 430
// cover: the front-most leaf of every pixel of one stack (cpu/cover.go).
//
// A workgroup owns a tile of 16 x 16 pixels. It goes through the leaves of its bin (see
// bin.comp) front to back in blocks of 256: each thread tests one leaf's bound against the tile, the
// hits are compacted in order into shared memory, and each open pixel walks them
// until one contains it. A leaf that holds the whole tile is known by then, and so is
// most of what a polygon's bound holds and its outline does not. The tile stops when it
// is full.
#include "arith.glsl"
#include "batch.glsl"
#include "leaf.glsl"
#include "cull.glsl"
#define BIND_WORK 11
#include "work.glsl"

layout(local_size_x = 16, local_size_y = 16) in;

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

layout(location = 1) uniform uint capacity; // of shown
layout(location = 2) uniform uint room; // of a bin; 0: there are none

const uint paintGroup = 64u;

const uint wholeTile = 0x80000000u; // in hitIds: the leaf holds every pixel of the tile

shared Leaf hits[blockSize];
shared uint hitIds[blockSize];
shared uint tileIds[blockSize];
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
    if (kind == kindDisk) {
        precise float far = dx * dx + dy * dy;
        return far <= leaf.a;
    }
    precise float us = dy * leaf.sin;
    precise float vc = dy * leaf.cos;
    precise float u = dx * leaf.cos + us;
    precise float v = vc - dx * leaf.sin;
    if (kind == kindRect) {
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
    bool exists = pixel.x < canvas.width && pixel.y < canvas.height;
    float x = centre(pixel.x, canvas.left), y = centre(pixel.y, canvas.top);
    precise vec2 mid = vec2(float(int(corner.x) + canvas.left), float(int(corner.y) + canvas.top)) + vec2(8.0);
    Stack stack = stacks[stackOf(canvasNumber)];

    if (me == 0u) {
        tileOpen = 0u;
    }
    memoryBarrierShared();
    barrier();
    if (exists) {
        atomicAdd(tileOpen, 1u);
    }
    // First the leaves that the tile's bin lists, then those that it had no room for.
    uint listed = 0u, stop = 0u, list = 0u;
    if (room > 0u) {
        uint across = (canvas.width + binSize - 1u) / binSize;
        uint bin = canvas.bins + corner.y / binSize * across + corner.x / binSize;
        listed = bins[bin].count;
        stop = bins[bin].stop;
        list = bin * room;
    }
    uint candidates = listed + stack.count - stop;
    uint id = 0u, tests = 0u, polyTests = 0u; // the compiler drops counts that nobody asks for
    for (uint first = 0u; first < candidates; first += blockSize) {
        memoryBarrierShared();
        barrier();
        if (tileOpen == 0u) {
            break; // the same for all: tileOpen changes between the barriers below only
        }
        if (me == 0u) {
            count(workTileTests, min(blockSize, candidates - first));
        }
        uint candidate = first + me, number = 0u;
        bool hit = false;
        uint whole = 0u;
        Leaf leaf;
        if (candidate < candidates) {
            number = candidate < listed ? binned[list + candidate] : stop + candidate - listed;
            leaf = leaves[stack.leaves + number];
            hit = reaches(leaf, mid, 7.5);
            if (hit) {
                uint part = partOf(leaf, mid, 7.5);
                hit = part != partNone;
                whole = part == partAll ? wholeTile : 0u;
            }
        }
        uint rank;
        uint total = ranked(hit, rank);
        if (hit) {
            hits[rank] = leaf;
            hitIds[rank] = (number + 1u) | whole;
        }
        memoryBarrierShared();
        barrier();
        if (exists && id == 0u) {
            for (uint h = 0u; h < total; h++) {
                bool here = (hitIds[h] & wholeTile) != 0u;
                if (!here) {
                    tests++;
                    polyTests += (hits[h].shape & 3u) == kindPoly ? 1u : 0u;
                    here = inside(hits[h], x, y);
                }
                if (here) {
                    id = hitIds[h] & ~wholeTile;
                    atomicAdd(tileOpen, 0xffffffffu);
                    break;
                }
            }
        }
        memoryBarrierShared();
        barrier();
    }

    count(workPixelTests, tests);
    count(workPolyTests, polyTests);
    count(workCovered, id != 0u ? 1u : 0u);
    if (exists) {
        ids[canvas.pixels + pixel.y * canvas.width + pixel.x] = id;
    }
    tileIds[me] = id;
    memoryBarrierShared();
    barrier();
    if (!exists) {
        return;
    }
    if (id == 0u) {
        if (me == 0u || tileIds[me - 1u] != 0u || (me & 15u) == 0u) {
            uint run = 1u; // count a row's run of open pixels at once
            while (((me + run) & 15u) != 0u && pixel.x + run < canvas.width && tileIds[me + run] == 0u) {
                run++;
            }
            atomicAdd(progress[stackOf(canvasNumber)].open, run);
        }
        return;
    }
    // One pixel a row and leaf is enough to enter the leaf into the list. Where it
    // stands there depends on who comes first; no pixel depends on where it stands.
    if ((me & 15u) != 0u && tileIds[me - 1u] == id) {
        return;
    }
    if (me >= 16u && tileIds[me - 16u] == id) {
        return;
    }
    uint at = stack.leaves + id - 1u;
    if (numbers[at] == 0u && atomicCompSwap(numbers[at], 0u, 0xffffffffu) == 0u) {
        uint slot = atomicAdd(passes[stackNumber].count, 1u);
        atomicMax(progress[stackOf(canvasNumber)].last, id);
        if (slot < capacity) {
            shown[slot] = uvec2(at, canvasNumber);
            atomicMax(passes[stackNumber].groups, slot / paintGroup + 1u);
            numbers[at] = slot + 1u;
        }
    }
}
