"""The anchor lab's core: everything that led from the anchors of one frame to its people.

What is traced is plain numpy, so that a window can show it without torch; `tracing` makes it from
the network's own maps, with the matching, selection and readout of training and detection.
"""
