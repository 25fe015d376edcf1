"""JTA's and Panoptic's tables against loops, COCO's against its own tools, and what does not fit."""

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_app.cli import main
from pandanet_core.data.coco import CocoPictures
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation.keypoints import keypoint_similarity
from pandanet_core.evaluation.measure import MeasuredPeople, measure_picture, together
from pandanet_core.evaluation.protocols.coco import keypoint_truth
from pandanet_core.evaluation.protocols.jta import JtaMeter
from pandanet_core.evaluation.protocols.meter import MeterSettings, compared_joints
from pandanet_core.evaluation.protocols.panoptic import PanopticMeter
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import COCO17, JTA22, PANOPTIC15, PANOPTIC19, SKELETONS, Skeleton
from pandanet_core.weights import Weights, save_weights
from tests.core.coco_folder import image_entry, person_entry, write_coco
from tests.core.detection_tables import write_table
from tests.core.panoptic_folder import (
    bodies,
    camera_entry,
    write_calibration,
    write_scene,
    write_view,
)
from tests.core.random_scene import noisy_detections, random_scene
from tests.shared_data import shared_data

SCORE = 0.4


def rows(tables: tuple[Any, ...], title: str) -> list[dict[str, Any]]:
    return next(list(table.rows) for table in tables if table.title.startswith(title))


def test_jta_tables_say_what_loops_find() -> None:
    rng = np.random.default_rng(1)
    scenes = [random_scene(rng, people=20) for _ in range(5)]
    whole = together(measure_picture(s, noisy_detections(rng, s, 2)) for s in scenes)
    people = whole.people

    tables = JtaMeter(MeterSettings(JTA22, tuple(range(22)), SCORE)).tables(whole)

    def share(of: list[int], joints: list[int]) -> float:
        right = [
            people.score[p] >= SCORE and people.errors_mm[p, k] < 150 for p in of for k in joints
        ]
        return 100 * sum(right) / len(right)

    everybody, all_joints = list(range(len(people))), list(range(22))
    ap, pck = rows(tables, "Tables 1 and 2")
    assert ap["here"] == 100 * whole.curve().average_precision()
    assert pck["here"] == pytest.approx(share(everybody, all_joints), abs=1e-6)
    assert (ap["paper"], pck["paper"]) == (85.3, 83.2)
    limits = {"0 to 10 m": (0, 10), "20 to 30 m": (20, 30), "from 40 m": (40, 1e9)}
    by_distance = {row["distance"]: row for row in rows(tables, "Table 3")}
    for name, (low, high) in limits.items():
        near = [p for p in everybody if low <= people.distance_mm[p] / 1000 < high]
        assert by_distance[name]["people"] == len(near) > 0
        assert by_distance[name]["3DPCK %"] == pytest.approx(share(near, all_joints), abs=1e-6)
    assert by_distance["everybody"]["3DPCK %"] == pck["here"]
    by_joint = {row["joints"]: row for row in rows(tables, "Table 4")}
    wrists = [JTA22.index("left wrist"), JTA22.index("right wrist")]
    assert by_joint["wrists"]["3DPCK %"] == pytest.approx(share(everybody, wrists), abs=1e-6)
    assert by_joint["wrists"]["paper %"] == 60.1
    assert by_joint["all joints"]["3DPCK %"] == pytest.approx(pck["here"])
    assert len(by_joint) == 11


def dome_scene(rng: np.random.Generator, name: str, people: int) -> Sample:
    """People of 19 joints, ears and eyes not always annotated."""
    scene = random_scene(rng, people)
    pose3d_mm = np.ascontiguousarray(scene.pose3d_mm[:, :19])
    has_3d = np.ones((people, 19), bool)
    has_3d[:, 15:] = rng.random((people, 4)) < 0.7
    return replace(
        scene,
        pose2d=scene.pose2d[:, :19],
        pose3d_mm=pose3d_mm,
        occluded=np.zeros((people, 19), bool),
        self_occluded=np.zeros((people, 19), bool),
        has_2d=has_3d,
        has_3d=has_3d,
        skeleton=PANOPTIC19,
        name=name,
    )


def test_panoptic_table_is_the_mean_over_the_15_joints_of_each_scenario() -> None:
    rng = np.random.default_rng(2)
    joints = compared_joints(PANOPTIC19, PANOPTIC15, "the weights")
    meter = PanopticMeter(MeterSettings(PANOPTIC19, joints, SCORE))
    names = [
        "160224_haggling1/00_16/1",
        "160906_pizza1/00_30/2",
        "160906_pizza1/00_16/3",
        "dance/1",
    ]
    measured = []
    for index, name in enumerate(names):
        scene = dome_scene(rng, name, people=8)
        found = noisy_detections(rng, scene, 1)
        measured.append(measure_picture(scene, found))
        meter.add(index, scene, found, measured[-1])

    table = rows(meter.tables(together(measured)), "Table 5")

    def mpjpe(pictures: list[MeasuredPeople]) -> float:
        errors = [
            error
            for people in pictures
            for score, person in zip(people.score, people.errors_mm, strict=True)
            if score >= SCORE
            for error in person[:15]
        ]
        assert len(errors) > 15
        return float(np.mean(errors))

    people = [part.people for part in measured]
    by_scenario = {row["scenario"]: row for row in table}
    assert list(by_scenario) == ["Haggling", "Pizza", "Other", "everybody"]
    assert by_scenario["Haggling"]["MPJPE mm"] == pytest.approx(mpjpe(people[:1]), abs=1e-6)
    assert by_scenario["Pizza"]["MPJPE mm"] == pytest.approx(mpjpe(people[1:3]), abs=1e-6)
    assert by_scenario["everybody"]["MPJPE mm"] == pytest.approx(mpjpe(people), abs=1e-6)
    assert by_scenario["Pizza"]["paper mm"] == 55.8
    assert by_scenario["Other"]["paper mm"] is None


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize("compared", SKELETONS, ids=lambda skeleton: skeleton.name)
def test_joints_are_compared_only_where_all_mean_the_same(
    skeleton: Skeleton, compared: Skeleton
) -> None:
    known = {("panoptic19", "panoptic15"), ("panoptic19", "coco17"), ("muco21", "mupots17")}
    if skeleton == compared or (skeleton.name, compared.name) in known:
        joints = compared_joints(skeleton, compared, "something")
        assert [skeleton.joints[joint] for joint in joints] == list(compared.joints)
    else:
        with pytest.raises(Exception, match=f"something has the joints of {skeleton.name}"):
            compared_joints(skeleton, compared, "something")


def run(subject: Path, data: str, report: Path, *more: str) -> int:
    arguments = ["evaluate", str(subject), "--data", data, "-o", str(report)]
    return main([*arguments, "--progress", "none", *more])


def tables_of(report: Path) -> dict[str, Any]:
    values = json.loads(report.with_suffix(".json").read_text())
    return {table["title"]: table["rows"] for table in values["tables"]}


def noisy_poses(rng: np.random.Generator, pictures: CocoPictures, index: int) -> Detections:
    """Most of the people of a picture, blurred, and one who is not there."""
    sample = pictures[index]
    sample = sample.people(sample.has_2d.any(1) & (rng.random(len(sample)) < 0.8))
    size = (sample.boxes[:, 3] - sample.boxes[:, 1]).clip(5)[:, None, None]
    blur = rng.choice([0.01, 0.03, 0.1], (len(sample), 1, 1))
    pose2d = sample.pose2d + rng.normal(size=sample.pose2d.shape) * blur * size
    pose2d = np.concatenate([pose2d, rng.uniform(0, 400, (1, 17, 2))]).astype(np.float32)
    count = len(pose2d)
    return Detections(
        boxes=np.concatenate([sample.boxes, [[0, 0, 9, 9]]]).astype(np.float32),
        scores=rng.random(count).astype(np.float32),
        pose2d=pose2d,
        pose3d=np.zeros((count, 17, 3), np.float32),
        root_mm=np.zeros((count, 3), np.float32),
        scale_mm=np.ones(count, np.float32),
    )


def official_numbers(file: Path, found: list[Detections], names: list[str]) -> list[float]:
    """COCO's ten numbers by its own tools, from its own file."""
    coco_module = pytest.importorskip("pycocotools.coco")
    cocoeval_module = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco_module.COCO(str(file))
        numbers = {image["file_name"]: image["id"] for image in truth.dataset["images"]}
        results = [
            {
                "image_id": numbers[name],
                "category_id": 1,
                "keypoints": np.concatenate([pose.astype(float) - 0.5, np.ones((17, 1))], 1)
                .ravel()
                .tolist(),
                "score": float(score),
            }
            for name, people in zip(names, found, strict=True)
            for pose, score in zip(people.pose2d, people.scores, strict=True)
        ]
        evaluation = cocoeval_module.COCOeval(truth, truth.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return list(evaluation.stats)


def test_coco_pictures_are_measured_as_pycocotools_does(tmp_path: Path) -> None:
    folder = shared_data("real/coco_mini")
    pictures = CocoPictures(folder, "train2017", everything=True)
    rng = np.random.default_rng(0)
    order = sorted(range(len(pictures)), key=lambda index: pictures.file(index).name)
    found = [noisy_poses(rng, pictures, index) for index in order]
    table = write_table(tmp_path / "found.parquet", found, COCO17, source="train2017")

    assert run(table, f"coco:{folder}:train2017", tmp_path / "report", "--worst-pictures", "1") == 0

    names = [pictures.file(index).name for index in order]
    theirs = official_numbers(folder / "person_keypoints_train2017.json", found, names)
    every, medium, large = tables_of(tmp_path / "report")["COCO keypoints"]
    parts = ("AP %", "AP at 0.50 %", "AP at 0.75 %")
    ours = [*(every[part] for part in parts), medium["AP %"], large["AP %"]]
    ours += [*(every[part.replace("AP", "AR")] for part in parts), medium["AR %"], large["AR %"]]
    np.testing.assert_allclose(np.array(ours) / 100, theirs, atol=1e-6)
    assert 0.1 < theirs[0] < 0.9


def tiny_weights(path: Path, skeleton: Skeleton) -> Path:
    """Sure of everything."""
    torch.manual_seed(1)
    config = NetworkConfig(backbone="repvgg", pyramid_channels=8, head_channels=8)
    network = PandaNet(config, torch.tensor([[60.0, 150.0]]), skeleton.joint_count).eval()
    with torch.no_grad():
        network.score_out.bias.fill_(1.0)
    save_weights(path, Weights(network, skeleton, torch.randn(skeleton.joint_count, 3) * 0.05, {}))
    return path


@pytest.fixture
def dome(tmp_path: Path) -> Path:
    """One frame of a haggling sequence, seen by the test camera 00_16."""
    sequence = tmp_path / "dome" / "160224_haggling1"
    write_calibration(sequence, [camera_entry(16, 0.0)])
    write_scene(sequence, 7, bodies(3, people=3))
    write_view(sequence, "00_16", 7, np.full((270, 480, 3), 90, np.uint8))
    return tmp_path / "dome"


def test_panoptic_from_its_files(dome: Path, tmp_path: Path) -> None:
    weights = tiny_weights(tmp_path / "w.safetensors", PANOPTIC19)

    code = run(weights, f"panoptic:{dome}", tmp_path / "report", "--iou", "0.1")

    assert code == 0
    haggling, everybody = tables_of(tmp_path / "report")["Table 5: MPJPE by scenario"]
    assert haggling["scenario"] == "Haggling"
    assert haggling["people"] == everybody["people"] == 3
    assert haggling["MPJPE mm"] > 0


def test_straightened_pictures_do_not_fit_a_table_of_their_files(
    dome: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write_table(tmp_path / "t.parquet", [Detections.empty(19)], PANOPTIC19, source="00_16")

    assert run(table, f"panoptic:{dome}", tmp_path / "report") == 2
    assert "made straight" in capsys.readouterr().err


def test_weights_of_another_skeleton_are_refused(
    dome: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tiny_weights(tmp_path / "w.safetensors", JTA22)

    assert run(weights, f"panoptic:{dome}", tmp_path / "report") == 2
    said = capsys.readouterr().err
    assert "w.safetensors has the joints of jta22" in said
    assert "lacks neck, nose, body centre" in said


def test_false_alarms_in_pictures_without_people_count_on_coco(tmp_path: Path) -> None:
    """Somebody is found exactly, but a better scored false alarm lies in a picture of nobody: so
    the precision is 1/2 at every recall."""
    joints = np.random.default_rng(0).integers(10, 40, (17, 2))
    keypoints = np.concatenate([joints, np.full((17, 1), 2)], 1).ravel().tolist()
    write_coco(tmp_path, [image_entry(1), image_entry(2)], [person_entry(1, 1, keypoints)])
    exact = (joints[None] + 0.5).astype(np.float32)
    found = [
        Detections(
            boxes=np.float32([[10, 5, 30, 35]]),
            scores=np.float32([score]),
            pose2d=exact,
            pose3d=np.zeros((1, 17, 3), np.float32),
            root_mm=np.zeros((1, 3), np.float32),
            scale_mm=np.ones(1, np.float32),
        )
        for score in (0.8, 0.9)
    ]
    table = write_table(tmp_path / "found.parquet", found, COCO17, source="train2017")

    assert run(table, f"coco:{tmp_path}:train2017", tmp_path / "report") == 0

    assert tables_of(tmp_path / "report")["COCO keypoints"][0]["AP %"] == pytest.approx(50)


def test_data_without_anybody_is_refused(
    dome: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scene(dome / "160224_haggling1", 7, bodies(3, people=0))
    weights = tiny_weights(tmp_path / "w.safetensors", PANOPTIC19)

    assert run(weights, f"panoptic:{dome}", tmp_path / "report") == 2
    assert "Nobody is annotated" in capsys.readouterr().err
    assert not list(tmp_path.glob("report*"))


def test_data_without_3d_is_not_measured_in_3d(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tiny_weights(tmp_path / "w.safetensors", COCO17)

    assert run(weights, f"coco:{tmp_path}", tmp_path / "report", "--protocol", "jta") == 2
    assert "measures data of the kind jta or crowd, not coco" in capsys.readouterr().err


def test_training_data_without_a_protocol_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tiny_weights(tmp_path / "w.safetensors", COCO17)

    assert run(weights, f"muco:{tmp_path}", tmp_path / "report") == 2
    assert "has pictures to train with only; measure on mupots:FOLDER" in capsys.readouterr().err


def test_who_has_no_keypoints_lies_where_coco_counts_pixels_from_0(tmp_path: Path) -> None:
    """COCO's tools measure from twice the box [10, 5, 20, 30] to the numbers of pixels: ours are half
    a pixel more."""
    somebody = [*(30, 20, 2), *(0,) * 48]
    people = [person_entry(1, 1, somebody), person_entry(2, 1, [0] * 51)]
    write_coco(tmp_path, [image_entry(1)], people)
    truth = keypoint_truth(CocoPictures(tmp_path, "train", everything=True), 0, 64)
    (unlabelled,) = np.flatnonzero(~truth.labelled.any(1))
    corner = np.full((1, 17, 2), (10 + 2 * 20, 5 + 2 * 30), np.float64) + 0.5
    assert keypoint_similarity(corner, truth)[0, unlabelled] == 1
    assert keypoint_similarity(corner + 0.25, truth)[0, unlabelled] < 1
    low = np.full((1, 17, 2), (10 - 20, 5 - 30), np.float64) + 0.5
    assert keypoint_similarity(low, truth)[0, unlabelled] == 1
    assert keypoint_similarity(low - 0.25, truth)[0, unlabelled] < 1
