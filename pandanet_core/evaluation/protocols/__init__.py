"""The protocols that papers' numbers are measured by: JTA, CMU Panoptic, MuPoTS-3D and COCO."""
