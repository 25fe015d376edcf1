"""What `pandanet detect` is made of."""
