#version 430
// develop, second part: the extra blur along x, for texels in 64ths, whose scale it
// keeps (smoothRows in cpu/blur.go).
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_KERNELS) readonly buffer KernelBuffer { uint kernels[]; };
layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    uint width = canvas.width / settings[0].scale;
    if (canvas.extraRadius == 0u || pixel.y >= canvas.height / settings[0].scale
        || pixel.x < canvas.extraRadius || pixel.x + canvas.extraRadius >= width) {
        return;
    }
    uint at = canvas.pixels + pixel.y * width + pixel.x;
    uvec4 sum = lanes(source[at]) * kernels[canvas.extra];
    for (uint k = 1u; k <= canvas.extraRadius; k++) {
        sum += (lanes(source[at - k]) + lanes(source[at + k])) * kernels[canvas.extra + k];
    }
    target[at] = pack((sum + 32768u) >> 16u);
}
