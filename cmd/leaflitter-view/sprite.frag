#version 430
// A picture made on the host, pixel for pixel: the panel, the help.
layout(location = 0) uniform ivec4 rect; // in the window, px from the top left
layout(location = 1) uniform int windowHeight;
layout(location = 2) uniform sampler2D sprite;

layout(location = 0) out vec4 colour;

void main() {
    ivec2 at = ivec2(int(gl_FragCoord.x), windowHeight - 1 - int(gl_FragCoord.y)) - rect.xy;
    colour = texelFetch(sprite, at, 0);
}
