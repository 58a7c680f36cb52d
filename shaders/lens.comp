#version 430
// lens, second half: blur by a disk, squared colours averaged; each run of the
// disk is a difference of prefix sums (cpu/lens.go).
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

// Of each lens: where the runs of its rows start, then the runs: reach and weight.
layout(std430, binding = BIND_KERNELS) readonly buffer KernelBuffer { uint kernels[]; };
layout(std430, binding = BIND_SOURCE) readonly buffer PrefixBuffer { uvec4 prefix[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

// floor(sqrt(n)), n < 2^28, bit by bit.
uint integerRoot(uint n) {
    uint root = 0u;
    for (uint bit = 1u << 13; bit != 0u; bit >>= 1) {
        uint next = root | bit;
        if (next * next <= n) {
            root = next;
        }
    }
    return root;
}

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    uint reach = stack.lensReach;
    if (pixel.x >= canvas.width || stack.lensSum == 0u || pixel.y < reach || pixel.y + reach >= canvas.height) {
        return;
    }
    uint to = canvas.pixels + pixel.y * canvas.width + pixel.x;
    if (pixel.x < reach || pixel.x + reach >= canvas.width) {
        target[to] = uvec2(0u);
        return;
    }
    uint stride = canvas.width + 1u;
    uint middle = canvas.prefix + pixel.y * stride + pixel.x;
    uvec4 sum = uvec4(0u);
    for (int j = -int(reach); j <= int(reach); j++) {
        uint row = stack.kernel + uint(abs(j));
        uint at = uint(int(middle) + j * int(stride));
        for (uint run = kernels[row]; run < kernels[row + 1u]; run++) {
            uint n = kernels[stack.lensRuns + 2u * run], weight = kernels[stack.lensRuns + 2u * run + 1u];
            sum += (prefix[at + n + 1u] - prefix[at - n]) * weight;
        }
    }
    // As cpu/lens.go tests green and cover alone: without cover there is no colour.
    if ((sum.z | sum.w) == 0u) {
        target[to] = uvec2(0u);
        return;
    }
    uint round = stack.lensSum / 2u;
    uint cover = (sum.w * coverOne + round) / stack.lensSum;
    uvec3 mean = (sum.xzy + round) / stack.lensSum;
    target[to] = pack(uvec4(integerRoot(mean.x * cover >> 2), integerRoot(mean.y * cover >> 2),
        integerRoot(mean.z * cover >> 2), cover));
}
