"""The digits network as TensorFlow has it, from the weights of the committed TFLite file.

``python -m tests.tftrt.digits FOLDER`` writes it as a frozen graph, a saved model and a Keras model.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import numpy as np

TFLITE = Path(__file__).resolve().parents[2] / "fixtures/models/digits/digits_float32.tflite"
#: The tensors of the file's operators, weights and bias, in their order.
_CONVOLUTIONS = ((16, 17), (10, 6), (13, 5), (9, 4), (12, 3), (8, 2), (11, 1))
_DENSE = (14, 7)


@functools.cache
def weights() -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """Weights and bias of every layer, as TensorFlow has them."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(TFLITE), experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    pairs = [tuple(map(interpreter.get_tensor, pair)) for pair in (*_CONVOLUTIONS, _DENSE)]
    found = []
    for place, (kernel, bias) in enumerate(pairs):
        depthwise = place in (1, 3, 5)
        order = (1, 2, 3, 0) if kernel.ndim == 4 else (1, 0)
        found.append(
            (kernel.transpose(order) if not depthwise else kernel.transpose(1, 2, 3, 0), bias)
        )
    return found


def layers(x: Any) -> Any:
    """The network on the tensor ``x``, (batch, 8, 8, 1), in TensorFlow's own operators."""
    import tensorflow as tf

    one = [1, 1, 1, 1]
    for place, (kernel, bias) in enumerate(weights()[:-1]):
        if place in (1, 3, 5):
            x = tf.nn.depthwise_conv2d(x, kernel, one, "SAME")
        else:
            x = tf.nn.conv2d(x, kernel, one, "SAME")
        x = tf.nn.relu6(tf.nn.bias_add(x, bias))
        if place == 2:
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        if place == 4:
            x = tf.nn.avg_pool2d(x, 2, 2, "VALID")
    kernel, bias = weights()[-1]
    logits = tf.nn.bias_add(tf.matmul(tf.reduce_mean(x, [1, 2]), kernel), bias)
    return tf.nn.softmax(logits, name="probabilities")


def frozen(folder: Path) -> Path:
    """A frozen graph in ``folder``, without what TensorFlow 1.14 does not know."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        layers(tf.compat.v1.placeholder(tf.float32, [None, 8, 8, 1], name="image"))
        stripped = tf.compat.v1.train.export_meta_graph(graph=graph, strip_default_attrs=True)
    path = folder / "digits.pb"
    path.write_bytes(stripped.graph_def.SerializeToString())
    return path


def saved_model(folder: Path, *, signature: bool = True) -> Path:
    """A saved model in ``folder``, with variables; without a signature if so asked."""
    import tensorflow as tf

    module = tf.Module()
    module.factor = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 1], tf.float32)])
    def call(image: Any) -> Any:
        return layers(image * module.factor)

    module.call = call
    path = folder / ("saved_model" if signature else "unsigned")
    tf.saved_model.save(module, str(path), signatures=call if signature else {})
    return path


def keras(folder: Path) -> Path:
    """A Keras model of the same weights in ``folder``."""
    import keras as k

    steps: list[Any] = [k.layers.Input((8, 8, 1), name="image")]
    for place, (kernel, _) in enumerate(weights()[:-1]):
        if place in (1, 3, 5):
            steps.append(k.layers.DepthwiseConv2D(3, padding="same"))
        else:
            steps.append(k.layers.Conv2D(kernel.shape[-1], kernel.shape[0], padding="same"))
        steps.append(k.layers.ReLU(6.0))
        if place == 2:
            steps.append(k.layers.MaxPooling2D(2))
        if place == 4:
            steps.append(k.layers.AveragePooling2D(2))
    model = k.Sequential(
        [*steps, k.layers.GlobalAveragePooling2D(), k.layers.Dense(10), k.layers.Softmax()]
    )
    weighted = [layer for layer in model.layers if layer.weights]
    for layer, pair in zip(weighted, weights(), strict=True):
        layer.set_weights(list(pair))
    path = folder / "digits.keras"
    model.save(path)
    return path


if __name__ == "__main__":
    for write in (frozen, saved_model, keras):
        print(write(Path(sys.argv[1])))
