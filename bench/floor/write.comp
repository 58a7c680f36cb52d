#version 430
// The least that a generator does: every finished word is written once.
layout(local_size_x = 256) in;
layout(std430, binding = 0) writeonly buffer Words { uint words[]; };
layout(location = 0) uniform uint value;
void main() {
    uint i = gl_GlobalInvocationID.y * gl_NumWorkGroups.x * 256u + gl_GlobalInvocationID.x;
    words[i] = i ^ value;
}
