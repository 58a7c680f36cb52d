// scene.Leaf: the geometry record of one leaf, 32 bytes, render px.
struct Leaf {
    float x, y; // centre
    float r;
    float cos, sin; // rotation
    float a; // disk: r^2; rectangle: half the long side; polygon: texels a pixel
    float b; // disk: r; rectangle: half the short side; polygon: reach * r
    uint shape; // kind | mirrored << 2 | tile << 3
};
layout(std430, binding = BIND_LEAVES) readonly buffer LeafBuffer { Leaf leaves[]; };

const uint kindDisk = 0u, kindRect = 1u, kindPoly = 2u;
