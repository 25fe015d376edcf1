"""What people wear and carry: outfits, cut and bought clothes, hats, bags."""
