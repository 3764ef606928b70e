#!/usr/bin/env bash
# transformers 5.24.0 (torch 2.9.1, no kernels installed): tokens fed with a cache. Mamba and FalconMamba take
# the window of the convolution from the cache but start the scan from a state of zeros where several tokens are
# fed, so a prompt read in two parts gives other logits than the prompt read at once. Mamba-2 forgets
# time_step_limit where one token is fed, so generation computes another model than the one that was trained.
# Nothing is said in either case.
# Output seen:
#   Mamba, three more tokens at once: different
#   Mamba, one by one: equal
#   FalconMamba, three more tokens at once: different
#   FalconMamba, one by one: equal
#   Mamba-2, three more tokens at once: equal
#   Mamba-2, one by one: equal
#   Mamba-2 with limits, three more tokens at once: equal
#   Mamba-2 with limits, one by one: different
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.9.1 transformers==5.24.0
cat > finding.py <<'PY'
import torch
from transformers import FalconMambaConfig, FalconMambaForCausalLM, Mamba2Config, Mamba2ForCausalLM
from transformers import MambaConfig, MambaForCausalLM


def filled(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name and name.endswith(("proj.weight", "lm_head.weight", "embeddings.weight")):
                parameter.copy_(torch.randn_like(parameter) / parameter.shape[-1] ** 0.5)
            if name.endswith(("in_proj.bias", "out_proj.bias")):
                parameter.copy_(torch.randn_like(parameter) / 2)
    return model.eval()


def verdict(what, found, wanted):
    print(what + ":", "equal" if (found - wanted).abs().max() < 1e-4 else "different")


sizes = dict(vocab_size=64, hidden_size=32, num_hidden_layers=2, state_size=8)
heads = dict(num_heads=8, head_dim=8, n_groups=2, chunk_size=4)
models = {
    "Mamba": MambaForCausalLM(MambaConfig(time_step_rank=2, **sizes)),
    "FalconMamba": FalconMambaForCausalLM(FalconMambaConfig(time_step_rank=2, **sizes)),
    "Mamba-2": Mamba2ForCausalLM(Mamba2Config(**heads, **sizes)),
    "Mamba-2 with limits": Mamba2ForCausalLM(Mamba2Config(**heads, time_step_limit=(0.0, 0.01), **sizes)),
}
ids = torch.tensor([[5, 21, 7, 9, 33, 3]])
with torch.no_grad():
    for name, model in models.items():
        filled(model)
        whole = model(ids).logits[:, 3:]
        cache = model(ids[:, :3], use_cache=True).cache_params
        verdict(name + ", three more tokens at once", model(ids[:, 3:], cache_params=cache).logits, whole)
        cache = model(ids[:, :3], use_cache=True).cache_params
        steps = [model(ids[:, i : i + 1], cache_params=cache).logits for i in range(3, 6)]
        verdict(name + ", one by one", torch.cat(steps, 1), whole)
PY
venv/bin/python finding.py 2> errors > output || { cat errors >&2; exit 1; }
cat output
diff output - <<'SEEN'
Mamba, three more tokens at once: different
Mamba, one by one: equal
FalconMamba, three more tokens at once: different
FalconMamba, one by one: equal
Mamba-2, three more tokens at once: equal
Mamba-2, one by one: equal
Mamba-2 with limits, three more tokens at once: equal
Mamba-2 with limits, one by one: different
SEEN
