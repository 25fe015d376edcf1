"""Scenes that go on in time: who walks, waits, talks and sits where, and how the camera moves."""
