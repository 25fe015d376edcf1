"""The λ lab: what happens when a run is opened, grows, is played and saved. No toolkit."""
