"""Train the document's network with torch, in the environment that has it; reads and writes .npz files.

    python network_script.py IN.npz OUT.npz

A branch of 256 and 128 units for skills as 0 and 1, one of 32 and 16 for scaled numbers, joined by 128 and
64; dropout .3; Adam at 1e-3, batches of 32, 50 epochs, stopped when five epochs have not lowered the tune
part's loss, with the weights of the best epoch; cross-entropy with class weights.
"""

import sys
import time

import numpy as np
import torch
from torch import nn

BATCH, RATE, PATIENCE, DROPOUT = 32, 1e-3, 5, 0.3


def dense(n_in, n_out):
    """One layer, as wide as ``n_out``."""
    return [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(DROPOUT)]


class Network(nn.Module):
    """Two branches, joined."""

    def __init__(self, n_binary, n_numbers, n_labels):
        super().__init__()
        self.binary = nn.Sequential(*dense(n_binary, 256), *dense(256, 128))
        self.numbers = nn.Sequential(*dense(n_numbers, 32), *dense(32, 16))
        self.joined = nn.Sequential(*dense(128 + 16, 128), *dense(128, 64), nn.Linear(64, n_labels))

    def forward(self, binary, numbers):
        """Logits of the labels."""
        return self.joined(torch.cat([self.binary(binary), self.numbers(numbers)], dim=1))


def tensors(given, part):
    """Both inputs of a part."""
    return torch.from_numpy(given[f"{part}_binary"]), torch.from_numpy(given[f"{part}_numbers"])


def probabilities(model, binary, numbers):
    """Return (n, n_labels) float64."""
    model.eval()
    with torch.no_grad():
        pieces = [
            torch.softmax(model(*rows), dim=1)
            for rows in zip(binary.split(4096), numbers.split(4096), strict=True)
        ]
    return torch.cat(pieces).double().numpy()


def train(given):
    """Return the network of the best epoch, and the numbers of the last and of the best."""
    torch.manual_seed(int(given["seed"]))
    (binary, numbers), tune = tensors(given, "train"), tensors(given, "tune")
    y, tune_y = (torch.from_numpy(given[f"{part}_y"]).long() for part in ("train", "tune"))
    model = Network(binary.shape[1], numbers.shape[1], len(given["weights"]))
    loss = nn.CrossEntropyLoss(weight=torch.from_numpy(given["weights"]))
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    best, best_epoch, kept = np.inf, 0, model.state_dict()
    for epoch in range(1, int(given["epochs"]) + 1):
        model.train()
        for rows in torch.randperm(len(y)).split(BATCH):
            optimiser.zero_grad()
            loss(model(binary[rows], numbers[rows]), y[rows]).backward()
            optimiser.step()
        model.eval()
        with torch.no_grad():
            now = float(nn.functional.cross_entropy(model(*tune), tune_y, weight=loss.weight))
        if now < best:
            best, best_epoch = now, epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        elif epoch - best_epoch >= PATIENCE:
            break
    model.load_state_dict(kept)
    return model, epoch, best_epoch


if __name__ == "__main__":
    torch.set_num_threads(1)
    given = np.load(sys.argv[1])
    start = time.process_time()
    model, epochs, best_epoch = train(given)
    seconds = time.process_time() - start
    said = {part: probabilities(model, *tensors(given, part)) for part in ("tune", "test", "asked")}
    np.savez(sys.argv[2], **said, epochs=epochs, best_epoch=best_epoch, seconds=seconds)
