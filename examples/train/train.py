#!/usr/bin/env python3
"""Trains the block model: `train.py CORPUS SCORERS OUT`, from the root of the project.

CORPUS holds the unpacked sets wcxb-dev and cjk-open, SCORERS the scorers and, beside them, corpus/folds.json.
OUT gets model-0.bin to model-4.bin, each trained on the other four folds, to measure by, and model.bin, trained on all
five: copy that to src/extract/blocks/model.bin. Needs numpy, lightgbm 4 and what the scorers need.
Folds are by host, so no page of a site is judged by a model that has seen the site.
"""
import hashlib
import itertools
import json
import multiprocessing
import pathlib
import shutil
import subprocess
import sys

import lightgbm
import numpy

import labels
import model

FIRST = dict(trees=120, learning_rate=0.1, num_leaves=31)
SECOND = dict(trees=80, learning_rate=0.08, num_leaves=24)
SHARED = dict(
    objective="cross_entropy", min_data_in_leaf=30, min_sum_hessian_in_leaf=10, lambda_l2=10, feature_fraction=0.15,
    bagging_fraction=0.8, bagging_freq=1, max_bin=63, num_threads=2, verbose=-1, seed=7, deterministic=True,
)
FOLDS = range(5)
MOST = 400  # blocks of one page that are learned from
WIDE = 5  # a Chinese, Japanese or Korean page counts for so many: the sets hold few, the readers many


class Pages:
    def __init__(self, corpus, scorers, out):
        build = ["cargo", "build", "--release", "--quiet", "--example", "features"]
        subprocess.run(build, check=True)
        self.program = shutil.copy("target/release/examples/features", out / "program")
        sys.path.insert(0, str(scorers))
        import extract as scorer

        folds = json.loads((scorers.parent / "corpus/folds.json").read_text())
        self.paths, self.truths, self.folds = [], [], []
        for path in sorted((corpus / "wcxb-dev/html").glob("*.html")):
            truth = json.loads((corpus / "wcxb-dev/ground-truth" / (path.stem + ".json")).read_text())
            self.add(path, (truth.get("ground_truth") or {}).get("main_content") or "", folds[path.stem])
        for page in json.loads((corpus / "cjk-open/truth.json").read_text())["pages"]:
            outlet = page.get("outlet") or page["path"].rsplit("/", 1)[0]
            fold = int(hashlib.md5(outlet.encode()).hexdigest(), 16) % len(FOLDS)
            self.add(corpus / "cjk-open/html" / page["file"], scorer.gold_cjk(corpus / "cjk-open", page), fold)

    def add(self, path, truth, fold):
        self.paths.append(path)
        self.truths.append(truth)
        self.folds.append(fold)

    def features(self, out, scores=None):
        command = [self.program, out, *self.paths]
        if scores is not None:
            scores.astype("<f4").tofile(out.with_suffix(".scores"))
            command += ["--scores", out.with_suffix(".scores")]
        subprocess.run([str(part) for part in command], check=True)
        lines = [json.loads(line) for line in out.with_suffix(".jsonl").open()]
        counts = [len(line["texts"]) for line in lines]
        width = max(line["width"] for line in lines)
        rows = numpy.fromfile(out.with_suffix(".f32"), dtype="<f4").reshape(sum(counts), width)
        return [line["texts"] for line in lines], rows


def weigh(pages, counts, rows):
    """each page weighs the same, and in it each block by its length; of a page of very many only some are used"""
    weights = numpy.zeros(len(rows))
    random = numpy.random.default_rng(7)
    at = 0
    for path, count in zip(pages.paths, counts):
        if count:
            used = at + random.permutation(count)[:MOST]
            lengths = numpy.maximum(rows[used, 0], 1).astype(float)
            weights[used] = (lengths + 0.5 * lengths.mean()) / lengths.sum() * (WIDE if "cjk" in str(path) else 1)
        at += count
    return weights * (weights > 0).sum() / weights.sum()


def train(rows, targets, weights, chosen, options):
    options = dict(options)
    trees = options.pop("trees")
    data = lightgbm.Dataset(rows[chosen], targets[chosen], weight=weights[chosen])
    return lightgbm.train({**SHARED, **options}, data, trees)


def main():
    corpus, scorers, out = map(pathlib.Path, sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    pages = Pages(corpus, scorers, out)
    texts, rows = pages.features(out / "first")
    with multiprocessing.Pool() as pool:
        targets = numpy.concatenate(
            [numpy.array(label) for label in pool.starmap(labels.labels, zip(texts, pages.truths), chunksize=16)])
    counts = [len(page) for page in texts]
    fold = numpy.repeat(pages.folds, counts)
    weights = weigh(pages, counts, rows)
    # A page whose truth is empty or was cut off teaches nothing.
    taught = (weights > 0) & numpy.repeat([len(truth) > 20 for truth in pages.truths], counts)

    def scored(without, options=FIRST):
        chosen = taught & ~numpy.isin(fold, without)
        print("training without folds", without, int(chosen.sum()), "blocks", flush=True)
        return train(rows, targets, weights, chosen, options)

    singles = {k: scored([k]) for k in FOLDS}
    pairs = {pair: scored(list(pair)).predict(rows) for pair in itertools.combinations(FOLDS, 2)}
    whole = scored([])
    # The second forest learns from scores that no model gave to pages it had seen.
    for held in [*FOLDS, None]:
        scores = numpy.zeros(len(rows), dtype="<f4")
        for k in FOLDS:
            if held is None:
                scores[fold == k] = singles[k].predict(rows[fold == k])
            elif k == held:
                scores[fold == k] = singles[k].predict(rows[fold == k])
            else:
                scores[fold == k] = pairs[tuple(sorted((k, held)))][fold == k]
        _, second_rows = pages.features(out / "second", scores)
        chosen = taught & (fold != held if held is not None else True)
        second = train(second_rows, targets, weights, chosen, SECOND)
        name = "model.bin" if held is None else f"model-{held}.bin"
        first = whole if held is None else singles[held]
        model.write(out / name, first, second, rows.shape[1], second_rows.shape[1])
        print("wrote", name, flush=True)


if __name__ == "__main__":
    main()
