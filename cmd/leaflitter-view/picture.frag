#version 430
// A pixel of the window from the words that develop.comp and label.comp left, with no
// filter: a pixel of the image is a rectangle of the window.
layout(location = 0) uniform ivec4 rect;   // of the image in the window, px from the top left
layout(location = 1) uniform int windowHeight;
layout(location = 2) uniform ivec3 size;   // width, height, channels
layout(location = 3) uniform int kind;     // 0 image, 1 ids, 2 layers, 3 depth, 4 edges
layout(location = 4) uniform uint start;   // of the label, in words

layout(std430, binding = 0) readonly buffer PixBuffer { uint pix[]; };
layout(std430, binding = 1) readonly buffer LabelBuffer { uint labels[]; };

layout(location = 0) out vec4 colour;

uint pixByte(uint i) { return pix[i >> 2] >> (8u * (i & 3u)) & 255u; }
uint labelByte(uint i) { return labels[start + (i >> 2)] >> (8u * (i & 3u)) & 255u; }

// The documented colours of labels (docs/viewer.md); view/colours.go has them too.
uint idColour(uint id) {
    if (id == 0u) {
        return 0u;
    }
    uint h = id * 2654435761u;
    h = (h ^ h >> 15) * 2246822519u;
    return (h ^ h >> 13) & 0xffffffu | 0x404040u;
}

const uint layerColours[8] = uint[](0xe4572eu, 0xf3a712u, 0x4a90d9u, 0x76b041u, 0x9b5de5u, 0x17bebbu, 0xef476fu, 0xc0c0c0u);

void main() {
    ivec2 at = ivec2(int(gl_FragCoord.x), windowHeight - 1 - int(gl_FragCoord.y)) - rect.xy;
    uint x = uint(at.x) * uint(size.x) / uint(rect.z), y = uint(at.y) * uint(size.y) / uint(rect.w);
    uint p = y * uint(size.x) + x;
    uvec3 c = uvec3(0u);
    if (kind == 0) {
        uint first = p * uint(size.z);
        c = size.z == 1 ? uvec3(pixByte(first)) : uvec3(pixByte(first), pixByte(first + 1u), pixByte(first + 2u));
    } else if (kind == 3) {
        c = uvec3(labels[start + (p >> 1)] >> (16u * (p & 1u) + 8u) & 255u);
    } else if (kind == 4) {
        c = uvec3(labelByte(p));
    } else {
        uint v = kind == 1 ? idColour(labels[start + p]) : layerColours[labelByte(p) & 7u];
        c = uvec3(v >> 16, v >> 8, v) & 255u;
    }
    colour = vec4(vec3(c) / 255.0, 1.0);
}
