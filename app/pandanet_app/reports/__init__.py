"""Reports as pages that open from disk: one file each, no network, no script."""
