#version 430
// probe: what the promise of equal bytes stands on, one primitive at a time, with operands
// from a buffer, so that no compiler computes them beforehand. gpu/probe.go says what
// each must give. It is no stage: it runs once on a device before anything else does.

layout(local_size_x = 256) in; // more than run in lockstep anywhere

const uint threads = 256u, rows = 12u; // of operands

layout(std140, binding = 0) uniform Probe { uint phase; };
layout(std430, binding = 0) readonly buffer GivenBuffer { uint given[]; }; // rows of operands, one a thread
layout(std430, binding = 1) buffer FoundBuffer { uint found[]; }; // a row for each check
struct Tally { uint groups, one, two, sum, bits, most, winners, taken; };
layout(std430, binding = 2) buffer TallyBuffer { Tally tally; }; // of all workgroups

shared uint exchange[threads];
shared uint local;

uint me = 0u;

uint word(uint row) { return given[row * threads + me]; }
float number(uint row) { return uintBitsToFloat(word(row)); }
void put(uint check, uint value) { found[check * threads + me] = value; }
void put(uint check, float value) { put(check, floatBitsToUint(value)); }

// Products and sums: a fused one rounds once and gives another last bit.
void arithmetic() {
    float a = number(0u), b = number(1u), c = number(2u), d = number(3u);
    precise float product = a * b;
    precise float two = product + c;
    put(0u, two);
    precise float one = a * b + c;
    put(1u, one);
    precise float minus = c - a * b;
    put(2u, minus);
    precise float squares = a * b + c * d;
    put(3u, squares);
    precise vec3 v = vec3(a, b, d) * b;
    v = v + vec3(c);
    put(4u, v.z);
    precise float through = fma(a, b, number(4u)); // of -0; lint: inexact elsewhere
    through = through + c;
    put(5u, through);
    float loose = a * b + c; // lint: may be contracted
    put(6u, loose);
}

void literals() {
    const float all[8] = float[8](5.96046448e-08, 2.82352948, -76.7058563, 6.28318548, 0.00862068962, 1.05722523, 7.62939453e-06, 0.1);
    put(7u, all[me & 7u]);
}

void conversions() {
    put(8u, uint(int(number(5u))));
    put(9u, uint(number(6u)));
    put(10u, float(int(word(7u))));
    put(11u, float(word(7u) & 0xffffff00u));
    put(12u, float(int(word(8u)))); // more bits than a float has
    precise float denormal = number(9u) * 0.5;
    put(13u, denormal);
}

void integers() {
    uint x = word(8u), y = word(7u), n = me & 31u;
    put(14u, x << n);
    put(15u, x >> n);
    put(16u, uint(int(x) >> n));
    uint hi, lo;
    umulExtended(x, y, hi, lo);
    put(17u, hi);
    put(18u, lo);
    put(19u, uint(bitfieldExtract(int(x), int(me & 3u) * 8, 8)));
    put(20u, uint(bitCount(x)));
    put(21u, uint(findLSB(x)));
    put(22u, x / (y >> 8 | 1u));
    put(23u, x % (y >> 8 | 1u));
}

// What one invocation writes to shared memory, the others see after a barrier, again and again.
void barriers() {
    uint v = word(8u);
    for (uint round = 0u; round < 16u; round++) {
        exchange[me] = v;
        memoryBarrierShared();
        barrier(); // written
        v = v * 1664525u + exchange[(me * 5u + 27u + round) % threads];
        memoryBarrierShared();
        barrier(); // read
    }
    put(24u, v);
}

void loops() {
    uint sum = 0u, turns = word(10u);
    for (uint i = 0u; i < turns; i++) {
        sum = sum * 3u + i;
    }
    put(25u, sum);
    sum = 0u;
    turns = word(11u);
    for (uint i = 0u; i < turns; i++) {
        sum = sum * 3u + i;
    }
    put(26u, sum);
}

void atomics() {
    if (me == 0u) {
        local = 0u;
    }
    memoryBarrierShared();
    barrier();
    atomicAdd(local, word(7u));
    memoryBarrierShared();
    barrier();
    put(27u, local);
    atomicAdd(tally.sum, word(8u));
    atomicOr(tally.bits, 1u << (me & 31u));
    atomicMax(tally.most, word(8u));
    if (atomicCompSwap(tally.taken, 0u, me + 1u) == 0u) {
        atomicAdd(tally.winners, 1u);
    }
    if (me == 0u && gl_WorkGroupID.x == 0u) {
        tally.groups = 3u; // of the next phase
        tally.one = 1u;
        tally.two = 1u;
    }
}

void main() {
    me = gl_LocalInvocationIndex;
    if (phase == 0u) {
        atomics(); // of all workgroups, of which the first does the rest too
        if (gl_WorkGroupID.x == 0u) {
            arithmetic();
            literals();
            conversions();
            integers();
            barriers();
            loops();
        }
    } else { // as many workgroups as the first phase wrote, reading what it wrote
        uint row = 28u + gl_WorkGroupID.x;
        put(row, found[(24u + gl_WorkGroupID.x) * threads + threads - 1u - me] ^ 0x5a5a5a5au);
    }
}
