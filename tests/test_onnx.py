"""Networks of images run in ONNX as they run in torch."""

import numpy as np
import onnxruntime
import pytest
import torch
from sklearn.datasets import load_digits

from ganaug import ImageGAN, export_onnx


@pytest.fixture(scope="module")
def gan():
    """A hardly trained model of images whose sides no grid divides."""
    images = np.pad(load_digits().images[:20], ((0, 0), (0, 2), (1, 2)))
    return ImageGAN(n_steps=2, random_state=0).fit(images)


def outputs(path, **inputs):
    """Outputs of an ONNX file."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    arrays = {name: tensor.numpy() for name, tensor in inputs.items()}
    return dict(
        zip([o.name for o in session.get_outputs()], session.run(None, arrays), strict=True)
    )


@pytest.mark.slow
def test_networks_give_the_same_for_batches_of_any_size(gan, tmp_path):
    noise = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    generator = gan.generator_module(0)
    export_onnx(generator, tmp_path / "generator.onnx")
    images = generator(noise)
    backbone = gan.backbone()
    export_onnx(backbone, tmp_path / "backbone.onnx")
    features = backbone(images).detach()
    for n in (1, 5):
        made = outputs(tmp_path / "generator.onnx", noise=noise[:n])["images"]
        np.testing.assert_allclose(made, images[:n].numpy(), atol=1e-4)
        seen = outputs(tmp_path / "backbone.onnx", images=images[:n])["features"]
        np.testing.assert_allclose(seen, features[:n].numpy(), atol=1e-4)


def test_other_modules_are_refused_and_files_are_kept(gan, tmp_path):
    with pytest.raises(TypeError, match="torch.onnx.export takes any module"):
        export_onnx(torch.nn.Linear(2, 2), tmp_path / "linear.onnx")
    path = tmp_path / "kept.onnx"
    path.write_text("kept")
    with pytest.raises(FileExistsError):
        export_onnx(gan.backbone(), path)
    assert path.read_text() == "kept"
    assert [file.name for file in tmp_path.iterdir()] == ["kept.onnx"]
