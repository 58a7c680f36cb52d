#version 430
// develop, first part: average boxes of rendered texels (cpu/develop.go). The
// result is a canvas of output pixels at the same offset.
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer TargetBuffer { uvec2 target[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    uint scale = settings[0].scale, width = canvas.width / scale;
    if (pixel.x >= width || pixel.y >= canvas.height / scale) {
        return;
    }
    uvec4 sum = uvec4(0u);
    for (uint j = 0u; j < scale; j++) {
        uint row = canvas.pixels + (pixel.y * scale + j) * canvas.width + pixel.x * scale;
        for (uint i = 0u; i < scale; i++) {
            sum += lanes(source[row + i]);
        }
    }
    uint area = scale * scale;
    target[canvas.pixels + pixel.y * width + pixel.x] = pack((sum + area / 2u) / area);
}
