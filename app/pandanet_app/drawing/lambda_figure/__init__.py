"""The figure of the learned loss weights λ: heatmaps anchor × joint and bars. No toolkit."""
