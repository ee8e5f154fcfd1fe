"""Greedy decoding of GPT-2 in plain torch with a preallocated cache: generate_gpt2.py CHECKPOINT f32|bf16 TOKENS.

Prints tokens per second and the weights' megabytes. The header is read by hand, so torch is all it needs.
"""
import json
import math
import struct
import sys
import time

import torch
import torch.nn.functional as F


def load(path, dtype):
    with open(path + "/model.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start = file.tell()
        weights = {}
        for name, info in header.items():
            if name == "__metadata__" or name.endswith(".attn.bias"):
                continue
            begin, end = info["data_offsets"]
            file.seek(start + begin)
            tensor = torch.frombuffer(bytearray(file.read(end - begin)), dtype=torch.float32).view(info["shape"])
            if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
                tensor = tensor.t()
            weights[name] = tensor.contiguous().to(dtype)
    return weights


class Model:
    def __init__(self, path, dtype):
        with open(path + "/config.json") as file:
            config = json.load(file)
        self.layers, self.heads, self.width = config["n_layer"], config["n_head"], config["n_embd"]
        self.w = load(path, dtype)
        shape = (self.layers, 2, 1, self.heads, config["n_positions"], self.width // self.heads)
        self.cache = torch.empty(shape, dtype=dtype)
        self.length = 0

    def norm(self, x, name):
        return F.layer_norm(x, (self.width,), self.w[name + ".weight"], self.w[name + ".bias"], 1e-5)

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def __call__(self, ids):
        n, start = ids.shape[1], self.length
        end = start + n
        x = self.w["wte.weight"][ids] + self.w["wpe.weight"][start:end]
        for i in range(self.layers):
            name = "h.%d." % i
            q, k, v = self.linear(self.norm(x, name + "ln_1"), name + "attn.c_attn").split(self.width, 2)
            q, k, v = (t.view(1, n, self.heads, -1).transpose(1, 2) for t in (q, k, v))
            keys, values = self.cache[i, 0], self.cache[i, 1]
            keys[:, :, start:end] = k
            values[:, :, start:end] = v
            scores = q @ keys[:, :, :end].transpose(2, 3) / math.sqrt(q.shape[-1])
            if n > 1:
                scores = scores.masked_fill(~torch.ones(n, end, dtype=torch.bool).tril(start), -math.inf)
            mixed = (scores.softmax(-1) @ values[:, :, :end]).transpose(1, 2).reshape(1, n, self.width)
            x = x + self.linear(mixed, name + "attn.c_proj")
            x = x + self.linear(F.gelu(self.linear(self.norm(x, name + "ln_2"), name + "mlp.c_fc"), approximate="tanh"), name + "mlp.c_proj")
        self.length = end
        return F.linear(self.norm(x[:, -1:], "ln_f"), self.w["wte.weight"])


def main():
    path, dtype, tokens = sys.argv[1], {"f32": torch.float32, "bf16": torch.bfloat16}[sys.argv[2]], int(sys.argv[3])
    model = Model(path, dtype)
    with torch.inference_mode():
        ids = torch.arange(32).view(1, 32) * 37
        for _ in range(4):
            ids = model(ids)[:, -1].argmax(-1, keepdim=True)
        begin = time.perf_counter()
        for _ in range(tokens):
            ids = model(ids)[:, -1].argmax(-1, keepdim=True)
        seconds = time.perf_counter() - begin
    megabytes = sum(t.numel() * t.element_size() for t in model.w.values()) / 1e6
    print("%.3f %.1f" % (tokens / seconds, megabytes))


main()
