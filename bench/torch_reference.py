"""The network of Segscope in plain PyTorch, timed: the other side of `npm run bench -- --torch PYTHON`.

Reads one JSON object a line on standard input ({"what": "forward" | "step" | "step_frozen", "channels_last": bool, "repeat": n}) and answers
each with one line of JSON ({"milliseconds": [...]}), so that the caller can take turns with its own engine.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH, SIZE, CLASSES, CHANNELS = 8, 128, 5, 1
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
TAPPED = (1, 3, 6, 13)


class ConvolutionBlock(nn.Module):
    """Convolution (Keras's padding), batch norm and, where asked for, ReLU6."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, active=True):
        super().__init__()
        self.asymmetric = stride == 2
        padding = 0 if self.asymmetric or kernel == 1 else 1
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3)
        self.active = active

    def forward(self, image):
        if self.asymmetric:
            image = functional.pad(image, (0, 1, 0, 1))
        image = self.norm(self.convolution(image))
        return functional.relu6(image) if self.active else image


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.expand = ConvolutionBlock(inputs, hidden, 1) if expansion != 1 else None
        self.depthwise = ConvolutionBlock(hidden, hidden, 3, stride, groups=hidden)
        self.project = ConvolutionBlock(hidden, outputs, 1, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, image):
        expanded = image if self.expand is None else self.expand(image)
        result = self.project(self.depthwise(expanded))
        return (image + result if self.residual else result), expanded


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = ConvolutionBlock(CHANNELS, 32, 3, 2)
        blocks, channels = [], 32
        for expansion, outputs, repeats, stride in STAGES:
            for repeat in range(repeats):
                blocks.append(InvertedResidual(channels, outputs, stride if repeat == 0 else 1, expansion))
                channels = outputs
        self.blocks = nn.ModuleList(blocks)
        self.up = nn.ModuleList()
        for outputs, skip in ((512, 576), (256, 192), (128, 144), (64, 96)):
            self.up.append(
                nn.Sequential(
                    nn.ConvTranspose2d(channels, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs, eps=1e-3), nn.ReLU()
                )
            )
            channels = outputs + skip
        self.head = nn.ConvTranspose2d(channels, CLASSES, 4, 2, 1)

    def forward(self, image):
        image = self.stem(image)
        skips = []
        for index, block in enumerate(self.blocks):
            image, expanded = block(image)
            if index in TAPPED:
                skips.append(expanded)
        for up, skip in zip(self.up, reversed(skips)):
            image = torch.cat([up(image), skip], 1)
        return self.head(image)

    def freeze_encoder(self):
        for module in (self.stem, self.blocks):
            module.eval()
            module.requires_grad_(False)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    images = torch.randn(BATCH, CHANNELS, SIZE, SIZE)
    labels = torch.randint(0, CLASSES, (BATCH, SIZE, SIZE))
    prepared = {}

    def prepare(what, channels_last):
        network = Unet()
        data = images
        if channels_last:
            network = network.to(memory_format=torch.channels_last)
            data = images.to(memory_format=torch.channels_last)
        if what == "forward":
            network.eval()

            def run():
                with torch.inference_mode():
                    network(data)

            return run
        network.train()
        if what == "step_frozen":
            network.freeze_encoder()
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=1e-3, weight_decay=1e-2)

        def step():
            optimiser.zero_grad(set_to_none=True)
            functional.cross_entropy(network(data), labels, ignore_index=255).backward()
            optimiser.step()

        return step

    for line in sys.stdin:
        request = json.loads(line)
        key = (request["what"], request["channels_last"])
        if key not in prepared:
            prepared[key] = prepare(*key)
            for _ in range(3):
                prepared[key]()
        milliseconds = []
        for _ in range(request["repeat"]):
            start = time.perf_counter()
            prepared[key]()
            milliseconds.append((time.perf_counter() - start) * 1000)
        print(json.dumps({"milliseconds": milliseconds, "torch": torch.__version__}), flush=True)


if __name__ == "__main__":
    main()
