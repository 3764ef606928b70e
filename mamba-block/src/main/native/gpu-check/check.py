# Copyright 2026 the Mamba for DJL authors. Licensed under the Apache License, Version 2.0, see LICENSE.
"""Checks the operators on a GPU against plain float64 recurrences, then times them.

    ./build.sh /tmp/mamba && python3 check.py /tmp/mamba/libmamba_torch.so --check --time
"""
import argparse
import os
import subprocess
import sys
import tempfile
import threading

import torch
import torch.nn.functional as F

from timing import time_all

DEVICE = "cuda"
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64}
# Relative to the norm of the result: rounding of the storage type, times ten or so for sums of either sign.
BOUNDS = {"f32": 2e-5, "f16": 2e-3, "bf16": 1.2e-2, "f64": 1e-12}
worst = {}
failures = []


def note(name, kind, error):
    worst[kind] = max(worst.get(kind, 0.0), error)
    if not error <= BOUNDS[kind]:
        failures.append(f"{name}: {error:.3g}")
        print(f"FAILED {name} ({kind}): {error:.3g}")


def compare(name, kind, found, expected):
    if expected is None:
        return
    found, expected = found.detach().double(), expected.detach().double()
    if found.shape != expected.shape:
        failures.append(f"{name}: {tuple(found.shape)} instead of {tuple(expected.shape)}")
        return
    norm = expected.norm()
    error = (found - expected).norm() / norm if norm > 0 else found.abs().max() if found.numel() else norm
    note(name, kind, error.item() if torch.isfinite(error) else float("inf"))


def require(name, condition):
    if not condition:
        failures.append(name)
        print("FAILED", name)


def poison():
    """What the operators forget to write shall not look right by accident."""
    for size in (1 << 8, 1 << 12, 1 << 16, 1 << 20, 1 << 22, 1 << 24):
        for _ in range(6):
            torch.full((size,), float("nan"), device=DEVICE)


def random(*shape, scale=1.0):
    return torch.randn(*shape, device=DEVICE, dtype=torch.float64) * scale


def strided(value, kind, offset, aligned):
    """A slice of a wider matrix whose rows begin wherever they happen to, or where vectors can be read."""
    width = value.shape[-1]
    offset, wide = (8 * offset, (2 * width + 15) // 8 * 8 + 80) if aligned else (offset, 2 * width + 11)
    matrix = torch.full((*value.shape[:-1], wide), float("nan"), device=DEVICE, dtype=TYPES[kind])
    view = matrix[..., offset:offset + width]
    view.copy_(value)
    return view


def scan_reference(u, delta, bias, a, b, c, d, z, mask, resets, state, reverse):
    rows, length, channels = u.shape
    state = u.new_zeros(rows, channels, a.shape[1]) if state is None else state
    step = F.softplus(delta if bias is None else delta + bias)
    outputs = [None] * length
    for t in reversed(range(length)) if reverse else range(length):
        if resets is not None:
            dropped = resets[:, t] if mask is None else resets[:, t] * mask[:, t]
            state = torch.where(dropped[:, None, None] != 0, torch.zeros_like(state), state)
        new = torch.exp(step[:, t, :, None] * a) * state + (step * u)[:, t, :, None] * b[:, t, None, :]
        state = new if mask is None else torch.where(mask[:, t, None, None] != 0, new, state)
        outputs[t] = (state * c[:, t, None, :]).sum(-1)
    y = torch.stack(outputs, 1)
    y = y if d is None else y + d * u
    y = y if z is None else y * F.silu(z)
    return (y if mask is None else torch.where(mask[:, :, None] != 0, y, torch.zeros_like(y))), state


def run_with_gradients(function, arguments, differentiable, output_gradients):
    leaves = [x.detach().requires_grad_() if i in differentiable and x is not None else x
              for i, x in enumerate(arguments)]
    outputs = function(*leaves)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    pairs = [(o, g) for o, g in zip(outputs, output_gradients) if g is not None]
    wanted = [i for i in differentiable if leaves[i] is not None]
    gradients = torch.autograd.grad([o for o, _ in pairs], [leaves[i] for i in wanted], [g for _, g in pairs],
                                    allow_unused=True)
    return outputs, dict(zip(wanted, gradients))


def equal(first, second):
    """Bit for bit."""
    outputs = zip(first[0], second[0])
    gradients = ((first[1][i], second[1][i]) for i in first[1])
    return all((x is None) == (y is None) and (x is None or torch.equal(x, y))
               for pairs in (outputs, gradients) for x, y in pairs)


def check_operator(name, kind, operator, reference, names, arguments, parameters, differentiable, output_gradients,
                   aligned=False):
    """Forward and every gradient against the reference, and twice the same. Arguments are float64."""
    cast = []
    for i, x in enumerate(arguments):
        if not torch.is_tensor(x) or x.dtype == torch.uint8:
            cast.append(x)
        elif i in parameters:
            cast.append(x.to(torch.float64 if kind == "f64" else torch.float32))
        else:
            cast.append(strided(x, kind, 1 + i, aligned) if x.dim() == 3 else x.to(TYPES[kind]))
    exact = [x.double() if torch.is_tensor(x) and x.is_floating_point() else x for x in cast]
    grads = [None if g is None else g.to(torch.float32 if i else TYPES[kind]) if kind != "f64" else g
             for i, g in enumerate(output_gradients)]
    with torch.no_grad():
        poison()
        plain = operator(*cast)
    poison()
    found = run_with_gradients(operator, cast, differentiable, [g if g is None else g.to(o.dtype) for g, o in
                                                                zip(grads, plain if isinstance(plain, tuple)
                                                                    else (plain,))])
    again = run_with_gradients(operator, cast, differentiable, [g if g is None else g.to(o.dtype) for g, o in
                                                                zip(grads, found[0])])
    require(f"{name}: the same twice", equal(found, again))
    require(f"{name}: the same without gradients",
            all(torch.equal(x, y) for x, y in zip(plain if isinstance(plain, tuple) else (plain,), found[0])))
    expected = run_with_gradients(reference, exact, differentiable, [None if g is None else g.double() for g in grads])
    for i, (x, y) in enumerate(zip(found[0], expected[0])):
        compare(f"{name}: output {i}", kind, x, y)
    for i in differentiable:
        if i in expected[1] and expected[1][i] is not None:
            require(f"{name}: gradient of {names[i]} missing", found[1][i] is not None)
            compare(f"{name}: gradient of {names[i]}", kind, found[1][i], expected[1][i])
    return found


SCAN = ["u", "delta", "delta_bias", "a", "b", "c", "d", "z", "mask", "resets", "initial_state"]
SCAN_PARAMETERS = {2, 3, 6, 10}


def random_resets(rows, length, rate):
    """Also at padding, where they count for nothing; at the ends of a row and where kernels cut time."""
    resets = torch.rand(rows, length, device=DEVICE) < rate
    resets[0, -1] = True
    resets[-1, 0] = True
    resets[:, 64::128] = True
    resets[:, 31::160] = True
    return resets.to(torch.uint8)


def check_scan(kind, rows, length, channels, states, options="bias d z mask state", reverse=False, ending=True,
               aligned=True):
    name = f"scan {kind} B{rows} L{length} E{channels} N{states} {options}{' reverse' if reverse else ''}"
    name += " aligned" if aligned and channels % 4 == 0 else ""
    options = options.split()
    mask = None
    if "mask" in options:
        # Padding on the right, on the left and, in the last row, between tokens.
        mask = torch.ones(rows, length, device=DEVICE, dtype=torch.uint8)
        mask[0, length - length // 3:] = 0
        if rows > 1:
            mask[1, :length // 2] = 0
            mask[-1] = (torch.rand(length, device=DEVICE) < 0.7).to(torch.uint8)
    arguments = [
        random(rows, length, channels), random(rows, length, channels),
        random(channels, scale=0.5) - 1 if "bias" in options else None,
        -torch.exp(random(channels, states, scale=0.7)), random(rows, length, states), random(rows, length, states),
        random(channels) if "d" in options else None, random(rows, length, channels) if "z" in options else None,
        mask, random_resets(rows, length, 3 / length if "few" in options else 0.2)
        if "resets" in options or "few" in options else None,
        random(rows, channels, states) if "state" in options else None, reverse]
    gradients = [random(rows, length, channels), random(rows, channels, states) if ending else None]
    found = check_operator(name, kind, torch.ops.mamba.selective_scan, scan_reference, SCAN, arguments,
                           SCAN_PARAMETERS, [0, 1, 2, 3, 4, 5, 6, 7, 10], gradients, aligned)
    if mask is not None:
        padding = mask == 0
        require(f"{name}: output at padding", (found[0][0][padding] == 0).all().item())
        for i in (0, 1, 4, 5, 7):
            if i in found[1]:
                require(f"{name}: gradient of {SCAN[i]} at padding", (found[1][i][padding] == 0).all().item())
        hostile = [x.clone() if torch.is_tensor(x) else x for x in arguments]
        hostile = [x if not torch.is_tensor(x) or x.dtype == torch.uint8
                   else x.to(torch.float32 if i in SCAN_PARAMETERS and kind != "f64" else TYPES[kind])
                   for i, x in enumerate(hostile)]
        clean = torch.ops.mamba.selective_scan(*hostile)
        for i in (0, 1, 4, 5, 7):
            if hostile[i] is not None:
                hostile[i][padding] = float("nan")
        dirty = torch.ops.mamba.selective_scan(*hostile)
        require(f"{name}: nothing of the padding counts", all(torch.equal(x, y) for x, y in zip(clean, dirty)))


def packed_conv_reference(x, weight, bias, window, mask, resets, silu):
    """Document after document: the window of the one before counts as zero."""
    if resets is None:
        return conv_reference(x, weight, bias, window, mask, silu)
    rows, length, _ = x.shape
    outputs, windows = [], []
    for i in range(rows):
        tokens = length if mask is None else int(mask[i].sum())
        y, before = x.new_zeros(1, 0, x.shape[2]), None if window is None else window[i:i + 1]
        begins = [0] + [t for t in range(1, tokens) if resets[i, t]] + [tokens]
        for begin, end in zip(begins, begins[1:]):
            part, before = conv_reference(x[i:i + 1, begin:end], weight, bias,
                                          None if resets[i, begin] else before, None, silu)
            y = torch.cat([y, part], 1)
        outputs.append(F.pad(y, (0, 0, 0, length - tokens)))
        windows.append(before)
    return torch.cat(outputs), torch.cat(windows)


def conv_reference(x, weight, bias, window, mask, silu):
    rows, length, channels = x.shape
    taps = weight.shape[1]
    window = x.new_zeros(rows, taps - 1, channels) if window is None else window
    wide = torch.cat([window, x if mask is None else x * mask[:, :, None]], 1)
    y = F.conv1d(wide.transpose(1, 2), weight[:, None], bias, groups=channels).transpose(1, 2)
    y = F.silu(y) if silu else y
    if mask is None:
        return y, wide[:, length:]
    ends = mask.sum(1).tolist()
    return y * mask[:, :, None], torch.stack([wide[i, int(n):int(n) + taps - 1] for i, n in enumerate(ends)])


def check_conv(kind, rows, length, channels, taps, options="bias window mask", silu=True, ending=True):
    name = f"conv {kind} B{rows} L{length} E{channels} K{taps} {options}{' silu' if silu else ''}"
    options = options.split()
    mask = None
    if "mask" in options:
        mask = torch.ones(rows, length, device=DEVICE, dtype=torch.uint8)
        mask[0, length - length // 3:] = 0
        mask[-1, 1:] = 0
    arguments = [random(rows, length, channels), random(channels, taps),
                 random(channels) if "bias" in options else None,
                 random(rows, taps - 1, channels) if "window" in options else None, mask,
                 random_resets(rows, length, 0.2) if "resets" in options else None, silu]
    gradients = [random(rows, length, channels), random(rows, taps - 1, channels) if ending else None]
    if mask is not None:
        gradients[0] *= mask[:, :, None]

    def operator(*given):
        y, window = torch.ops.mamba.causal_conv1d(*given)
        return (y if mask is None else torch.where(mask[:, :, None] != 0, y, torch.zeros_like(y))), window

    check_operator(name, kind, operator, packed_conv_reference, ["x", "weight", "bias", "window"], arguments, {1, 2},
                   [0, 1, 2, 3], gradients)


def check_norm(kind, shape):
    def reference(x, weight, epsilon):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight

    check_operator(f"norm {kind} {shape}", kind, torch.ops.mamba.rms_norm, reference, ["x", "weight"],
                   [random(*shape), random(shape[-1]), 1e-5], {1}, [0, 1], [random(*shape)])


def check_linear(kind, rows, width, outputs, bias):
    arguments = [random(rows, 1, width).to(TYPES[kind]), random(outputs, width).to(TYPES[kind]),
                 random(outputs).to(TYPES[kind]) if bias else None]
    expected = torch.nn.functional.linear(*[None if x is None else x.double() for x in arguments])
    compare(f"linear {kind} {rows} {width} {outputs}", kind, torch.ops.mamba.linear(*arguments), expected)


def check_step(kind, channels, states, taps=4):
    """Three tokens, one at a time, through a block."""
    width, rank = 24, 3
    parameters = {"in_weight": random(2 * channels, width, scale=0.2), "in_bias": None,
                  "conv_weight": random(channels, taps), "conv_bias": random(channels),
                  "x_weight": random(rank + 2 * states, channels, scale=0.2), "x_bias": None,
                  "dt_weight": random(channels, rank), "dt_bias": random(channels), "a_log": random(channels, states),
                  "d": random(channels), "out_weight": random(width, channels, scale=0.2), "out_bias": None}
    cast = {name: None if value is None else value.to(TYPES[kind]) for name, value in parameters.items()}
    exact = {name: None if value is None else value.double() for name, value in cast.items()}
    x = random(2, 3, width).to(TYPES[kind])
    window = state = None
    found = []
    for t in range(3):
        y, window, state = torch.ops.mamba.mamba_step(x[:, t:t + 1], *cast.values(), window, state)
        found.append(y)
    mixed, gate = (x.double() @ exact["in_weight"].T).chunk(2, -1)
    mixed, _ = conv_reference(mixed, exact["conv_weight"], exact["conv_bias"], None, None, True)
    step, b, c = (mixed @ exact["x_weight"].T).split([rank, states, states], -1)
    y, _ = scan_reference(mixed, step @ exact["dt_weight"].T, exact["dt_bias"], -torch.exp(exact["a_log"]), b, c,
                          exact["d"], gate, None, None, None, False)
    error = (torch.cat(found, 1).double() - y @ exact["out_weight"].T).norm() / (y @ exact["out_weight"].T).norm()
    # Several roundings to the storage type follow one another here.
    note(f"mamba_step {kind}", kind, error.item() / (1 if kind in ("f32", "f64") else 4))


def check_stored(kind, channels, states):
    """Parameters and a state of the type of the sequence give exactly what they give when they are converted first."""
    def halved(*shape):  # small, or halves overflow to infinities that do not compare
        return random(*shape, scale=0.2).to(TYPES[kind])

    def same(name, found, expected):
        require(f"{name} {kind}, stored parameters", all(torch.equal(f, e.to(f.dtype)) for f, e in zip(found, expected)))

    width, rank, taps = 24, 3, 4
    x, weight, bias = halved(2, 9, channels), halved(channels, taps), halved(channels)
    conv = [torch.ops.mamba.causal_conv1d(x, w, b, None, None, None, True)
            for w, b in ((weight, bias), (weight.float(), bias.float()), (weight, bias.float()))]
    same("causal_conv1d", conv[0], conv[1])
    same("causal_conv1d, mixed types", conv[2], conv[1])
    same("rms_norm", *[[torch.ops.mamba.rms_norm(x, w, 1e-5)] for w in (bias, bias.float())])
    before = [halved(2, 1, width), halved(2 * channels, width), None]
    middle = [halved(rank + 2 * states, channels), None, halved(channels, rank)]
    small = [halved(channels), halved(channels, states), halved(channels)]
    end = [halved(width, channels), None, halved(2, taps - 1, channels)]
    for state in (None, halved(2, channels, states)):
        steps = [torch.ops.mamba.mamba_step(*before, *converted[:2], *middle, *converted[2:5], *end, converted[5])
                 for converted in ([weight, bias, *small, state],
                                   [None if v is None else v.float() for v in (weight, bias, *small, state)])]
        same("mamba_step", *steps)
        require(f"mamba_step {kind}: type of the state", steps[0][2].dtype == TYPES[kind]
                and steps[1][2].dtype == torch.float32)


def check_long(kind, rows, length, channels):
    """Forward of a long row, whose time is split, from a state; the reference is compiled by hand: no gradients."""
    arguments = [random(rows, length, channels), random(rows, length, channels) - 3, None,
                 -torch.arange(1, 17, device=DEVICE, dtype=torch.float64).repeat(channels, 1),
                 random(rows, length, 16), random(rows, length, 16), None, None, None, None,
                 random(rows, channels, 16), False]
    cast = [x.to(TYPES[kind] if i not in SCAN_PARAMETERS else torch.float32) if torch.is_tensor(x) else x
            for i, x in enumerate(arguments)]
    exact = [x.double() if torch.is_tensor(x) else x for x in cast]
    for found, expected in zip(torch.ops.mamba.selective_scan(*cast), scan_reference(*exact)):
        compare(f"scan {kind} L{length}", kind, found, expected)


def check_surroundings():
    """Streams, threads, devices' contexts and the kernel cache."""
    arguments = [torch.randn(2, 100, 96, device=DEVICE), torch.randn(2, 100, 96, device=DEVICE), None,
                 -torch.rand(96, 16, device=DEVICE), torch.randn(2, 100, 16, device=DEVICE),
                 torch.randn(2, 100, 16, device=DEVICE), None, None, None, None, None, False]
    expected = torch.ops.mamba.selective_scan(*arguments)[0]
    results = []

    def other_thread():
        with torch.cuda.stream(torch.cuda.Stream()):
            torch.cuda._sleep(20_000_000)
            late = arguments[0] * 1.0
            results.append(torch.ops.mamba.selective_scan(late, *arguments[1:])[0])
            torch.cuda.current_stream().synchronize()

    torch.cuda.synchronize()
    thread = threading.Thread(target=other_thread)
    thread.start()
    thread.join()
    require("another thread and stream", len(results) == 1 and torch.equal(results[0], expected))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured = torch.ops.mamba.selective_scan(*arguments)[0]
    captured.zero_()
    graph.replay()
    torch.cuda.synchronize()
    require("a captured graph", torch.equal(captured, expected))
    for wrong, error in ((torch.randn(2, 100, 16), "device"), (torch.randn(2, 99, 16, device=DEVICE), "shape")):
        try:
            torch.ops.mamba.selective_scan(*arguments[:4], wrong, *arguments[5:])
            require(f"an argument of the wrong {error}", False)
        except (RuntimeError, ValueError):
            pass


def check_cache(library):
    """A damaged or unusable cache, or one that others may write to, costs time only."""
    program = ("import sys, torch; torch.ops.load_library(sys.argv[1]); x = torch.ones(4, 768, device='cuda');"
               "print(torch.ops.mamba.rms_norm(x, x[0], 1e-5).sum().item())")

    def run(folder):
        done = subprocess.run([sys.executable, "-c", program, library], env=dict(os.environ, AI_DJL_MAMBA_CACHE=folder),
                              capture_output=True, text=True)
        return done.returncode == 0 and abs(float(done.stdout) - 3072) < 0.1

    with tempfile.TemporaryDirectory() as folder:
        require("empty cache", run(folder + "/new"))
        stored = os.path.join(folder, "new", "mamba-djl")
        names = os.listdir(stored)
        require("one kernel file", len(names) == 1 and names[0].endswith(".bin"))
        path = os.path.join(stored, names[0])
        whole = open(path, "rb").read()
        require("full cache", run(folder + "/new"))
        for damaged in (whole[:len(whole) // 2], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b""):
            with open(path, "wb") as file:
                file.write(damaged)
            require("damaged cache", run(folder + "/new") and open(path, "rb").read() == whole)
        other = os.path.join(folder, "other")
        with open(other, "wb") as file:
            file.write(whole)
        os.remove(path)
        os.symlink(other, path)
        require("link in the cache", run(folder + "/new") and not os.path.islink(path))
        os.chmod(path, 0o666)
        before = os.stat(path).st_ino
        require("file that others may write", run(folder + "/new") and os.stat(path).st_ino != before)
        require("file of our own mode", os.stat(path).st_mode & 0o777 == 0o600)
        os.remove(path)
        os.chmod(stored, 0o777)
        require("folder that others may write", run(folder + "/new") and not os.listdir(stored))
    require("unusable cache", run("/proc/nowhere"))


def touch_all():
    """Every kernel on small inputs and without a reference: short enough for compute-sanitizer."""
    def random_of(kind, *shape):
        return torch.randn(*shape, device=DEVICE).to(TYPES[kind]).requires_grad_()

    for kind, states, length, channels in (("f32", 16, 200, 40), ("bf16", 16, 90, 64), ("f32", 3, 40, 33),
                                           ("f16", 64, 70, 20), ("f64", 17, 70, 20), ("f32", 256, 40, 5)):
        real = kind if kind == "f64" else "f32"
        mask = torch.ones(2, length, device=DEVICE, dtype=torch.uint8)
        mask[0, length // 2:] = 0
        for given in (mask, None):
            x, delta, z = (random_of(kind, 2, length, channels) for _ in range(3))
            b, c = (random_of(kind, 2, length, states) for _ in range(2))
            a, bias, d = random_of(real, channels, states), random_of(real, channels), random_of(real, channels)
            resets = random_resets(2, length, 0.1)
            y, state = torch.ops.mamba.selective_scan(x, delta, bias, -torch.exp(a), b, c, d, z, given, None,
                                                      random_of(real, 2, channels, states), given is None)
            (y.double().sum() + state.double().sum()).backward()
            y, state = torch.ops.mamba.selective_scan(x, delta, bias, -torch.exp(a), b, c, d, z, given, resets,
                                                      random_of(real, 2, channels, states), given is None)
            (y.double().sum() + state.double().sum()).backward()
            weight = random_of(real, channels, 4)
            y, window = torch.ops.mamba.causal_conv1d(x, weight, bias, random_of(kind, 2, 3, channels), given, None,
                                                      True)
            (y.double().sum() + window.double().sum()).backward()
            y, window = torch.ops.mamba.causal_conv1d(x, weight, bias, random_of(kind, 2, 3, channels), given, resets,
                                                      True)
            (y.double().sum() + window.double().sum()).backward()
            torch.ops.mamba.rms_norm(x, d, 1e-5).double().sum().backward()
        for rows in (1, 3):
            check_linear(kind, rows, 40, 13, True)
        check_step(kind, channels, states)
    torch.cuda.synchronize()
    print("every kernel has run")


def all_checks(quick):
    """Calls, in an order that spreads the slow ones."""
    calls = []

    def add(function, *arguments, **options):
        calls.append(lambda: function(*arguments, **options))

    kinds = ["f32", "bf16"] if quick else list(TYPES)
    for kind in kinds:
        add(check_scan, kind, 2, 131, 96, 16)
        add(check_scan, kind, 2, 131, 35, 16, reverse=True)
        add(check_scan, kind, 2, 131, 96, 16, aligned=False)
        add(check_scan, kind, 2, 131, 96, 16, "bias d z mask state resets")
        add(check_scan, kind, 2, 131, 35, 16, "bias d z mask state few", reverse=True)
        add(check_conv, kind, 3, 67, 131, 4, "bias window mask resets")
    add(check_scan, "f32", 1, 700, 40, 16, reverse=True)
    add(check_scan, "f32", 1, 700, 40, 16, "bias d z state few")
    add(check_conv, "f32", 3, 67, 131, 4)
    add(check_norm, "f32", (37, 768))
    if quick:
        return calls
    for states in (1, 2, 3, 5, 8, 17, 32, 33, 64, 100, 256):
        add(check_scan, "f32", 2, 71, 37, states)
        add(check_scan, "bf16", 2, 37, 33, states, reverse=True)
    for states in (3, 4, 16, 64, 100, 256):
        add(check_scan, "f32", 2, 133, 36, states, reverse=True)
        add(check_scan, "bf16", 2, 131, 36, states)
    for states in (1, 64, 256):
        add(check_scan, "f64", 2, 71, 37, states)
        add(check_scan, "f64", 2, 37, 36, states, reverse=True)
    for options in ("", "z", "d", "bias", "mask", "state", "z state", "d bias mask"):
        add(check_scan, "f32", 2, 67, 64, 16, options)
        add(check_scan, "f16", 1, 301, 64, 16, options, reverse=True, ending=False)
    for length in (1, 2, 15, 16, 17, 63, 64, 65, 128, 257, 513):
        add(check_scan, "f32", 2, length, 33, 16)
        add(check_scan, "f32", 1, length, 33, 5, reverse=True)
    add(check_scan, "f32", 300, 67, 16, 16)
    add(check_scan, "f32", 1, 1031, 8, 16, "bias d z state")
    add(check_scan, "bf16", 1, 1031, 8, 16, "bias d z mask state")
    for states in (1, 3, 5, 8, 17, 33, 64, 100, 256):
        add(check_scan, "f32", 2, 133, 36, states, "bias d z state resets")
        add(check_scan, "bf16", 2, 71, 37, states, "bias d z mask few", reverse=True)
    for reverse in (False, True):
        for options in ("resets", "few state", "z mask state resets"):
            add(check_scan, "f32", 1, 1031, 8, 16, options, reverse)
            add(check_scan, "f16", 2, 513, 33, 16, options, reverse, ending=False)
            add(check_scan, "f64", 2, 257, 20, 17, options, reverse)
        for length in (1, 2, 15, 16, 17, 63, 64, 65):
            add(check_scan, "f32", 2, length, 33, 16, "state resets", reverse)
    add(check_long, "f32", 1, 20011, 64)
    add(check_long, "bf16", 2, 4099, 48)
    for kind in kinds:
        for taps in (1, 2, 3, 4, 7, 9):
            add(check_conv, kind, 3, 67, 131, taps)
            add(check_conv, kind, 2, 130, 64, taps, "", silu=False)
            add(check_conv, kind, 3, 130, 64, taps, "bias window mask resets")
            add(check_conv, kind, 2, 67, 33, taps, "window resets", silu=False)
        for length in (1, 2, 3, 64, 65):
            add(check_conv, kind, 2, length, 33, 4, "bias window")
            add(check_conv, kind, 2, length, 33, 4, "window mask", silu=False, ending=False)
            add(check_conv, kind, 2, length, 33, 4, "bias window resets")
        for shape in ((1, 768), (1, 1, 2560), (3, 5, 7), (2001, 1024), (16, 256), (2, 5120)):
            add(check_norm, kind, shape)
    for kind in kinds:
        for channels, states in ((48, 16), (50, 5), (3, 1), (20, 40), (7, 256)):
            add(check_step, kind, channels, states)
            add(check_step, kind, channels, states, taps=1)
            if kind in ("f16", "bf16"):
                add(check_stored, kind, channels, states)
        for rows in range(1, 9):
            add(check_linear, kind, rows, 768, 80, False)
            add(check_linear, kind, rows, 37, 13, True)
    add(check_surroundings)
    return calls


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
    torch.backends.cudnn.allow_tf32 = False
    torch.ops.load_library(options.library)
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    if options.check or options.quick:
        part, parts = map(int, options.part.split("/"))
        for call in all_checks(options.quick)[part::parts]:
            call()
        if not options.quick and part == 0:
            check_cache(options.library)
        print("worst relative errors:", ", ".join(f"{kind} {error:.2g}" for kind, error in worst.items()))
        print(f"{len(failures)} failures" if failures else "all checks passed")
    if options.touch:
        touch_all()
    if options.time:
        time_all(options.cases)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
