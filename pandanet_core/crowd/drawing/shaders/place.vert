#version 430
in vec3 position;
in vec3 normal;
in vec3 local;
in vec3 first_albedo;
in vec3 second_albedo;
in vec2 pattern;  // which, scale

uniform mat4 to_clip;

invariant gl_Position;  // drawn twice, once for its depth alone

out vec3 world;
out vec3 world_normal;
out vec3 on_surface;
out vec3 albedo_a;
out vec3 albedo_b;
flat out vec2 drawn;

void main() {
    world = position;
    world_normal = normal;
    on_surface = local;
    albedo_a = first_albedo;
    albedo_b = second_albedo;
    drawn = pattern;
    gl_Position = to_clip * vec4(position, 1);
}
