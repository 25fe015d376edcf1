"""Pure functions from data to pixels or meshes: the same pictures in the window, a notebook and a film."""
