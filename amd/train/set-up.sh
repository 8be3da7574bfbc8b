#!/bin/sh
# What voice_net.py needs, into the cache of a training: a python with torch, and the encoder that teaches (smart-turn v3.2, BSD-2, as it
# comes with pipecat-ai on PyPI). Some 6 GB.      amd/train/set-up.sh CACHE
set -eu
cache=$1
mkdir -p "$cache"
python3 -m venv "$cache/python"
"$cache/python/bin/pip" install --quiet 'numpy==2.4.6' 'torch==2.15.0' 'onnx==1.23.2' 'onnxruntime==1.32.0' 'soxr==1.1.0'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cache/python/bin/pip" download --quiet --no-deps --only-binary :all: --dest "$work" 'pipecat-ai==1.14.0'
unzip -q -j "$work"/pipecat_ai-*.whl '*/smart-turn-v3.2-cpu.onnx' '*/_whisper_features.py' -d "$work"
mv "$work/smart-turn-v3.2-cpu.onnx" "$cache/smart-turn.onnx"
mv "$work/_whisper_features.py" "$cache/whisper_features.py"
