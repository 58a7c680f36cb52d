#version 430
// label, first half: stacks come back to front; where this one has a leaf, it is
// the front-most so far (cpu/label.go).
#include "batch.glsl"

layout(local_size_x = 64, local_size_y = 4) in;

layout(std430, binding = BIND_IDS) readonly buffer IdBuffer { uint ids[]; };
// Leaf number through all stacks, 0 for none, and stack number.
layout(std430, binding = BIND_TARGET) writeonly buffer FrontBuffer { uvec2 front[]; };

void main() {
    Canvas canvas = canvases[gl_WorkGroupID.z];
    Stack stack = stacks[stackOf(gl_WorkGroupID.z)];
    uvec2 pixel = gl_GlobalInvocationID.xy;
    // One row more than the canvas makes, for edges, unless the image ends.
    uint rows = min(canvas.outHeight + 1u, canvas.imageHeight - canvas.outTop);
    if (pixel.x >= canvas.outWidth || pixel.y >= rows) {
        return;
    }
    uvec2 at = (pixel + canvas.margin) * settings[0].scale + settings[0].scale / 2u;
    uint id = ids[canvas.pixels + at.y * canvas.width + at.x];
    uint to = canvas.front + pixel.y * canvas.outWidth + pixel.x;
    if (id != 0u) {
        front[to] = uvec2(stack.base + id, stackNumber);
    } else if (stackNumber == settings[0].stacks - 1u) {
        front[to] = uvec2(0u, stackNumber);
    }
}
