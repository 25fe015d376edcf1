#version 430
// Linear blend skinning: four bones a vertex, three matrix rows a bone.
in vec3 position;
in vec3 normal;
in vec2 uv;
in uvec4 bones;
in vec4 shares;
in uvec4 looks;  // texture layer, material

layout(std430, binding = 0) readonly buffer Skin { vec4 rows[]; };
uniform mat4 to_clip;
uniform int first_bone;

out vec3 world;
out vec3 world_normal;
out vec2 texture_uv;
flat out uint texture_layer;
flat out uint material;

void main() {
    vec4 x = vec4(0), y = vec4(0), z = vec4(0);
    for (int i = 0; i < 4; i++) {
        int row = (first_bone + int(bones[i])) * 3;
        x += shares[i] * rows[row];
        y += shares[i] * rows[row + 1];
        z += shares[i] * rows[row + 2];
    }
    vec4 rest = vec4(position, 1);
    world = vec3(dot(x, rest), dot(y, rest), dot(z, rest));
    world_normal = vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal));
    texture_uv = uv;
    texture_layer = looks.x;
    material = looks.y;
    gl_Position = to_clip * vec4(world, 1);
}
