"""TF-TRT's sessions with the STAND-IN for its converter: what engines do at run time is emulated.

Beside what ``trt_convert`` has, the cue says: ``short_memory``: warn of it at the first inference, as
TensorFlow does; ``ran_by``: the version of TensorRT that engines meet, if that is another than
``loaded``, by which they are built; ``on_mismatch``: whether they ``crash`` (TensorFlow 1.14, the
default) or are built again (``rebuild``, TensorFlow 2).
"""

import ctypes
import importlib
import json
import os
import struct
import sys
import types

from fixtures.worker import probe
from fixtures.worker.sessions import tftrt
from fixtures.worker.tftrt import converters, installed

_LOGGER = (
    "2019-09-08 16:24:10.910053: E tensorflow/compiler/tf2tensorrt/utils/trt_logger.cc:41] "
    "DefaultLogger "
)
_OP = "2019-09-08 16:24:10.910090: W tensorflow/compiler/tf2tensorrt/kernels/trt_engine_op.cc:639] "


def version():
    found = probe.version("tensorflow", installed.DISTRIBUTIONS)
    return found + " (stand-in)" if found else None


def load():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "1"
    importlib.import_module("tensorflow")
    stand_in = importlib.import_module("tests.tftrt.trt_convert")
    stand_in.read_cue()
    sys.modules[converters.MODULE] = stand_in
    versions = types.ModuleType("tensorflow.compiler.tf2tensorrt._pywrap_py_utils")
    versions.is_tensorrt_enabled = lambda: True
    versions.get_linked_tensorrt_version = lambda: tuple(stand_in.cue["linked"])
    versions.get_loaded_tensorrt_version = lambda: tuple(stand_in.cue["loaded"])
    sys.modules[versions.__name__] = versions
    tftrt.gpus = lambda tf: ["none: the stand-in computes on the processor"]
    tftrt.load()


def convert(artifact, device, knobs, folder):
    made = tftrt.convert(artifact, device, knobs, folder)
    return dict(made, made_by=made["made_by"] + ": a stand-in")


def open_session(artifact, device, knobs):
    session = tftrt.open_session(artifact, device, knobs)
    return session if knobs.engine == "original" else Engines(session, artifact, knobs)


class Engines:
    """A session whose engines are built or loaded when they are first asked for anything."""

    def __init__(self, session, artifact, knobs):
        self._session, self._knobs = session, knobs
        self._plan = _plan(artifact)
        self._ready = (session.coverage() or {}).get("taken") == 0
        for name in ("feed", "fetch", "coverage", "close"):
            setattr(self, name, getattr(session, name))

    def invoke(self):
        if not self._ready:
            self._ready = True
            self._first()
        self._session.invoke()

    def describe(self):
        said = self._session.describe()["engine"]
        return {"engine": dict(said, run_by=said["run_by"] + ": a stand-in")}

    def _first(self):
        trt = sys.modules[converters.MODULE]
        if trt.cue.get("short_memory"):
            trt.said(
                "2018-10-19 17:53:02.416762: W tensorflow/core/common_runtime/bfc_allocator.cc:215] "
                "Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.59GiB. The caller "
                "indicates that this is not a failure, but may mean that there could be performance "
                "gains if more memory were available."
            )
        if self._plan is not None and self._loaded(trt):
            return
        if self._knobs.workspace < trt.cue["workspace"]:
            trt.said(
                _LOGGER
                + "Internal error: could not find any implementation for node conv, try increasing "
                "the workspace size with IBuilder::setMaxWorkspaceSize()"
            )
            trt.said(
                _OP
                + "Engine creation for batch size 1 failed Internal: Failed to build TensorRT engine"
            )
            trt.said(
                _OP
                + "Engine retrieval for input shapes: [[1,8,8,1]] failed. Running native segment for "
                "TRTEngineOp_0"
            )
            return
        trt.noted("built at the first inference")

    def _loaded(self, trt):
        """Whether the plan serves, as TensorRT looks at it."""
        (length,) = struct.unpack("<I", self._plan[:4])
        header = json.loads(self._plan[4 : 4 + length].decode())
        if len(self._plan) != 4 + length + header["bytes"]:
            trt.said(
                "python3: engine.cpp:1104: bool nvinfer1::rt::Engine::deserialize(...): Assertion `size "
                '>= bsize && "Mismatch between allocated memory size and expected size of serialized '
                "engine.\"' failed."
            )
            os.abort()
        runs = trt.cue.get("ran_by", trt.cue["loaded"])
        if header["built by"] == runs:
            return True
        here, there = (".".join(map(str, v)) for v in (runs, header["built by"]))
        trt.said(
            _LOGGER
            + "The engine plan file is not compatible with this version of TensorRT, expecting "
            "library version {} got {}, please rebuild.".format(here, there)
        )
        if trt.cue.get("on_mismatch", "crash") == "crash":
            ctypes.string_at(0)
        return False


def _plan(artifact):
    """The engine that was built when ``artifact`` was converted; None if none was."""
    import tensorflow as tf

    if os.path.isdir(artifact):
        path = os.path.join(artifact, "assets", "trt-serialized-engine.TRTEngineOp_0")
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            return file.read()
    graph_def = tf.compat.v1.GraphDef()
    if not artifact.endswith(".pb"):
        return None
    with open(artifact, "rb") as file:
        graph_def.ParseFromString(file.read())
    static = [n for n in graph_def.node if n.op == "TRTEngineOp" and n.attr["static_engine"].b]
    return static[0].attr["serialized_segment"].s if static else None
