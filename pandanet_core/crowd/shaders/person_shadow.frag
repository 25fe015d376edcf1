#version 430
in vec2 texture_uv;
flat in uint texture_layer;
flat in uint material;
uniform sampler2DArray textures;
void main() {
    if (material >= 2u && texture(textures, vec3(texture_uv, texture_layer)).a < 0.5) discard;
}
