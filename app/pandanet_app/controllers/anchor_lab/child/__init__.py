"""The lab's child process: what it looks at, and how it is talked to."""
