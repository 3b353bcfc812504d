"""A STAND-IN for tensorflow.python.compiler.tensorrt.trt_convert, for Edgeproof's tests only.

There is no TensorRT in it and nothing is made faster. As the real converters do, it takes operators out
of a graph and puts a TRTEngineOp in their place, which stands for a function with the same operators:
here they are one segment, and TensorFlow runs that function on the processor, its weights rounded as
the precision says. What engines do when they are built and loaded is emulated by ``session``.

``cue``, read by ``read_cue`` from the JSON file that EDGEPROOF_STANDIN_TRT names, says what to stand
for: ``generation`` 1 (TrtGraphConverter alone) or 2; ``linked`` and ``loaded``, versions of TensorRT;
``nothing``: convert nothing; ``workspace``: the least that engines are content with, in bytes.

What it is given is checked as TensorFlow 1.14 and 2.17 do, in their words.
"""

import json
import os
import struct

import numpy as np
import tensorflow as tf  # noqa: TID253 -- it takes the place of a module of TensorFlow's own

v1 = tf.compat.v1
DEFAULT_TRT_MAX_WORKSPACE_SIZE_BYTES = 1 << 30
SERVING = "serving_default"
#: Stays where it is, whatever the segment's size.
_LEFT = ("Placeholder",)
_ROUNDED = 64  # numbers; smaller constants are no weights

_USUAL = {
    "generation": 2,
    "linked": [8, 6, 1],
    "loaded": [8, 6, 1],
    "nothing": False,
    "workspace": 0,
}
cue = dict(_USUAL)


def read_cue():
    """Stand for what the cue says now."""
    path, given = os.environ.get("EDGEPROOF_STANDIN_TRT"), {}
    if path and os.path.exists(path):
        with open(path) as file:
            given = json.load(file)
    cue.clear()
    cue.update(_USUAL, **given)
    if cue["generation"] == 1:
        globals().pop("TrtGraphConverterV2", None)
    else:
        globals()["TrtGraphConverterV2"] = _Second


def noted(line):
    """Keep ``line`` for the tests, if they gave a file for it."""
    path = cue.get("journal")
    if path:
        with open(path, "a") as file:
            file.write(line + "\n")


def said(line):
    """Print ``line`` where TensorFlow's C++ does."""
    os.write(2, (line + "\n").encode())


def plan(graph_def, precision):
    """An engine: a header with its length, and whatever TensorRT would have made of the weights."""
    body = graph_def.SerializeToString()
    header = json.dumps({"built by": cue["loaded"], "precision": precision, "bytes": len(body)})
    return struct.pack("<I", len(header)) + header.encode() + body


def segmented(graph_def, kept, precision, minimum, static, workspace):
    """``graph_def`` with a TRTEngineOp for all but its input and the nodes ``kept``.

    Unchanged if the segment is smaller than ``minimum`` or no engine can be built of it: as TensorFlow.
    """
    nodes = {node.name: node for node in graph_def.node}
    inside = [n for n in graph_def.node if n.op not in _LEFT and n.name not in kept]
    names = {node.name for node in inside}
    if cue["nothing"] or len(inside) < minimum:
        return graph_def
    if static and workspace < cue["workspace"]:
        said(
            "2019-09-03 12:23:15.537205: E tensorflow/compiler/tf2tensorrt/utils/trt_logger.cc:41] "
            "DefaultLogger Internal error: could not find any implementation for node "
            + inside[-1].name
            + ", try increasing the workspace size with IBuilder::setMaxWorkspaceSize()"
        )
        said(
            "2019-09-03 12:23:15.537300: W tensorflow/compiler/tf2tensorrt/convert/convert_graph.cc:838]"
            " TensorRT node TRTEngineOp_0 added for segment 0 consisting of {} nodes failed: Internal: "
            "Failed to build TensorRT engine. Fallback to TF...".format(len(inside))
        )
        return graph_def
    segment = v1.GraphDef()
    segment.node.extend(inside)
    converted = v1.GraphDef()
    converted.versions.CopyFrom(graph_def.versions)
    function = converted.library.function.add()
    function.signature.name = "TRTEngineOp"  # so that an operator of this name calls it
    for name, kind in (
        ("precision_mode", "string"),
        ("static_engine", "bool"),
        ("serialized_segment", "string"),
        ("workspace_size_bytes", "int"),
        ("segment_func", "func"),
    ):
        function.signature.attr.add(name=name, type=kind)
    fed, answers = [], []
    for node in inside:
        made = function.node_def.add()
        made.CopyFrom(node)
        _rounded(made, precision)
        del made.input[:]
        for source in node.input:
            name = source.lstrip("^").split(":")[0]
            if name in names:
                made.input.append(_within(source, nodes))
            elif not source.startswith("^"):
                if source not in fed:
                    fed.append(source)
                    dtype = nodes[name].attr["dtype"].type
                    function.signature.input_arg.add(name="in_%d" % (len(fed) - 1), type=dtype)
                made.input.append("in_%d" % fed.index(source))
    engine = v1.NodeDef(name="TRTEngineOp_0", op="TRTEngineOp", input=fed)
    for node in graph_def.node:
        if node.name in names:
            continue
        made = converted.node.add()
        made.CopyFrom(node)
        for place, source in enumerate(node.input):
            name = source.lstrip("^").split(":")[0]
            if name in names and source.startswith("^"):
                made.input[place] = "^TRTEngineOp_0"
            elif name in names:
                if source not in answers:
                    answers.append(source)
                    function.signature.output_arg.add(name="out_%d" % (len(answers) - 1), type=1)
                    function.ret["out_%d" % (len(answers) - 1)] = _within(source, nodes)
                made.input[place] = "TRTEngineOp_0:%d" % answers.index(source)
    engine.attr["precision_mode"].s = precision.encode()
    engine.attr["static_engine"].b = static
    engine.attr["workspace_size_bytes"].i = workspace
    engine.attr["segment_func"].func.name = "TRTEngineOp"
    stored = plan(segment, precision) if static else segment.SerializeToString()
    engine.attr["serialized_segment"].s = stored
    converted.node.add().CopyFrom(engine)
    if static:
        noted("built at conversion")
    return converted


def _within(source, nodes):
    """``conv:0`` as a function's body has it: ``conv:output:0``."""
    if source.startswith("^"):
        return source
    name, _, place = source.partition(":")
    (answer,) = _op_def(nodes[name].op).output_arg[int(place or 0) :][:1]
    return "%s:%s:0" % (name, answer.name)


def _op_def(op):
    from tensorflow.python.framework import op_def_registry

    if hasattr(op_def_registry, "get"):
        return op_def_registry.get(op)
    return op_def_registry.get_registered_ops()[op]


def _rounded(node, precision):
    """The weights of ``node``, if it has any, as far as ``precision`` tells them apart."""
    if node.op != "Const" or node.attr["dtype"].type != 1 or precision == "FP32":
        return
    values = tf.make_ndarray(node.attr["value"].tensor)
    if values.size < _ROUNDED:
        return
    if precision == "FP16":
        values = values.astype(np.float16).astype(np.float32)
    else:
        step = np.abs(values).max() / 127
        values = np.rint(values / step).astype(np.float32) * np.float32(step)
    node.attr["value"].tensor.CopyFrom(v1.make_tensor_proto(values))


class TrtGraphConverter:
    def __init__(
        self,
        input_saved_model_dir=None,
        input_saved_model_tags=None,
        input_saved_model_signature_key=None,
        input_graph_def=None,
        nodes_blacklist=None,
        session_config=None,
        max_batch_size=1,
        max_workspace_size_bytes=DEFAULT_TRT_MAX_WORKSPACE_SIZE_BYTES,
        precision_mode="FP32",
        minimum_segment_size=3,
        is_dynamic_op=False,
        maximum_cached_engines=1,
        use_calibration=True,
    ):
        if tf.executing_eagerly():
            raise RuntimeError("Please use tf.experimental.tensorrt.Converter in TF 2.0.")
        if not input_graph_def:
            raise ValueError("Must specify one of input_graph_def and input_saved_model_dir")
        if precision_mode not in ("FP32", "FP16", "INT8"):
            raise ValueError("precision mode '{}' is not supported.".format(precision_mode))
        self._calibrates = precision_mode == "INT8" and use_calibration
        self._graph_def, self._kept = input_graph_def, set(nodes_blacklist or ())
        self._precision, self._minimum = precision_mode, minimum_segment_size
        self._static = not is_dynamic_op and not self._calibrates
        self._workspace = max_workspace_size_bytes
        if self._static and not isinstance(max_batch_size, int):
            raise ValueError("When is_dynamic_op==False max_batch_size should be an integer")

    def convert(self):
        with tf.Graph().as_default():
            tf.import_graph_def(self._graph_def, name="")
        self._converted = segmented(
            self._graph_def,
            self._kept,
            self._precision,
            self._minimum,
            self._static,
            self._workspace,
        )
        return self._converted

    def calibrate(self, fetch_names, num_runs, feed_dict_fn=None, input_map_fn=None):
        assert self._calibrates
        with tf.Graph().as_default() as graph, v1.Session() as session:
            tf.import_graph_def(self._graph_def, name="")
            for _ in range(num_runs):
                session.run([graph.get_tensor_by_name(n) for n in fetch_names], feed_dict_fn())
                noted("calibrated")
        return self._converted


class TrtGraphConverterV2:
    def __init__(
        self,
        input_saved_model_dir=None,
        input_saved_model_tags=None,
        input_saved_model_signature_key=None,
        use_dynamic_shape=None,
        dynamic_shape_profile_strategy=None,
        max_workspace_size_bytes=DEFAULT_TRT_MAX_WORKSPACE_SIZE_BYTES,
        precision_mode="FP32",
        minimum_segment_size=3,
        maximum_cached_engines=1,
        use_calibration=True,
        allow_build_at_runtime=True,
        conversion_params=None,
    ):
        assert tf.executing_eagerly()
        if precision_mode not in ("FP32", "FP16", "INT8"):
            raise ValueError("precision mode '{}' is not supported.".format(precision_mode))
        self._calibrates = precision_mode == "INT8" and use_calibration
        self._source, self._precision = input_saved_model_dir, precision_mode
        self._minimum, self._workspace = minimum_segment_size, max_workspace_size_bytes
        self._built = False

    def convert(self, calibration_input_fn=None):
        if self._calibrates and not calibration_input_fn:
            raise ValueError(
                "Should specify calibration_input_fn because INT8 calibration is needed"
            )
        function = tf.saved_model.load(self._source).signatures[SERVING]
        for inputs in calibration_input_fn() if calibration_input_fn else ():
            function(*map(tf.constant, inputs))
            noted("calibrated")
        self._function = function

    def build(self, input_fn):
        for inputs in input_fn():
            self._function(*map(tf.constant, inputs))
            noted("built at conversion")
        self._built = True

    def save(self, output_saved_model_dir):
        with tf.Graph().as_default(), v1.Session() as session:
            meta = v1.saved_model.loader.load(session, ["serve"], self._source)
            graph_def = session.graph.as_graph_def()
        signature = meta.signature_def[SERVING]
        (answer,) = signature.outputs.values()
        made = segmented(
            graph_def,
            {answer.name.split(":")[0]},
            self._precision,
            self._minimum,
            False,
            self._workspace,
        )
        with tf.Graph().as_default(), v1.Session() as session:
            tf.import_graph_def(made, name="")
            builder = v1.saved_model.builder.SavedModelBuilder(output_saved_model_dir)
            builder.add_meta_graph_and_variables(session, ["serve"], {SERVING: signature})
            builder.save()
        if self._built and made is not graph_def:
            assets = os.path.join(output_saved_model_dir, "assets")
            os.mkdir(assets)
            with open(os.path.join(assets, "trt-serialized-engine.TRTEngineOp_0"), "wb") as file:
                file.write(plan(graph_def, self._precision))


_Second = TrtGraphConverterV2
