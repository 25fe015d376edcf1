"""PandaNet's front ends: the command line, the desktop window and the notebook."""
