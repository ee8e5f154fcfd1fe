"""GPT-2 trained in plain PyTorch by nanoGPT's recipe, for comparison: per step its seconds, processor seconds, loss, and the peak in MB so far.

usage: train_gpt2.py big|small STEPS WARMUP; reads a line before each step, so that the caller can take turns.
"""
import math
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

SHAPES = {
    "big": dict(layers=12, heads=12, width=768, vocab=50257, context=1024, bias=True, batch=2, length=256),
    "small": dict(layers=6, heads=6, width=384, vocab=65, context=256, bias=False, batch=8, length=256),
}


class LayerNorm(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Block(nn.Module):
    def __init__(self, s):
        super().__init__()
        width, bias = s["width"], s["bias"]
        self.heads = s["heads"]
        self.ln_1, self.ln_2 = LayerNorm(width, bias), LayerNorm(width, bias)
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.mlp_proj = nn.Linear(4 * width, width, bias=bias)
        self.gelu = nn.GELU()
        context = s["context"]
        self.register_buffer("mask", torch.tril(torch.ones(context, context)).view(1, 1, context, context))

    def attention(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(x).split(c, dim=2))
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            scores = scores.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
            y = F.softmax(scores, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(b, t, c))

    def forward(self, x):
        x = x + self.attention(self.ln_1(x))
        return x + self.mlp_proj(self.gelu(self.c_fc(self.ln_2(x))))


class Model(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.wte = nn.Embedding(s["vocab"], s["width"])
        self.wpe = nn.Embedding(s["context"], s["width"])
        self.blocks = nn.ModuleList([Block(s) for _ in range(s["layers"])])
        self.ln_f = LayerNorm(s["width"], s["bias"])
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.wte.weight)
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)


def peak_megabytes():
    # Not ru_maxrss, which begins with the peak of the process that started this one.
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))


def main():
    shape, steps, warmup = SHAPES[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    torch.manual_seed(1337)
    model = Model(shape)
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=6e-4, betas=(0.9, 0.95))
    for step in range(warmup + steps):
        sys.stdin.readline()
        ids = torch.randint(shape["vocab"], (shape["batch"], shape["length"] + 1))
        begin, cpu = time.perf_counter(), time.process_time()
        for group in optimizer.param_groups:
            group["lr"] = 6e-4
        loss = model(ids[:, :-1].contiguous(), ids[:, 1:].contiguous())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        value = loss.item()
        print(time.perf_counter() - begin, time.process_time() - cpu, value, peak_megabytes(), flush=True)


main()
