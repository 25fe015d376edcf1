"""The dock of the λ lab."""
