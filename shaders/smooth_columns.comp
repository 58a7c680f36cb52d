#version 430
// develop, third part: the extra blur along y (blurColumns in cpu/blur.go).
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_KERNELS) readonly buffer KernelBuffer { uint kernels[]; };
layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    uint width = canvas.width / settings[0].scale, height = canvas.height / settings[0].scale;
    // Where the rows are margin, the columns are too.
    if (canvas.extraRadius == 0u || pixel.x < canvas.extraRadius || pixel.x + canvas.extraRadius >= width
        || pixel.y < canvas.extraRadius || pixel.y + canvas.extraRadius >= height) {
        return;
    }
    uint at = canvas.pixels + pixel.y * width + pixel.x;
    uvec4 sum = lanes(source[at]) * kernels[canvas.extra];
    for (uint k = 1u; k <= canvas.extraRadius; k++) {
        uint step = k * width;
        sum += (lanes(source[at - step]) + lanes(source[at + step])) * kernels[canvas.extra + k];
    }
    target[at] = pack((sum + 32768u) >> 16u);
}
