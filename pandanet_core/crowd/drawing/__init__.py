"""From a scene to a picture: OpenGL, and what a real camera adds."""
