# Copyright 2026 the Mamba for DJL authors. Licensed under the Apache License, Version 2.0, see LICENSE.
"""Checks the scan of Mamba-2 on a GPU against a plain float64 recurrence, then times it and measures its memory.

    ./build.sh /tmp/mamba && python3 check_ssd.py /tmp/mamba/libmamba_torch.so --check --time
"""
import argparse
import sys

import torch
import torch.nn.functional as F

import check
from timing import medians

check.TYPES["tf32"] = torch.float32
check.BOUNDS["tf32"] = 4e-3
NAMES = ["x", "delta", "delta_bias", "a", "b", "c", "d", "mask", "resets", "initial_state"]
PARAMETERS = {2, 3, 6, 9}
DIFFERENTIABLE = [0, 1, 2, 3, 4, 5, 6, 9]
# name: rows, length, type, TF32, milliseconds to reach forward and forward + backward on an H200
TIMINGS = {
    "B8 L2048 tf32": (8, 2048, torch.float32, True, 1.5 * 0.73, 1.2 * 3.55),
    "B1 L65536 tf32": (1, 65536, torch.float32, True, 1.5 * 1.93, 1.5 * 7.70),
    "B8 L2048 f32": (8, 2048, torch.float32, False, None, None),
    "B8 L2048 bf16": (8, 2048, torch.bfloat16, True, None, None),
    "B1 L2048 tf32": (1, 2048, torch.float32, True, None, None),
    "B1 L1 tf32": (1, 1, torch.float32, True, None, None),
}


def reference(x, delta, bias, a, b, c, d, mask, resets, state, groups, least, most, reverse):
    rows, length, channels = x.shape
    heads = a.shape[0]
    size, states = channels // heads, b.shape[2] // groups
    state = x.new_zeros(rows, heads, size, states) if state is None else state
    step = F.softplus(delta if bias is None else delta + bias).clamp(least, most)
    b, c = (v.reshape(rows, length, groups, states).repeat_interleave(heads // groups, 2) for v in (b, c))
    split = x.reshape(rows, length, heads, size)
    outputs = [None] * length
    for t in reversed(range(length)) if reverse else range(length):
        if resets is not None:
            dropped = resets[:, t] if mask is None else resets[:, t] * mask[:, t]
            state = torch.where(dropped[:, None, None, None] != 0, torch.zeros_like(state), state)
        new = torch.exp(step[:, t] * a)[..., None, None] * state
        new = new + (step[:, t, :, None] * split[:, t])[..., None] * b[:, t, :, None, :]
        state = new if mask is None else torch.where(mask[:, t, None, None, None] != 0, new, state)
        outputs[t] = (state * c[:, t, :, None, :]).sum(-1).reshape(rows, channels)
    y = torch.stack(outputs, 1)
    y = y if d is None else y + (d if d.numel() == channels else d.repeat_interleave(size)) * x
    return (y if mask is None else torch.where(mask[:, :, None] != 0, y, torch.zeros_like(y))), state


def check_scan(kind, rows, length, heads, size, states, groups=1, options="bias d mask state", reverse=False,
               ending=True, aligned=True, limits=(0.0, float("inf"))):
    name = f"ssd {kind} B{rows} L{length} H{heads} P{size} N{states} G{groups} {options}{' reverse' if reverse else ''}"
    options = options.split()
    channels = heads * size
    mask = None
    if "mask" in options:
        # Padding on the right, on the left and, in the last row, between tokens.
        mask = torch.ones(rows, length, device=check.DEVICE, dtype=torch.uint8)
        mask[0, length - length // 3:] = 0
        if rows > 1:
            mask[1, :length // 2] = 0
            mask[-1] = (torch.rand(length, device=check.DEVICE) < 0.7).to(torch.uint8)
    random = check.random
    resets = None
    if "resets" in options or "few" in options:
        resets = check.random_resets(rows, length, 3 / length if "few" in options else 0.1)
    arguments = [
        random(rows, length, channels), random(rows, length, heads) - 1,
        random(heads, scale=0.5) - 1 if "bias" in options else None, -torch.exp(random(heads)),
        random(rows, length, groups * states), random(rows, length, groups * states),
        random(heads) if "d" in options else random(channels) if "dchannel" in options else None, mask, resets,
        random(rows, heads, size, states) if "state" in options else None, groups, *limits, reverse]
    gradients = [random(rows, length, channels), random(rows, heads, size, states) if ending else None]
    torch.backends.cuda.matmul.allow_tf32 = kind == "tf32"
    found = check.check_operator(name, kind, torch.ops.mamba.ssd_scan, reference, NAMES, arguments, PARAMETERS,
                                 DIFFERENTIABLE, gradients, aligned)
    if mask is not None:
        check_padding(name, kind, arguments, mask, found)
    torch.backends.cuda.matmul.allow_tf32 = False


def check_padding(name, kind, arguments, mask, found):
    padding = mask == 0
    check.require(f"{name}: output at padding", (found[0][0][padding] == 0).all().item())
    for i in (0, 1, 4, 5):
        check.require(f"{name}: gradient of {NAMES[i]} at padding", (found[1][i][padding] == 0).all().item())
    clean = [x.to(torch.float32 if i in PARAMETERS else check.TYPES[kind])
             if torch.is_tensor(x) and x.is_floating_point() else x for i, x in enumerate(arguments)]
    hostile = [x.clone() if torch.is_tensor(x) else x for x in clean]
    for i in (0, 1, 4, 5):
        hostile[i][padding] = float("nan")
    pairs = zip(torch.ops.mamba.ssd_scan(*clean), torch.ops.mamba.ssd_scan(*hostile))
    check.require(f"{name}: nothing of the padding counts", all(torch.equal(x, y) for x, y in pairs))


def check_underflow():
    """Decays far below the smallest number: gradients stay finite."""
    arguments = [check.random(2, 200, 64), check.random(2, 200, 2), None, torch.tensor([-1e4, -1e-4], device="cuda"),
                 check.random(2, 200, 16), check.random(2, 200, 16), None, None, None, None]
    arguments = [x if x is None else x.float().requires_grad_() for x in arguments]
    y, state = torch.ops.mamba.ssd_scan(*arguments, 1, 0.0, float("inf"), False)
    gradients = torch.autograd.grad(y.sum() + state.sum(), [x for x in arguments if x is not None])
    check.require("ssd: finite where decays underflow", all(torch.isfinite(g).all().item() for g in (y, *gradients)))


def all_checks(quick):
    calls = []

    def add(*arguments, **options):
        calls.append(lambda: check_scan(*arguments, **options))

    everything = "bias d mask state resets"
    for kind in ("f32", "tf32", "f16", "bf16"):
        add(kind, 2, 131, 4, 64, 128)
        add(kind, 2, 131, 4, 16, 16, 2, everything, reverse=True)
        add(kind, 2, 131, 4, 32, 32, 4, "dchannel few state", aligned=False, limits=(0.05, 0.4))
    calls.append(check_underflow)
    if quick:
        return calls
    for kind in ("f32", "bf16"):
        for size, states in ((1, 1), (5, 3), (8, 8), (20, 12), (33, 40), (64, 16), (70, 64), (128, 128), (64, 256),
                             (16, 200)):
            add(kind, 2, 91, 2, size, states, 1, everything)
            add(kind, 2, 91, 2, size, states, 2, everything, reverse=True, aligned=False)
        for length in (1, 2, 15, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257):
            add(kind, 2, length, 3, 16, 16, 3, "bias d state few")
            add(kind, 1, length, 3, 24, 20, 1, "bias d mask", reverse=True, ending=False)
    for options in ("", "d", "bias", "mask", "state", "resets", "dchannel"):
        add("f32", 2, 200, 4, 64, 128, 1, options)
        add("tf32", 2, 200, 4, 64, 128, 2, options, reverse=True)
    add("f32", 1, 1501, 2, 64, 128, 1, "bias d state few")
    add("f32", 3, 431, 24, 64, 128, 1, everything)
    add("f32", 70, 130, 4, 16, 16, 2, everything)
    return calls


def touch_all():
    """Every kernel on small inputs and without a reference: short enough for compute-sanitizer."""
    for kind, size, states, heads, length in (("f32", 64, 128, 2, 200), ("bf16", 16, 16, 4, 90), ("f16", 9, 5, 2, 70),
                                              ("f32", 70, 40, 2, 150)):
        for tf32 in (False, True):
            torch.backends.cuda.matmul.allow_tf32 = tf32
            mask = torch.ones(2, length, device="cuda", dtype=torch.uint8)
            mask[0, length // 2:] = 0
            for given, resets in ((mask, None), (None, check.random_resets(2, length, 0.1))):
                sequences = [check.random(2, length, width).to(check.TYPES[kind]).requires_grad_()
                             for width in (heads * size, heads, states, states)]
                rates, d = -torch.rand(heads, device="cuda"), torch.rand(heads, device="cuda")
                state = torch.randn(2, heads, size, states, device="cuda", requires_grad=True)
                y, after = torch.ops.mamba.ssd_scan(
                    sequences[0], sequences[1], d, rates.requires_grad_(), *sequences[2:], d.requires_grad_(), given,
                    resets, state, 1, 0.0, float("inf"), given is None)
                (y.double().sum() + after.double().sum()).backward()
    torch.cuda.synchronize()
    print("every kernel has run")


def inputs_of(rows, length, dtype, heads=24, size=64, states=128):
    def make():
        def random(*shape):
            return torch.randn(*shape, device="cuda").to(dtype)

        return [random(rows, length, heads * size), random(rows, length, heads),
                torch.randn(heads, device="cuda") - 3, -torch.rand(heads, device="cuda") * 15 - 1,
                random(rows, length, states), random(rows, length, states), torch.ones(heads, device="cuda")]

    return [make() for _ in range(3 if rows * length < 100_000 else 2)]


def scan(x):
    return torch.ops.mamba.ssd_scan(*x, None, None, None, 1, 0.0, float("inf"), False)


def time_all(wanted):
    print(f"{'ssd_scan':16} {'forward':>8} {'reach':>6} {'fwd+bwd':>8} {'reach':>6}  ms, memory / input")
    for name, (rows, length, dtype, tf32, reach, reach_both) in TIMINGS.items():
        if wanted and name not in wanted.split(","):
            continue
        torch.backends.cuda.matmul.allow_tf32 = tf32
        inputs = inputs_of(rows, length, dtype)
        dy = torch.randn_like(inputs[0][0])

        def graph(x):
            leaves = [v.detach().requires_grad_() for v in x]
            return scan(leaves)[0], leaves

        def gradients(recorded):
            return torch.autograd.grad(recorded[0], recorded[1], dy)

        with torch.no_grad():
            forward, = medians([scan], inputs, 20)
        both = sum(medians([graph, gradients], inputs, 20))
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        gradients(graph(inputs[0]))
        ratio = (torch.cuda.max_memory_allocated() - before) / sum(
            inputs[0][i].numel() * inputs[0][i].element_size() for i in (0, 1, 4, 5))
        print(f"{name:16} {forward:8.4f} {reach or float('nan'):6.2f} {both:8.4f} {reach_both or float('nan'):6.2f} "
              f"{ratio:6.1f}", flush=True)
        del inputs
        torch.cuda.empty_cache()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--touch", action="store_true", help="run every kernel once, for compute-sanitizer")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--cases", default="", help="names of timings, separated by commas; all without it")
    parser.add_argument("--part", default="0/1", help="i/n: every n-th check from the i-th on, for parallel processes")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.ops.load_library(options.library)
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    if options.check or options.quick:
        part, parts = map(int, options.part.split("/"))
        for call in all_checks(options.quick)[part::parts]:
            call()
        print("worst relative errors:", ", ".join(f"{kind} {error:.2g}" for kind, error in check.worst.items()))
        print(f"{len(check.failures)} failures" if check.failures else "all checks passed")
    if options.touch:
        touch_all()
    if options.time:
        time_all(options.cases)
    sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
    main()
