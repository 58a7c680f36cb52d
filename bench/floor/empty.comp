#version 430
// The least that a dispatch can do.
layout(local_size_x = 1) in;
void main() {}
