"""The anchor lab's views on the desktop; they keep no state."""
