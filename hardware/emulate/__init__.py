"""Machines of another architecture under qemu-user: what they are, and the sysroots they run in.

No root file system, chroot or binfmt: Debian's packages are unpacked into the cache, and a wrapper
starts their Python under the emulator. Answers are real there; times say nothing of hardware.
"""
