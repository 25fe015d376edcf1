"""The training window's views."""
