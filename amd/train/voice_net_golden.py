"""Writes voice-net.golden.json: what Net says of a few calls, for a test that VoiceEar says the same: CACHE/python/bin/python amd/train/voice_net_golden.py

The weights of the three layers follow a rule that the test knows too (`ruled`); those of the head come as `exported` gives them.
"""
import base64
import json
import os

import numpy as np
import torch

from voice_net import BANDS, CHANNELS, Net, inputs_of


def ruled(count, from_number):
    """From -0.1 to 0.0999 in steps of 1/10,000, which four digits write exactly."""
    return ((np.arange(count, dtype=np.int64) + from_number) * 40503 % 2000 - 1000) / 10000


def ruled_net():
    net = Net()
    number = 0
    for layer in (net.first, net.second, net.third):
        outputs, inputs, taps = layer.weight.shape
        layer.weight.data = torch.tensor(ruled(layer.weight.numel(), number), dtype=torch.float32).reshape(outputs, taps, inputs).permute(0, 2, 1)
        number += layer.weight.numel()
        layer.bias.data = torch.tensor(ruled(outputs, number), dtype=torch.float32)
        number += outputs
    draw = torch.Generator().manual_seed(1)
    net.norm.running_mean = torch.randn(2 * len(CHANNELS), generator=draw)
    net.norm.running_var = 0.1 + torch.rand(2 * len(CHANNELS), generator=draw)
    net.head.weight.data = torch.randn(1, 2 * len(CHANNELS), generator=draw)
    net.head.bias.data = torch.tensor([0.3])
    return net.eval()


def drawn_call(random, frames):
    """Words and pauses in noise; quiet at the end, as a moment of voice whose last frames are yet to come is not judged."""
    voice = np.repeat(random.random(frames // 8 + 1) < 0.6, 8)[:frames]
    voice[-12:] = False
    level = np.where(voice[:, None], random.integers(40, 200, BANDS), random.integers(0, 40)) + random.integers(0, 50, (frames, BANDS))
    return np.concatenate([level, voice[:, None]], 1).astype(np.uint8)


def main():
    random = np.random.default_rng(1)
    calls = [drawn_call(random, frames) for frames in (48, 160, 380)]
    net = ruled_net()
    x, voice = inputs_of(calls)
    # The same as in `learn`, of whole calls.
    heard = torch.tensor(voice[:, :100].astype(np.float32))[:, None, :]
    with torch.no_grad():
        log_odds = net.judge(net(torch.tensor(x[:, :400].astype(np.float32)).transpose(1, 2)), heard)
    exported = net.exported()
    golden = {
        'head': exported['head'], 'headBias': exported['headBias'],
        'calls': [{'frames': base64.b64encode(call.tobytes()).decode(), 'logOdds': round(said, 5)} for call, said in zip(calls, log_odds.tolist())],
    }
    with open(os.path.join(os.path.dirname(__file__), 'voice-net.golden.json'), 'w') as file:
        json.dump(golden, file)
        file.write('\n')


if __name__ == '__main__':
    main()
