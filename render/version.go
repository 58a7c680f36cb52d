package render

// ModelVersion numbers the model: it rises when any image's bytes change for the same
// configuration, palettes, seed and index, and at no other time. Datasets record it; what
// one model began no other goes on with. A test holds it and the goldens together.
//
//	1  leaflitter 0.1.0
//	2  leaflitter 0.2.0: stripes in all directions and with soft profiles, gentle
//	   gradients, lenses that blur alike along both axes, textures that do not repeat
const ModelVersion = 2
