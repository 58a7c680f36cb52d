// bank: tables that depend on the configuration alone.
const int warpSize = 128;
const int slopeCount = 33;
const int tileLogs = 13; // log2 of a noise tile's side: 4 to 12
const int tileVariants = 4;

struct Tables {
    uint warp[16384]; // bank.WarpSize
    float logistic[1025]; // bank.LogisticStep
    float gamma[4097]; // bank.GammaStep
    uint noiseTile[1716]; // [slope][log][variant]: texels from the start of the pools; see noise.glsl
    float noiseGain[858]; // [slope][log][0 or 1]: Noise.Gain of one and two levels less
};
layout(std430, binding = BIND_TABLES) readonly buffer TablesBuffer { Tables tables; };

// Logistic function 1/(1+e^-x), linear in between.
float logistic(float x) {
    precise float at = x * 64.0 + 512.0;
    if (at <= 0.0) {
        return tables.logistic[0];
    }
    if (at >= 1024.0) {
        return tables.logistic[1024];
    }
    int i = int(at);
    precise float f = at - float(i);
    float a = tables.logistic[i];
    precise float y = (tables.logistic[i + 1] - a) * f;
    y = a + y;
    return y;
}

// sRGB encoding, 0 to 255, of a linear intensity.
float encode(float v) {
    precise float at = v * 4096.0;
    if (at <= 0.0) {
        return 0.0;
    }
    if (at >= 4096.0) {
        return 255.0;
    }
    int i = int(at);
    precise float f = at - float(i);
    float a = tables.gamma[i];
    precise float y = (tables.gamma[i + 1] - a) * f;
    y = a + y;
    return y;
}
