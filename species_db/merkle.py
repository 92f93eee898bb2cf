"""Merkle roots: one hash that stands for thousands of lines, worked out as they stream by."""

import hashlib
import json
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"  # so that a node can never be passed off as a leaf (RFC 6962)
Leaf = Sequence[str | int | None]


class MerkleTree:
    """The Merkle tree hash of RFC 6962, section 2.1, over leaves in the order they are added.

    A leaf hashes as SHA-256(0x00 || leaf), a node as SHA-256(0x01 || left || right); a tree of n
    leaves splits at the largest power of two below n; the empty tree is SHA-256 of nothing. Our
    leaves are JSON arrays without spaces in UTF-8, as `leaf_bytes` writes them. Memory grows with
    the logarithm of the leaves.

    >>> tree = MerkleTree()
    >>> tree.root() == hashlib.sha256().hexdigest()
    True
    >>> tree.add(["DCIM/1.JPG", 3, "ab", "stored"])
    >>> tree.root() == hashlib.sha256(b'\\x00["DCIM/1.JPG",3,"ab","stored"]').hexdigest()
    True
    """

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []  # whole subtrees: leaves below, hash
        self.count = 0

    def add(self, leaf: Leaf) -> None:
        """Append one leaf."""
        size, digest = 1, hashlib.sha256(_LEAF + leaf_bytes(leaf)).digest()
        while self._peaks and self._peaks[-1][0] == size:
            left = self._peaks.pop()[1]
            size, digest = 2 * size, _node(left, digest)
        self._peaks.append((size, digest))
        self.count += 1

    def root(self) -> str:
        """The root over all leaves so far, in hex."""
        if not self._peaks:
            return hashlib.sha256().hexdigest()
        *rest, (_, digest) = self._peaks
        for _, left in reversed(rest):
            digest = _node(left, digest)
        return digest.hex()


def merkle_root(leaves: Iterable[Leaf]) -> str:
    """Work out the root over some leaves.

    >>> merkle_root([["a"], ["b"]]) == merkle_root([["b"], ["a"]])
    False
    >>> one, other = (hashlib.sha256(b"\\x00" + leaf).digest() for leaf in (b'["a"]', b'["b"]'))
    >>> merkle_root([["a"], ["b"]]) == hashlib.sha256(b"\\x01" + one + other).hexdigest()
    True
    """
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def leaf_bytes(leaf: Leaf) -> bytes:
    """Write a leaf as the bytes that are hashed."""
    return json.dumps(list(leaf), ensure_ascii=False, separators=(",", ":")).encode()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
