"""Where people are seen: cameras, places, skies, and the lots that are drawn for a picture or a video."""
