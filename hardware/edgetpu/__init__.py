"""What the Edge TPU's own files say: compiled models, compiler logs, memory, and a law of latency."""
