"""What a run folder keeps beside checkpoints and weights."""
