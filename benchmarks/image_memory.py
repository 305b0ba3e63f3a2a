"""Memory that fused training of image GANs takes, in a process of its own.

``python benchmarks/image_memory.py`` prints one line of JSON; ``image_speed.py`` calls it.
"""

import argparse
import json
import resource
import subprocess
import sys

import torch
from image_games import Task, image_trainer

from ganaug.trainers.device import resolve_device
from ganaug.training.defaults import torch_defaults


def peak_mebibytes(device: torch.device) -> float:
    """Most memory of the device that this process has held so far."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def training_memory(task: Task, n_steps: int) -> dict[str, float]:
    """Peaks in MiB before training and at its end."""
    trainer = image_trainer(task, n_steps)
    before = peak_mebibytes(task.device)
    with torch_defaults():
        trainer.train(lambda n_steps: None)
    return {"before": before, "end": peak_mebibytes(task.device)}


def memory_apart(task: Task, n_steps: int) -> dict[str, float]:
    """Measure in a new process, which inherits the peak of this one: call it early."""
    options = {
        "--side": task.side,
        "--classes": task.n_classes,
        "--device": task.device,
        "--threads": torch.get_num_threads(),
        "--steps": n_steps,
    }
    words = [str(word) for option in options.items() for word in option]
    done = subprocess.run(
        [sys.executable, __file__, *words], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=28, help="of the images, in pixels (28)")
    parser.add_argument("--classes", type=int, default=10, help="trained (10)")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    parser.add_argument("--threads", type=int, default=2, help="of the CPU (2)")
    parser.add_argument("--steps", type=int, default=400, help="of the training (400)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    task = Task(arguments.side, arguments.classes, resolve_device(arguments.device))
    print(json.dumps(training_memory(task, arguments.steps)))


if __name__ == "__main__":
    main()
