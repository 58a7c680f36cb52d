#version 430
// bin: before cover, list the leaves of one stack that may reach each bin of 128 x 128
// pixels, front to back, so that a tile need not look at the leaves of the whole
// image. It decides no pixel and has no counterpart on the CPU. A workgroup owns a
// bin.
#include "arith.glsl"
#include "batch.glsl"
#include "features.glsl"
#include "leaf.glsl"
#include "cull.glsl"

#define BIND_WORK 11
#include "work.glsl"

layout(local_size_x = 64) in;

const uint threads = 64u, share = blockSize / threads; // leaves a thread and block

layout(std430, binding = BIND_BINS) writeonly buffer BinBuffer { Bin bins[]; };
layout(std430, binding = BIND_BINNED) writeonly buffer BinnedBuffer { uint binned[]; };

layout(location = 2) uniform uint room; // of a bin

shared uint hitMask[2u * maskWords]; // of this block, and of the next

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
    uint mask = 0u; // where this block's part of hitMask begins
    if (me < 2u * maskWords) {
        hitMask[me] = 0u;
    }
    memoryBarrierShared();
    barrier();
    for (uint first = 0u; first < stack.count; first += blockSize) {
        uint number = first + me * share; // neighbours, so that their bits are too
        if (me == 0u) {
            count(workBinTests, min(blockSize, stack.count - first));
        }
        uint mine = 0u;
        for (uint i = 0u; i < share; i++) {
            if (number + i < stack.count && reaches(leaves[stack.leaves + number + i], mid, 63.5)) {
                mine |= 1u << i;
            }
        }
        uint word = me / (32u / share), shift = me * share & 31u;
        if (mine != 0u) {
            atomicOr(hitMask[mask + word], mine << shift);
        }
        memoryBarrierShared();
        barrier();
        uint other = maskWords - mask;
        if (me < maskWords) {
            hitMask[other + me] = 0u;
        }
        uint total = 0u, rank = 0u;
        for (uint w = 0u; w < maskWords; w++) {
            uint m = hitMask[mask + w];
            rank += w < word ? uint(bitCount(m)) : w == word ? uint(bitCount(m & ((1u << shift) - 1u))) : 0u;
            total += uint(bitCount(m));
        }
        if (filled + total > room) {
            stop = first;
            break; // the same for all
        }
        for (uint i = 0u; i < share; i++) {
            if ((mine >> i & 1u) != 0u) {
                binned[bin * room + filled + rank] = number + i;
                rank++;
            }
        }
        filled += total;
        mask = other;
        memoryBarrierShared();
        barrier();
    }
    if (me == 0u) {
        bins[bin] = Bin(filled, stop);
    }
}
