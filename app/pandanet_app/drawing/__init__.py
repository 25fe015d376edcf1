"""Pure functions from data to pixels or meshes: one picture for window, notebook and film."""
