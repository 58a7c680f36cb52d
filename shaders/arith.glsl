// The arithmetic of everything that reaches a pixel, as in cpu/arith.go: + - x
// and comparison of float32 under `precise`, integers, table look-ups.

// Largest integer not above x, |x| < 2^31.
int floorInt(float x) {
    int i = int(x);
    return float(i) > x ? i - 1 : i;
}

float clamp01(float x) {
    return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
}

// 1/x for normal positive x to about 1 ulp: a linear guess for the mantissa in
// [1/2, 1) and three Newton steps.
float recip(float x) {
    uint bits = floatBitsToUint(x);
    precise float m = uintBitsToFloat((bits & 0x7fffffu) | (126u << 23));
    precise float y = 2.82352948 - 1.88235295 * m;
    y = y * (2.0 - m * y);
    y = y * (2.0 - m * y);
    y = y * (2.0 - m * y);
    y = y * uintBitsToFloat((253u - (bits >> 23)) << 23);
    return y;
}

// sin(2 pi x) within 4e-6, |x| < 2^22: Taylor on a quarter turn.
float sinTurns(float x) {
    precise float f = x - float(floorInt(x));
    float sign = 1.0;
    if (f >= 0.5) {
        f = f - 0.5;
        sign = -1.0;
    }
    if (f > 0.25) {
        f = 0.5 - f;
    }
    precise float g = f * f;
    precise float p = -76.7058563 + 42.0586929 * g;
    p = 81.6052475 + p * g;
    p = -41.3417015 + p * g;
    p = 6.28318548 + p * g;
    p = p * f;
    p = sign * p;
    return p;
}

// 2^x, 0 <= x < 100.
float exp2Of(float x) {
    int i = floorInt(x);
    precise float f = x - float(i);
    precise float p = 0.00124143112 + 0.000217959979 * f;
    p = 0.00968126923 + p * f;
    p = 0.0554824131 + p * f;
    p = 0.240229923 + p * f;
    p = 0.693147001 + p * f;
    p = 1.0 + p * f;
    p = p * uintBitsToFloat(uint(i + 127) << 23);
    return p;
}

float cosTurns(float x) {
    precise float y = x + 0.25;
    return sinTurns(y);
}
