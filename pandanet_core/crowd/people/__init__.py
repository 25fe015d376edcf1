"""Who is in the crowd: bodies, clothes, hair and the rig that moves them."""
