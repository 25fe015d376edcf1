"""The 3D view's pictures: Open3D in a process of its own, and the client that asks it for them."""
