"""The last block of Google's embedding, tuned, and a classifier over it: several seeds, their logits averaged."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from tools.answer_words.embedding import SPLIT, SpeechEmbedding
from tools.answer_words.examples import Example
from tools.answer_words.wordings import CLASSES

SEEDS = (11, 12, 13)
EPOCHS = 8
BATCH = 96
TUNING = 3e-4  # the highest learning rate of the embedding's last block
LEARNING = 3e-3
SMOOTHING = 0.05


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


class Member(nn.Module):
    """What Google's lower layers make of an utterance → logits: the embedding's last block, tuned, and a classifier."""

    def __init__(self, embedding: SpeechEmbedding) -> None:
        super().__init__()
        self.embedding, self.classifier = copy.deepcopy(embedding), Classifier()

    def forward(self, lower: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.embedding.upper(lower))


class Ensemble(nn.Module):
    def __init__(self, members: list[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, lower: torch.Tensor) -> torch.Tensor:
        return torch.stack([member(lower) for member in self.members]).mean(0)


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
    seed: int, embedding: SpeechEmbedding, lower: np.ndarray, targets: torch.Tensor, counts: torch.Tensor
) -> Member:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Member(embedding).to(memory_format=torch.channels_last)
    for layer in model.embedding.layers[:SPLIT]:
        layer.requires_grad_(False)
    tuned = [weight for layer in model.embedding.layers[SPLIT:] for weight in layer.parameters()]
    groups = [{"params": tuned, "lr": TUNING}, {"params": model.classifier.parameters(), "lr": LEARNING}]
    optimiser = torch.optim.AdamW(groups, weight_decay=2e-2)
    steps = EPOCHS * (len(lower) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [TUNING, LEARNING], total_steps=steps + 1)
    aims = (1 - SMOOTHING) * targets + SMOOTHING / len(CLASSES)
    for _ in tqdm(range(EPOCHS), desc=f"training, seed {seed}"):
        model.train()
        order = rng.permutation(len(lower))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            pick = np.sort(order[start : start + BATCH])
            x, aim, count = torch.from_numpy(lower[pick]).float(), aims[pick], counts[pick]
            if rng.random() < 0.5:  # mixup
                mix, swap = float(rng.beta(0.2, 0.2)), torch.randperm(BATCH)
                x, aim, count = (mix * each + (1 - mix) * each[swap] for each in (x, aim, count))
            with torch.autocast("cpu", dtype=torch.bfloat16):  # a third quicker, where the processor has it
                logits = model(x.to(memory_format=torch.channels_last))
            loss = -(torch.log_softmax(logits.float(), 1) * aim).sum(1) @ count / BATCH
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def trained(work: Path, seed: int, examples: list[Example], lower: np.ndarray, embedding: SpeechEmbedding) -> Member:
    """Trained on the examples of split "train" that reach the network; `lower` has a row for each example.

    Kept in the work folder, and read from there if it is.
    """
    mine = [n for n, example in enumerate(examples) if example.split == "train" and example.windowed]
    path = work / f"member-{seed}-{len(mine)}-{EPOCHS}.pt"
    if not path.exists():
        chosen = [examples[n] for n in mine]
        targets = torch.from_numpy(np.array([example.target for example in chosen]))
        model = train_one(seed, embedding, lower[mine], targets, torch.from_numpy(weights_of(chosen)))
        torch.save(model, path)
    return torch.load(path, weights_only=False)


def logits_of(model: nn.Module, lower: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        parts = [model(torch.from_numpy(lower[n : n + 256]).float()) for n in range(0, len(lower), 256)]
    return torch.cat(parts).numpy()
