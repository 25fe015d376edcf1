"""How good detections are, by the measures of several benchmarks, and why people were missed."""
