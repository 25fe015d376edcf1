"""The anchor lab behind its views: a child process that looks, and who asks it for what."""
