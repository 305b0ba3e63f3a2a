"""Walks through the latent space, drawn: a picture of them side by side, or a film."""

import math
import os
from collections.abc import Sequence

import numpy as np
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from ganaug.report.curves import short
from ganaug.report.image_rows import pixels

# Shortest side, in pixels, to which images are enlarged by whole factors.
MIN_SIDE = 56

# The same in films, in which fewer stand side by side.
MIN_SIDE_IN_FILMS = 112

# Letters of a name, at most.
MAX_LETTERS = 20

# Pixels of the layout.
GAP = 4
MARGIN = 16
LETTERS = 15
LINE = 22

# Milliseconds a frame.
FRAME = 50

INK = (36, 36, 36)
PAPER = (255, 255, 255)


def write_walks(path: str | os.PathLike, walks: Sequence[tuple[str, np.ndarray]]) -> None:
    """Write a PNG with a row of images for each walk, its name before it.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    walks : sequence of (str, (n, height, width[, channels]) uint8 array)
        Name of each walk, and images on it, all of one shape.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    names = [name for name, _ in walks]
    tiles = [_tiles(images, MIN_SIDE) for _, images in walks]
    n_columns = max(map(len, tiles))
    width, height = tiles[0][0].size
    font = _font()
    left = 2 * MARGIN + round(max(font.getlength(short(name, MAX_LETTERS)) for name in names))
    page_width = left + n_columns * (width + GAP) + MARGIN
    page_height = 2 * MARGIN + len(tiles) * (height + GAP)
    page = Image.new("RGB", (page_width, page_height), PAPER)
    pen = ImageDraw.Draw(page)
    for number, (name, row) in enumerate(zip(names, tiles, strict=True)):
        top = MARGIN + number * (height + GAP)
        pen.text((MARGIN, top + height / 2), short(name, MAX_LETTERS), INK, font, anchor="lm")
        for column, tile in enumerate(row):
            page.paste(tile, (left + column * (width + GAP), top))
    page.save(path, format="png")


def write_film(path: str | os.PathLike, walks: Sequence[tuple[str, np.ndarray]]) -> None:
    """Write a GIF in which all walks are taken at once, over and over, each under its name.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    walks : sequence of (str, (n_frames, height, width[, channels]) uint8 array)
        Name of each walk, and images on it, as many and of one shape for all.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    tiles = [_tiles(images, MIN_SIDE_IN_FILMS) for _, images in walks]
    titles = [short(name, MAX_LETTERS) for name, _ in walks]
    font = _font()
    width, height = tiles[0][0].size
    room = max(width, *(math.ceil(font.getlength(title)) for title in titles))
    n_abreast = math.ceil(math.sqrt(len(tiles)))
    n_down = math.ceil(len(tiles) / n_abreast)
    step = (room + MARGIN, height + LINE + GAP)
    size = MARGIN + n_abreast * step[0], MARGIN // 2 + n_down * step[1] + GAP
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    corners = []
    for number, title in enumerate(titles):
        left = MARGIN + number % n_abreast * step[0]
        top = MARGIN // 2 + number // n_abreast * step[1]
        pen.text((left + room / 2, top + LINE / 2), title, INK, font, anchor="mm")
        corners.append((left + (room - width) // 2, top + LINE))
    frames = []
    for images in zip(*tiles, strict=True):
        frame = sheet.copy()
        for tile, corner in zip(images, corners, strict=True):
            frame.paste(tile, corner)
        frames.append(frame)
    frames[0].save(
        path, format="gif", save_all=True, append_images=frames[1:], duration=FRAME, loop=0
    )


def _tiles(images: np.ndarray, min_side: int) -> list[Image.Image]:
    """Images in three colours, enlarged without blur to sides of so many pixels at least."""
    tiles = [
        Image.fromarray(np.asarray(image, np.uint8)).convert("RGB") for image in pixels(images)
    ]
    factor = math.ceil(min_side / min(tiles[0].size))
    return [tile.resize((factor * tile.width, factor * tile.height), 0) for tile in tiles]


def _font() -> ImageFont.FreeTypeFont:
    # it comes with matplotlib, which knows where
    return ImageFont.truetype(findfont("DejaVu Sans"), LETTERS)
