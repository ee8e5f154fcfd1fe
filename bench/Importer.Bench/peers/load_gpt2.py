"""The load that a person writes in Python without transformers: safetensors by hand, modules built, weights copied in.

Prints the seconds from the call to the ready model, and the peak resident megabytes.
"""
import json
import struct
import sys
import time

import torch
from torch import nn


def read(path):
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        header.pop("__metadata__", None)
        tensors = {}
        for name, entry in header.items():
            if name.endswith(".attn.bias"):
                continue
            begin, end = entry["data_offsets"]
            f.seek(8 + n + begin)
            data = bytearray(end - begin)
            f.readinto(data)
            tensors[name] = torch.frombuffer(data, dtype=torch.float32).view(entry["shape"])
        return tensors


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ln_1 = nn.LayerNorm(d)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(d, 3 * d), "c_proj": nn.Linear(d, d)})
        self.ln_2 = nn.LayerNorm(d)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(d, 4 * d), "c_proj": nn.Linear(4 * d, d)})


class Gpt(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c["n_embd"]
        self.wte = nn.Embedding(c["vocab_size"], d)
        self.wpe = nn.Embedding(c["n_positions"], d)
        self.h = nn.ModuleList(Block(d) for _ in range(c["n_layer"]))
        self.ln_f = nn.LayerNorm(d)


def peak_megabytes():
    # Not ru_maxrss, which begins with the peak of the process that started this one.
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))


def main(directory):
    start = time.perf_counter()
    with open(directory + "/config.json") as f:
        config = json.load(f)
    model = Gpt(config)
    state = read(directory + "/model.safetensors")
    for name in state:
        if name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
            state[name] = state[name].t()
    model.load_state_dict(state)
    model.eval()
    seconds = time.perf_counter() - start
    print(seconds, peak_megabytes())


main(sys.argv[1])
