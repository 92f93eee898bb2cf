"""What the night, a flash, a cheap lens and a camera's info bar do to photos, done to a batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Night:
    """How many photos of a batch meet each hardship; most of the data set is sharp and by day.

    Half of a trap's photos are grey ones in infrared light; the others are shares seen on the
    cards at hand, and only the order of magnitude matters.
    """

    grey: float = 0.35
    flash_of_grey: float = 0.6  # a bright middle that falls off to black, as an infrared flash does
    dim: float = 0.2
    noise: float = 0.35
    blur: float = 0.2
    info_bar: float = 0.25


BAD = Night(grey=1.0, flash_of_grey=0.6, dim=0.2, noise=0.6, blur=0.3, info_bar=0.3)


def bad_nights(seed: int = 3) -> Callable[[np.ndarray], np.ndarray]:
    """Make a change that turns decoded photos, one after the other, into those of bad nights.

    For measuring: photos of night are few, while those of day with known boxes are there. A new
    change begins anew, so the same photos in the same order come out the same.

    >>> photo = np.full((64, 64, 3), 128, np.uint8)
    >>> bool((bad_nights()(photo) == bad_nights()(photo)).all())
    True
    """
    import torch

    generator = torch.Generator().manual_seed(seed)

    def change(photo: np.ndarray) -> np.ndarray:
        batch = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float() / 255
        dark = bring_night(batch, BAD, generator=generator)[0].permute(1, 2, 0) * 255
        return np.asarray(dark.numpy().astype(np.uint8))

    return change


def bring_night(
    photos: "torch.Tensor", night: Night, *, generator: "torch.Generator"
) -> "torch.Tensor":
    """Make some of a batch's photos grey, flashed, dim, noisy, blurred or barred; boxes stay.

    `photos` has shape (photos, 3, height, width) in 0..1, and so has what comes back. The same
    generator state gives the same photos.

    >>> import torch
    >>> batch = torch.full((8, 3, 64, 64), 0.5)
    >>> batch[:, 0] = 0.9
    >>> changed = bring_night(batch, Night(), generator=torch.Generator().manual_seed(7))
    >>> tuple(changed.shape), bool((changed >= 0).all() and (changed <= 1).all())
    ((8, 3, 64, 64), True)
    """
    import torch

    def chance(share: float) -> "torch.Tensor":
        return torch.rand(len(photos), generator=generator) < share

    photos = photos.clone()
    is_grey = chance(night.grey)
    photos[is_grey] = _grey(photos[is_grey])
    is_flashed = is_grey & chance(night.flash_of_grey)
    for index in is_flashed.nonzero().flatten().tolist():
        photos[index] *= _flash(photos[index], generator)
    for index in chance(night.dim).nonzero().flatten().tolist():
        photos[index] = photos[index] ** float(1 + torch.rand(1, generator=generator))
    for index in chance(night.blur).nonzero().flatten().tolist():
        photos[index] = _smear(photos[index], generator)
    for index in chance(night.noise).nonzero().flatten().tolist():
        photos[index] += _grain(photos[index], generator, is_grey=bool(is_grey[index]))
    for index in chance(night.info_bar).nonzero().flatten().tolist():
        _draw_bar(photos[index], generator)
    return photos.clamp_(0, 1)


def _grey(photos: "torch.Tensor") -> "torch.Tensor":
    luma = 0.299 * photos[:, 0] + 0.587 * photos[:, 1] + 0.114 * photos[:, 2]
    return luma[:, None].expand(-1, 3, -1, -1)


def _flash(photo: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """A gain that is highest somewhere near the middle and falls off with distance."""
    import torch

    height, width = photo.shape[1:]
    middle_y, middle_x = (0.3 + 0.4 * torch.rand(2, generator=generator)).tolist()
    steepness = float(1 + 2.5 * torch.rand(1, generator=generator))
    down = torch.linspace(0, 1, height)[:, None] - middle_y
    right = torch.linspace(0, 1, width)[None] - middle_x
    gain = 1.5 * torch.exp(-steepness * (down**2 + right**2) * 2)
    return gain


def _smear(photo: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """Blur along one direction, as of an animal in a long exposure, or all around, as of dew."""
    import torch

    length = int(torch.randint(1, 5, (1,), generator=generator)) * 2 + 1
    kernel = torch.zeros(length, length)
    way = int(torch.randint(0, 3, (1,), generator=generator))
    if way == 0:
        kernel[length // 2] = 1
    elif way == 1:
        kernel[:, length // 2] = 1
    else:
        kernel[:] = 1
    weight = (kernel / kernel.sum()).expand(3, 1, length, length)
    smeared: torch.Tensor = torch.nn.functional.conv2d(
        torch.nn.functional.pad(photo[None], (length // 2,) * 4, mode="reflect"), weight, groups=3
    )[0]
    return smeared


def _grain(photo: "torch.Tensor", generator: "torch.Generator", *, is_grey: bool) -> "torch.Tensor":
    """Noise of a sensor at high gain: the same in all channels of a grey photo."""
    import torch

    strength = float(0.01 + 0.06 * torch.rand(1, generator=generator))
    shape = (1, *photo.shape[1:]) if is_grey else tuple(photo.shape)
    return strength * torch.randn(shape, generator=generator)


def _draw_bar(photo: "torch.Tensor", generator: "torch.Generator") -> None:
    """Lay a bar with bright marks over the lower or upper edge, as cameras print time and moon."""
    import torch

    height, width = photo.shape[1:]
    thick = max(2, int(height * float(0.03 + 0.05 * torch.rand(1, generator=generator))))
    is_below = bool(torch.rand(1, generator=generator) < 0.8)
    bar = photo[:, -thick:] if is_below else photo[:, :thick]
    paper = float(torch.rand(1, generator=generator) < 0.25)
    marks = torch.rand(1, max(1, thick // 2), max(1, width // 4), generator=generator) < 0.35
    marks = torch.nn.functional.interpolate(marks[None].float(), size=bar.shape[1:])[0]
    bar.copy_((marks - paper).abs().expand_as(bar))
