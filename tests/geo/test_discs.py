import numpy as np
import pytest

from geo.discs import Reach, disc_table
from geo.errors import BadSettingError
from geo.kernels import FULL

PIXEL_M = 5


def stamped(table, x_phase, y_phase):
    """The disc of a facility at a phase, unpacked to 0..1 on pixels whose offsets are returned too."""
    first, last = table.first_row[y_phase], table.last_row[y_phase]
    half = table.phases // 2
    lines = []
    for r in range(first, last + 1):
        offset = r * table.phases + half - y_phase
        line = table.rows[x_phase, offset + table.rows.shape[1] // 2 if table.bits else abs(offset)]
        lines.append(np.array([int(b).bit_count() / 8 for b in line]) if table.bits else line / FULL)
    column = table.first_column[x_phase] + np.arange(table.rows.shape[2])
    dx = (column + 0.5 - x_phase / table.phases) * PIXEL_M
    dy = (np.arange(first, last + 1) + 0.5 - y_phase / table.phases) * PIXEL_M
    return np.array(lines), dx, dy


def exact(dx, dy, reach, samples=40):
    """Mean of the cover over each pixel, by many samples."""
    step = (np.arange(samples) + 0.5) / samples * PIXEL_M - PIXEL_M / 2
    out = np.zeros((dy.size, dx.size))
    for i, y in enumerate(dy):
        for j, x in enumerate(dx):
            d = np.hypot(x + step[None, :], y + step[:, None])
            if reach.full_m == reach.none_m:
                out[i, j] = (d <= reach.full_m).mean()
            else:
                out[i, j] = np.clip((reach.none_m - d) / (reach.none_m - reach.full_m), 0, 1).mean()
    return out


@pytest.mark.parametrize("reach", [Reach(15, 30), Reach(22, 57), Reach(0, 100), Reach(29, 30), Reach(0, 7)], ids=str)
def test_graded_values_are_the_means_over_pixels(reach):
    table = disc_table(reach, PIXEL_M)
    for x_phase, y_phase in ((0, 0), (3, 6), (7, 1)):
        values, dx, dy = stamped(table, x_phase % table.phases, y_phase % table.phases)
        assert np.abs(values - exact(dx, dy, reach)).max() < 0.012  # 16 samples across a kink, and 1/240


@pytest.mark.parametrize("radius", [2, 7.5, 30, 57, 100])
def test_bits_are_samples_of_the_disc(radius):
    reach = Reach(radius, radius)
    table = disc_table(reach, PIXEL_M)
    for x_phase in range(table.phases):
        values, dx, dy = stamped(table, x_phase, (x_phase * 3) % table.phases)
        assert values.sum() * 8 == round(8 * np.pi * (radius / PIXEL_M) ** 2)  # the area, to half a sample
        assert np.abs(values - exact(dx, dy, reach, 20)).max() < 0.3


@pytest.mark.parametrize("reach", [Reach(30, 30), Reach(15, 30), Reach(115, 308), Reach(400, 400)], ids=str)
@pytest.mark.parametrize("bits", [None, False])
def test_nothing_of_a_disc_is_cut_off_and_rows_suit_the_processor(reach, bits):
    table = disc_table(reach, PIXEL_M, bits=bits)
    assert table.rows.shape[2] % 16 == 0
    assert table.rows.nbytes <= 300 * 1024
    radius = reach.none_m / PIXEL_M
    for phase in range(table.phases):
        assert table.first_column[phase] <= phase / table.phases - radius
        assert table.first_column[phase] + table.rows.shape[2] >= phase / table.phases + radius
        assert table.first_row[phase] <= phase / table.phases - radius + 0.5
        assert table.last_row[phase] + 1 >= phase / table.phases + radius - 0.5


@pytest.mark.parametrize(("cap", "highest"), [(0.5, 120), (0.336, 80), (0.3, 72), (1, 240), (0, 0)])
def test_scale_caps_the_disc_and_is_never_passed(cap, highest):
    assert disc_table(Reach(50, 100), PIXEL_M, cap).rows.max() == highest <= cap * FULL


def test_a_reach_of_nothing_covers_nothing():
    assert disc_table(Reach(0, 0), PIXEL_M).rows.sum() == 0


@pytest.mark.parametrize(("full", "none"), [(-1, 5), (6, 5), (0, np.inf), (np.nan, 5), (0, np.nan)])
def test_a_senseless_reach_is_refused(full, none):
    with pytest.raises(BadSettingError, match="도달 거리"):
        Reach(full, none)
