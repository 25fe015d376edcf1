"""What must happen when state changes: decoding, detection, playing, opening and saving files.

Every controller says at its top what runs on which thread. None knows a toolkit.
"""
