#version 430
// bin: before cover, list the leaves of one stack that may reach each bin of 128 x 128
// pixels, front to back, so that a tile need not look at the leaves of the whole
// image. It decides no pixel and has no counterpart on the CPU. A workgroup owns a
// bin.
#include "arith.glsl"
#include "batch.glsl"
#include "leaf.glsl"
#include "cull.glsl"

#define BIND_WORK 11
#include "work.glsl"

layout(local_size_x = 256) in;

layout(std430, binding = BIND_BINS) writeonly buffer BinBuffer { Bin bins[]; };
layout(std430, binding = BIND_BINNED) writeonly buffer BinnedBuffer { uint binned[]; };

layout(location = 2) uniform uint room; // of a bin

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uvec2 corner = gl_WorkGroupID.xy * binSize;
    if (corner.x >= canvas.width || corner.y >= canvas.height) {
        return; // the whole group does
    }
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uint across = (canvas.width + binSize - 1u) / binSize;
    uint bin = canvas.bins + gl_WorkGroupID.y * across + gl_WorkGroupID.x;
    precise vec2 mid = vec2(float(int(corner.x) + canvas.left), float(int(corner.y) + canvas.top)) + vec2(64.0);
    uint me = gl_LocalInvocationIndex, filled = 0u, stop = stack.count;
    for (uint first = 0u; first < stack.count; first += blockSize) {
        uint number = first + me;
        if (me == 0u) {
            count(workBinTests, min(blockSize, stack.count - first));
        }
        bool hit = number < stack.count && reaches(leaves[stack.leaves + number], mid, 63.5);
        uint rank;
        uint total = ranked(hit, rank);
        if (filled + total > room) {
            stop = first;
            break; // the same for all
        }
        if (hit) {
            binned[bin * room + filled + rank] = number;
        }
        filled += total;
        memoryBarrierShared();
        barrier();
    }
    if (me == 0u) {
        bins[bin] = Bin(filled, stop);
    }
}
