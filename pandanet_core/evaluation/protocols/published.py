"""What the paper reports (Benzine et al., CVPR 2020), to stand beside what is measured here."""

PANDANET_AP = 85.3
PANDANET_3DPCK = 83.2
"""On JTA's test set, everything on (Tables 1 and 2), %."""

BEFORE = "Benzine et al., 2020 [3]"
"""What Tables 3 and 4 compare with."""

DISTANCE_3DPCK = {
    "0 to 10 m": (95.6, 55.8),
    "10 to 20 m": (93.7, 68.4),
    "20 to 30 m": (87.3, 57.8),
    "30 to 40 m": (80.5, 49.3),
    "from 40 m": (71.2, 41.7),
    "everybody": (PANDANET_3DPCK, 43.9),
}
"""Table 3, JTA, %: by camera distance PandaNet's and the figure of BEFORE."""

JOINT_3DPCK = {
    "head": (92.7, 41.1),
    "neck": (99.1, 44.6),
    "clavicles": (97.0, 44.9),
    "shoulders": (78.4, 33.8),
    "elbows": (72.1, 27.2),
    "wrists": (60.1, 19.0),
    "spines": (99.9, 74.4),
    "hips": (87.8, 73.9),
    "knees": (71.8, 25.7),
    "ankles": (58.0, 8.9),
    "all joints": (PANDANET_3DPCK, 43.9),
}
"""Table 4, JTA, %: by joint group PandaNet's and the figure of BEFORE."""

SCENARIO_MPJPE_MM = {
    "Haggling": (40.6, 70.1),
    "Mafia": (37.6, 66.6),
    "Ultimatum": (31.3, 55.6),
    "Pizza": (55.8, 78.4),
    "everybody": (42.7, 68.5),
}
"""Table 5, CMU Panoptic, mm: by scenario PandaNet's and the best before (its [2])."""

MUPOTS_3DPCK = {
    "LCR-Net (two-stage)": 53.8,
    "LCR-Net++ (two-stage)": 70.6,
    "Moon et al. (two-stage)": 81.8,
    "Mehta et al. (single-shot)": 66.0,
    "XNect (single-shot)": 70.4,
    "PandaNet (single-shot)": 72.0,
}
"""Table 6, MuPoTS-3D, all annotated people, %."""
