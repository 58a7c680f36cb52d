"""A step of training against the same step written out."""

import pytest
import torch
from leaflitter.train import degrade
from leaflitter.train.model import Model
from torch.nn import functional as F
from training import small

IMAGES = torch.randint(0, 256, (2, 3, 16, 16), generator=torch.Generator().manual_seed(5), dtype=torch.uint8)


def make(tmp_path, **more):
    return Model(small(tmp_path, iterations=10, **more).checked(), torch.device("cpu"), None)


def weights(model):
    return {name: tensor.clone() for name, tensor in model.network.state_dict().items()}


def by_hand(model, step, loss=F.mse_loss):
    """Gradients of a step, before anything is clipped."""
    given, clean, sigma = degrade.pairs(IMAGES, model.task, model.options.seed, step)
    model.network.train()
    value = loss(model.network(given, sigma if model.network.needs_sigma else None), clean)
    return value, torch.autograd.grad(value, list(model.network.parameters()))


LOSSES = {"l1": lambda a, b: (a - b).abs().mean(), "l2": lambda a, b: ((a - b) ** 2).mean(), "charbonnier": lambda a, b: ((a - b) ** 2 + 1e-6).sqrt().mean()}


@pytest.mark.parametrize("name", LOSSES)
def test_loss_and_norm(tmp_path, name):
    expected, gradients = by_hand(make(tmp_path, loss=name), 3, LOSSES[name])
    loss, norm = make(tmp_path, loss=name).step(IMAGES, 3)
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert float(norm) == pytest.approx(float(torch.cat([g.flatten() for g in gradients]).norm()), rel=1e-4)


def test_the_first_step_of_adam_is_the_learning_rate(tmp_path):
    """Bias correction makes it rate * g / (|g| + eps), whatever the size of the gradient."""
    model = make(tmp_path, learning_rate=1e-3)
    before, (_, gradients) = weights(model), by_hand(make(tmp_path), 0)
    model.step(IMAGES, 0)
    for (name, parameter), gradient in zip(model.network.named_parameters(), gradients):
        assert torch.allclose(parameter, before[name] - 1e-3 * gradient / (gradient.abs() + 1e-8), atol=2e-5), name


def test_the_schedule_reaches_the_optimiser(tmp_path):
    model = make(tmp_path, schedule="halve:2", learning_rate=0.1, warmup=2)
    rates = []
    for step in range(5):
        model.step(IMAGES, step)
        rates.append(model.optimiser.param_groups[0]["lr"])
    assert rates == pytest.approx([0.05, 0.1, 0.05, 0.05, 0.025])


def test_clipping(tmp_path):
    model = make(tmp_path, clip=1e-3)
    norm = model.step(IMAGES, 0)[1]
    after = torch.cat([p.grad.flatten() for p in model.network.parameters()]).norm()
    assert float(norm) > 1e-2 and float(after) == pytest.approx(1e-3, rel=1e-3)
    free = make(tmp_path)
    norm = free.step(IMAGES, 0)[1]
    assert float(torch.cat([p.grad.flatten() for p in free.network.parameters()]).norm()) == pytest.approx(float(norm), rel=1e-4)


@pytest.mark.parametrize("optimiser,kind", [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_optimiser_and_weight_decay(tmp_path, optimiser, kind):
    model = make(tmp_path, optimiser=optimiser, weight_decay=0.1, learning_rate=0.01)
    assert type(model.optimiser) is kind
    before, (_, gradients) = weights(model), by_hand(make(tmp_path), 0)
    model.step(IMAGES, 0)
    name = "body.0.weight"
    w, g = before[name], gradients[0]
    if optimiser == "adamw":  # decoupled
        expected = w * (1 - 0.01 * 0.1) - 0.01 * g.sign()
    else:  # into the gradient
        expected = w - 0.01 * (g + 0.1 * w).sign()
    after = model.network.state_dict()[name]
    assert float(((after - expected).abs() < 1e-3 * 0.01 + 1e-5).float().mean()) > 0.98  # but for gradients near 0


def test_the_network_is_told_its_noise(tmp_path, monkeypatch):
    model = make(tmp_path)
    told = []
    inner = model.network.forward
    monkeypatch.setattr(model.network, "forward", lambda x, sigma=None: told.append((x, sigma)) or inner(x, sigma))
    model.step(IMAGES, 4)
    given, _, sigma = degrade.pairs(IMAGES, model.task, 0, 4)
    assert torch.equal(told[0][0], given) and torch.equal(told[0][1], sigma) and float(sigma.min()) > 0
    blind = make(tmp_path, blind=True)
    blind.step(IMAGES, 4)  # which raises if told


@pytest.mark.parametrize("precision,kind", [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_precision(tmp_path, precision, kind):
    model = make(tmp_path, precision=precision)
    seen = []
    model.network.body[-1].register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    loss, _ = model.step(IMAGES, 0)
    assert seen == [kind] and loss.dtype == torch.float32


def test_the_average_begins_quickly(tmp_path):
    model = make(tmp_path, ema=0.999)
    ema = {name: tensor.clone() for name, tensor in model.ema.items()}
    assert torch.equal(ema["body.0.weight"], weights(model)["body.0.weight"])
    for step in range(3):
        model.step(IMAGES, step)
        decay = (1 + step) / (10 + step)
        for name in ("body.0.weight", "body.3.running_mean"):
            ema[name] = decay * ema[name] + (1 - decay) * model.network.state_dict()[name]
            assert torch.allclose(model.ema[name], ema[name], atol=1e-6)
    assert model.ema["body.3.num_batches_tracked"] == 3
    assert torch.equal(model.averaged().state_dict()["body.0.weight"], model.ema["body.0.weight"])
    low = make(tmp_path, ema=0.05)  # less than the first decay of 1 / 10
    before = weights(low)["body.0.weight"]
    low.step(IMAGES, 0)
    assert torch.allclose(low.ema["body.0.weight"], 0.05 * before + 0.95 * weights(low)["body.0.weight"], atol=1e-6)
    assert make(tmp_path, ema=0.0).ema is None
