// What the configuration can draw. The compiler leaves the rest out, which counts most
// on software devices: they run every branch.
const bool hasRects = HAS_RECTS != 0; // outlines
const bool hasPolys = HAS_POLYS != 0;
const bool hasTextures = HAS_TEXTURES != 0; // properties
const bool hasGradients = HAS_GRADIENTS != 0;
const bool hasTilts = HAS_TILTS != 0;
