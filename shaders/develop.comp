#version 430
// develop, last part: round to 8 bits, RGB or grey (quantiseRow in cpu/develop.go).
// A thread makes four pixels of the image, counted through its rows, so that
// it writes whole words.
#include "batch.glsl"
#include "texel.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = BIND_SOURCE) readonly buffer SourceBuffer { uvec2 source[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer WordBuffer { uint words[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uint pixels = canvas.outWidth * canvas.outHeight;
    uint first = (gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x) * 4u;
    if (first >= pixels) {
        return;
    }
    uint width = canvas.width / settings[0].scale;
    uint bytes[12];
    for (uint i = 0u; i < 4u; i++) {
        uint p = min(first + i, pixels - 1u);
        uint x = p % canvas.outWidth, y = p / canvas.outWidth;
        uvec4 v = lanes(source[canvas.pixels + (y + canvas.margin) * width + x + canvas.margin]);
        if (settings[0].channels == 1u) {
            // Rec. 601 luma, weights of 2^16.
            bytes[i] = (v.x * 19595u + v.y * 38470u + v.z * 7471u + (1u << 21)) >> 22;
        } else {
            uvec3 c = (v.xyz + 32u) >> 6u & 255u;
            bytes[3u * i] = c.x;
            bytes[3u * i + 1u] = c.y;
            bytes[3u * i + 2u] = c.z;
        }
    }
    uint to = canvas.outWords * settings[0].channels + first / 4u * settings[0].channels;
    for (uint w = 0u; w < settings[0].channels; w++) {
        words[to + w] = bytes[4u * w] | bytes[4u * w + 1u] << 8 | bytes[4u * w + 2u] << 16 | bytes[4u * w + 3u] << 24;
    }
}
