#version 430
// lens, second half: blur by a disk, squared colours averaged; each row of the
// disk is a difference of prefix sums (cpu/lens.go).
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

// Rows of lenses: full pixels on each side, weight of the last one.
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
    for (int j = -int(stack.lensRows); j <= int(stack.lensRows); j++) {
        uint chord = stack.kernel + 2u * uint(abs(j));
        uint n = kernels[chord], edge = kernels[chord + 1u];
        uint at = uint(int(middle) + j * int(stride));
        uvec4 right = prefix[at + n];
        uvec4 left = uvec4(0u);
        if (n > 0u) {
            left = prefix[at + 1u - n];
            sum += (right - left) * stack.lensFull;
        }
        if (edge > 0u) {
            sum += (prefix[at + n + 1u] - right) * edge;
            if (n > 0u) {
                sum += (left - prefix[at - n]) * edge;
            }
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
