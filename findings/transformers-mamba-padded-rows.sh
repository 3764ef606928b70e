#!/usr/bin/env bash
# transformers 5.24.0 (torch 2.9.1, no kernels installed): rows of a padded batch, with the right attention
# mask. On the left, use_bias=True breaks the row: the bias of in_proj makes the masked places nonzero again,
# so the row has other logits than alone (Mamba and Mamba-2). On the right, the logits of the prompt are right
# but the cache is not, since the pads run through the window and the state: the next token has other logits
# than after the same prompt alone. Nothing is said in either case.
# Output seen:
#   Mamba, use_bias=False, left: equal
#   Mamba, use_bias=False, right: equal
#   Mamba, use_bias=False, the token after a row padded on the right: different
#   Mamba-2, use_bias=False, left: equal
#   Mamba-2, use_bias=False, right: equal
#   Mamba-2, use_bias=False, the token after a row padded on the right: different
#   Mamba, use_bias=True, left: different
#   Mamba, use_bias=True, right: equal
#   Mamba, use_bias=True, the token after a row padded on the right: different
#   Mamba-2, use_bias=True, left: different
#   Mamba-2, use_bias=True, right: equal
#   Mamba-2, use_bias=True, the token after a row padded on the right: different
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.9.1 transformers==5.24.0
cat > finding.py <<'PY'
import torch
from transformers import Mamba2Config, Mamba2ForCausalLM, MambaConfig, MambaForCausalLM


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


def check(name, model):
    filled(model)
    ids = torch.tensor([[5, 21, 7, 9, 33, 3]])
    other = torch.tensor([[8, 2, 40, 9, 17, 6, 50, 11, 4]])
    pads = torch.zeros(1, 3, dtype=torch.long)
    ones = torch.ones_like(ids)
    full = torch.ones_like(other)
    alone = model(ids).logits
    left = torch.cat([torch.cat([pads, ids], 1), other])
    mask = torch.cat([torch.cat([pads, ones], 1), full])
    verdict(name + ", left", model(left, attention_mask=mask).logits[:1, 3:], alone)
    right = torch.cat([torch.cat([ids, pads], 1), other])
    mask = torch.cat([torch.cat([ones, pads], 1), full])
    out = model(right, attention_mask=mask, use_cache=True)
    verdict(name + ", right", out.logits[:1, :6], alone)
    token = torch.tensor([[12], [12]])
    longer = model(torch.cat([ids, token[:1]], 1)).logits[:, -1]
    after = model(token, cache_params=out.cache_params).logits[:1, -1]
    verdict(name + ", the token after a row padded on the right", after, longer)


with torch.no_grad():
    for bias in (False, True):
        check(f"Mamba, use_bias={bias}", MambaForCausalLM(MambaConfig(time_step_rank=2, use_bias=bias, **sizes)))
        check(f"Mamba-2, use_bias={bias}", Mamba2ForCausalLM(Mamba2Config(num_heads=8, head_dim=8, n_groups=2, chunk_size=4, use_bias=bias, **sizes)))
PY
venv/bin/python finding.py 2> errors > output || { cat errors >&2; exit 1; }
cat output
diff output - <<'SEEN'
Mamba, use_bias=False, left: equal
Mamba, use_bias=False, right: equal
Mamba, use_bias=False, the token after a row padded on the right: different
Mamba-2, use_bias=False, left: equal
Mamba-2, use_bias=False, right: equal
Mamba-2, use_bias=False, the token after a row padded on the right: different
Mamba, use_bias=True, left: different
Mamba, use_bias=True, right: equal
Mamba, use_bias=True, the token after a row padded on the right: different
Mamba-2, use_bias=True, left: different
Mamba-2, use_bias=True, right: equal
Mamba-2, use_bias=True, the token after a row padded on the right: different
SEEN
