"""How good detections are: PASCAL VOC average precision, MPJPE, 3DPCK, and reports of them."""
