#version 430
// The brute-force kernel: each pixel walks all disks, front to back, until one holds it.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Disks { vec4 disks[]; }; // x, y, r^2
layout(std430, binding = 1) writeonly buffer Ids { uint ids[]; };
layout(location = 0) uniform uint count;
layout(location = 1) uniform uint size;

const uint chunk = 4096u; // llvmpipe leaves a loop after 65,535 turns, without a word

void main() {
    uvec2 at = gl_GlobalInvocationID.xy;
    if (at.x >= size || at.y >= size) {
        return;
    }
    float x = float(at.x) + 0.5, y = float(at.y) + 0.5;
    uint id = 0u;
    for (uint first = 0u; first < count && id == 0u; first += chunk) {
        uint end = min(first + chunk, count);
        for (uint i = first; i < end; i++) {
            vec4 d = disks[i];
            precise float dx = x - d.x;
            precise float dy = y - d.y;
            precise float far = dx * dx + dy * dy;
            if (far <= d.z) {
                id = i + 1u;
                break;
            }
        }
    }
    ids[at.y * size + at.x] = id;
}
