"""Learns the weights of VoiceEar (amd/decision/voice-net.ts): voice_net.py CACHE SMART_TURN_ONNX WHISPER_FEATURES_PY

CACHE holds calls as amd/train/gather.ts writes them; into it go net-of-all.json and net-without-fold-N.json, and the targets of the
teacher. Called by amd/train/train.ts; amd/train/set-up.sh fetches what it needs.

Two things are learnt at once. First, to tell persons from recordings by a random beginning of the call's voice (logistic loss). Second, to
find in each moment what the first block of a Whisper encoder finds there (mean squared error of 96 of its channels): that encoder was
learnt from far more voices, rooms and microphones than the clips have, and keeps the net from learning what tells sources of clips, not
persons, apart (Hinton et al. 2015; Radford et al. 2023). The encoder is that of smart-turn v3.2 (BSD-2, Daily), a Whisper tiny.
"""
import importlib.util
import json
import multiprocessing
import multiprocessing.connection
import os
import sys
from glob import glob

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BANDS, FRAMES, MOMENT = 52, 560, 4
MOMENTS = FRAMES // MOMENT
"""So many moments of each call are learnt from; later ones sound no other."""
LEARNT_MOMENTS = 100
FIRST, SECOND = 64, 64
LEAST_VARIANCE = 1e-4
EPOCHS, BATCH, RATE, SEED = 14, 32, 3e-3, 3
LABEL_WEIGHT = 0.3
"""How much a microphone bends the bands, the widest stretch of them that is left out, noise, pooled values left out, and how often all under
a random level is hidden (of 1 = 40 dB); how often the call begins with the speech, and how often nothing at all comes before it."""
BEND, LEFT_OUT, NOISE, DROPOUT, HIDDEN, AT_ONCE, DIGITAL = 0.15, 8, 0.05, 0.2, 0.5, 0.2, 0.15
SHORTEST_MOMENTS, LONGEST_MOMENTS = 12, 75
"""What comes out of the encoder's first block, as the ONNX file names it."""
LAYER = 'add_146'
"""Of its 384 channels; chosen by recursive elimination from a logistic regression on means and deviations of all 384, on training voices."""
CHANNELS = [
    1, 3, 11, 13, 23, 34, 35, 39, 43, 47, 53, 54, 56, 60, 66, 67, 69, 74, 78, 81, 88, 97, 101, 109, 112, 119, 123,
    130, 134, 136, 148, 151, 153, 154, 155, 171, 173, 184, 188, 192, 199, 200, 204, 205, 206, 210, 214, 215, 219,
    220, 224, 227, 228, 230, 236, 238, 239, 249, 252, 253, 255, 261, 262, 266, 269, 272, 277, 280, 284, 286, 295,
    296, 303, 305, 306, 309, 313, 315, 316, 322, 324, 329, 334, 337, 343, 347, 348, 356, 357, 359, 360, 365, 366,
    367, 380, 381,
]


def read(cache):
    calls, frames, audio = [], [], []
    for path in sorted(glob(os.path.join(cache, 'calls-*.json')), key=lambda p: int(p.split('-')[-1][:-5])):
        chunk = json.load(open(path))['calls']
        bands = np.fromfile(path[:-5] + '.u8', dtype=np.uint8).reshape(-1, BANDS + 1)
        pcm = np.fromfile(path[:-5] + '.i16', dtype=np.int16)
        frame = sample = 0
        for call in chunk:
            calls.append(call)
            frames.append(bands[frame:frame + min(FRAMES, call['frames'])])
            audio.append(pcm[sample:sample + call['samples']])
            frame += call['frames']
            sample += call['samples']
    return calls, frames, audio


def inputs_of(frames):
    """As VoiceEar.hear: bands under the loudest so far, 1 down to -1 for 80 dB; and which moments have voice."""
    x = np.full((len(frames), FRAMES, BANDS), -1, np.float16)
    voice = np.zeros((len(frames), FRAMES), bool)
    for index, bands in enumerate(frames):
        if len(bands) == 0:
            continue
        level = bands[:, :BANDS].astype(np.float32)
        loudest = np.maximum.accumulate(level.max(1))
        x[index, :len(bands)] = np.maximum(-1, 1 - (loudest[:, None] - level) / 80)
        voice[index, :len(bands)] = bands[:, BANDS] > 0
    return x, voice.reshape(len(frames), MOMENTS, MOMENT).any(2)


def teach(cache, audio, model_path, features_path):
    """What the encoder finds every 40 ms, float16 [calls, MOMENTS, channels]; kept in the cache."""
    path = os.path.join(cache, f'teacher-of-{len(audio)}.npy')
    if os.path.exists(path):
        return np.load(path, mmap_mode='r')
    import onnx
    import onnxruntime
    import soxr
    spec = importlib.util.spec_from_file_location('whisper_features', features_path)
    features = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(features)
    model = onnx.load(model_path)
    model.graph.output.append(onnx.helper.make_tensor_value_info(LAYER, onnx.TensorProto.FLOAT, None))
    encoder = onnx.utils.Extractor(model).extract_model(['input_features'], [LAYER])
    session = onnxruntime.InferenceSession(encoder.SerializeToString())
    found = np.zeros((len(audio), MOMENTS, len(CHANNELS)), np.float16)
    for index, pcm in enumerate(audio):
        if len(pcm) < 1600:
            continue
        wave = soxr.resample(pcm.astype(np.float32) / 32768, 8000, 16000)
        wave = wave[:len(wave) // 640 * 640]
        mel = features.compute_whisper_log_mel_features(np.concatenate([np.zeros(8 * 16000 - len(wave), np.float32), wave]), do_normalize=True)
        out = session.run(None, {'input_features': mel[None].astype(np.float32)})[0][0]
        out = out[-(len(wave) // 320):][::2][:MOMENTS]
        found[index, :len(out)] = out[:, CHANNELS]
        if index % 1000 == 0:
            print(f'teacher: {index} of {len(audio)} calls heard', flush=True)
    np.save(path + '.part.npy', found)
    os.rename(path + '.part.npy', path)
    return np.load(path, mmap_mode='r')


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        found = len(CHANNELS)
        self.first = nn.Conv1d(BANDS, FIRST, 5, stride=2)
        self.second = nn.Conv1d(FIRST, SECOND, 3, stride=2, padding=1)
        self.third = nn.Conv1d(SECOND, found, 3, padding=1)
        self.norm = nn.BatchNorm1d(2 * found, affine=False)
        self.drop = nn.Dropout(DROPOUT)
        self.head = nn.Linear(2 * found, 1)

    def forward(self, x):
        x = F.pad(x, (1, 3), value=-1)
        return self.third(torch.relu(self.second(torch.relu(self.first(x)))))[:, :, :LEARNT_MOMENTS]

    def judge(self, found, heard):
        count = heard.sum(2).clamp(min=1)
        mean = (found * heard).sum(2) / count
        variance = ((found * found * heard).sum(2) / count - mean * mean).clamp(min=0)
        return self.head(self.drop(self.norm(torch.cat([mean, (variance + LEAST_VARIANCE).sqrt()], 1))))[:, 0]

    def exported(self):
        scale = self.head.weight[0] / (self.norm.running_var + self.norm.eps).sqrt()
        bias = self.head.bias[0] - (scale * self.norm.running_mean).sum()
        conv = lambda layer: layer.weight.permute(0, 2, 1).reshape(-1)
        weights = {
            'first': conv(self.first), 'firstBias': self.first.bias, 'second': conv(self.second), 'secondBias': self.second.bias,
            'third': conv(self.third), 'thirdBias': self.third.bias, 'head': scale, 'headBias': bias[None],
        }
        return {name: [float(f'{value:.4g}') for value in values.detach().tolist()] for name, values in weights.items()}


def begun(x, voice, targets, random):
    """The same calls, some of which begin with the speech, or have digital silence before it (which VoiceEar takes for the loudest so far)."""
    for row in range(len(x)):
        first = int(voice[row].argmax())
        way = random.random()
        if way < AT_ONCE and first > 0:
            cut = int(random.integers(1, first + 1))
            x[row] = np.concatenate([x[row, MOMENT * cut:], np.full((MOMENT * cut, BANDS), -1, x.dtype)])
            voice[row] = np.concatenate([voice[row, cut:], np.zeros(cut, bool)])
            targets[row] = np.concatenate([targets[row, cut:], np.zeros((cut, targets.shape[2]), targets.dtype)])
        elif way < AT_ONCE + DIGITAL:
            x[row, :MOMENT * first + int(random.integers(0, MOMENT))] = 1
    return x, voice, targets


def bent(x, random):
    """The same calls through another microphone, with part of them hidden."""
    count = len(x)
    x = x + F.interpolate(BEND * torch.randn(count, 1, 6), size=BANDS, mode='linear', align_corners=True).transpose(1, 2)
    floor = torch.where(torch.rand(count, 1, 1) < HIDDEN, -0.8 + 0.9 * torch.rand(count, 1, 1), torch.full((count, 1, 1), -2.0))
    x = torch.maximum(x.clamp(min=-1), floor + 0.04 * torch.randn_like(x))
    for row in range(count):
        width = int(random.integers(0, LEFT_OUT + 1))
        start = int(random.integers(0, BANDS - width + 1))
        x[row, start:start + width] = 0
    return x + NOISE * torch.randn_like(x)


def learn(x, voice, targets, human, learnt, labelled, name):
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    net = Net()
    of = np.where(learnt)[0]
    sample = targets[of[:2000]][voice[of[:2000]]].astype(np.float32)
    mean, deviation = torch.tensor(sample.mean(0))[None, :, None], torch.tensor(sample.std(0))[None, :, None]
    told = labelled & learnt
    weight = np.where(human, 0.5 / (human & told).sum(), 0.5 / (~human & told).sum()) * told * told.sum()
    body = [parameter for layer in (net.first, net.second, net.third) for parameter in layer.parameters()]
    optimizer = torch.optim.AdamW([{'params': body, 'weight_decay': 1e-4}, {'params': net.head.parameters(), 'weight_decay': 0.3}], lr=RATE)
    turns = len(of) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * turns + 1, pct_start=0.1)
    for epoch in range(EPOCHS):
        order = random.permutation(of)
        losses = np.zeros(2)
        for turn in range(turns):
            calls = np.sort(order[turn * BATCH:(turn + 1) * BATCH])
            heard_bands, heard_voice, taught_by = begun(
                x[calls, :MOMENT * LEARNT_MOMENTS].astype(np.float32), voice[calls, :LEARNT_MOMENTS], targets[calls, :LEARNT_MOMENTS].astype(np.float32), random)
            found = net(bent(torch.tensor(heard_bands).transpose(1, 2), random))
            target = ((torch.tensor(taught_by).transpose(1, 2) - mean) / deviation).clamp(-5, 5)
            spoken = torch.tensor(heard_voice.astype(np.float32))[:, None, :]
            # Where nothing was taught (past the call's end) all targets are 0.
            attention = (0.95 * spoken + 0.05) * torch.tensor(taught_by.any(2).astype(np.float32))[:, None, :]
            taught = ((found - target) ** 2 * attention).sum() / attention.sum() / len(CHANNELS)
            cut = heard_voice.argmax(1) + random.integers(SHORTEST_MOMENTS, LONGEST_MOMENTS, len(calls))
            heard = spoken * torch.tensor((np.arange(LEARNT_MOMENTS)[None] < cut[:, None]).astype(np.float32))[:, None, :]
            judged = F.binary_cross_entropy_with_logits(net.judge(found, heard), torch.tensor(human[calls].astype(np.float32)), reduction='none')
            label = (judged * torch.tensor(weight[calls].astype(np.float32))).mean()
            optimizer.zero_grad()
            (taught + LABEL_WEIGHT * label).backward()
            optimizer.step()
            schedule.step()
            losses += [taught.item(), label.item()]
        print(f'{name}: epoch {epoch + 1} of {EPOCHS}, teacher {losses[0] / turns:.3f}, label {losses[1] / turns:.3f}', flush=True)
    return net.eval().exported()


def main(cache, model_path, features_path):
    calls, frames, audio = read(cache)
    x, voice = inputs_of(frames)
    targets = teach(cache, audio, model_path, features_path)
    human = np.array([call['call']['truth'] == 'human' for call in calls])
    fold = np.array([call['fold'] for call in calls])
    heard = voice.any(1)
    # Greetings in the owner's own voice sound like persons and would only confuse it. Music and noise that were taken for speech are no persons.
    labelled = np.array([call['call']['kind'] != 'machine_own_voice' for call in calls]) & heard

    def learn_and_write(name, learnt):
        path = os.path.join(cache, f'net-{name}.json')
        if os.path.exists(path):
            return
        torch.set_num_threads(1)
        weights = learn(x, voice, targets, human, learnt, labelled, name)
        with open(path + '.part', 'w') as file:
            json.dump(weights, file)
        os.rename(path + '.part', path)

    # One net a core: two threads on one net are hardly faster than one. Forked, so that all share the calls.
    fork = multiprocessing.get_context('fork')
    waiting = [('of-all', heard)] + [(f'without-fold-{number}', heard & (fold != number)) for number in sorted(set(fold))]
    running = []
    failed = False
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            process = fork.Process(target=learn_and_write, args=waiting.pop(0))
            process.start()
            running.append(process)
        multiprocessing.connection.wait([process.sentinel for process in running])
        ended = [process for process in running if process.exitcode is not None]
        failed = failed or any(process.exitcode != 0 for process in ended)
        running = [process for process in running if process not in ended]
    if failed:
        sys.exit('a net was not learnt: see above')


if __name__ == '__main__':
    main(*sys.argv[1:])
