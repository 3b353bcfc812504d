"""Footprints of the models that the co-compilation experiment measured, and each figure's source.

The experiment (June 2019, compiler 1.0.249710469): two MobileNet v2 for birds and plants, and
Inception v1, on a Raspberry Pi 3 B+ with a USB Accelerator on USB 2.0 at its maximum clock. Of
these, only bird's compiled file was at hand; of the others, the compiler's log was published. Its
figures have two decimals: one in MiB is right to 5 KiB, which USB 2.0 moves in 0.15 ms.

MobileNet v2 for ImageNet and Inception v4 are here because Coral publishes latencies of them on
several hosts (google-coral/pycoral, ``benchmarks/reference``): they say how wide bounds must be.
"""

from __future__ import annotations

from dataclasses import replace

from hardware.edgetpu.footprint import CLOCK, Footprint
from hardware.edgetpu.law import Fit, fit

KIB = 1 << 10
MIB = 1 << 20

#: Bytes of a compiled file beyond parameters and instructions: bird's 4 084 056 less all of those.
OVERHEAD = 38_216
#: Parameters of MobileNet v2 1.0 for up to 1024 classes: all of bird's, streamed or cached.
MOBILENET_V2_PARAMETERS = 3_900_864
#: The final layer of plant: 2102 classes padded to 2112, 1280 inputs, 4 bytes more per class.
PLANT_FINAL = 2112 * (1280 + 4)
#: MobileNet v2's parameters with plant's final layer in the place of bird's (1024 classes wide).
PLANT_PARAMETERS = MOBILENET_V2_PARAMETERS - 1024 * (1280 + 4) + PLANT_FINAL

BIRD = Footprint(
    model="mobilenet_v2_1.0_224_inat_bird_quant",
    input=224 * 224 * 3,
    output=968,
    instructions=135_184,
    caching_instructions=9_792,
    cached=MOBILENET_V2_PARAMETERS,
    streamed=0,
    compute=458_040 / CLOCK,
    whence="its compiled file of September 2019",
)
#: Compiled alone, before Inception, or by itself in first place: everything is cached.
PLANT = replace(
    BIRD,
    model="mobilenet_v2_1.0_224_inat_plant_quant",
    output=2_104,
    cached=PLANT_PARAMETERS,
    compute=BIRD.compute + 1_360 / CLOCK,
    whence="derived: bird's backbone and a final layer of 2112 classes (5.05 MiB; log: 5.08 MiB)",
)
# What is fitted below is the compute: here it is not known yet.
_INCEPTION = Footprint(
    model="inception_v1_224_quant",
    input=224 * 224 * 3,
    output=1_008,
    instructions=round(6.93 * MIB - 6.53 * MIB - 182.19 * KIB) - OVERHEAD,
    caching_instructions=10_000,
    cached=round(6.53 * MIB),
    streamed=round(182.19 * KIB),
    compute=0.0,
)

#: Published means in seconds: the first and the steady inference of bird alone, and the steady one
#: of Inception co-compiled with plant, in first place. These three and no others are fitted.
BIRD_FIRST, BIRD_STEADY, INCEPTION_STEADY = 120.78e-3, 10.33e-3, 18.91e-3
#: 35.4 MB/s, 1.32 ms, and 2.55 ms for Inception. The last is the least sure: rounded sizes, and the
#: 0.03 MiB that the log counts beyond bird's parameters, leave 1.4 to 2.9. Over USB 2.0 it does not
#: matter, as instructions and computing are fitted as one; on faster links it does.
FIT: Fit = fit(BIRD, BIRD_FIRST, BIRD_STEADY, _INCEPTION, INCEPTION_STEADY)

#: Alone or in first place. The log is of first place; alone is taken to be the same.
INCEPTION_V1 = replace(
    _INCEPTION,
    compute=FIT.compute,
    whence="compiler log; instructions: output file less parameters less bird's other bytes; "
    "caching instructions: about bird's; compute: fitted on 18.91 ms",
)

# Co-compiled sets. A token is arbitrary; what matters is that a set shares one.
_BIRD_PLANT, _INCEPTION_PLANT, _PLANT_INCEPTION = 1, 2, 3

BIRD_BEFORE_PLANT = replace(BIRD, token=_BIRD_PLANT)
PLANT_AFTER_BIRD = replace(
    PLANT,
    cached=PLANT_PARAMETERS - PLANT_FINAL,
    streamed=PLANT_FINAL,
    token=_BIRD_PLANT,
    whence=PLANT.whence + "; the final layer did not fit and is streamed (log: 2.49, 2.59 MiB)",
)
INCEPTION_BEFORE_PLANT = replace(INCEPTION_V1, token=_INCEPTION_PLANT)
PLANT_AFTER_INCEPTION = replace(
    PLANT,
    cached=round(1.25 * KIB),
    streamed=round(5.86 * MIB),
    token=_INCEPTION_PLANT,
    whence="compiler log; the rest as plant alone",
)
PLANT_BEFORE_INCEPTION = replace(PLANT, token=_PLANT_INCEPTION)
INCEPTION_AFTER_PLANT = replace(
    INCEPTION_V1,
    cached=round(1.45 * MIB),
    streamed=round(5.16 * MIB),
    token=_PLANT_INCEPTION,
    whence="compiler log; the rest as Inception in first place",
)

MOBILENET_V2 = replace(
    BIRD,
    model="mobilenet_v2_1.0_224_quant",
    output=1_008,
    whence="bird's, whose final layer pads to the same 1024 classes; the parameters agree with "
    "compiled files of this model (2 586 048 + 1 314 816 bytes)",
)
#: Padded parameters of Inception v4's 149 convolutions and final layer (rule of `estimate`).
INCEPTION_V4_PARAMETERS = 44_209_280
INCEPTION_V4 = Footprint(
    model="inception_v4_299_quant",
    input=299 * 299 * 3,
    output=1_008,
    instructions=INCEPTION_V1.instructions * 150 // 58,
    caching_instructions=10_000,
    cached=round(6.53 * MIB),
    streamed=INCEPTION_V4_PARAMETERS - round(6.53 * MIB),
    compute=13.5e-3,
    whence="derived, nothing of it read: parameters from its layers (42.6 MB before padding); cached "
    "and instructions per convolution as Inception v1; compute between 6 ms (12.3 G multiplications, "
    "4096 a cycle) and 21 ms (Inception v1's rate)",
)

#: By the name that a reader would ask for.
KNOWN: dict[str, Footprint] = {
    "bird": BIRD,
    "plant": PLANT,
    "inception_v1": INCEPTION_V1,
    "bird before plant": BIRD_BEFORE_PLANT,
    "plant after bird": PLANT_AFTER_BIRD,
    "inception_v1 before plant": INCEPTION_BEFORE_PLANT,
    "plant after inception_v1": PLANT_AFTER_INCEPTION,
    "plant before inception_v1": PLANT_BEFORE_INCEPTION,
    "inception_v1 after plant": INCEPTION_AFTER_PLANT,
    "mobilenet_v2": MOBILENET_V2,
    "inception_v4": INCEPTION_V4,
}
