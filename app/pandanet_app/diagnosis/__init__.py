"""What `pandanet doctor` looks at."""
