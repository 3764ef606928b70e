#!/usr/bin/env bash
# Builds the native operators against the torch of python3 on this machine: build.sh FOLDER. Then
#   python3 check.py FOLDER/libmamba_torch.so
# checks and times them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LIBTORCH=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))') BUILD_DIR=$1 "$here/../build.sh"
