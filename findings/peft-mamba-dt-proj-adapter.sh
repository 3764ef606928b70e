#!/usr/bin/env bash
# PEFT 0.21.2 with transformers 5.24.0 (torch 2.9.1): a LoRA adapter on dt_proj of Mamba. transformers
# multiplies by dt_proj.weight itself instead of calling the layer, so the adapter computes nothing as long as
# it is not merged (and cannot be trained), while merging the same adapter changes the
# logits. x_proj, which is called, behaves.
# Output seen:
#   dt_proj adapter against no adapter: equal
#   dt_proj adapter can be trained: False
#   dt_proj adapter, merged against not merged: different
#   x_proj adapter against no adapter: different
#   x_proj adapter can be trained: True
#   x_proj adapter, merged against not merged: equal
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.9.1 transformers==5.24.0 peft==0.21.2
cat > finding.py <<'PY'
import torch
from peft import LoraConfig, get_peft_model
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


ids = torch.tensor([[5, 21, 7, 9, 33, 3]])
for target in ("dt_proj", "x_proj"):
    model = filled(MambaForCausalLM(MambaConfig(time_step_rank=2, vocab_size=64, hidden_size=32, num_hidden_layers=2, state_size=8)))
    with torch.no_grad():
        base = model(ids).logits
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules=[target]))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.copy_(torch.randn_like(parameter))
    logits = adapted(ids).logits
    verdict(target + " adapter against no adapter", logits, base)
    print(target, "adapter can be trained:", logits.requires_grad)
    with torch.no_grad():
        verdict(target + " adapter, merged against not merged", adapted.merge_and_unload()(ids).logits, logits)
PY
venv/bin/python finding.py 2> errors > output || { cat errors >&2; exit 1; }
cat output
diff output - <<'SEEN'
dt_proj adapter against no adapter: equal
dt_proj adapter can be trained: False
dt_proj adapter, merged against not merged: different
x_proj adapter against no adapter: different
x_proj adapter can be trained: True
x_proj adapter, merged against not merged: equal
SEEN
