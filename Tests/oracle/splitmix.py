"""SplitMix64 as Sources/SeededRandom has it, so that scipy can be made to draw what ArcKit draws."""
import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def words(seed, count):
    """The first `count` words of the sequence of that seed."""
    with np.errstate(over="ignore"):
        state = np.uint64(seed) + GAMMA * np.arange(1, count + 1, dtype=np.uint64)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def resamples(seed, count, size):
    """The indexes of `count` samples of `size` units: each half of a word, times the number of units."""
    pairs = (size + 1) // 2
    drawn = words(seed, count * pairs).reshape(count, pairs)
    halves = np.stack([drawn & np.uint64(0xFFFFFFFF), drawn >> np.uint64(32)], axis=2).reshape(count, 2 * pairs)
    return ((halves[:, :size] * np.uint64(size)) >> np.uint64(32)).astype(int)


class Generator(np.random.Generator):
    """Gives scipy.stats.bootstrap those indexes."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(0))
        self.seed = seed

    def integers(self, low, high=None, size=None, **_):
        assert low == 0
        return resamples(self.seed, size[0], size[1])
