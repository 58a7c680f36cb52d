// Colour spaces (cpu/colour.go).

// The inverse of the CIE cube-root function.
float labInverse(float t) {
    precise float y;
    if (t > 0.206896558) {
        y = t * t;
        y = y * t;
    } else {
        y = t - 0.137931034;
        y = y * 0.12841855;
    }
    return y;
}

// CIE L*a*b* (D65, 2 degrees) to sRGB in 0 to 255, clipped channel by channel.
vec3 labToRGB(vec3 lab) {
    precise float fy = (lab.x + 16.0) * 0.00862068962;
    precise float fx = lab.y * 0.00200000009;
    fx = fy + fx;
    precise float fz = lab.z * 0.00499999989;
    fz = fy - fz;
    precise float x = labInverse(fx) * 0.950469971;
    precise float y = labInverse(fy);
    precise float z = labInverse(fz) * 1.08882999;
    precise float r = 3.2404542 * x - 1.53713846 * y;
    r = r - 0.498531401 * z;
    precise float g = 1.87601078 * y - 0.969265997 * x;
    g = g + 0.0415560007 * z;
    precise float b = 0.0556433983 * x - 0.204025894 * y;
    b = b + 1.05722523 * z;
    return vec3(encode(r), encode(g), encode(b));
}

uint quantise(float v) {
    if (v <= 0.0) {
        return 0u;
    }
    if (v >= 255.0) {
        return 4080u;
    }
    precise float q = v * 16.0;
    q = q + 0.5;
    return uint(q);
}

// A colour in 0 to 255 as an opaque shaded texel.
uvec2 texel(vec3 c) { return pack(uvec4(quantise(c.x), quantise(c.y), quantise(c.z), 4096u)); }
