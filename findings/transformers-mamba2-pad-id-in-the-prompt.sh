#!/usr/bin/env bash
# transformers 5.24.0 (torch 2.9.1): generate() without an attention mask on a Mamba-2 whose configuration
# does not name a pad id. Mamba2Config's default pad_token_id is 1, an ordinary token of many vocabularies;
# generate() takes every such token of the prompt for padding and skips it, so the first generated token has
# other logits than forward() gives. Mamba's default, 0, is also its end of text, which generate() does not
# take for padding.
# Output seen:
#   Mamba pad id 0
#   Mamba, no mask: equal
#   Mamba, a mask of ones: equal
#   Mamba-2 pad id 1
#   Mamba-2, no mask: different
#   Mamba-2, a mask of ones: equal
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
ids = {"Mamba": torch.tensor([[5, 0, 7, 9, 0, 3]]), "Mamba-2": torch.tensor([[5, 1, 7, 9, 1, 3]])}
models = {
    "Mamba": MambaForCausalLM(MambaConfig(time_step_rank=2, **sizes)),
    "Mamba-2": Mamba2ForCausalLM(Mamba2Config(num_heads=8, head_dim=8, n_groups=2, chunk_size=4, **sizes)),
}
options = dict(max_new_tokens=1, do_sample=False, return_dict_in_generate=True, output_logits=True)
for name, model in models.items():
    filled(model)
    prompt = ids[name]
    with torch.no_grad():
        wanted = model(prompt).logits[:, -1]
    print(name, "pad id", model.config.pad_token_id)
    verdict(name + ", no mask", model.generate(prompt, **options).logits[0], wanted)
    mask = torch.ones_like(prompt)
    verdict(name + ", a mask of ones", model.generate(prompt, attention_mask=mask, **options).logits[0], wanted)
PY
venv/bin/python finding.py 2> errors > output || { cat errors >&2; exit 1; }
cat output
diff output - <<'SEEN'
Mamba pad id 0
Mamba, no mask: equal
Mamba, a mask of ones: equal
Mamba-2 pad id 1
Mamba-2, no mask: different
Mamba-2, a mask of ones: equal
SEEN
