#version 430
in vec2 texture_uv;
flat in uint texture_layer;
flat in uint material;
uniform sampler2DArray textures;
const uint FIRST_CLOTH = 2u, HAIR = 5u;
void main() {
    if (material >= FIRST_CLOTH && material != HAIR && texture(textures, vec3(texture_uv, texture_layer)).a < 0.5) discard;
}
