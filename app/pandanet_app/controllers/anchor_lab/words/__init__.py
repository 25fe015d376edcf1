"""What the anchor lab says, in words: of anchors, people, views and settings."""
