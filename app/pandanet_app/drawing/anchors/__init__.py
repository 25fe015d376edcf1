"""The anchors of a frame over its picture: pure functions from data to pixels."""
