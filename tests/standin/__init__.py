"""A stand-in for Coral's libedgetpu, for tests only: what a real Edge TPU's path meets, without one."""
