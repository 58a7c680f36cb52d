#version 430
// bin: before cover, list the leaves of one stack that may reach each bin of 32 x 32
// pixels, front to back, so that a tile need not look at the leaves of the whole
// image. It runs twice: first coarse bins of 128 x 128 pixels pick from all leaves, then
// the bins from theirs, unless leaves are so few that coarse bins do. It decides no
// pixel and has no counterpart on the CPU. A workgroup owns a bin.
#include "arith.glsl"
#include "batch.glsl"
#include "leaf.glsl"
#include "cull.glsl"

#define BIND_WORK 11
#include "work.glsl"

layout(local_size_x = 64) in;

const uint threads = 64u, share = blockSize / threads; // leaves a thread and block

layout(std430, binding = BIND_BINS) writeonly buffer BinBuffer { Bin bins[]; };
layout(std430, binding = BIND_BINNED) writeonly buffer BinnedBuffer { uint binned[]; };
// What the first run made, for the second.
layout(std430, binding = BIND_COARSE) readonly buffer CoarseBuffer { Bin coarse[]; };
layout(std430, binding = BIND_COARSE_LISTS) readonly buffer CoarseListBuffer { uint coarseLists[]; };

shared uint hitMask[2u * maskWords]; // of this block, and of the next

// The leaf that is candidate c: first those that the coarse bin lists, then those that it
// had no room for.
uint numberOf(uint c, uint listed, uint unlisted, uint list) {
    return c < listed ? coarseLists[list + c] : unlisted + c - listed;
}

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uint side = coarseRoom == 0u ? coarseSize : binSize;
    uvec2 corner = gl_WorkGroupID.xy * side;
    if (corner.x >= canvas.width || corner.y >= canvas.height) {
        return; // the whole group does
    }
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uint across = (canvas.width + side - 1u) / side;
    uint bin = gl_WorkGroupID.y * across + gl_WorkGroupID.x;
    uint listed = 0u, unlisted = 0u, list = 0u;
    if (coarseRoom == 0u) {
        bin += canvas.coarse;
    } else {
        bin += canvas.bins;
        uint parent = canvas.coarse + corner.y / coarseSize * ((canvas.width + coarseSize - 1u) / coarseSize) + corner.x / coarseSize;
        listed = coarse[parent].count;
        unlisted = coarse[parent].stop;
        list = parent * coarseRoom;
    }
    uint candidates = listed + stack.count - unlisted;
    float spread = float(side / 2u);
    precise vec2 mid = vec2(float(int(corner.x) + canvas.left), float(int(corner.y) + canvas.top)) + vec2(spread);
    precise float outermost = spread - 0.5;
    uint me = gl_LocalInvocationIndex, filled = 0u, stop = stack.count;
    uint mask = 0u; // where this block's part of hitMask begins
    if (me < 2u * maskWords) {
        hitMask[me] = 0u;
    }
    memoryBarrierShared();
    barrier();
    for (uint first = 0u; first < candidates; first += blockSize) {
        uint candidate = first + me * share; // neighbours, so that their bits are too
        if (me == 0u) {
            count(workBinTests, min(blockSize, candidates - first));
        }
        uint mine = 0u, numbers[share];
        for (uint i = 0u; i < share; i++) {
            numbers[i] = numberOf(candidate + i, listed, unlisted, list);
            if (candidate + i < candidates && reaches(leaves[stack.leaves + numbers[i]], mid, outermost)) {
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
            stop = numberOf(first, listed, unlisted, list);
            break; // the same for all
        }
        for (uint i = 0u; i < share; i++) {
            if ((mine >> i & 1u) != 0u) {
                binned[bin * room + filled + rank] = numbers[i];
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
