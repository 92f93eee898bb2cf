"""How likely it is that something which used to happen just did not."""

from math import exp, lgamma


def chance_of_none(days: int, *, happened: int, of_days: int) -> float:
    """The probability that nothing happens on `days` more days, by what happened before.

    Beta-binomial prediction with Jeffreys' prior: unlike (1 - rate) ** days it allows for a rate
    that is known from few days only, so that a short history proves little.

    >>> round(chance_of_none(10, happened=30, of_days=60), 4)
    0.0019
    >>> chance_of_none(10, happened=1, of_days=4) > 0.05
    True
    """
    a, b = happened + 0.5, of_days - happened + 0.5
    return exp(lgamma(b + days) - lgamma(b) + lgamma(a + b) - lgamma(a + b + days))
