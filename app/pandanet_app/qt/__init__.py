"""The desktop window (PyQt6): views on the state, without state of their own."""
