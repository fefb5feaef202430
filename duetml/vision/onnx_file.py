"""A trained classifier as one ONNX file: pixels in, probabilities and a category's name out.

Scaling, backbone, SVM and temperature are all inside, so that nobody who uses the file can get them
wrong. It is the backbone's own graph (duetml.vision.graph) with the classifier behind it.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, TensorProto, helper, numpy_helper

from duetml.vision.backbone import Backbone
from duetml.vision.classifier import Classifier

PROBABILITIES = "probabilities"
LABEL = "label"


def onnx_file(backbone: Backbone, classifier: Classifier, names: Mapping[str, str]) -> bytes:
    """`names`: each label of the classifier and what to call it, in the order of the columns.

    Input "images": uint8 (n, 224, 224, 3), RGB, whole pictures squashed. Outputs "probabilities":
    float32 (n, k), each row adding up to 1; "label": the name of the likeliest, (n,) strings. The
    names are also in the metadata, as a JSON list under "categories". Raises ValueError for names
    that are not those of the classifier's labels.
    """
    if sorted(names) != sorted(classifier.labels):
        raise ValueError("These names are not those of the classifier's labels.")
    model = onnx.load_from_string(backbone.model)
    _append(model.graph, classifier, names)
    model.graph.name = "classifier"
    helper.set_model_props(
        model,
        {
            "categories": json.dumps(list(names.values()), ensure_ascii=False),
            "backbone": backbone.name,
            "weights": backbone.digest,
        },
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _append(graph: GraphProto, classifier: Classifier, names: Mapping[str, str]) -> None:
    """The temperature divides the weights, so that the softmax needs no operation before it."""
    columns = [classifier.labels.index(label) for label in names]
    weights = classifier.weights[columns].astype(np.float64) / classifier.temperature
    bias = classifier.bias[columns].astype(np.float64) / classifier.temperature
    constants: dict[str, NDArray[Any]] = {
        "weights": weights.astype(np.float32),
        "bias": bias.astype(np.float32),
        "names": np.array(list(names.values()), dtype=np.object_),
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    features = graph.output[0].name
    graph.node.extend(
        [
            helper.make_node("Gemm", [features, "weights", "bias"], ["decisions"], transB=1),
            helper.make_node("Softmax", ["decisions"], [PROBABILITIES], axis=1),
            helper.make_node("ArgMax", [PROBABILITIES], ["likeliest"], axis=1, keepdims=0),
            helper.make_node("Gather", ["names", "likeliest"], [LABEL], axis=0),
        ]
    )
    del graph.output[:]
    graph.output.extend(
        [
            helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["n", len(names)]),
            helper.make_tensor_value_info(LABEL, TensorProto.STRING, ["n"]),
        ]
    )
