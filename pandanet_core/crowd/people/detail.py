"""Levels of detail: the same character with fewer triangles, for where it is small."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def coarser(
    faces: NDArray[np.integer[Any]], vertices: NDArray[np.floating[Any]], share: float
) -> NDArray[np.uint32]:
    """Simplify a mesh by quadric edge collapse, keeping to vertices that it already has.

    The vertices stay where they are, so that skinning weights and texture coordinates still fit.

    Args:
        faces: (F, 3) indices of vertices.
        vertices: (V, 3), any unit.
        share: about how much of the triangles to keep, 0 to 1.

    Returns:
        (about share * F, 3) indices of the same vertices.
    """
    import fast_simplification

    points = vertices.astype(np.float32)
    triangles = faces.astype(np.int32)
    _, _, collapses = fast_simplification.simplify(
        points, triangles, target_reduction=1 - share, return_collapses=True
    )
    moved, reduced, merged_into = fast_simplification.replay_simplification(
        points, triangles, collapses
    )
    nearest = _nearest_member(np.linalg.norm(points - moved[merged_into], axis=1), merged_into)
    return nearest[reduced].astype(np.uint32)


def _nearest_member(
    distances: NDArray[np.floating[Any]], groups: NDArray[np.integer[Any]]
) -> NDArray[np.integer[Any]]:
    """Return for each group, in order, its member with the smallest distance."""
    order = np.lexsort((distances, groups))
    first_of_group = np.append(True, np.diff(groups[order]) > 0)
    return order[first_of_group]
