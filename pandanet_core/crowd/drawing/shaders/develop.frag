#version 430
// Radiance to a picture: filmic curve (Narkowicz 2015) and gamma.
in vec2 screen;
uniform sampler2D radiance;
out vec4 picture;
void main() {
    vec3 c = texture(radiance, screen * 0.5 + 0.5).rgb;
    c = (c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14);
    picture = vec4(pow(clamp(c, 0.0, 1.0), vec3(1 / 2.2)), 1);
}
