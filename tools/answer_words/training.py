"""The classifier over the embeddings: small networks of different seeds, whose logits are averaged."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from tools.answer_words.examples import Example
from tools.answer_words.wordings import CLASSES

SEEDS = (11, 12, 13)
EPOCHS = 24
BATCH = 128


class Classifier(nn.Module):
    """(batch, 21, 96) embeddings → (batch, classes) logits."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(96)
        self.one = nn.Conv1d(96, width, 3, padding=1)
        self.two = nn.Conv1d(width, width, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.pooled = nn.Linear(2 * width, len(CLASSES))
        self.placed = nn.Linear(21 * 16, len(CLASSES))  # what is said where: the speech is always in the middle
        self.narrow = nn.Conv1d(width, 16, 1)

    def forward(self, embedded: torch.Tensor) -> torch.Tensor:
        x = self.norm(embedded.transpose(1, 2))
        x = self.drop(torch.relu(self.one(x)))
        x = torch.relu(self.two(x))
        pooled = torch.cat([x.amax(2), x.mean(2)], 1)
        placed = torch.relu(self.narrow(x)).flatten(1)
        return self.pooled(self.drop(pooled)) + self.placed(self.drop(placed))


class Ensemble(nn.Module):
    def __init__(self, members: list[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, embedded: torch.Tensor) -> torch.Tensor:
        return torch.stack([member(embedded) for member in self.members]).mean(0)


def weights_of(examples: list[Example]) -> np.ndarray:
    """How much each example counts: classes evened out by half, espeak-ng's unnatural Swedish a third."""
    targets = np.array([example.target for example in examples])
    share = targets.mean(0)
    by_class = (1 / np.maximum(share, 0.01)) ** 0.5
    counts = targets @ by_class
    counts *= np.array([0.35 if example.engine == "espeak" else 1.0 for example in examples])
    # a negation, a mixed reply or a near-word taken for an answer is the fault that counts
    counts *= np.array(
        [1.6 if example.kind in ("negation", "mixed", "near", "spliced") else 1.0 for example in examples]
    )
    return (counts / counts.mean()).astype(np.float32)


def train_one(
    seed: int, embedded: torch.Tensor, targets: torch.Tensor, counts: torch.Tensor, epochs: int = EPOCHS
) -> Classifier:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Classifier()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=2e-2)
    steps = epochs * (len(embedded) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps + 1)
    smooth = 0.95 * targets + 0.05 / len(CLASSES)
    for _ in tqdm(range(epochs), desc=f"training, seed {seed}"):
        model.train()
        order = torch.from_numpy(rng.permutation(len(embedded)))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            pick = order[start : start + BATCH]
            mix = float(rng.beta(0.2, 0.2)) if rng.random() < 0.5 else 1.0
            swap = pick[torch.randperm(BATCH)]
            x = mix * embedded[pick].float() + (1 - mix) * embedded[swap].float()
            y = mix * smooth[pick] + (1 - mix) * smooth[swap]
            w = mix * counts[pick] + (1 - mix) * counts[swap]
            x = x + 0.15 * x.std() * torch.randn_like(x) * float(rng.random() < 0.5)
            loss = -(torch.log_softmax(model(x), 1) * y).sum(1) @ w / BATCH
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def train(examples: list[Example], embedded: np.ndarray, seeds: tuple[int, ...] = SEEDS) -> Ensemble:
    """Trained on the examples of split "train" that reach the network."""
    mine = [n for n, example in enumerate(examples) if example.split == "train" and example.windowed]
    chosen = [examples[n] for n in mine]
    x = torch.from_numpy(embedded[mine])
    targets = torch.from_numpy(np.array([example.target for example in chosen]))
    counts = torch.from_numpy(weights_of(chosen))
    return Ensemble([train_one(seed, x, targets, counts) for seed in seeds]).eval()


def logits_of(model: nn.Module, embedded: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        parts = [model(torch.from_numpy(embedded[n : n + 1024]).float()) for n in range(0, len(embedded), 1024)]
    return torch.cat(parts).numpy()
