#version 430
in vec2 screen;
uniform mat4 from_clip;
uniform vec3 eye;
uniform float exposure;
uniform sampler2D panorama;
layout(location = 0) out vec4 radiance;
layout(location = 1) out vec2 identity_and_depth;
void main() {
    vec4 far_point = from_clip * vec4(screen, 1, 1);
    vec3 d = normalize(far_point.xyz / far_point.w - eye);
    vec2 at = vec2(0.5 + atan(d.x, d.y) / 6.2831853, acos(clamp(d.z, -1.0, 1.0)) / 3.14159265);
    radiance = vec4(min(textureLod(panorama, at, 0.0).rgb, vec3(8)) * exposure, 1);
    identity_and_depth = vec2(0, 1e6);
}
