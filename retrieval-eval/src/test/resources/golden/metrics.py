# SPDX-License-Identifier: Apache-2.0
# Writes metrics.txt: scores of drawn rankings in exact fractions, each metric straight from its definition by places.
import random
from fractions import Fraction


def precision(flags, places):
    """Share of right answers in the first places; 1 of none."""
    return Fraction(sum(flags[:places]), places) if places else Fraction(1)


def scores(ranking, positives, junk):
    flags = [item in positives for item in ranking if item not in junk]
    hits = [place for place, right in enumerate(flags) if right]
    trapezoid = sum((precision(flags, place) + precision(flags, place + 1)) / 2 for place in hits) / len(positives)
    finite = sum((precision(flags, place + 1) for place in hits), Fraction(0)) / len(positives)
    plain = [Fraction(sum(flags[:k]), k) for k in (1, 5, 10)]
    revisited = [precision(flags, min(hits[-1] + 1, k)) if hits else Fraction(0) for k in (1, 5, 10)]
    return [trapezoid, finite, *plain, *revisited]


draw = random.Random(20261123)
with open("metrics.txt", "w") as out:
    for case in range(60):
        n = draw.randint(1, 40)
        items = list(range(n))
        draw.shuffle(items)
        right = draw.randint(1, n)
        positives = set(items[:right])
        junk = set(items[right:right + draw.randint(0, n - right)])
        ranking = items[:]
        draw.shuffle(ranking)
        ranking = ranking[:draw.randint(0, n)] if case % 3 == 0 else ranking
        columns = [ranking, sorted(positives), sorted(junk)]
        out.write("|".join(",".join(map(str, column)) for column in columns))
        out.write("|" + ",".join(repr(float(score)) for score in scores(ranking, positives, junk)) + "\n")
