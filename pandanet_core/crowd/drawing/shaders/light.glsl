// Light of the sky (spherical harmonics) and of the sun (with a shadow map).
uniform vec3 harmonics[9];
uniform vec3 sun_direction;
uniform vec3 sun_irradiance;
uniform vec3 eye;
uniform float exposure;
uniform mat4 to_shadow;
uniform sampler2DShadow shadow_map;

const float PI = 3.14159265;

vec3 irradiance(vec3 n) {
    vec3 flat_part = harmonics[0] * 0.282095;
    vec3 linear = 0.488603 * (harmonics[1] * n.y + harmonics[2] * n.z + harmonics[3] * n.x);
    vec3 quadratic = 1.092548 * (harmonics[4] * n.x * n.y + harmonics[5] * n.y * n.z + harmonics[7] * n.x * n.z)
                   + 0.315392 * harmonics[6] * (3 * n.z * n.z - 1)
                   + 0.546274 * harmonics[8] * (n.x * n.x - n.y * n.y);
    return max(vec3(0), PI * (flat_part + linear * 2.0 / 3.0 + quadratic * 0.25));
}

float sunlit(vec3 place, vec3 n) {
    vec3 s = (to_shadow * vec4(place + n * 0.03, 1)).xyz * 0.5 + 0.5;
    if (any(lessThan(s, vec3(0))) || any(greaterThan(s, vec3(1)))) return 1.0;
    return texture(shadow_map, vec3(s.xy, s.z - 0.0015));
}
