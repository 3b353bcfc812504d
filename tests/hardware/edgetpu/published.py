"""Published latencies in milliseconds, held out from `hardware`: its tests' own copy.

The co-compilation experiment: Raspberry Pi 3 B+, USB Accelerator at maximum frequency over USB 2.0,
compiler 1.0.249710469; first: mean of 10, steady: mean of 100, June 2019.
"""

import csv

_ROWS = """\
experiment,cocompiled,phase,slot,model,latency_ms
single,no,first,1,mobilenet_v2_1.0_224_inat_bird_quant,120.78
single,no,steady,1,mobilenet_v2_1.0_224_inat_bird_quant,10.33
bird+plant,no,first,1,mobilenet_v2_1.0_224_inat_bird_quant,119.99
bird+plant,no,first,2,mobilenet_v2_1.0_224_inat_plant_quant,159.26
bird+bird,no,first,1,mobilenet_v2_1.0_224_inat_bird_quant,120.04
bird+bird,no,first,2,mobilenet_v2_1.0_224_inat_bird_quant,119.96
bird+plant,yes,first,1,mobilenet_v2_1.0_224_inat_bird_quant,120.14
bird+plant,yes,first,2,mobilenet_v2_1.0_224_inat_plant_quant,158.23
bird+plant,no,steady,1,mobilenet_v2_1.0_224_inat_bird_quant,123.00
bird+plant,no,steady,2,mobilenet_v2_1.0_224_inat_plant_quant,163.27
bird+bird,no,steady,1,mobilenet_v2_1.0_224_inat_bird_quant,10.33
bird+bird,no,steady,2,mobilenet_v2_1.0_224_inat_bird_quant,10.34
bird+plant,yes,steady,1,mobilenet_v2_1.0_224_inat_bird_quant,10.61
bird+plant,yes,steady,2,mobilenet_v2_1.0_224_inat_plant_quant,86.31
inception+plant,no,steady,1,inception_v1_224_quant,212.19
inception+plant,no,steady,2,mobilenet_v2_1.0_224_inat_plant_quant,162.95
inception+plant,yes,steady,1,inception_v1_224_quant,18.91
inception+plant,yes,steady,2,mobilenet_v2_1.0_224_inat_plant_quant,183.4
plant+inception,yes,steady,1,mobilenet_v2_1.0_224_inat_plant_quant,11.18
plant+inception,yes,steady,2,inception_v1_224_quant,169.28
"""
ROWS = list(csv.DictReader(_ROWS.splitlines()))

# google-coral/pycoral, benchmarks/reference/inference_reference_*.csv: the mean of 200 calls, of
# which the first loads the parameters.
CALLS = 200
CORAL = {
    # host: (interface, MobileNet v2, Inception v1, Inception v4)
    "x86_64": ("usb3", 2.29, 3.06, 84.25),
    "rp4b": ("usb3-rp4", 4.548, 6.213, 141.197),
    "dev_board": ("pcie", 2.56, 4.0, 100.33),
    "rp3b": ("usb2", 10.77, 19.21, 1060.16),
    "rp3b+": ("usb2", 10.61, 18.94, 1054.94),
}
