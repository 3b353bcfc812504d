"""The sessions of ``tests.faults.nano``: each does what the model's file says of its setting."""

import json
import os
import shutil

from tests.faults.session import FAULTS, FaultySession, fail

#: The source's own log, of an engine of TensorRT 5.1.5 on its Nano.
_REFUSED = (
    b"2019-09-08 16:24:10.910053: E tensorflow/compiler/tf2tensorrt/utils/trt_logger.cc:41] "
    b"DefaultLogger The engine plan file is not compatible with this version of TensorRT, "
    b"expecting library version 5.1.6 got 5.1.5, please rebuild.\n"
)


class ResourceExhaustedError(Exception):
    """TensorFlow's, by name and words."""


def _refuse():
    os.write(2, _REFUSED)
    FAULTS["segfault"]()


def _no_memory():
    raise ResourceExhaustedError(
        "OOM when allocating tensor with shape[1,1,1024,2048] and type float on "
        "/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc"
    )


FAULTS["engine_5.1.5"] = _refuse
FAULTS["tf_oom"] = _no_memory


def load():
    pass


def convert(artifact, device, knobs, folder):
    path = os.path.join(folder, "converted.pb")
    shutil.copy(artifact, path)
    return {"open": path, "bytes": 2 * os.path.getsize(path)}


def open_session(artifact, device, knobs):
    with open(artifact) as file:
        scripts = json.load(file)
    asked = "true" if knobs.is_dynamic_op else "false"
    script = scripts["original" if knobs.engine == "original" else asked]
    if script.get("in") == "open":
        fail(script["how"])
    return FaultySession(script, knobs)
