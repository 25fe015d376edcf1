in vec3 world;
in vec3 world_normal;
in vec2 texture_uv;
flat in uint texture_layer;
flat in uint material;

uniform sampler2DArray textures;
uniform vec4 tints[9];
uniform float identity;
uniform bool solid_hair;

layout(location = 0) out vec4 radiance;
layout(location = 1) out vec2 identity_and_depth;
uniform vec3 forward;

const uint FIRST_CLOTH = 2u, HAIR = 5u;

vec3 turn_hue(vec3 colour, float angle) {
    const vec3 grey = vec3(0.57735);
    float c = cos(angle);
    return colour * c + cross(grey, colour) * sin(angle) + grey * dot(grey, colour) * (1 - c);
}

void main() {
    vec4 texel = texture(textures, vec3(texture_uv, texture_layer));
    bool cloth = material >= FIRST_CLOTH;
    if (cloth && texel.a < 0.5 && !(solid_hair && material == HAIR)) discard;
    vec4 tint = tints[material];
    vec3 albedo = pow(texel.rgb, vec3(2.2));
    if (cloth && material != HAIR) albedo = max(vec3(0), turn_hue(albedo, tint.w));
    albedo *= tint.rgb;

    vec3 n = normalize(world_normal);
    vec3 to_eye = normalize(eye - world);
    if (dot(n, to_eye) < 0 && cloth) n = -n;
    float sun = max(0, dot(n, sun_direction)) * sunlit(world, n);
    float shine = cloth ? 0.09 : 0.24;
    float gloss = pow(max(0, dot(n, normalize(sun_direction + to_eye))), cloth ? 8.0 : 24.0);
    // Ground and other people shade what is low: a cheap stand-in for ambient occlusion.
    float open = 0.55 + 0.45 * clamp(world.z / 0.6, 0.0, 1.0);
    vec3 colour = albedo * (irradiance(n) * open + sun_irradiance * sun) / PI + sun_irradiance / PI * shine * gloss * sun;
    radiance = vec4(colour * exposure, 1);
    identity_and_depth = vec2(identity, dot(world - eye, forward));
}
