#version 430
// compose: lay a premultiplied stack over what is behind it (cpu/compose.go):
// back = layer + back * (1 - cover), rounded.
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) buffer TargetBuffer { uvec2 target[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    if (pixel.x >= canvas.width || pixel.y >= canvas.height) {
        return;
    }
    uint at = canvas.pixels + pixel.y * canvas.width + pixel.x;
    uvec2 layer = source[at];
    uint cover = layer.y >> 16;
    if (cover == 0u) {
        return;
    }
    if (cover == coverOne) {
        target[at] = layer;
        return;
    }
    uvec4 behind = (lanes(target[at]) * (coverOne - cover) + coverOne / 2u) >> 14u;
    target[at] = pack(lanes(layer) + behind);
}
