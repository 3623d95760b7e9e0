"""From weights of words and LightGBM's trees to bindery's model file (see src/extract/blocks/model.rs)."""
import struct

import numpy

UNIT = 4096  # of a leaf
WORD_UNIT = 512  # of a word


def forest(booster, width):
    trees = booster.dump_model()["tree_info"]
    out = [struct.pack("<HH", width, len(trees))]
    for tree in trees:
        out.append(one(tree["tree_structure"]))
    return b"".join(out)


def one(root):
    nodes, leaves = [], []

    def enter(node):
        if "leaf_value" in node and "split_feature" not in node:
            leaves.append(max(-32767, min(32767, round(node["leaf_value"] * UNIT))))
            return -len(leaves)
        at = len(nodes)
        nodes.append(None)
        children = [enter(node["left_child"]), enter(node["right_child"])]
        nodes[at] = struct.pack("<Hfbb", node["split_feature"], below(node["threshold"]), *children)
        return at

    if "split_feature" not in root:  # a tree of one leaf: both answers lead to the same
        value = max(-32767, min(32767, round(root["leaf_value"] * UNIT)))
        return struct.pack("<HHfbbhh", 1, 0, 0.0, -1, -2, value, value)
    enter(root)
    return struct.pack("<H", len(nodes)) + b"".join(nodes) + struct.pack(f"<{len(leaves)}h", *leaves)


def below(threshold):
    """the largest 32-bit float that is not above: rows are 32-bit, so they answer as in training"""
    small = numpy.float32(threshold)
    if float(small) > threshold:
        small = numpy.nextafter(small, numpy.float32("-inf"))
    return float(small)


def words(table):
    """hashes in order, each with three weights; words of no weight are left out"""
    rows = []
    for hash, weights in sorted(table):
        whole = [max(-32767, min(32767, round(weight * WORD_UNIT))) for weight in weights]
        if any(whole):
            rows.append(struct.pack("<I3h", hash, *whole))
    return struct.pack("<I", len(rows)) + b"".join(rows)


def write(path, table, booster, width):
    path.write_bytes(b"bindblk2" + words(table) + forest(booster, width))
