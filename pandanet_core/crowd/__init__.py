"""Generated crowds: clothed bodies in motion, rendered with exact 2D and 3D joints (extra `crowd`)."""
