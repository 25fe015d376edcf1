"""From a scene to a picture: OpenGL or torch, and what a real camera adds."""
