"""A small 3D U-Net whose finest level is folded away: 2x2x2 voxels enter as channels and leave as channels."""

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 16
# what 0 and 1 of the input stand for; the window step of the manifest says the same
LOW_HU, HIGH_HU = -1000.0, 600.0


def block(i: int, o: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv3d(i, o, 3, padding=1, bias=False), nn.BatchNorm3d(o), nn.ReLU(inplace=True))


def fold(x: torch.Tensor) -> torch.Tensor:
    """[n, c, z, y, x] -> [n, 8c, z/2, y/2, x/2]."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c, d // 2, 2, h // 2, 2, w // 2, 2)
    return x.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(n, 8 * c, d // 2, h // 2, w // 2)


def unfold(x: torch.Tensor, c: int) -> torch.Tensor:
    """[n, 8c, z, y, x] -> [n, c, 2z, 2y, 2x]."""
    n, _, d, h, w = x.shape
    x = x.reshape(n, c, 2, 2, 2, d, h, w)
    return x.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(n, c, 2 * d, 2 * h, 2 * w)


class Network(nn.Module):
    """[n, 1, z, y, x] in 0..1 (multiples of 16) -> logits [n, 16, z, y, x]."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        a, b, c, d = width, 2 * width, 3 * width, 4 * width
        self.enter = nn.Sequential(block(16, a), block(a, a))
        self.down1, self.level1 = block(a, b), block(b, b)
        self.down2, self.level2 = block(b, c), block(c, c)
        self.down3, self.level3 = block(c, d), nn.Sequential(block(d, d), block(d, d))
        self.up2, self.join2 = nn.Conv3d(d, c, 1), block(c, c)
        self.up1, self.join1 = nn.Conv3d(c, b, 1), block(b, b)
        self.up0, self.join0 = nn.Conv3d(b, a, 1), nn.Sequential(block(a + 16, a), block(a, a))
        self.answer = nn.Conv3d(a, 8 * CLASSES, 1)

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        # soft tissue differs by a few hundredths of the whole range: give it a channel of its own, -100 to 220 HU
        hu = volume * (HIGH_HU - LOW_HU) + LOW_HU
        soft = torch.clamp((hu + 100) / 320, 0, 1)
        x = fold(torch.cat([volume, soft], 1))
        e0 = self.enter(x)
        e1 = self.level1(self.down1(F.max_pool3d(e0, 2)))
        e2 = self.level2(self.down2(F.max_pool3d(e1, 2)))
        e3 = self.level3(self.down3(F.max_pool3d(e2, 2)))
        twice = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")  # noqa: E731
        d2 = self.join2(e2 + twice(self.up2(e3)))
        d1 = self.join1(e1 + twice(self.up1(d2)))
        d0 = self.join0(torch.cat([e0 + twice(self.up0(d1)), x], 1))
        return unfold(self.answer(d0), CLASSES)
