"""What reading boxes out of a network's output promises."""

import numpy as np
import pytest

from models.boxes import keep_best, read_boxes
from models.classes import LABELS, map_classes


def test_boxes_of_one_class_that_overlap_become_the_best_one() -> None:
    """Two boxes of one class on the same animal become one, and other classes are untouched."""
    corners = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [50, 0, 60, 10], [0, 0, 10, 10]], float)
    scores, classes = np.array([0.6, 0.8, 0.3, 0.5]), np.array([0, 0, 0, 1])
    assert keep_best(corners, scores, classes, iou=0.5).tolist() == [1, 3, 2]


def test_no_boxes_stay_no_boxes() -> None:
    """A blank photo gives no boxes, and no error."""
    output = np.zeros((1, 7, 20), np.float32)
    found = read_boxes(output, np.array([0, 1, 2]), threshold=0.25, iou=0.5)
    assert len(found.scores) == 0


def test_raw_output_is_read_as_centre_and_size() -> None:
    """A raw head gives centre, size and one row a class; the box comes out as corners."""
    output = np.zeros((1, 7, 3), np.float32)
    output[0, :, 1] = [50, 40, 20, 10, 0.1, 0.9, 0.2]
    found = read_boxes(output, np.array([0, 1, 2]), threshold=0.25, iou=0.5)
    assert found.corners.tolist() == [[40, 35, 60, 45]]
    assert found.classes.tolist() == [1]
    assert found.scores.tolist() == pytest.approx([0.9])


def test_finished_output_is_read_as_corners() -> None:
    """A model that drops repeated boxes itself gives corners, score and class; blanks are zeros."""
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 0] = [10, 20, 30, 40, 0.7, 2]
    found = read_boxes(output, np.array([0, 1, 2]), threshold=0.25, iou=0.5)
    assert found.corners.tolist() == [[10, 20, 30, 40]]
    assert found.classes.tolist() == [2]


def test_car_and_truck_on_one_jeep_become_one_vehicle() -> None:
    """Classes are mapped to our labels before repeated boxes are dropped."""
    class_map = map_classes(["car", "truck", "kite"])
    output = np.zeros((1, 7, 3), np.float32)
    output[0, :, 0] = [50, 50, 20, 20, 0.8, 0.0, 0.0]
    output[0, :, 1] = [50, 50, 20, 20, 0.0, 0.7, 0.0]
    output[0, :, 2] = [50, 50, 20, 20, 0.0, 0.0, 0.9]
    found = read_boxes(output, class_map, threshold=0.25, iou=0.5)
    assert [LABELS[c] for c in found.classes] == ["vehicle"]
    assert found.scores.tolist() == pytest.approx([0.8])


def test_aeroplane_and_boat_are_no_vehicles() -> None:
    """Only vehicles that can reach a camera station count as such."""
    assert map_classes(["airplane", "boat", "teddy bear"]).tolist() == [-1, -1, -1]
