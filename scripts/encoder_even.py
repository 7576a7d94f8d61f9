"""Makes the inputs of an encoder's products even before int8, so that single large values cost less.

What a channel's input is divided by its column of weights is multiplied with: in exact numbers
nothing changes. Scales as in SmoothQuant (Xiao et al., ICML 2023, eq. 4), strength 0.8.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from scripts.encoder_model import Reader

STRENGTH = 0.8
_PRODUCTS = {"q": ("q", "k", "v"), "fi": ("fi",), "fo": ("fo",)}
_LEAST = 1e-5


def _largest(
    model: Reader, batches: Iterable[tuple[Tensor, Tensor]]
) -> dict[tuple[int, str], Tensor]:
    """The largest absolute input of each channel, by layer and product, over the batches."""
    seen: dict[tuple[int, str], Tensor] = {}
    hooks = []
    for at, layer in enumerate(model.layers):
        for name in _PRODUCTS:

            def look(_module, inputs, _output, key=(at, name)):
                most = inputs[0].abs().flatten(0, 1).amax(0)
                seen[key] = torch.maximum(seen[key], most) if key in seen else most

            hooks.append(getattr(layer, name).register_forward_hook(look))
    with torch.no_grad():
        for ids, mask in batches:
            model(ids, mask)
    for hook in hooks:
        hook.remove()
    return seen


def even(model: Reader, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Nothing; the model is changed in place, and gives the same logits in exact numbers.

    `batches` are ids and masks of texts like those to be read.
    """
    for (at, name), inputs in _largest(model, batches).items():
        layer = model.layers[at]
        products = [getattr(layer, product) for product in _PRODUCTS[name]]
        columns = torch.stack([p.weight.detach().abs().amax(0) for p in products]).amax(0)
        scale = inputs.clamp(min=_LEAST) ** STRENGTH / columns.clamp(min=_LEAST) ** (1 - STRENGTH)
        scale = scale / scale.log().mean().exp()
        for product in products:
            product.weight.data *= scale
        layer.even[name] = 1 / scale
