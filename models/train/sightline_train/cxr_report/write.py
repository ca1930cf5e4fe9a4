"""Writing reports: greedy or drawn, held to the same form as models/tasks/report-drafting/write.ts holds them to."""

import torch

from ..text import Vocabulary
from .examples import PLAIN, REGIONS, SIZED, UNSIZED
from .network import Decoder


PLACE_WORDS = ("left", "right", "upper", "middle", "lower", "zone", "lung", "base", "hemithorax")


class Form:
    """
    Which tokens may follow, for many reports at once: marks between sentences, words inside, regions in order and once. Where
    a word would tell another place than the region's, a word of its own place stands in for it; `places` has those of each
    report's regions, and what it does not hold is free.
    """

    def __init__(self, words: Vocabulary, count: int, places: list[list[str]] | None = None) -> None:
        at = words.ids
        self.end, self.stop = at["[end]"], at["."]
        self.region = torch.full((len(words),), -1)
        for n, token in enumerate(REGIONS):
            self.region[at[token]] = n
        self.mark = (self.region >= 0) | (torch.arange(len(words)) == at[PLAIN]) | (torch.arange(len(words)) == self.end)
        self.banned = torch.zeros(len(words), dtype=torch.bool)
        self.banned[[at[t] for t in ("[pad]", "[unknown]", "[begin]", "[separator]", SIZED, UNSIZED)]] = True
        self.place_words = {word: at[word] for word in PLACE_WORDS if word in at}
        self.places = places
        self.place: list[str | None] = [None] * count
        self.inside = torch.zeros(count, dtype=torch.bool)
        self.last = torch.full((count,), -1)
        self.own: list[list[int]] = [[] for _ in range(count)]

    def mask(self, logits: torch.Tensor) -> torch.Tensor:
        """[n, V], true where a token may not follow."""
        late = (self.region[None] >= 0) & (self.region[None] <= self.last[:, None])
        out = self.banned[None] | torch.where(self.inside[:, None], self.mark[None], ~self.mark[None] | late)
        for n, own in enumerate(self.own):
            if not self.inside[n]:
                continue
            if not own:
                out[n, self.stop] = True
            if len(own) >= 2:
                for i in range(len(own) - 2):
                    if own[i : i + 2] == own[-2:]:
                        out[n, own[i + 2]] = True
            if (place := self.place[n]) is not None:
                here = [i for word, i in self.place_words.items() if word in place.split() and not out[n, i]]
                elsewhere = [i for word, i in self.place_words.items() if word not in place.split()]
                if here and int(logits[n].masked_fill(out[n], -1e9).argmax()) in elsewhere:
                    out[n] = True
                    out[n, here] = False
                out[n, elsewhere] = True
        return out

    def follow(self, chosen: torch.Tensor) -> None:
        for n, token in enumerate(chosen.tolist()):
            if self.inside[n]:
                self.own[n].append(token)
                if token == self.stop:
                    self.inside[n], self.own[n] = False, []
            elif token != self.end:
                self.inside[n], self.place[n] = True, None
                if (region := int(self.region[token])) >= 0:
                    self.last[n] = region
                    if self.places is not None and region < len(self.places[n]):
                        self.place[n] = self.places[n][region]


def write(
    decoder: Decoder, words: Vocabulary, memory: torch.Tensor, sized: list[bool], most: int, places: list[list[str]] | None = None,
    drawn: torch.Tensor | None = None, temperature: float = 1.0,
) -> list[list[int]]:  # fmt: skip
    """Ids of each report from [begin] on, without [end]. `drawn` [n]: true where tokens are drawn, not the likeliest."""
    n = memory.shape[0]
    ids = torch.tensor([[words.ids["[begin]"], words.ids[SIZED if s else UNSIZED]] for s in sized])
    form, done = Form(words, n, places), torch.zeros(n, dtype=torch.bool)
    out = [row.tolist() for row in ids]
    with torch.no_grad():
        for _ in range(most - 2):
            logits = decoder(ids, memory)[:, -1]
            logits = logits.masked_fill(form.mask(logits), -1e9)
            chosen = logits.argmax(1)
            if drawn is not None:
                chosen = torch.where(drawn, torch.multinomial(torch.softmax(logits / temperature, 1), 1)[:, 0], chosen)
            chosen = torch.where(done, torch.full_like(chosen, form.end), chosen)
            form.follow(chosen)
            done |= chosen == form.end
            for row, token, over in zip(out, chosen.tolist(), done.tolist(), strict=True):
                if not over:
                    row.append(token)
            if done.all():
                break
            ids = torch.cat([ids, chosen[:, None]], 1)
    return out
