"""A renderer in torch: batches of scenes on CUDA or CPU. Start reading at renderer.py."""
