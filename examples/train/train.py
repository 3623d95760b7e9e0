#!/usr/bin/env python3
"""Trains the block model: `train.py CORPUS SCORERS OUT`, from the root of the project.

CORPUS holds the unpacked sets wcxb-dev and cjk-open, SCORERS the scorers and, beside them, corpus/folds.json.
OUT gets model-0.bin to model-4.bin, each trained on the other four folds, to measure by, and model.bin, trained on all
five: copy that to src/extract/blocks/model.bin. Needs numpy, scipy, scikit-learn, lightgbm 4 and what the scorers need.
Folds are by host, so no page of a site is judged by a model that has seen the site.
"""
import concurrent.futures
import hashlib
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
import words

TREES = 200
FOREST = dict(
    objective="cross_entropy", learning_rate=0.08, num_leaves=31, min_data_in_leaf=30, min_sum_hessian_in_leaf=10,
    lambda_l2=10, feature_fraction=0.15, bagging_fraction=0.8, bagging_freq=1, max_bin=63, num_threads=1, verbose=-1,
    seed=7, deterministic=True,
)
FOLDS = range(5)
MOST = 250  # blocks of one page that are learned from
WIDE = 5  # a Chinese, Japanese or Korean page counts for so many: the sets hold few, the readers many
WORKERS = 2


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

    def dump(self, out, paths, *options):
        """the texts of each page, and the rows of all"""
        subprocess.run([str(part) for part in [self.program, out, *paths, *options]], check=True)
        lines = [json.loads(line) for line in out.with_suffix(".jsonl").open()]
        texts = [line["texts"] for line in lines]
        width = max(line["width"] for line in lines)
        return texts, numpy.fromfile(out.with_suffix(".f32"), dtype="<f4").reshape(sum(map(len, texts)), width)


def weigh(pages, counts, lengths):
    """each page weighs the same, and in it each block by its length; of a page of very many only some are used"""
    weights = numpy.zeros(sum(counts))
    random = numpy.random.default_rng(7)
    at = 0
    for path, truth, count in zip(pages.paths, pages.truths, counts):
        # A page whose truth is empty or was cut off teaches nothing.
        if count and len(truth) > 20:
            used = at + random.permutation(count)[:MOST]
            length = lengths[used].astype(float)
            weights[used] = (length + 0.5 * length.mean()) / length.sum() * (WIDE if "cjk" in str(path) else 1)
        at += count
    return weights


def grow(task):
    path, chosen, targets, weights = task
    rows = numpy.load(path, mmap_mode="r")
    data = lightgbm.Dataset(rows[chosen], targets[chosen], weight=weights[chosen] / weights[chosen].mean())
    return lightgbm.train(FOREST, data, TREES).model_to_string()


def main():
    corpus, scorers, out = map(pathlib.Path, sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    pages = Pages(corpus, scorers, out)
    texts, rows = pages.dump(out / "plain", pages.paths)
    counts = [len(page) for page in texts]
    with multiprocessing.Pool(WORKERS) as pool:
        targets = numpy.concatenate(
            [numpy.array(label) for label in pool.starmap(labels.labels, zip(texts, pages.truths), chunksize=16)])
    fold = numpy.repeat(pages.folds, counts)
    weights = weigh(pages, counts, numpy.maximum(rows[:, 0], 1))
    print("learning words", flush=True)
    seen = words.matrix(out / "plain.u32", numpy.repeat(numpy.arange(len(counts)), counts), fold)
    tables = {held: words.learn(seen, targets, weights, fold != held) for held in [*FOLDS, None]}
    # The forest learns from words that were weighed without the page's own fold.
    for held in FOLDS:
        table = out / f"words-{held}"
        table.write_bytes(model.words(tables[held]))
        own = [path for path, k in zip(pages.paths, pages.folds) if k == held]
        _, rows[fold == held] = pages.dump(out / "learned", own, "--words", table)
    numpy.save(out / "rows.npy", rows)
    tasks = [(out / "rows.npy", numpy.flatnonzero((weights > 0) & (fold != held)), targets, weights)
             for held in [*FOLDS, -1]]
    print("growing forests", flush=True)
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as workers:
        for held, forest in zip([*FOLDS, None], workers.map(grow, tasks)):
            name = "model.bin" if held is None else f"model-{held}.bin"
            forest = lightgbm.Booster(model_str=forest)
            model.write(out / name, tables[held], forest, rows.shape[1])
            print("wrote", name, flush=True)


if __name__ == "__main__":
    main()
