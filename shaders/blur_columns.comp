#version 430
// blur, along y: columns of a stack whose rows are blurred; lanes keep their scale
// (cpu/blur.go). Rows nearer to the border than the kernel reaches stay as they are.
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
    if (pixel.x >= canvas.width || stack.radius == 0u
        || pixel.y < stack.radius || pixel.y + stack.radius >= canvas.height) {
        return;
    }
    uint at = canvas.pixels + pixel.y * canvas.width + pixel.x;
    uvec4 sum = lanes(source[at]) * kernels[stack.kernel];
    for (uint k = 1u; k <= stack.radius; k++) {
        uint step = k * canvas.width;
        sum += (lanes(source[at - step]) + lanes(source[at + step])) * kernels[stack.kernel + k];
    }
    target[at] = pack((sum + 32768u) >> 16u);
}
