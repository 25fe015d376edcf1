"""One module a command: a frozen dataclass whose fields are the options, and `run()`."""
