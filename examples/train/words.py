"""Weighs the words in the names around blocks: a logistic regression over how often each stands there.

Words are hashes, as src/extract/blocks/learned.rs makes them.
"""
import numpy
import scipy.sparse
from sklearn.linear_model import LogisticRegression

PAGES = 4  # a word counts when so many pages have it, and two folds of sites
STRENGTH = 0.003  # of the regression's inverse penalty
OFTEN = 255  # the most times that a word counts


def matrix(path, page, fold):
    """hashes, and a sparse matrix: for each block how often each word stands right around it, near, and above"""
    numbers = numpy.fromfile(path, dtype="<u4")
    lengths = numpy.empty(3 * len(page), numpy.int64)
    used = numpy.ones(len(numbers), bool)
    at = 0
    for row in range(len(lengths)):
        lengths[row] = numbers[at]
        used[at] = False
        at += 1 + lengths[row]
    hashes, columns = numpy.unique(numbers[used], return_inverse=True)
    row = numpy.repeat(numpy.arange(len(lengths)), lengths)
    block = row // 3
    known = common(columns, page[block], len(hashes)) >= PAGES
    known &= common(columns, fold[block], len(hashes)) >= 2
    place = numpy.cumsum(known) - 1
    kept = known[columns]
    shape = (len(page), 3 * known.sum())
    ones = numpy.ones(kept.sum(), numpy.float32)
    counts = scipy.sparse.csr_matrix(
        (ones, (block[kept], (row % 3)[kept] * known.sum() + place[columns[kept]])), shape=shape)
    counts.sum_duplicates()
    counts.data = numpy.minimum(counts.data, OFTEN)
    return hashes[known], counts


def common(columns, groups, count):
    """in how many groups each column occurs"""
    pairs = numpy.unique(columns.astype(numpy.int64) * (int(groups.max()) + 1) + groups)
    return numpy.bincount(pairs // (int(groups.max()) + 1), minlength=count)


def learn(seen, targets, weights, chosen):
    """each word's hash and its three weights"""
    hashes, counts = seen
    chosen = numpy.flatnonzero(chosen & (weights > 0))
    weight = weights[chosen] / weights[chosen].mean()
    regression = LogisticRegression(C=STRENGTH, max_iter=60, tol=1e-3)
    regression.fit(counts[chosen], targets[chosen] > 0.5, sample_weight=numpy.minimum(weight, 20))
    return list(zip(hashes.tolist(), regression.coef_[0].reshape(3, -1).T.tolist()))
