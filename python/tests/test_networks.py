"""The networks' sizes and shapes, and that they compute what was published."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F

from consumers import basicsr_of
from leaflitter import LeafLitterError
from leaflitter.networks import NAMES, Spec, build

ALL = [Spec(name, channels, 1, blind) for name in ("ffdnet", "drunet", "small") for channels in (3, 1) for blind in (False, True)]
ALL += [Spec("swinir-light", channels, scale) for channels in (3, 1) for scale in (2, 3, 4)]
SMALL = [spec for spec in ALL if spec.name != "drunet"]  # a DRUNet takes seconds to be made


@pytest.fixture(scope="module")
def drunet():
    torch.manual_seed(0)
    return build(Spec("drunet")).eval()


def made(spec):
    torch.manual_seed(0)
    return build(spec).eval()


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def sigma_of(spec, sigma=0.1):
    return sigma if spec.scale == 1 and not spec.blind else None


@pytest.mark.parametrize(
    "spec, count",
    [
        # By hand: 3 x 3 filters without bias, and two numbers for each normalised feature.
        (Spec("ffdnet"), 9 * (15 * 96 + 10 * 96 * 96 + 96 * 12) + 10 * 2 * 96),
        (Spec("ffdnet", 1), 9 * (5 * 64 + 13 * 64 * 64 + 64 * 4) + 13 * 2 * 64),
        (Spec("ffdnet", blind=True), 9 * (12 * 96 + 10 * 96 * 96 + 96 * 12) + 10 * 2 * 96),
        (Spec("small"), 9 * (13 * 48 + 5 * 48 * 48 + 48 * 12) + 6 * 48 + 12),
        (Spec("small", 1, blind=True), 9 * (4 * 48 + 5 * 48 * 48 + 48 * 4) + 6 * 48 + 4),
        # The paper's 878 K, 886 K and 897 K leave the tables of relative positions out.
        (Spec("swinir-light", 3, 2), 910_152),
        (Spec("swinir-light", 3, 3), 918_267),
        (Spec("swinir-light", 3, 4), 929_628),
    ],
    ids=str,
)
def test_parameters_are_as_many_as_published(spec, count):
    assert parameters(made(spec)) == count


@pytest.mark.parametrize("scale, thousands", [(2, 878), (3, 886), (4, 897)])
def test_swinir_has_the_papers_parameters_without_its_tables(scale, thousands):
    network = made(Spec("swinir-light", 3, scale))
    tables = sum(p.numel() for name, p in network.named_parameters() if name.endswith("relative_position_bias_table"))
    assert tables == 4 * 6 * 15 * 15 * 6
    assert round((parameters(network) - tables) / 1000) == thousands


def test_drunet_has_the_published_parameters(drunet):
    blocks = sum(2 * 4 * 2 * 9 * n * n for n in (64, 128, 256)) + 4 * 2 * 9 * 512 * 512
    between = 2 * 4 * (64 * 128 + 128 * 256 + 256 * 512)
    assert parameters(drunet) == blocks + between + 9 * (4 * 64 + 64 * 3) == 32_640_960


@pytest.mark.parametrize("spec", SMALL, ids=str)
@pytest.mark.parametrize("height, width", [(1, 1), (5, 3), (9, 20)])
def test_any_size_goes_in_and_its_multiple_comes_out(spec, height, width):
    with torch.no_grad():
        out = made(spec)(torch.rand(2, spec.channels, height, width), sigma_of(spec))
    assert out.shape == (2, spec.channels, spec.scale * height, spec.scale * width)
    assert torch.isfinite(out).all()


def test_drunet_takes_any_size(drunet):
    for height, width in [(1, 1), (9, 20)]:
        with torch.no_grad():
            assert drunet(torch.rand(2, 3, height, width), 0.1).shape == (2, 3, height, width)


def test_grey_and_blind_drunets_have_one_input_channel_less(monkeypatch):
    monkeypatch.setattr(torch.nn.init, "orthogonal_", lambda *_: None)  # it takes seconds
    shapes = {(c, b): build(Spec("drunet", c, 1, b)).m_head.weight.shape[1] for c, b in [(1, False), (1, True)]}
    assert shapes == {(1, False): 2, (1, True): 1}


@pytest.mark.parametrize("name", ["ffdnet", "drunet"])
def test_each_image_has_its_own_noise_level(name, drunet):
    network = drunet if name == "drunet" else made(Spec(name))
    x = torch.rand(1, 3, 16, 16).expand(2, 3, 16, 16)
    with torch.no_grad():
        both = network(x, torch.tensor([0.05, 0.2]))
        for i, sigma in enumerate((0.05, 0.2)):
            assert torch.allclose(both[i : i + 1], network(x[:1], sigma), atol=1e-6)
    assert (both[0] - both[1]).abs().max() > 1e-5


@pytest.mark.parametrize("spec", [Spec("ffdnet"), Spec("drunet"), Spec("swinir-light", 3, 2)], ids=str)
def test_what_a_padded_image_gives_does_not_depend_on_who_pads(spec, drunet):
    network = drunet if spec.name == "drunet" else made(spec)
    x = torch.rand(1, 3, 15, 13)
    padded = F.pad(x, (0, -13 % network.multiple, 0, -15 % network.multiple), mode="reflect" if network.reflects else "replicate")
    with torch.no_grad():
        whole = network(padded, sigma_of(spec))
        assert torch.equal(network(x, sigma_of(spec)), whole[..., : 15 * spec.scale, : 13 * spec.scale])


@pytest.mark.parametrize("spec", [Spec("ffdnet"), Spec("swinir-light", 3, 2)], ids=str)
def test_every_parameter_learns(spec):
    network = made(spec).train()
    out = network(torch.rand(2, 3, 16, 16), sigma_of(spec))
    (out - torch.rand_like(out)).square().mean().backward()
    still = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert still == []


@pytest.mark.parametrize("spec", [Spec("ffdnet"), Spec("swinir-light", 3, 2), Spec("drunet")], ids=str)
def test_networks_work_under_bfloat16(spec, drunet):
    network = drunet if spec.name == "drunet" else made(spec)
    x = torch.rand(2, 3, 24, 24)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        low = network(x, sigma_of(spec)).float()
    with torch.no_grad():
        full = network(x, sigma_of(spec))
    assert (low - full).abs().max() < 0.05 * full.abs().max()


def test_an_untrained_ffdnet_changes_its_input_by_its_prediction_only():
    network = made(Spec("ffdnet"))
    x = torch.rand(1, 3, 8, 8)
    torch.nn.init.zeros_(network.body[-1].weight)
    with torch.no_grad():
        assert torch.equal(network(x, 0.1), x)


def test_ffdnet_starts_orthogonal():
    weight = made(Spec("ffdnet")).body[2].weight.flatten(1)
    assert torch.allclose(weight @ weight.T, 2 * torch.eye(96), atol=1e-4)


@pytest.mark.parametrize("scale", [2, 3])
def test_swinir_equals_basicsrs_with_its_weights(scale):
    swinir = basicsr_of("archs.swinir_arch", "SwinIR")
    options = dict(img_size=64, embed_dim=60, depths=(6,) * 4, num_heads=(6,) * 4, window_size=8, mlp_ratio=2, img_range=1.0)
    theirs = swinir(upscale=scale, upsampler="pixelshuffledirect", resi_connection="1conv", **options).eval()
    buffers = ("attn_mask", "relative_position_index")
    ours = made(Spec("swinir-light", 3, scale))
    for p in theirs.parameters():  # norms start at 1 and 0, tables near 0: others show more
        torch.nn.init.normal_(p, std=0.1)
    ours.load_state_dict({k: v for k, v in theirs.state_dict().items() if not k.endswith(buffers)})
    x = torch.rand(2, 3, 24, 16)
    with torch.no_grad():
        expected = theirs(x)
        assert torch.allclose(ours(x), expected, atol=1e-4 * expected.abs().max())


@pytest.mark.parametrize(
    "spec, words",
    [
        (Spec("unet"), "there is no network 'unet'; choose one of ffdnet, drunet, swinir-light, small"),
        (Spec("ffdnet", 4), "4 channels"),
        (Spec("ffdnet", 3, 2), "choose swinir-light"),
        (Spec("swinir-light"), "by 2, 3 or 4"),
        (Spec("swinir-light", 3, 5), "by 2, 3 or 4"),
        (Spec("swinir-light", 3, 2, True), "leave blind out"),
    ],
)
def test_networks_that_do_not_exist_are_refused(spec, words):
    with pytest.raises(LeafLitterError, match=words):
        build(spec)


@pytest.mark.parametrize(
    "spec, x, sigma, words",
    [
        (Spec("ffdnet"), torch.zeros(1, 1, 8, 8), 0.1, "B x 3 x H x W"),
        (Spec("ffdnet"), torch.zeros(3, 8, 8), 0.1, "B x 3 x H x W"),
        (Spec("ffdnet"), torch.zeros(1, 3, 8, 0), 0.1, "none of them 0"),
        (Spec("ffdnet"), torch.zeros(1, 3, 8, 8), None, "needs the noise level"),
        (Spec("ffdnet", blind=True), torch.zeros(1, 3, 8, 8), 0.1, "takes no noise level"),
        (Spec("swinir-light", 3, 2), torch.zeros(1, 3, 8, 8), 0.1, "takes no noise level"),
        (Spec("ffdnet"), torch.zeros(3, 3, 8, 8), torch.ones(2), "2 noise levels were given for 3 images"),
    ],
)
def test_inputs_that_do_not_fit_are_named(spec, x, sigma, words):
    with pytest.raises(LeafLitterError, match=words):
        made(spec)(x, sigma)


def test_a_spec_is_what_its_dictionary_says():
    for spec in ALL:
        assert spec.name in NAMES
        assert Spec(**dataclasses.asdict(spec)) == spec
