#version 430
// label, second half: the selected labels of the front-most leaves
// (cpu/label.go). A thread makes four pixels, counted through the image's rows,
// so that it writes whole words.
#include "batch.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = BIND_SOURCE) readonly buffer FrontBuffer { uvec2 front[]; };
layout(std430, binding = BIND_TARGET) writeonly buffer WordBuffer { uint words[]; };

const uint noLabel = 0xffffffffu; // in starts: it is not selected

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    uint pixels = canvas.outWidth * canvas.outHeight;
    uint first = (gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x) * 4u;
    if (first >= pixels) {
        return;
    }
    uvec4 id, layer, depth, edge;
    for (uint i = 0u; i < 4u; i++) {
        uint p = min(first + i, pixels - 1u);
        uint x = p % canvas.outWidth, y = p / canvas.outWidth;
        uvec2 me = front[canvas.front + p];
        Stack stack = stacks[gl_WorkGroupID.z * settings[0].stacks + me.y];
        id[i] = me.x;
        layer[i] = stack.layer;
        depth[i] = stack.depth;
        bool changes = false;
        if (x + 1u < canvas.outWidth) {
            changes = front[canvas.front + p + 1u].x != me.x;
        }
        if (!changes && canvas.outTop + y + 1u < canvas.imageHeight) {
            changes = front[canvas.front + p + canvas.outWidth].x != me.x;
        }
        edge[i] = changes ? 255u : 0u;
    }
    uint at = canvas.outWords + first / 4u;
    if (starts.x != noLabel) {
        for (uint i = 0u; i < 4u; i++) {
            words[starts.x + 4u * at + i] = id[i];
        }
    }
    if (starts.y != noLabel) {
        words[starts.y + at] = layer.x | layer.y << 8 | layer.z << 16 | layer.w << 24;
    }
    if (starts.z != noLabel) {
        words[starts.z + 2u * at] = depth.x | depth.y << 16;
        words[starts.z + 2u * at + 1u] = depth.z | depth.w << 16;
    }
    if (starts.w != noLabel) {
        words[starts.w + at] = edge.x | edge.y << 8 | edge.z << 16 | edge.w << 24;
    }
}
