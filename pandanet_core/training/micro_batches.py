"""A batch in parts that fit into memory one at a time."""

from pandanet_core.data.loader import Batch


def split_batch(batch: Batch, most_pictures: int | None) -> list[Batch]:
    """The batch in parts of at most so many pictures, in order; None: in one."""
    pictures = len(batch.images)
    size = most_pictures or pictures
    if size >= pictures:
        return [batch]
    return [
        pictures_of(batch, first, min(first + size, pictures)) for first in range(0, pictures, size)
    ]


def pictures_of(batch: Batch, first: int, stop: int) -> Batch:
    """The pictures `first` to `stop` - 1 with their people."""
    first_person = sum(map(len, batch.people_boxes[:first]))
    people = slice(first_person, first_person + sum(map(len, batch.people_boxes[first:stop])))
    return Batch(
        images=batch.images[first:stop],
        people_boxes=batch.people_boxes[first:stop],
        ignored_boxes=batch.ignored_boxes[first:stop],
        pose2d=batch.pose2d[people],
        pose3d=batch.pose3d[people],
        has_2d=batch.has_2d[people],
        has_3d=batch.has_3d[people],
        inside=batch.inside[people],
        scale_mm=batch.scale_mm[people],
        cut=batch.cut[people],
    )
