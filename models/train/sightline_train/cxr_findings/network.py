"""Centre-size detector with masks: an encoder of five levels, a light decoder to a quarter of the input's side."""

import torch
from torch import nn
from torch.nn import functional as F

FINDINGS = ("lung-nodule", "effusion", "consolidation", "pneumothorax", "cardiomegaly", "atelectasis")
MASKS = ("lung-left", "lung-right", "heart")
SIZE, STRIDE = 256, 4


def block(i: int, o: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.first = block(c, c)
        self.second = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(self.first(x)))


class Whole(nn.Module):
    """What the whole image says, added everywhere: a large heart or a lost dome cannot be told from a small part."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(nn.Linear(c, c), nn.ReLU(inplace=True), nn.Linear(c, c))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.mix(x.mean((2, 3)))[:, :, None, None]


class Network(nn.Module):
    """
    [n, 1, 256, 256] in 0..1 -> heat [n, C, 64, 64] logits of a finding's centre, sizes [n, 2C, 64, 64] width and
    height in input pixels (all widths, then all heights), masks [n, 3, 256, 256] logits, and for training only
    extents [n, C, 64, 64], logits of the inside of a finding's box.
    """

    def __init__(self) -> None:
        super().__init__()
        n = len(FINDINGS)
        self.level1 = nn.Sequential(block(1, 16, 2), block(16, 16))
        self.level2 = nn.Sequential(block(16, 32, 2), Residual(32))
        self.level3 = nn.Sequential(block(32, 64, 2), Residual(64))
        self.level4 = nn.Sequential(block(64, 96, 2), Residual(96))
        self.level5 = nn.Sequential(block(96, 128, 2), Residual(128), Whole(128))
        self.up4, self.join4 = nn.Conv2d(128, 96, 1), block(96, 96)
        self.up3, self.join3 = nn.Conv2d(96, 64, 1), block(64, 64)
        self.up2, self.join2 = nn.Conv2d(64, 32, 1), nn.Sequential(block(32, 48), block(48, 64))
        self.heat = nn.Conv2d(64, n, 1)
        self.extent = nn.Conv2d(64, n, 1)
        self.size = nn.Conv2d(64, 2 * n, 1)
        self.mask = nn.Conv2d(64, len(MASKS), 1)
        nn.init.constant_(self.heat.bias, -4.0)
        nn.init.constant_(self.extent.bias, -2.0)

    def maps(self, image: torch.Tensor) -> list[torch.Tensor]:
        """The encoder's five levels and the decoder's last."""
        x1 = self.level1(image - 0.5)
        x2 = self.level2(x1)
        x3 = self.level3(x2)
        x4 = self.level4(x3)
        x5 = self.level5(x4)
        twice = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")  # noqa: E731
        y4 = self.join4(x4 + twice(self.up4(x5)))
        y3 = self.join3(x3 + twice(self.up3(y4)))
        return [x1, x2, x3, x4, x5, self.join2(x2 + twice(self.up2(y3)))]

    def answers(self, y2: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        masks = F.interpolate(self.mask(y2), scale_factor=float(STRIDE), mode="bilinear", align_corners=False)
        return self.heat(y2), torch.exp(torch.clamp(self.size(y2), -2.0, 2.5)) * 24, masks, self.extent(y2)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.answers(self.maps(image)[-1])
