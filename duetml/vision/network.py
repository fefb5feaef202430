"""MobileNetV2 in torch: how a file of weights becomes a network, to be converted once (graph).

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, table 2, width
1.0. Module names are chosen so that the state dict has the keys under which these weights are
usually published.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from duetml.vision.weights import FEATURES, SIDE, UNTRAINED_SEED, BackboneError, Flavour, flavour_of

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # mean and deviation of its pixels

# (expansion, output channels, repeats, stride of the first) of each stage: the paper's table 2.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _conv_bn(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    convolution = nn.Conv2d(
        inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False
    )
    return [convolution, nn.BatchNorm2d(outputs)]


def _conv_bn_relu(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(*_conv_bn(inputs, outputs, kernel, stride, groups), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """Expand by 1x1, filter by depthwise 3x3, project by a linear 1x1, add the input if it fits."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = [_conv_bn_relu(inputs, hidden, 1)] if expansion != 1 else []
        layers.append(_conv_bn_relu(hidden, hidden, 3, stride, groups=hidden))
        self.conv = nn.Sequential(*layers, *_conv_bn(hidden, outputs, 1))
        self.adds_input = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return x + y if self.adds_input else y


class MobileNetV2(nn.Module):
    """(n, 3, 224, 224) float32 -> (n, 1280) float32 unit vectors. The classifier is never run."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv_bn_relu(3, 32, 3, stride=2)]
        channels = 32
        for expansion, outputs, repeats, first_stride in STAGES:
            for index in range(repeats):
                stride = first_stride if index == 0 else 1
                layers.append(InvertedResidual(channels, outputs, stride, expansion))
                channels = outputs
        layers.append(_conv_bn_relu(channels, FEATURES, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(FEATURES, 1000))
        self.centre: Tensor
        self.register_buffer("centre", torch.zeros(FEATURES), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.features(x).mean(dim=(2, 3))
        return nn.functional.normalize(nn.functional.normalize(pooled, dim=1) - self.centre, dim=1)


@dataclass(frozen=True)
class Network:
    """A frozen network whose batch norms are folded, and what its weights expect around them."""

    module: MobileNetV2
    flavour: Flavour


def load_network(path: Path | None) -> Network:
    """The network of a weights file, or for None the untrained one, the same on every machine.

    Raises BackboneError for a file that is missing, unreadable, of another network or of unknown
    flavour.
    """
    module = MobileNetV2()
    flavour = Flavour(kind="torchvision") if path is None else flavour_of(path)
    if path is None:
        _draw_weights(module)
    else:
        _load_state(module, path)
    module.eval().requires_grad_(False)
    _fold_batch_norms(module, flavour.batch_norm_epsilon)
    if path is None:
        _centre_untrained(module)
    return Network(module, flavour)


def _load_state(network: MobileNetV2, path: Path) -> None:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (
        Exception
    ) as error:  # a damaged file fails in a dozen ways, inside zipfile and the unpickler
        raise BackboneError(
            f"{path} is damaged or is not a file of PyTorch weights."
            " Fetch it again: manage.py fetch_backbone"
        ) from error
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        first = str(error).strip().splitlines()[:2]
        raise BackboneError(
            f"{path} does not hold the weights of MobileNetV2 1.0 ({' '.join(first)})."
            " Name another file in DUETML_BACKBONE, or run: manage.py fetch_backbone"
        ) from error


def _draw_weights(network: MobileNetV2) -> None:
    """He initialisation (normal, fan out) from a fixed seed; the batch norms stay identities."""
    generator = torch.Generator().manual_seed(UNTRAINED_SEED)
    with torch.no_grad():
        for module in network.features.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.out_channels * module.kernel_size[0] ** 2 // module.groups
                module.weight.normal_(0, (2 / fan_out) ** 0.5, generator=generator)


def _centre_untrained(network: MobileNetV2) -> None:
    """Subtract what all pictures have in common, taken from sixteen random patchworks of colour.

    Untrained features of any two pictures have a cosine of 0.97 and more, so that everything would
    look like a copy of everything; centred, they spread from -0.5 to 0.9.
    """
    generator = torch.Generator().manual_seed(UNTRAINED_SEED)
    patches = torch.rand(16, 3, 6, 6, generator=generator) * 255
    pictures = nn.functional.interpolate(patches, size=SIDE, mode="bilinear")
    with torch.inference_mode():
        mean, deviation = (torch.tensor(one).view(1, 3, 1, 1) * 255 for one in IMAGENET)
        common = network((pictures - mean) / deviation).mean(dim=0)
    network.centre.copy_(common)


def _fold_batch_norms(network: MobileNetV2, epsilon: float) -> None:
    """Merge every batch norm into the convolution before it: the same function, less to do."""
    blocks = [module for module in network.modules() if isinstance(module, nn.Sequential)]
    for block in blocks:
        for index in range(len(block) - 1):
            convolution, norm = block[index], block[index + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                norm.eps = epsilon
                block[index] = fuse_conv_bn_eval(convolution, norm)
                block[index + 1] = nn.Identity()
