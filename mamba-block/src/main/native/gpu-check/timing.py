# Copyright 2026 the Mamba for DJL authors. Licensed under the Apache License, Version 2.0, see LICENSE.
"""Medians of device times: events around each call, the host running ahead, inputs not in the cache."""
import statistics

import time

import torch

try:
    import selective_scan_cuda
except ImportError:
    selective_scan_cuda = None

# name: rows, length, channels, states, type, reach forward, reach forward + backward
SCANS = {
    "B8 f32": (8, 2048, 1536, 16, torch.float32, 0.30, 1.5),
    "B64 f32": (64, 2048, 1536, 16, torch.float32, 1.7, None),
    "B8 bf16": (8, 2048, 1536, 16, torch.bfloat16, 0.25, 1.2),
    "B1 f32": (1, 2048, 1536, 16, torch.float32, 0.136, None),
    "B1 bf16": (1, 2048, 1536, 16, torch.bfloat16, 0.066, None),
    "B1 L65536 f32": (1, 65536, 1536, 16, torch.float32, 1.5, None),
    "B8 L1024 f32": (8, 1024, 1536, 16, torch.float32, None, None),
    "B8 f32 N64": (8, 2048, 1536, 64, torch.float32, None, None),
    "B1 L1 f32": (1, 1, 1536, 16, torch.float32, None, None),
}
CACHE_BYTES = 120e6


def medians(functions, arguments, count):
    """Of each function of a chain: the first takes the arguments, the others what the one before returned."""
    for chosen in arguments[:2]:
        value = chosen
        for function in functions:
            value = function(value)
    torch.cuda.synchronize()
    events = []
    torch.cuda._sleep(40_000_000)
    for i in range(count):
        value = arguments[i % len(arguments)]
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(len(functions) + 1)]
        marks[0].record()
        for function, mark in zip(functions, marks[1:]):
            value = function(value)
            mark.record()
        events.append(marks)
    torch.cuda.synchronize()
    return [statistics.median(marks[k].elapsed_time(marks[k + 1]) for marks in events)
            for k in range(len(functions))]


def scan_inputs(rows, length, channels, states, dtype):
    def make():
        def random(*shape):
            return torch.randn(*shape, device="cuda").to(dtype)

        wide = random(rows, length, 2 * channels)
        mixed = random(rows, length, 48 + 2 * states)
        a = -torch.arange(1, states + 1, device="cuda", dtype=torch.float32).repeat(channels, 1)
        bias = torch.randn(channels, device="cuda") - 3
        return dict(u=random(rows, length, channels), delta=random(rows, length, channels), bias=bias, a=a,
                    b=mixed[..., 48:48 + states], c=mixed[..., 48 + states:], d=torch.ones(channels, device="cuda"),
                    z=wide[..., channels:], dy=random(rows, length, channels))

    size = 4 * rows * length * channels * torch.finfo(dtype).bits // 8
    return [make() for _ in range(max(2, min(8, int(CACHE_BYTES // size) + 1)))]


def run_scan(x):
    return torch.ops.mamba.selective_scan(x["u"], x["delta"], x["bias"], x["a"], x["b"], x["c"], x["d"], x["z"], None,
                                          None, None, False)


def run_reference(x):
    """The kernel of state-spaces/mamba takes (batch, channels, steps)."""
    return selective_scan_cuda.fwd(*x, True)


def reference_inputs(x):
    def turned(name):
        return x[name].transpose(1, 2).contiguous()

    return (turned("u"), turned("delta"), x["a"], turned("b")[:, None], turned("c")[:, None], x["d"], turned("z"),
            x["bias"])


def time_scans(wanted):
    print(f"{'scan':16} {'forward':>8} {'reach':>6} {'fwd+bwd':>8} {'reach':>6} {'backward':>8} {'reference':>9}  ms")
    for name, (rows, length, channels, states, dtype, reach, reach_both) in SCANS.items():
        if wanted and not any(word == name for word in wanted.split(",")):
            continue
        inputs = scan_inputs(rows, length, channels, states, dtype)
        count = 20 if rows * length > 100_000 else 40
        with torch.no_grad():
            forward, = medians([run_scan], inputs, count)
        both = backward = float("nan")
        if rows * length < 100_000:
            def with_graph(x):
                leaves = [x[k].detach().requires_grad_() for k in ("u", "delta", "bias", "a", "b", "c", "d", "z")]
                y, _ = run_scan(dict(x, **dict(zip(("u", "delta", "bias", "a", "b", "c", "d", "z"), leaves))))
                return y, leaves, x["dy"]

            def gradients(graph):
                y, leaves, dy = graph
                return torch.autograd.grad(y, leaves, dy)

            ahead, backward = medians([with_graph, gradients], inputs, count)
            both = ahead + backward
        reference = float("nan")
        if selective_scan_cuda:
            reference, = medians([run_reference], [reference_inputs(x) for x in inputs], count)
        print(f"{name:16} {forward:8.4f} {reach or '':>6} {both:8.4f} {reach_both or '':>6} {backward:8.4f} "
              f"{reference:9.4f}", flush=True)
        del inputs
        torch.cuda.empty_cache()


def time_others():
    print(f"{'other':34} {'forward':>8} {'fwd+bwd':>8} {'libtorch':>8}  ms")
    for name, rows, length, dtype in (("B8 L2048 f32", 8, 2048, torch.float32),
                                      ("B8 L2048 bf16", 8, 2048, torch.bfloat16), ("B1 L1 f32", 1, 1, torch.float32)):
        few = 2 if rows > 1 else 8
        x = [torch.randn(rows, length, 3072, device="cuda").to(dtype)[..., :1536] for _ in range(few)]
        weight = torch.randn(1536, 4, device="cuda", requires_grad=True)
        bias = torch.randn(1536, device="cuda", requires_grad=True)
        window = torch.randn(rows, 3, 1536, device="cuda").to(dtype)

        def conv(v):
            return torch.ops.mamba.causal_conv1d(v, weight, bias, window, None, None, True)[0]

        def report(operator, function, values, plain):
            with torch.no_grad():
                forward, = medians([function], values, 40)
                other, = medians([plain], values, 40)

            def graph(v):
                leaf = v.detach().requires_grad_()
                return leaf, function(leaf)

            parts = medians([graph, lambda g: torch.autograd.grad(g[1], [g[0], weight], torch.ones_like(g[1]))],
                            values, 40)
            print(f"{operator + ' ' + name:34} {forward:8.4f} {sum(parts):8.4f} {other:8.4f}", flush=True)

        def plain_conv(v):
            wide = torch.cat([window, v], 1).transpose(1, 2)
            return torch.nn.functional.silu(torch.nn.functional.conv1d(
                wide, weight[:, None].to(dtype), bias.to(dtype), groups=1536)).transpose(1, 2)

        report("causal_conv1d E1536 K4", conv, x, plain_conv)
        x = [torch.randn(rows, length, 768, device="cuda").to(dtype) for _ in range(few)]
        weight = torch.randn(768, device="cuda", requires_grad=True)
        report("rms_norm d768", lambda v: torch.ops.mamba.rms_norm(v, weight, 1e-5), x,
               lambda v: torch.nn.functional.rms_norm(v, (768,), weight.to(dtype), 1e-5))


def time_decoding():
    """One token: what the host spends on a call, and what the device needs when calls follow one another."""
    width, channels, states, rank, layers = 768, 1536, 16, 48, 24
    blocks = [[torch.randn(2 * channels, width, device="cuda") * 0.02, None, torch.randn(channels, 4, device="cuda"),
               torch.randn(channels, device="cuda"), torch.randn(rank + 2 * states, channels, device="cuda") * 0.02, None,
               torch.randn(channels, rank, device="cuda") * 0.1, torch.randn(channels, device="cuda"),
               torch.rand(channels, states, device="cuda"), torch.randn(channels, device="cuda"),
               torch.randn(width, channels, device="cuda") * 0.02, None, torch.randn(1, 3, channels, device="cuda"),
               torch.randn(1, channels, states, device="cuda")] for _ in range(layers)]
    x = torch.randn(1, 1, width, device="cuda")
    head = torch.randn(50280, width, device="cuda")
    calls = {"mamba_step": lambda i: torch.ops.mamba.mamba_step(x, *blocks[i % layers]),
             "linear 768 to 3072": lambda i: torch.ops.mamba.linear(x, blocks[i % layers][0], None),
             "libtorch's linear 768 to 3072": lambda i: torch.nn.functional.linear(x, blocks[i % layers][0]),
             "linear 768 to 50280": lambda i: torch.ops.mamba.linear(x, head, None),
             "libtorch's linear 768 to 50280": lambda i: torch.nn.functional.linear(x, head)}
    print(f"{'one token, 130m':34} {'host':>8} {'in all':>8}  us a call")
    with torch.no_grad():
        for name, call in calls.items():
            for repeats in (100, 2000):
                torch.cuda.synchronize()
                start = time.perf_counter()
                for i in range(repeats):
                    call(i)
                host = time.perf_counter() - start
                torch.cuda.synchronize()
                both = time.perf_counter() - start
            print(f"{name:34} {host / repeats * 1e6:8.1f} {both / repeats * 1e6:8.1f}", flush=True)


def time_all(wanted):
    print("selective_scan_cuda of state-spaces/mamba:",
          "imported" if selective_scan_cuda else "cannot be imported here, not timed")
    time_scans(wanted)
    if not wanted:
        time_others()
        time_decoding()
