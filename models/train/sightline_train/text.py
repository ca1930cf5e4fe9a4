"""Text to token ids, exactly as models/kit/text/tokens.ts does it: both are held to the same golden tokens."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

PIECE = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]")
SPECIAL = ("[pad]", "[unknown]", "[begin]", "[end]", "[separator]")
PAD, UNKNOWN, BEGIN, END, SEPARATOR = range(5)
MARKS = list(".,;:|-/()[]%'\"+<>=?!&")


def pieces(text: str) -> list[str]:
    """Words, single digits and single marks, in order; white space parts them and is dropped."""
    return PIECE.findall(unicodedata.normalize("NFKC", text).lower())


class Vocabulary:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.ids = {token: n for n, token in enumerate(tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Ids without begin or end: each piece by greedy longest match, the rest of a word with '##'."""
        out: list[int] = []
        for piece in pieces(text):
            spelled, start = [], 0
            while start < len(piece):
                end = len(piece)
                while end > start and ("##" if start else "") + piece[start:end] not in self.ids:
                    end -= 1
                if end == start:
                    break
                spelled.append(self.ids[("##" if start else "") + piece[start:end]])
                start = end
            out += spelled if start == len(piece) else [UNKNOWN]
        return out

    def words(self, ids: Iterable[int]) -> str:
        """Tokens with one space between them, continuations joined: enough to compare sentences."""
        return " ".join(self.tokens[i] for i in ids).replace(" ##", "")


def build_vocabulary(texts: Iterable[str], words: Iterable[str], least: int = 4) -> Vocabulary:
    """
    Special tokens, every letter and digit, marks, all words given, and beginnings and endings of 2 to 6 letters that
    several words share, so that an unseen word falls into a few known parts.
    """
    known = set(words)
    for text in texts:
        known |= {p for p in pieces(text) if p.isascii() and p.isalpha()}
    parts: Counter[str] = Counter()
    for word in known:
        for n in range(2, 7):
            if len(word) > n:
                parts[word[:n]] += 1
                parts["##" + word[-n:]] += 1
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = [*SPECIAL, *"0123456789", *MARKS, *letters, *("##" + c for c in letters)]
    tokens += sorted(known - set(tokens))
    tokens += sorted(p for p, n in parts.items() if n >= least and p not in known and p not in tokens)
    return Vocabulary(tokens)
