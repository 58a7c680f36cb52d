#version 430
// blur, along x: rows of a shaded stack, from sixteenths to 64ths (cpu/blur.go).
// Columns nearer to the border than the kernel reaches are margin.
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_KERNELS) readonly buffer KernelBuffer { uint kernels[]; };
layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    if (pixel.x >= canvas.width || pixel.y >= canvas.height || stack.radius == 0u) {
        return;
    }
    uint at = canvas.pixels + pixel.y * canvas.width + pixel.x;
    if (pixel.x < stack.radius || pixel.x + stack.radius >= canvas.width) {
        target[at] = uvec2(0u);
        return;
    }
    uvec4 sum = lanes(source[at]) * kernels[stack.kernel];
    for (uint k = 1u; k <= stack.radius; k++) {
        sum += (lanes(source[at - k]) + lanes(source[at + k])) * kernels[stack.kernel + k];
    }
    target[at] = pack((sum + 8192u) >> 14u);
}
