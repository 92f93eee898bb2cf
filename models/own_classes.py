"""The classes that a network itself says it knows, before anybody says what they count as."""

from pathlib import Path

from models.engines import open_network
from models.shelf import check_card, check_twin, find_weights, read_card, weights_sha256


def class_names(weights: str | Path) -> tuple[str, ...]:
    """Open weights and give their own names of classes, in the network's order.

    A `.pt` file can run code when it is opened, so open only those you trust.

    Raises:
        WeightsError: there is no such file, or it cannot be read.
    """
    path = find_weights(weights)
    card = read_card(path)
    check_card(path, card, weights_sha256(path))
    network = open_network(path, threads=1, check_twin=lambda twin: check_twin(twin, card))
    return network.class_names
