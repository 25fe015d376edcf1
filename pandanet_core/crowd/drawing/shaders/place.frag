in vec3 world;
in vec3 world_normal;
in vec3 on_surface;
in vec3 albedo_a;
in vec3 albedo_b;
flat in vec2 drawn;

uniform sampler2D noise;
uniform sampler2D contact;
uniform vec4 contact_area;  // corner, 1 / size
uniform vec3 forward;

layout(location = 0) out vec4 radiance;
layout(location = 1) out vec2 identity_and_depth;

const float TILES = 1.0, WINDOWS = 2.0, PLANKS = 3.0;

float random(vec2 cell) { return fract(sin(dot(cell, vec2(12.9, 78.2))) * 43758.5); }

void main() {
    vec3 n = normalize(world_normal);
    vec2 q = on_surface.xy;
    float mixed = (texture(noise, q * 0.31).r - 0.5) * 1.1 + (texture(noise, q * 0.023).g - 0.5) * 1.2
                + (texture(noise, q * 1.7).b - 0.5) + (texture(noise, q * 0.11).g - 0.5) * 0.8 + 0.5;
    vec3 albedo = mix(albedo_a, albedo_b, clamp(mixed, 0.0, 1.0));
    vec2 cell = q * drawn.y;
    if (drawn.x == PLANKS) cell = q * drawn.y * vec2(4.0, 0.6);
    vec2 edge = abs(fract(cell) - 0.5);
    if (drawn.x == TILES || drawn.x == PLANKS) {
        albedo *= 1.0 - 0.5 * smoothstep(0.485, 0.495, max(edge.x, edge.y));
        albedo *= 0.85 + 0.3 * random(floor(cell));
    }
    if (drawn.x == WINDOWS && abs(n.z) < 0.5) {
        vec2 g = fract(q * vec2(0.4, 0.33));
        float pane = step(0.25, g.x) * step(g.x, 0.75) * step(0.3, g.y) * step(g.y, 0.85);
        vec3 glass = vec3(0.05, 0.07, 0.1) + 0.15 * irradiance(vec3(0, 0, 1)) / PI * random(floor(q * vec2(0.4, 0.33)));
        albedo = mix(albedo, glass, pane);
    }
    float open = 1.0;
    if (world.z < 0.01) {
        vec2 at = (world.xy - contact_area.xy) * contact_area.zw;
        if (all(greaterThan(at, vec2(0))) && all(lessThan(at, vec2(1)))) open = 1.0 - texture(contact, at).r;
    } else {
        open = 0.6 + 0.4 * clamp(world.z / 0.5, 0.0, 1.0);
    }
    float sun = max(0, dot(n, sun_direction)) * sunlit(world, n);
    vec3 colour = albedo * (irradiance(n) * open + sun_irradiance * sun * mix(1.0, open, 0.4)) / PI;
    radiance = vec4(colour * exposure, 1);
    // Furniture and houses have the identity -1: they hide people, and a cut-out backdrop spares them. Lawns and
    // painted lines lie a few millimetres above the ground and belong to it.
    identity_and_depth = vec2(world.z > 0.008 ? -1.0 : 0.0, dot(world - eye, forward));
}
