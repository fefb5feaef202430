"""The network as an ONNX graph, which is what runs: pictures as bytes in, unit vectors out.

A file of weights is converted once, in a process of its own (torch takes seconds and 300 MB):

python -m duetml.vision.graph WEIGHTS|- TARGET
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from duetml.vision.network import IMAGENET, InvertedResidual, Network, load_network
from duetml.vision.weights import FEATURES, SIDE, BackboneError, Flavour

OPERATORS = 13  # this and the format are of 2020: every runtime of today reads them
FILE_FORMAT = 7
INPUT = "images"
OUTPUT = "features"
SHORTEST_LENGTH = 1e-12  # as torch.nn.functional.normalize has it


@dataclass
class Graph:
    """Operations in their order, each named after its result."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Append an operation; the name of its result."""
        out = out or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], name=out, **attributes))
        return out

    def constant(self, value: NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def numbers(self, *values: float) -> str:
        return self.constant(np.array(values, dtype=np.float32))


def converted(path: Path | None) -> bytes:
    """An ONNX model for the weights, or for None the untrained network.

    Input "images": uint8 (n, 224, 224, 3), RGB; output "features": float32 (n, 1280), rows of
    length 1. Raises BackboneError.
    """
    network = load_network(path)
    graph = Graph()
    pixels = _scaled(graph, network.flavour)
    maps = _layer(graph, network.module.features, pixels, network.flavour)
    _features(graph, network, maps)
    images = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", SIDE, SIDE, 3])
    features = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", FEATURES])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "backbone", [images], [features], graph.constants),
        opset_imports=[helper.make_opsetid("", OPERATORS)],
        ir_version=FILE_FORMAT,
        producer_name="duetml",
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _scaled(graph: Graph, flavour: Flavour) -> str:
    """Bytes as the flavour wants them, channels first."""
    mean, deviation = (0.5,) * 3, (0.5,) * 3
    if flavour.kind == "torchvision":
        mean, deviation = IMAGENET
    pixels = graph.add("Cast", INPUT, to=TensorProto.FLOAT)
    centred = graph.add("Sub", pixels, graph.numbers(*(255 * one for one in mean)))
    scaled = graph.add("Div", centred, graph.numbers(*(255 * one for one in deviation)))
    return graph.add("Transpose", scaled, perm=[0, 3, 1, 2])


def _layer(graph: Graph, layer: nn.Module, x: str, flavour: Flavour) -> str:
    if isinstance(layer, nn.Sequential):
        for one in layer:
            x = _layer(graph, one, x, flavour)
        return x
    if isinstance(layer, InvertedResidual):
        y = _layer(graph, layer.conv, x, flavour)
        return graph.add("Add", x, y) if layer.adds_input else y
    if isinstance(layer, nn.Conv2d):
        return _convolution(graph, layer, x, flavour)
    if isinstance(layer, nn.ReLU6):
        return graph.add("Clip", x, *(graph.constant(np.array(one, np.float32)) for one in (0, 6)))
    if isinstance(layer, nn.Identity):  # a batch norm that was folded
        return x
    raise TypeError(f"no ONNX for {type(layer).__name__}")


def _convolution(graph: Graph, layer: nn.Conv2d, x: str, flavour: Flavour) -> str:
    """TensorFlow's SAME pads an even picture at the right and bottom only where the stride is 2."""
    side, stride = layer.kernel_size[0], layer.stride[0]
    before = after = side // 2
    if flavour.kind == "tf_same" and stride == 2:
        before = 0
    inputs = [x, graph.constant(layer.weight.detach().numpy())]
    if layer.bias is not None:
        inputs.append(graph.constant(layer.bias.detach().numpy()))
    return graph.add(
        "Conv",
        *inputs,
        kernel_shape=[side, side],
        strides=[stride, stride],
        pads=[before, before, after, after],
        group=layer.groups,
    )


def _features(graph: Graph, network: Network, maps: str) -> str:
    rows = graph.add("Flatten", graph.add("GlobalAveragePool", maps))
    centre = network.module.centre.numpy()
    if not centre.any():
        return _unit(graph, rows, OUTPUT)
    centred = graph.add("Sub", _unit(graph, rows), graph.constant(centre))
    return _unit(graph, centred, OUTPUT)


def _unit(graph: Graph, rows: str, out: str = "") -> str:
    length = graph.add("ReduceL2", rows, axes=[1], keepdims=1)
    safe = graph.add("Max", length, graph.numbers(SHORTEST_LENGTH))
    return graph.add("Div", rows, safe, out=out)


def main(source: str, target: str) -> None:
    """Write TARGET whole or not at all; what is wrong with the weights is the last line printed."""
    try:
        model = converted(None if source == "-" else Path(source))
    except BackboneError as problem:
        sys.exit(str(problem))
    draft = Path(f"{target}.draft")
    draft.write_bytes(model)
    draft.replace(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
