#version 430
// lens, first half: running sums along each row of squared colours and cover
// (cpu/lens.go). A workgroup owns a row; each thread sums a piece of it, the
// pieces' sums are summed in shared memory. Sums wrap at 2^32, as do the
// differences that lens.comp takes of them.
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 128) in;

layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
// Red, blue, green and cover; entry x is the sum over pixels left of x.
layout(std430, binding = BIND_TARGET) writeonly buffer PrefixBuffer { uvec4 prefix[]; };

shared uvec4 pieces[128];

// Squares of 8-bit scale, cover of 0 or 1.
uvec4 squares(uvec2 texel) {
    uvec4 v = lanes(texel);
    return uvec4(v.x * v.x >> 8, v.z * v.z >> 8, v.y * v.y >> 8, v.w >> 12);
}

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uint row = gl_WorkGroupID.y;
    if (row >= canvas.height || stack.lensSum == 0u) {
        return; // the whole group does
    }
    uint me = gl_LocalInvocationIndex;
    uint piece = (canvas.width + 127u) / 128u;
    uint first = min(me * piece, canvas.width), end = min(first + piece, canvas.width);
    uint from = canvas.pixels + row * canvas.width, to = canvas.prefix + row * (canvas.width + 1u);
    uvec4 sum = uvec4(0u);
    for (uint x = first; x < end; x++) {
        sum += squares(source[from + x]);
    }
    pieces[me] = sum;
    memoryBarrierShared();
    barrier();
    sum = uvec4(0u);
    for (uint i = 0u; i < me; i++) {
        sum += pieces[i];
    }
    if (me == 0u) {
        prefix[to] = uvec4(0u);
    }
    for (uint x = first; x < end; x++) {
        sum += squares(source[from + x]);
        prefix[to + x + 1u] = sum;
    }
}
