"""
Lesions from a fixed bank of filters and small learned mixtures of it, cell by cell; grades from what the lesion maps hold.

Nothing of the bank is learned: it is the same for every fold, costs little, and the few photographs with masks need to teach
only how its answers are mixed.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .photographs import LESIONS

SIZE = 640
STRIDE = 2
GRADES = 5
LEVELS = 5
DISC = LESIONS.index("optic-disc")
HIDDEN = 16
BANK = 2 + 3 * LEVELS + 2 * 4 + 2 * 3 + 2 + 3 + 1


class Bank(nn.Module):
    """
    [n, 3, s, s] in 0..1, 0 outside the field -> [n, 37, s / 2, s / 2] and the field [n, 1, s / 2, s / 2]: a Laplacian
    pyramid of each channel, curvatures, lines and texture of the green, colour against its surroundings. Means are taken inside
    the field only, so that its edge is no feature.
    """

    def __init__(self) -> None:
        super().__init__()
        tap = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
        self.register_buffer("binomial", (tap[:, None] * tap[None])[None, None])
        d = torch.tensor([1.0, -2.0, 1.0])
        smooth = torch.tensor([1.0, 2.0, 1.0]) / 4
        cross = torch.tensor([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 1.0]]) / 4
        lines = torch.zeros(4, 1, 7, 7)
        for k in range(7):
            lines[0, 0, 3, k] = lines[1, 0, k, 3] = lines[2, 0, k, k] = lines[3, 0, k, 6 - k] = 1 / 7
        self.register_buffer("lines", lines)
        self.register_buffer("second", torch.stack([smooth[:, None] * d[None], d[:, None] * smooth[None], cross])[:, None])

    def down(self, x: torch.Tensor, field: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        channels = x.shape[1]
        weight = F.conv2d(field, self.binomial, stride=2, padding=2)
        mean = F.conv2d(x * field, self.binomial.expand(channels, 1, 5, 5), stride=2, padding=2, groups=channels)
        return mean / weight.clamp(min=1e-3), weight

    def curvatures(self, green: torch.Tensor) -> torch.Tensor:
        """The lesser and the greater of the two: both high in a dark spot, one in a vessel."""
        xx, yy, xy = F.conv2d(F.pad(green, (1, 1, 1, 1), mode="replicate"), self.second).split(1, 1)
        middle, half = (xx + yy) / 2, torch.sqrt(((xx - yy) / 2) ** 2 + xy**2 + 1e-8)
        return torch.cat([middle - half, middle + half], 1)

    def along(self, green: torch.Tensor) -> torch.Tensor:
        """Brightest and darkest of four short lines through a cell: only in a dark spot is even the brightest line dark."""
        means = F.conv2d(green, self.lines, padding=3)
        return torch.cat([means.amax(1, keepdim=True), means.amin(1, keepdim=True)], 1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        side = image.shape[2] // 2
        fine = (image.amax(1, keepdim=True) > 0).float()
        up = lambda x, to: F.interpolate(x, size=(to, to), mode="bilinear", align_corners=False)  # noqa: E731
        green = image[:, 1:2]
        around = F.avg_pool2d(green * fine, 5, 1, 2) / F.avg_pool2d(fine, 5, 1, 2).clamp(min=1e-3)
        detail = (green - around) * fine
        parts = [F.max_pool2d(detail, 2), F.max_pool2d(-detail, 2)]
        share = F.avg_pool2d(fine, 2)
        level, weight = F.avg_pool2d(image * fine, 2) / share.clamp(min=1e-3), share
        first = level
        laplacians = []
        for n in range(LEVELS):
            coarse, coarser = self.down(level, weight)
            difference = (level - up(coarse, level.shape[2])) * (weight > 0.3).float()
            laplacians.append(difference)
            parts.append(difference if n == 0 else up(difference, side))
            if n < 3:
                further, _ = self.down(coarse[:, 1:2], coarser)
                spots = self.along((level[:, 1:2] - up(further, level.shape[2])) * (weight > 0.6).float())
                parts.append(spots if n == 0 else up(spots, side))
            if n < 4:
                bent = self.curvatures(level[:, 1:2]) * (weight > 0.6).float()
                parts.append(bent if n == 0 else up(bent, side))
            level, weight = coarse, coarser
        for own in laplacians[:2]:
            parts.append(up(F.avg_pool2d(own[:, 1:2].abs(), own.shape[2] // 20), side))
        far = up(level, side)
        parts += [first - far, up(weight, side)]
        inside = (share > 0.5).float()
        return torch.cat(parts, 1) * inside, inside


class LesionNetwork(nn.Module):
    """
    A first mixture of the bank and a second that also sees what the first said round about. lesions [n, 5, h, w] logits in
    the order of LESIONS; very low outside the field.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(BANK)
        self.first = nn.Sequential(nn.Conv2d(BANK, 32, 1), nn.ReLU(), nn.Conv2d(32, HIDDEN, 1), nn.ReLU())
        self.say = nn.Conv2d(HIDDEN, len(LESIONS), 1)
        self.second = nn.Sequential(nn.Conv2d(HIDDEN + 4 * len(LESIONS), 24, 1), nn.ReLU(), nn.Conv2d(24, len(LESIONS), 1))
        nn.init.zeros_(self.second[2].weight)
        nn.init.zeros_(self.second[2].bias)

    def opening(self, bank: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The first mixture's hidden cells and its logits."""
        hidden = self.first(self.norm(bank))
        return hidden, self.say(hidden)

    def context(self, hidden: torch.Tensor, logits: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        p = logits.sigmoid() * inside
        near = F.max_pool2d(p, 5, 1, 2)
        half = F.avg_pool2d(p, 4)
        wide = lambda width: F.interpolate(F.avg_pool2d(half, width, 1, width // 2), scale_factor=4.0, mode="nearest")  # noqa: E731
        return torch.cat([hidden, logits, near, wide(3), wide(9)], 1)

    def closing(self, context: torch.Tensor) -> torch.Tensor:
        return context[:, HIDDEN : HIDDEN + len(LESIONS)] + self.second(context)

    def forward(self, bank: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        hidden, logits = self.opening(bank)
        return self.closing(self.context(hidden, logits, inside)) * inside - 12 * (1 - inside)


class Evidence(nn.Module):
    """
    What the grader reads: of the cells by sixteen (a side of 20) the highest and the mean probability by lesion, what
    of it is broad, and the bank's mean and spread; and by lesion how much, how many, the surest, and how many in the quadrant with the second least.
    """

    cell = 16

    def forward(self, lesions: torch.Tensor, bank: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        p = lesions.sigmoid()
        highest, mean = F.max_pool2d(p, self.cell), F.avg_pool2d(p, self.cell)
        average, square = F.avg_pool2d(bank, self.cell), F.avg_pool2d(bank**2, self.cell)
        # what is left where the least of 3 x 3 counts: a blot stays, the line of a vessel goes
        wide = F.max_pool2d(-F.max_pool2d(-p[:, :DISC], 3, 1, 1), 3, 1, 1)
        broad, most = F.avg_pool2d(wide, self.cell), F.max_pool2d(wide, self.cell)
        maps = torch.cat([highest, most, mean.clamp(min=1e-9).sqrt(), average, (square - average**2).clamp(min=1e-9).sqrt()], 1)
        four = highest[:, :DISC]
        half = four.shape[2] // 2
        quadrants = torch.stack([four[:, :, y : y + half, x : x + half].sum((2, 3)) for y in (0, half) for x in (0, half)], 2)
        low, high = torch.minimum(quadrants[:, :, :2], quadrants[:, :, 2:]), torch.maximum(quadrants[:, :, :2], quadrants[:, :, 2:])
        # the second least of four: the lesser of the pairs' greater ones, or the greater of their lesser ones
        second = torch.minimum(torch.maximum(low[:, :, 0], low[:, :, 1]), torch.minimum(high[:, :, 0], high[:, :, 1]))
        area = (mean[:, :DISC] * self.cell**2).sum((2, 3))
        # as one sees it: what is surely there
        sure = (highest[:, :DISC] - 0.5).clamp(min=0).sum((2, 3)) * 2
        return maps, torch.cat([torch.log1p(area), torch.log1p(four.sum((2, 3))), four.amax((2, 3)), torch.log1p(second), torch.log1p(sure), torch.log1p((broad * self.cell**2).sum((2, 3))), torch.log1p(most.sum((2, 3)))], 1)


MAPS, STATISTICS = 2 * len(LESIONS) + DISC + 2 * BANK, 7 * DISC


class Grader(nn.Module):
    """Cumulative logits of "grade k + 1 or more": a sum over cells, so that each cell's part in it is known, and the counts."""

    def __init__(self, cells: bool = True, counts: bool = True) -> None:
        super().__init__()
        self.cells, self.counts = cells, counts
        self.first = nn.Sequential(nn.BatchNorm2d(MAPS), nn.Dropout2d(0.2), nn.Conv2d(MAPS, 32, 1), nn.ReLU(inplace=True))
        self.second = nn.Sequential(nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True))
        self.drop = nn.Dropout(0.3)
        self.by_cell = nn.Linear(32, GRADES - 1)
        self.norm = nn.BatchNorm1d(STATISTICS, affine=False)
        self.by_count = nn.Linear(STATISTICS, GRADES - 1, bias=False)
        nn.init.zeros_(self.by_count.weight)

    def forward(self, maps: torch.Tensor, statistics: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [n, 4], and each cell's part in their mean [n, 1, 20, 20]."""
        logits, part = self.by_cell.bias[None], torch.zeros_like(maps[:, :1])
        if self.cells:
            found = self.second(self.first(maps))
            logits = self.by_cell(self.drop(found.mean((2, 3))))
            part = (found * self.by_cell.weight.mean(0)[None, :, None, None]).sum(1, keepdim=True)
        if self.counts:
            logits = logits + self.by_count(self.norm(statistics))
        return logits, part
