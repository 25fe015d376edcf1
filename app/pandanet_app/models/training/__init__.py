"""State of the training window: settings as a form, a forecast, and the runs that are watched."""
