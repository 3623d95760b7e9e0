"""Which blocks of a page are the article, from the truth about its text.

A block is compared with the truth in order: long blocks by their runs of words, short ones by what stands between the
long ones around them, so that a menu entry is not taken for the heading that happens to read the same.
"""
import collections
import re
import unicodedata

WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
RUN = 4
LONG = 7
REACH = 40


def words(text):
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def find(needle, hay, start, end):
    """where `needle` stands in hay[start:end], -1 when nowhere"""
    first, n = needle[0], len(needle)
    for at in range(max(0, start), min(end, len(hay)) - n + 1):
        if hay[at] == first and hay[at:at + n] == needle:
            return at
    return -1


def labels(texts, truth):
    """for each block the share of its words that the truth holds, 0 to 1"""
    blocks = [words(text) for text in texts]
    gold = words(truth)
    runs = collections.defaultdict(list)
    for at in range(len(gold) - RUN + 1):
        runs[tuple(gold[at:at + RUN])].append(at)
    label = [0.0] * len(blocks)
    span = [None] * len(blocks)
    expected = 0
    for i, block in enumerate(blocks):
        if len(block) < LONG:
            continue
        covered, places = [False] * len(block), []
        for j in range(len(block) - RUN + 1):
            hits = runs.get(tuple(block[j:j + RUN]))
            if hits:
                places.append(min(hits, key=lambda at: (at < expected, abs(at - expected))))
                for k in range(j, j + RUN):
                    covered[k] = True
        label[i] = sum(covered) / len(block)
        if label[i] >= 0.6:
            places.sort()
            middle = places[len(places) // 2]
            span[i] = (max(0, middle - len(block) // 2), middle + len(block) // 2 + 1)
            expected = span[i][1]
    lines = collections.Counter(tuple(words(line)) for line in truth.splitlines())
    short = [i for i, block in enumerate(blocks) if 0 < len(block) < LONG]
    anchored = [i for i, s in enumerate(span) if s]
    rest = []
    before = after = 0
    for i in short:
        while before < len(anchored) and anchored[before] < i:
            before += 1
        previous = anchored[before - 1] if before else None
        following = anchored[before] if before < len(anchored) else None
        near_previous = previous is not None and i - previous <= REACH
        near_following = following is not None and following - i <= REACH
        if near_previous and near_following:
            start, end = span[previous][1] - 6, span[following][0] + 6
            if end - start > 400 or end < start:
                start, end = span[previous][1] - 6, span[previous][1] + 200
        elif near_previous:
            start, end = span[previous][1] - 6, span[previous][1] + 12 * (i - previous) + 12
        elif near_following:
            start, end = span[following][0] - 12 * (following - i) - 12, span[following][0] + 6
        else:
            start = end = 0
        if end > start and find(blocks[i], gold, start, end) >= 0:
            label[i] = 1.0
        else:
            rest.append(i)
    spare_lines(blocks, label, rest, lines)
    return label


def spare_lines(blocks, label, rest, lines):
    """short blocks far from any long one: lines of the truth that nothing has used, nearest to what was matched"""
    left = lines.copy()
    for i, block in enumerate(blocks):
        if label[i] >= 0.6 and left.get(tuple(block), 0) > 0:
            left[tuple(block)] -= 1
    wanted = [i for i in rest if left.get(tuple(blocks[i]), 0) > 0]
    marked = set(wanted) | {i for i in range(len(blocks)) if label[i] >= 0.6}
    near = {i: sum(1 for j in range(i - 6, i + 7) if j in marked) for i in wanted}
    for i in sorted(wanted, key=lambda i: (-near[i], i)):
        if left[tuple(blocks[i])] > 0:
            left[tuple(blocks[i])] -= 1
            label[i] = 1.0
