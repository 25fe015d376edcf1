"""Evented state: one small file each. No toolkit, no files, no threads.

Models are read and changed on the front end's own thread only; results of workers are handed to
that thread first (`pandanet_app.views.protocols.Post`).
"""
