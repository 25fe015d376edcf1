"""Trainings as processes of their own, and what is read of them. Nothing here trains."""
