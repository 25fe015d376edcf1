"""How people move: motion-captured clips and built-in ones, all as rotations of 19 body parts."""
