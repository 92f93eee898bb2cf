"""The classes that a network itself says it knows, before anybody says what they count as."""

from pathlib import Path

from models.engines import open_network
from models.shelf import check_card, find_weights, read_card, weights_sha256


def class_names(weights: str | Path) -> tuple[str, ...]:
    """Open weights and give their own names of classes, in the network's order.

    A `.pt` file can run code when it is opened, so open only those you trust.

    Raises:
        WeightsError: there is no such file, or it cannot be read.
    """
    path = find_weights(weights)
    check_card(path, read_card(path), weights_sha256(path))
    return open_network(path, threads=1).class_names
