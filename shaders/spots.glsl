// Maps of spots and stripes (cpu/spots.go).

const float bendRate = 0.125, bendHeight = 6.0;

float spotted(uint p, float x, float y, float foot) {
    precise float across = paints[p].spots.size * recip(foot);
    precise float fade = 2.0 * across;
    fade = fade - 1.0;
    fade = clamp01(fade);
    float mean = paints[p].spots.mean;
    if (fade == 0.0) {
        return mean;
    }
    precise float ux = x * paints[p].spots.xx;
    precise float uy = y * paints[p].spots.xy;
    precise float u = ux + uy;
    u = u + paints[p].spots.x;
    precise float vx = x * paints[p].spots.yx;
    precise float vy = y * paints[p].spots.yy;
    precise float v = vx + vy;
    v = v + paints[p].spots.y;
    precise float bu = u * bendRate;
    bu = bu + paints[p].spots.bendX;
    precise float bv = v * bendRate;
    bv = bv + paints[p].spots.bendY;
    precise vec2 bend = displacement(bu, bv) * bendHeight;
    u = u + bend.x;
    v = v + bend.y;
    precise float tx = u * 0.8;
    precise float ty = v * 0.6;
    tx = tx - ty;
    tx = tx + paints[p].spots.turnedX;
    precise float sx = u * 0.6;
    precise float sy = v * 0.8;
    sx = sx + sy;
    sx = sx + paints[p].spots.turnedY;
    precise float field = displacement(u, v).x + displacement(tx, sx).y;
    field = field * 0.70710677;
    precise float most = 4.0 * across;
    float slope = min(paints[p].spots.slope, most);
    precise float at = field - paints[p].spots.threshold;
    at = slope * at;
    precise float made = logistic(at) - mean;
    made = made * fade;
    made = mean + made;
    return made;
}
