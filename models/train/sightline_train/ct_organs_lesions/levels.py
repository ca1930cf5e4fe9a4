"""
A small relative of Swin UNETR: a hierarchical encoder whose levels of 16, 32 and 64 mm (at 4 mm voxels) are layers of
attention in windows and shifted windows over tokens that convolutions made, and a convolutional decoder.
The stem, the steps between levels and the decoder have the shapes of network.py, so that a run may begin with the weights
of a package of that shape; every added layer begins as zero. Beside it, the same with convolutions in place of attention.
"""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

from .network import CLASSES, HIGH_HU, LOW_HU, Network, block, fold, unfold

WINDOW = 4


def relative_index() -> torch.Tensor:
    """[tokens, tokens]: which of the (2w - 1)^3 offsets lies between two tokens of a window."""
    at = torch.stack(torch.meshgrid(*[torch.arange(WINDOW)] * 3, indexing="ij")).flatten(1)
    apart = at[:, :, None] - at[:, None, :] + WINDOW - 1
    return (apart[0] * (2 * WINDOW - 1) + apart[1]) * (2 * WINDOW - 1) + apart[2]


def windows(x: torch.Tensor) -> torch.Tensor:
    """[n, z, y, x, c] -> [windows, tokens, c]; sizes are multiples of the window's."""
    n, d, h, w, c = x.shape
    x = x.reshape(n, d // WINDOW, WINDOW, h // WINDOW, WINDOW, w // WINDOW, WINDOW, c)
    return x.permute(0, 1, 3, 5, 2, 4, 6, 7).reshape(-1, WINDOW**3, c)


def joined(x: torch.Tensor, n: int, d: int, h: int, w: int) -> torch.Tensor:
    """windows() undone."""
    x = x.reshape(n, d // WINDOW, h // WINDOW, w // WINDOW, WINDOW, WINDOW, WINDOW, x.shape[-1])
    return x.permute(0, 1, 4, 2, 5, 3, 6, 7).reshape(n, d, h, w, x.shape[-1])


class Attention(nn.Module):
    """
    Windows of 4x4x4 tokens. A shifted grid begins half a window before the volume; what lies outside is no key. So nothing
    wraps around (the lung's apex is no neighbour of the liver), and any size that the levels allow is taken.
    """

    def __init__(self, width: int, heads: int, shifted: bool) -> None:
        super().__init__()
        self.heads, self.before = heads, WINDOW // 2 if shifted else 0
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.bias = nn.Parameter(torch.zeros((2 * WINDOW - 1) ** 3, heads))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.register_buffer("index", relative_index(), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, d, h, w, c = x.shape
        before = self.before
        after = [(-(s + before)) % WINDOW for s in (d, h, w)]
        around = (before, after[2], before, after[1], before, after[0])
        inside = F.pad(torch.ones_like(x[:1, :, :, :, 0]), around)
        held = windows(inside[..., None])[:, None, None, :, 0]  # [windows, 1, 1, tokens]
        tokens = windows(F.pad(self.into(x), (0, 0, *around)))
        size = (n, d + before + after[0], h + before + after[1], w + before + after[2])
        qkv = tokens.reshape(-1, WINDOW**3, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = (q * (c // self.heads) ** -0.5) @ k.transpose(-1, -2)
        bias = self.bias[self.index].permute(2, 0, 1)[None]
        # every example has the same places outside
        blind = ((held - 1) * 1e4).repeat(n, 1, 1, 1)
        shares = (scores + (bias + blind).to(scores.dtype)).softmax(-1)
        x = joined((shares @ v).transpose(1, 2).reshape(-1, WINDOW**3, c), *size)
        return self.out(x[:, before : before + d, before : before + h, before : before + w])


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, shifted: bool) -> None:
        super().__init__()
        self.norm1, self.attend = nn.LayerNorm(width), Attention(width, heads, shifted)
        self.norm2 = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attend(self.norm1(x))
        return x + self.feed(self.norm2(x))

    def silence(self) -> None:
        for last in (self.attend.out, self.feed[2]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)


class Windows(nn.Module):
    """Pairs of layers, plain and shifted, on [n, c, z, y, x]. Adds nothing until it has learned."""

    def __init__(self, width: int, pairs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*[Layer(width, width // 24, n % 2 == 1) for n in range(2 * pairs)])
        for layer in self.layers:
            layer.silence()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)


class Residual(nn.Module):
    """Two convolutions on [n, c, z, y, x]. Adds nothing until it has learned."""

    def __init__(self, width: int, middle: int) -> None:
        super().__init__()
        self.first, self.second = block(width, middle), nn.Conv3d(middle, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(self.first(x))


def seen(volume: torch.Tensor) -> torch.Tensor:
    """Each channel twice: as it is, and soft tissue alone, -100 to 220 HU: it is a few hundredths of the whole range."""
    hu = volume * (HIGH_HU - LOW_HU) + LOW_HU
    return torch.cat([volume, torch.clamp((hu + 100) / 320, 0, 1)], 1)


def twice(x: torch.Tensor) -> torch.Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Levels(Network):
    """[n, channels, z, y, x] in 0..1 (multiples of 16) -> logits [n, 16, z, y, x]. `more`: what each level has besides."""

    def __init__(self, width: int, channels: int, more: tuple[nn.Module, nn.Module, nn.Module]) -> None:
        super().__init__(width)
        if channels > 1:
            folded = 16 * channels
            self.enter[0] = block(folded, width)
            self.join0[0] = block(width + folded, width)
        self.more1, self.more2, self.more3 = more

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        x = fold(seen(volume))
        e0 = self.enter(x)
        e1 = self.more1(self.level1(self.down1(F.max_pool3d(e0, 2))))
        e2 = self.more2(self.level2(self.down2(F.max_pool3d(e1, 2))))
        e3 = self.more3(self.level3(self.down3(F.max_pool3d(e2, 2))))
        d2 = self.join2(e2 + twice(self.up2(e3)))
        d1 = self.join1(e1 + twice(self.up1(d2)))
        d0 = self.join0(torch.cat([e0 + twice(self.up0(d1)), x], 1))
        return unfold(self.answer(d0), CLASSES)


def network_of(config: dict) -> Levels:
    """The two have the same number of weights within 1 %."""
    width, channels = config["width"], config.get("channels", 1)
    b, c, d = 2 * width, 3 * width, 4 * width
    if config["network"] == "transformer":
        return Levels(width, channels, (Windows(b, 1), Windows(c, 2), Windows(d, 2)))
    if config["network"] == "convolutions":
        return Levels(width, channels, (Residual(b, b), Residual(c, c), Residual(d, b)))
    raise ValueError(f"no network {config['network']}")


def biases_from(network: nn.Module, package: Path) -> None:
    """What a package's layers of attention add by offset between tokens: its graph holds it spread over pairs of tokens."""
    graph = onnx.load(package / "model.onnx").graph
    added = {x for node in graph.node if node.op_type == "Add" for x in node.input}
    order = {x: n for n, node in enumerate(graph.node) for x in node.input}
    tokens = WINDOW**3
    found = sorted((i for i in graph.initializer if i.name in added and list(i.dims)[-2:] == [tokens, tokens]), key=lambda i: order[i.name])
    layers = [m for m in network.modules() if isinstance(m, Attention)]
    if [i.dims[1] for i in found] != [m.heads for m in layers]:
        raise ValueError(f"{package.name}: its layers of attention are not this network's")
    with torch.no_grad():
        for own, layer in zip(found, layers, strict=True):
            spread = torch.from_numpy(numpy_helper.to_array(own).copy())[0]
            layer.bias[layer.index.reshape(-1)] = spread.permute(1, 2, 0).reshape(tokens * tokens, -1)
